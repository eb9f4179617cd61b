import { defineSharingStrategy, z } from '@tandem-rec/contract';
import { beliefsOf, lessonCandidates, lessonOf, whereTeacherKnowsBetter } from '@tandem-rec/exchange';

/**
 * Language → domain, by predictions, under two guards. The teacher is heard only while it ranks new events at least as
 * well as its pupil (reciprocal ranks from before the learning, so nobody was trained on them), and then only about rows
 * whose true item it gives more mass.
 */
export const guardedDistillation = defineSharingStrategy({
  id: 'sketches#guardedDistillation',
  summary: 'The language side teaches its predictions while it earns it.',
  options: z.strictObject({
    weight: z.number().min(0).default(1).describe('λ of the distillation loss.'),
    memory: z.int().min(1).default(2000).describe('Events over which the quality of both is averaged.'),
  }),
  needs: {
    domain: { gives: ['predictions'], takes: ['predictions'] },
    language: { gives: ['predictions'], takes: [] },
  },
  create: ({ weight, memory }, { rng }) => {
    let quality: Readonly<Record<string, number>> = {};
    return {
      observe({ ranks }) {
        for (const [name, places] of Object.entries(ranks)) {
          const judged = places.filter((place) => place >= 0);
          if (judged.length === 0) continue;
          const mean = judged.reduce((sum, place) => sum + 1 / (place + 1), 0) / judged.length;
          const before = quality[name] ?? mean;
          quality = { ...quality, [name]: before + Math.min(1, judged.length / memory) * (mean - before) };
        }
      },
      async exchange(batch, { domain, language, catalogue }) {
        const pupil = domain.find(({ takes }) => takes.includes('predictions'))!;
        const teacher = language.find(({ gives }) => gives.includes('predictions'))!;
        // Unknown quality is not good enough.
        if (!(quality[teacher.name] >= quality[pupil.name])) return { lessons: [] };
        const items = lessonCandidates(batch, catalogue.size, 4096, rng);
        const [t, p] = [await beliefsOf(teacher, batch, items, 1), await beliefsOf(pupil, batch, items, 1)];
        return { lessons: [lessonOf(t, pupil.name, whereTeacherKnowsBetter(t, p, weight))] };
      },
      save: () => ({ version: 1, arrays: [], values: { quality } }),
      load: ({ values }) => {
        quality = values['quality'] as Record<string, number>;
      },
    };
  },
});
