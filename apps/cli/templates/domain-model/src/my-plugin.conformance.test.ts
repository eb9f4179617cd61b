import { domainModelConformance } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

domainModelConformance({ use: myPlugin() });
