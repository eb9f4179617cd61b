import { KNOWLEDGE, type Composition, type Knowledge, type Needs, type Role } from '@tandem-rec/contract';

/** One way for knowledge from some participants to others, as the strategy's needs and grants allow it. */
export interface Teaching {
  readonly knowledge: Knowledge;
  readonly from: readonly string[];
  /** Empty: the strategy itself makes something of it, for example values for a table that it initialises. */
  readonly to: readonly string[];
  /** For parameters: the table that is opened, and what the others may do with it. */
  readonly table?: string;
  readonly access?: 'read' | 'train';
}

const OTHER = { domain: 'language', language: 'domain' } as const;

/** What a strategy needs of each role under its options. */
export function needsOf({ sharing }: Composition): { readonly domain: Needs; readonly language: Needs } | undefined {
  if (sharing === undefined) return undefined;
  const { needs } = sharing.definition;
  return typeof needs === 'function' ? needs(sharing.options) : needs;
}

/** Who teaches what to whom. */
export function teachingOf(composition: Composition): readonly Teaching[] {
  const needs = needsOf(composition);
  if (needs === undefined) return [];
  const names = (role: Role, does: 'gives' | 'takes', knowledge: Knowledge): readonly string[] =>
    composition.participants
      .filter((one) => one.role === role && one[does].includes(knowledge))
      .map(({ name }) => name);

  const tables = composition.grants.map(({ of, table, access }): Teaching => {
    const owners = composition.participants.filter(
      (one) => one.role === of && one.tables.some(({ name }) => name === table),
    );
    return {
      knowledge: 'parameters',
      from: owners.map(({ name }) => name),
      to: names(OTHER[of], 'takes', 'parameters'),
      table,
      access,
    };
  });
  const lessons = (['domain', 'language'] as const).flatMap((role) =>
    KNOWLEDGE.filter((knowledge) => knowledge !== 'parameters' && needs[role].gives.includes(knowledge)).map(
      (knowledge): Teaching => {
        const taken = needs[OTHER[role]].takes.includes(knowledge);
        return {
          knowledge,
          from: names(role, 'gives', knowledge),
          to: taken ? names(OTHER[role], 'takes', knowledge) : [],
        };
      },
    ),
  );
  return [...tables, ...lessons];
}
