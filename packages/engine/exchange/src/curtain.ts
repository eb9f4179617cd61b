import { TandemError, type Bridge, type JsonValue, type Role } from '@tandem-rec/contract';
import type { Turn } from './schedule.ts';

/**
 * Tables of one role that the other sees from the first turn on in which it may learn: until then they are hidden. A soft
 * token that is there from the first step overfits, since its rows have seen the same events; one that comes when its
 * reader has learned what it can alone does not.
 */
export class Curtain {
  readonly #of: Role;
  readonly #tables: readonly string[];
  #raised = false;

  constructor(of: Role, tables: readonly string[]) {
    this.#of = of;
    this.#tables = tables;
  }

  /** Hides the tables, or shows them where they were shown before a restart. */
  begin(bridge: Bridge): void {
    this.#show(bridge);
  }

  /** Raises the curtain, once there is a turn for the reader. */
  turn({ weight, taught }: Turn, bridge: Bridge): void {
    if (this.#raised || weight === 0 || !taught[this.#of === 'domain' ? 'language' : 'domain']) return;
    this.#raised = true;
    this.#show(bridge);
  }

  save(): JsonValue {
    return { raised: this.#raised };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(saved: JsonValue | undefined): void {
    const { raised } = (saved ?? {}) as Readonly<Record<string, JsonValue | undefined>>;
    if (typeof raised !== 'boolean')
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved state does not say whether tables are shown.');
    this.#raised = raised;
  }

  #show(bridge: Bridge): void {
    for (const { tables } of bridge[this.#of]) for (const name of this.#tables) tables[name]?.show(this.#raised);
  }
}
