import { z } from '@tandem-rec/contract';
import { guardOption, scheduleOptions } from '@tandem-rec/exchange';

/** Options of `distil`. */
export const distilOptions = z.strictObject({
  weight: z.number().min(0).default(1).describe('λ: mean weight of a row’s distillation loss.'),
  temperature: z.number().positive().default(1).describe('T: softens the beliefs of teacher and student (LLMD4Rec).'),
  teacher: z
    .enum(['other', 'residual', 'ensemble'])
    .default('other')
    .describe(
      'What is taught: the other side’s beliefs; only what they hold beyond popularity, on top of the student’s own; or the mixture of everybody’s beliefs, gated by who ranked newer events better.',
    ),
  rows: z
    .enum(['better', 'share', 'all'])
    .default('better')
    .describe(
      'Which rows are taught, and how loud: those whose true item the teacher gives more mass than the student; all, by the teacher’s share of the mass that both give it; or all alike.',
    ),
  target: z
    .discriminatedUnion('by', [
      z.strictObject({ by: z.literal('beliefs') }),
      z.strictObject({
        by: z.literal('ranking'),
        top: z.int().min(1).default(10).describe('K: items of the teacher’s ranking that are taught.'),
        position: z.number().min(0).default(0.3).describe('γ_p: weight of an item’s place in the ranking.'),
        confidence: z.number().min(0).default(0.5).describe('γ_c: weight of the teacher’s confidence in an item.'),
        consistency: z.number().min(0).default(0.1).describe('γ_o: weight of being in the student’s top K, too.'),
      }),
    ])
    .prefault({ by: 'beliefs' })
    .describe('What the student is to come near: the teacher’s whole distribution, or its ranking (DLLM2Rec).'),
  candidates: z
    .int()
    .min(2)
    .default(4096)
    .describe('Most items that a lesson ranks; of a larger catalogue it is a sample.'),
  schedule: scheduleOptions
    .extend({
      fromEvents: z
        .int()
        .min(0)
        .default(3000)
        .describe('Nothing is taught before so many events were learned: until then nobody knows anything.'),
    })
    .prefault({}),
  guard: guardOption.describe('Lessons weigh what they were measured to bring, by the popularity of items.'),
});

/** Validated options of `distil`. */
export type DistilOptions = z.output<typeof distilOptions>;
