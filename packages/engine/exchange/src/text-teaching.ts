import { TandemError, type Bridge, type BridgeParticipant, type BridgeTable } from '@tandem-rec/contract';

/** Whose rows follow texts, and whose vectors say what the texts mean. */
export interface TaughtTable {
  /** The domain model's name. */
  readonly name: string;
  readonly table: BridgeTable;
}

/** The item tables of all domain models that open theirs. */
export function itemTables({ domain }: Bridge): readonly TaughtTable[] {
  return domain.flatMap(({ name, gives, tables }) =>
    gives.includes('parameters') && tables['item'] ? [{ name, table: tables['item'] }] : [],
  );
}

/**
 * The language model whose vectors are used: the one named, or the first that gives any.
 * Throws `TANDEM_COMPOSE_MISSING_CAPABILITY`.
 */
export function textWriter({ language }: Bridge, name?: string): BridgeParticipant {
  const writers = language.filter(({ gives }) => gives.includes('representations'));
  const writer = name === undefined ? writers[0] : writers.find((one) => one.name === name);
  if (!writer)
    throw new TandemError(
      'TANDEM_COMPOSE_MISSING_CAPABILITY',
      `No language model ${name === undefined ? '' : `named ${name} `}gives representations; ` +
        `those that do: ${writers.map((one) => one.name).join(', ') || 'none'}.`,
    );
  return writer;
}
