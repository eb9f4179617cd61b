import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyntheticEmbeddings } from '@langchain/core/utils/testing';
import { languageModelConformance } from '@tandem-rec/testkit';
import { afterAll, describe } from 'vitest';
import { capable, ScriptedChat } from '../test/scripted-chat.ts';
import { langchain } from './langchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-langchain-'));
afterAll(() => rmSync(folder, { recursive: true }));
const environment = { folder };

const chat = { id: 'capable', create: capable };
const embeddings = { id: 'synthetic', create: () => new SyntheticEmbeddings({ vectorSize: 8 }) };

describe('with all roles', () =>
  languageModelConformance({
    use: langchain({ chat, embeddings, profiles: true, judgements: { cut: 50 } }),
    environment,
  }));

describe('with a chat model that is down and explanations', () =>
  languageModelConformance({
    use: langchain({
      chat: { id: 'down', create: () => new ScriptedChat(() => Object.assign(new Error('no'), { status: 401 })) },
      judgements: {},
      explanations: true,
    }),
    environment,
  }));

describe('with vectors alone', () => languageModelConformance({ use: langchain({ embeddings }), environment }));
