import {
  defineCheckpointStore,
  defineDatasetReader,
  defineDomainModel,
  defineFusion,
  defineInteractionSource,
  defineLanguageModel,
  defineSharingStrategy,
  EMPTY_STATE,
  secretSchema,
  z,
  type Environment,
  type Knowledge,
} from '@tandem-rec/contract';

/** What happened to the fake parts, in order: `create fism`, `close fism`. */
export type Story = string[];

const knowledge = z.array(z.enum(['parameters', 'representations', 'predictions', 'text']));

const participantOptions = z.strictObject({
  dim: z.int().min(1).max(512).default(64),
  loss: z.enum(['softmax', 'bpr']).default('softmax'),
  gives: knowledge.default(['parameters', 'predictions']),
  takes: knowledge.default(['parameters', 'predictions']),
  tables: z.array(z.string()).default(['item']),
  regularisation: z.strictObject({ l2: z.number().min(0).default(0) }).prefault({}),
});

const participant = {
  predict: () => Promise.resolve(new Float32Array()),
  attach: () => undefined,
  save: () => EMPTY_STATE,
  load: () => undefined,
};

/** How a fake part behaves when it is created and closed. */
export interface Behaviour {
  readonly create?: (env: Environment) => void | Promise<void>;
  readonly close?: () => void | Promise<void>;
}

/** Fake plugins of every kind that write down what happens to them. */
export function fakePlugins(story: Story = [], behaviours: Readonly<Record<string, Behaviour>> = {}) {
  const live = async <T extends object>(env: Environment, instance: T): Promise<T & { close(): Promise<void> }> => {
    story.push(`create ${env.name}`);
    await behaviours[env.name]?.create?.(env);
    return {
      ...instance,
      close: async () => {
        story.push(`close ${env.name}`);
        await behaviours[env.name]?.close?.();
      },
    };
  };
  const fields = {
    options: participantOptions,
    gives: (options: { gives: Knowledge[] }) => options.gives,
    takes: (options: { takes: Knowledge[] }) => options.takes,
    tables: (options: { dim: number; tables: string[] }) =>
      options.tables.map((name) => ({
        name,
        side: 'item' as const,
        dim: options.dim,
        initialStd: 0.1,
        optimiser: { kind: 'sgd' as const, learningRate: 0.1 },
      })),
  };
  return {
    fism: defineDomainModel({
      id: '@fake/models#fism',
      summary: 'A domain model.',
      ...fields,
      create: (_, env) => live(env, participant),
    }),
    transformer: defineLanguageModel({
      id: '@fake/models#transformer',
      summary: 'A language model.',
      ...fields,
      create: (_, env) => live(env, participant),
    }),
    mutual: defineSharingStrategy({
      id: '@fake/sharing#mutual',
      summary: 'Both teach both.',
      options: z.strictObject({ weight: z.number().min(0).default(1), table: z.string().default('item') }),
      needs: {
        domain: { gives: ['predictions'], takes: ['predictions'] },
        language: { gives: ['predictions'], takes: ['parameters'] },
      },
      grants: (options) => [{ of: 'domain', table: options.table, access: 'read' }],
      create: (_, env) =>
        live(env, { exchange: () => Promise.resolve({ lessons: [] }), save: () => EMPTY_STATE, load: () => undefined }),
    }),
    mix: defineFusion({
      id: '@fake/fusions#mix',
      summary: 'Adds scores.',
      options: z.strictObject({}),
      create: (_, env) =>
        live(env, {
          attach: () => undefined,
          fuse: () => new Float32Array(),
          save: () => EMPTY_STATE,
          load: () => undefined,
        }),
    }),
    log: defineInteractionSource({
      id: '@fake/sources#log',
      summary: 'A source.',
      options: z.strictObject({ file: z.string(), password: secretSchema.optional() }),
      create: (_, env) =>
        live(env, {
          open: () => Promise.resolve(new Map()),
          poll: () => Promise.resolve({ records: [], ended: true }),
        }),
      createSink: (_, env) => live(env, { append: () => Promise.resolve() }),
    }),
    tail: defineInteractionSource({
      id: '@fake/sources#tail',
      summary: 'A source without a writing end.',
      options: z.strictObject({}),
      create: (_, env) =>
        live(env, {
          open: () => Promise.resolve(new Map()),
          poll: () => Promise.resolve({ records: [], ended: true }),
        }),
    }),
    local: defineCheckpointStore({
      id: '@fake/stores#local',
      summary: 'A store.',
      options: z.strictObject({}),
      create: (_, env) =>
        live(env, {
          lock: () => Promise.resolve({ release: () => Promise.resolve() }),
          write: () => Promise.reject(new Error('not here')),
          list: () => Promise.resolve([]),
          read: () => Promise.resolve(undefined),
          journal: { append: () => undefined, after: () => Promise.resolve([]), forget: () => Promise.resolve() },
          deadLetters: { add: () => undefined, count: () => 0, list: () => [] },
        }),
    }),
    movies: defineDatasetReader({
      id: '@fake/datasets#movies',
      summary: 'A dataset.',
      options: z.strictObject({ folder: z.string().default('movies') }),
      create: (_, env) =>
        live(env, { name: 'movies', chronology: 'time' as const, interactions: nothing, items: nothing }),
    }),
  };
}

async function* nothing(): AsyncGenerator<never> {}
