import { EMPTY_STATE, defineSharingStrategy, z } from '@tandem-rec/contract';

/**
 * No exchange: everybody learns alone from the same batches with the same seeds. This is the control that every gain is
 * measured against.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: none() })
 */
export const none = defineSharingStrategy({
  id: '@tandem-rec/sharing-none#none',
  summary: 'No exchange: the control.',
  options: z.strictObject({}),
  needs: { domain: { gives: [], takes: [] }, language: { gives: [], takes: [] } },
  create: () => ({
    exchange: async () => ({ lessons: [] }),
    save: () => EMPTY_STATE,
    load: () => {},
  }),
});
