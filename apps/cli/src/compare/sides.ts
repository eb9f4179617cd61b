import { TandemError, type Composition } from '@tandem-rec/contract';

export const SIDES = ['domain', 'language', 'fused'] as const;
export type Side = (typeof SIDES)[number];

/** Who stands for each side: the first domain model, the first language model, the first fusion. */
export type SideNames = Readonly<Record<Side, string>>;

/** Throws `TANDEM_CONFIG_INVALID` where a side is missing. */
export function sideNames({ participants, fusions }: Composition): SideNames {
  const domain = participants.find(({ role }) => role === 'domain')?.name;
  const language = participants.find(({ role }) => role === 'language')?.name;
  const fused = fusions[0]?.name;
  if (!domain || !language || !fused)
    throw new TandemError('TANDEM_CONFIG_INVALID', 'A comparison needs `domain`, `language` and `fusion`.', {
      remedy: 'Add what is missing, for example fusion: gate().',
    });
  return { domain, language, fused };
}
