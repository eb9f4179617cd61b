import type { FoundSetting } from './settings/find-settings.ts';

/** How the names of rows end whose model was trained as a stream. */
export const STREAMED = ' streamed';

/** Models with gradients that learn online. */
const GRADIENTS = [
  'bpr',
  'warp',
  'softmax-mf',
  'ials',
  'lightgcn',
  'ngcf',
  'sasrec',
  'bert4rec',
  'gru4rec',
  'caser',
  'fism',
];

/** As a stream comes to a model that has no settings of its own for it. */
const STREAM = { batch: 64, replay: 2 };

/** Settings under which models are trained as a stream: their own, else those for training at rest. */
export function streamedSettings(all: readonly FoundSetting[]): readonly FoundSetting[] {
  const own = all.filter(({ stream }) => stream !== undefined);
  const others = restingSettings(all).filter(
    ({ split, model }) =>
      GRADIENTS.includes(model) && !own.some((setting) => setting.split === split && setting.model === model),
  );
  return [...own, ...others.map((setting) => ({ ...setting, epochs: 1, stream: STREAM }))].toSorted((a, b) =>
    a.split.localeCompare(b.split),
  );
}

/** The others. */
export const restingSettings = (all: readonly FoundSetting[]): readonly FoundSetting[] =>
  all.filter(({ stream }) => stream === undefined);
