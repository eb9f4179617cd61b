import {
  EMPTY_STATE,
  defineSharingStrategy,
  z,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Plan,
  type SharingStrategy,
} from '@tandem-rec/contract';
import { beliefsOf, lessonCandidates, lessonOf } from '@tandem-rec/exchange';

/**
 * Mutual training as BDLM (arXiv 2311.03778) describes it: the domain model's rows are an information storage that both
 * sides read and train, and each side's predictions teach the other (mutual distillation as in Zhang et al., "Deep Mutual
 * Learning", 2018: KL toward the other's distribution, in both directions, in the same step).
 *
 * Differs from the paper, which published no code: candidates are the catalogue (or a sample of it), so that whole
 * rankings are compared; the rows enter the language side in whatever way it reads them.
 *
 * It is here as published and is not the default: with both gradients in one table the domain side usually loses.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: mutual({ weight: 0.5 }) })
 */
export const mutual = defineSharingStrategy({
  id: '@tandem-rec/sharing-mutual#mutual',
  summary: 'BDLM as published: rows trained by both sides, mutual distillation of predictions.',
  options: z.strictObject({
    weight: z.number().min(0).default(1).describe('Weight of the distillation loss beside each side’s own.'),
    temperature: z.number().positive().default(1).describe('Softens the predictions of both sides.'),
    candidates: z
      .int()
      .min(2)
      .default(4096)
      .describe('Most items that a lesson ranks; of a larger catalogue it is a sample.'),
    users: z.boolean().default(true).describe('Open the domain model’s user table too.'),
  }),
  needs: {
    domain: { gives: ['parameters', 'predictions'], takes: ['predictions'] },
    language: { gives: ['predictions'], takes: ['parameters', 'predictions'] },
  },
  grants: ({ users }) => [
    { of: 'domain', table: 'item', access: 'train' },
    ...(users ? [{ of: 'domain', table: 'user', access: 'train' } as const] : []),
  ],
  create: ({ weight, temperature, candidates }, { rng }): SharingStrategy => ({
    async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
      if (weight === 0) return { lessons: [] };
      const items = lessonCandidates(batch, bridge.catalogue.size, candidates, rng);
      const weights = new Float32Array(batch.size).fill(weight);
      const askAll = (side: readonly BridgeParticipant[]) =>
        Promise.all(
          side.filter(teachesAndLearns).map((participant) => beliefsOf(participant, batch, items, temperature)),
        );
      const domain = await askAll(bridge.domain);
      const language = await askAll(bridge.language);
      return {
        lessons: domain.flatMap((d) =>
          language.flatMap((l) => [lessonOf(d, l.participant, weights), lessonOf(l, d.participant, weights)]),
        ),
      };
    },
    save: () => EMPTY_STATE,
    load: () => {},
  }),
});

const teachesAndLearns = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
