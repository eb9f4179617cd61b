import { TandemError, type Environment } from '@tandem-rec/contract';
import type { BudgetOptions, Prices } from '../langchain-options.ts';
import type { ExchangeStore } from './exchange-store.ts';

/** What calls used: tokens in and out, and what they cost. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Amount {
  readonly tokens: number;
  readonly money: number;
}

/** Tokens and money, for this run of the process and for the day (UTC), which all runs with the same cache folder share. */
export class Budget {
  readonly #limits: BudgetOptions;
  readonly #store: ExchangeStore;
  readonly #env: Environment;
  /** Asked for and not answered yet. */
  readonly #reserved = { tokens: 0, money: 0 };
  readonly #run = { tokens: 0, money: 0 };
  /** The day on which it was said last that the budget is spent. */
  #saidOn = '';

  constructor(limits: BudgetOptions, store: ExchangeStore, env: Environment) {
    this.#limits = limits;
    this.#store = store;
    this.#env = env;
  }

  /** Spent by this run. */
  get spent(): Amount {
    return this.#run;
  }

  /**
   * Sets the expected usage of a call aside; call the answer with what it really was (nothing, if it failed).
   * Throws `TANDEM_BUDGET_SPENT` where it would go beyond a limit: a budget is not exceeded by calls under way together.
   */
  reserve(expected: Usage, prices: Prices): (used?: Usage) => void {
    const { tokens, money } = cost(expected, prices);
    const today = this.#store.spentOn(this.#day());
    const { tokensPerRun, tokensPerDay, moneyPerRun, moneyPerDay } = this.#limits;
    const limits: readonly (readonly [string, number | undefined, number])[] = [
      ['tokensPerRun', tokensPerRun, this.#run.tokens + this.#reserved.tokens + tokens],
      ['tokensPerDay', tokensPerDay, today.tokens + this.#reserved.tokens + tokens],
      ['moneyPerRun', moneyPerRun, this.#run.money + this.#reserved.money + money],
      ['moneyPerDay', moneyPerDay, today.money + this.#reserved.money + money],
    ];
    for (const [name, limit, would] of limits) if (limit !== undefined && would > limit) this.#refuse(name, limit);
    this.#reserved.tokens += tokens;
    this.#reserved.money += money;
    return (used) => {
      this.#reserved.tokens -= tokens;
      this.#reserved.money -= money;
      if (!used) return;
      const real = cost(used, prices);
      this.#run.tokens += real.tokens;
      this.#run.money += real.money;
      this.#store.spend(this.#day(), real);
    };
  }

  #refuse(name: string, limit: number): never {
    const facts = { limit: `budget.${name}`, of: limit, tokens: this.#run.tokens, money: this.#run.money };
    if (this.#saidOn !== this.#day())
      this.#env.log.warn('The budget for hosted models is spent: going on without them', facts);
    this.#saidOn = this.#day();
    throw new TandemError('TANDEM_BUDGET_SPENT', `The next call would go beyond budget.${name}, ${limit}.`, {
      details: facts,
    });
  }

  #day(): string {
    return new Date(this.#env.clock.nowMs()).toISOString().slice(0, 10);
  }
}

function cost({ inputTokens, outputTokens }: Usage, { inputPerMillion, outputPerMillion }: Prices): Amount {
  return {
    tokens: inputTokens + outputTokens,
    money: (inputTokens * inputPerMillion + outputTokens * outputPerMillion) / 1e6,
  };
}
