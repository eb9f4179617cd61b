import { defineSharingStrategy, EMPTY_STATE, z, type BridgeParticipant } from '@tandem-rec/contract';
import { beliefsOf, lessonCandidates, lessonOf } from '@tandem-rec/exchange';

/**
 * BDLM's module (arXiv 2311.03778). The storage: both sides read and train the item rows of the domain model. The bridge:
 * each side's predictions are the other's lesson, in the same step (deep mutual learning, Zhang et al. 2018).
 */
export const mutual = defineSharingStrategy({
  id: 'sketches#mutual',
  summary: 'Item rows trained by both sides, predictions taught both ways.',
  options: z.strictObject({ weight: z.number().min(0).default(1), temperature: z.number().positive().default(1) }),
  needs: {
    domain: { gives: ['parameters', 'predictions'], takes: ['predictions'] },
    language: { gives: ['predictions'], takes: ['parameters', 'predictions'] },
  },
  grants: [{ of: 'domain', table: 'item', access: 'train' }],
  create: ({ weight, temperature }, { rng }) => ({
    async exchange(batch, { domain, language, catalogue }) {
      const items = lessonCandidates(batch, catalogue.size, 4096, rng);
      const ask = (side: readonly BridgeParticipant[]) => beliefsOf(side.find(converses)!, batch, items, temperature);
      const [d, l] = [await ask(domain), await ask(language)];
      const weights = new Float32Array(batch.size).fill(weight);
      return { lessons: [lessonOf(d, l.participant, weights), lessonOf(l, d.participant, weights)] };
    },
    save: () => EMPTY_STATE,
    load: () => {},
  }),
});

/** `needs` promises one in each role; others may sit beside it. */
const converses = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
