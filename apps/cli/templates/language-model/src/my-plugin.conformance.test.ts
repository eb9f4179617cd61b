import { languageModelConformance } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

languageModelConformance({ use: myPlugin() });
