/**
 * Packages meet the clock, randomness, the log and the process through the contract only: the loop must run again from
 * its journal to the same bits, and under a simulation of crashes.
 */
const UNREPEATABLE = [
  ['Math', 'random', 'Take numbers from the `rng` of the environment.'],
  ['Date', 'now', 'Take the time from the `clock` of the environment.'],
  ['performance', 'now', 'Take the time from the `clock` of the environment.'],
  ['process', 'hrtime', 'Take the time from the `clock` of the environment.'],
  ['process', 'exit', 'Throw a TandemError: an app decides how a process ends.'],
  ['process', 'stdout', 'Write to the `log` of the environment.'],
  ['process', 'stderr', 'Write to the `log` of the environment.'],
  ['crypto', 'randomUUID', 'Take numbers from the `rng` of the environment.'],
  ['crypto', 'getRandomValues', 'Take numbers from the `rng` of the environment.'],
];

const clock = 'Take the time from the `clock` of the environment.';

export const determinism = {
  'no-console': 'error',
  'no-restricted-properties': [
    'error',
    ...UNREPEATABLE.map(([object, property, message]) => ({ object, property, message })),
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
    { selector: "CallExpression[callee.name='Date']", message: clock },
    {
      selector: "ImportDeclaration[source.value='node:crypto'] ImportSpecifier[imported.name=/^random/]",
      message: 'Take numbers from the `rng` of the environment.',
    },
    { selector: "ImportDeclaration[source.value='node:perf_hooks']", message: clock },
    {
      selector: "ImportDeclaration[source.value='node:process']",
      message: 'Use the global `process` as far as the rules allow.',
    },
  ],
};
