import type { Bridge, BridgeParticipant } from '@tandem-rec/contract';
import type { Turn } from './schedule.ts';

/**
 * Who learns at all in a turn in which one side's models are held still while the other learns: the plan's `learners`.
 * Undefined, so everybody, where both sides have their turn or nobody. `takesPart`: whom the strategy is about; all
 * others learn as ever.
 */
export function learnersOf(
  { weight, taught }: Turn,
  { domain, language }: Bridge,
  takesPart: (participant: BridgeParticipant) => boolean,
): readonly string[] | undefined {
  if (weight === 0 || taught.domain === taught.language) return undefined;
  return [...domain, ...language]
    .filter((participant) => taught[participant.role] || !takesPart(participant))
    .map(({ name }) => name);
}
