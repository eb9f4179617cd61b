import nx from '@nx/eslint-plugin';

/** What each layer may import, by the tag `layer:…` in a package's `nx.tags`. Everything else is an error. */
const LAYERS = {
  contract: [],
  kernel: ['contract'],
  engine: ['contract', 'engine'],
  plugin: ['contract', 'engine'],
  testkit: ['contract', 'engine'],
  app: ['contract', 'kernel', 'engine', 'plugin', 'app'],
  testing: ['testing'],
  tool: ['contract', 'kernel', 'engine', 'plugin', 'testkit', 'testing', 'app', 'tool'],
};

/** Libraries that must not leak into everything, and the one place each belongs to. Test tools may use them, too. */
const LIBRARIES = [
  { imports: ['inversify', '@inversifyjs/*'], home: 'packages/kernel' },
  { imports: ['kafkajs'], home: 'packages/sources/kafka' },
  { imports: ['@tensorflow/*'], home: 'packages/engine/compute' },
  { imports: ['langchain', '@langchain/*'], home: 'packages/llms/langchain' },
];

/** Test files, and the folders of what only tests use. */
export const TESTS = ['**/*.test.ts', '**/test/**/*.ts'];

/** The layers as ESLint configurations: tests may also import the testkit and the test tools. */
export const boundaries = [
  { files: ['**/*.ts'], plugins: { '@nx': nx } },
  ...configs('**', LIBRARIES),
  ...configs('tools/**', []),
  ...LIBRARIES.map(({ home }) => home).flatMap((home) =>
    configs(
      `${home}/**`,
      LIBRARIES.filter((library) => library.home !== home),
    ),
  ),
];

function configs(folder, banned) {
  return [
    { files: [`${folder}/*.ts`], rules: { '@nx/enforce-module-boundaries': ['error', options([], banned)] } },
    {
      files: TESTS.map((tests) => `${folder}/${tests}`),
      rules: { '@nx/enforce-module-boundaries': ['error', options(['testkit', 'testing'], banned)] },
    },
  ];
}

function options(alsoAllowed, banned) {
  return {
    depConstraints: [
      ...Object.entries(LAYERS).map(([layer, below]) => ({
        sourceTag: `layer:${layer}`,
        onlyDependOnLibsWithTags: [...below, ...alsoAllowed].map((name) => `layer:${name}`),
      })),
      { sourceTag: 'layer:*', bannedExternalImports: banned.flatMap(({ imports }) => imports) },
    ],
  };
}
