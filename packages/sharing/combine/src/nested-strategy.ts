import {
  TandemError,
  type Environment,
  type Rng,
  type RngState,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import { Guard, Schedule } from '@tandem-rec/exchange';
import { strategyName, type StrategyOptions } from './options.ts';

/** A strategy of the list with its schedule and its random stream, which the engine does not know and so cannot keep. */
export class NestedStrategy {
  readonly name: string;
  readonly weight: number;
  readonly schedule: Schedule;
  readonly guard: Guard;
  readonly strategy: SharingStrategy;
  readonly #rng: Rng;

  private constructor({ use, weight, schedule, guard }: StrategyOptions, strategy: SharingStrategy, rng: Rng) {
    this.name = strategyName(use);
    this.weight = weight;
    this.schedule = new Schedule(schedule);
    this.guard = new Guard(guard);
    this.strategy = strategy;
    this.#rng = rng;
  }

  static async create(options: StrategyOptions, env: Environment): Promise<NestedStrategy> {
    const { definition, options: own } = options.use;
    const rng = env.rng.fork(strategyName(options.use));
    return new NestedStrategy(options, await definition.create(own as never, { ...env, rng }), rng);
  }

  async save(): Promise<State> {
    const { version, arrays, values } = await this.strategy.save();
    return {
      version: 1,
      arrays,
      values: {
        version,
        own: values,
        schedule: this.schedule.save(),
        guard: this.guard.save().values,
        rng: this.#rng.save(),
      },
    };
  }

  async load({ arrays, values: { version, own, schedule, guard, rng } }: State): Promise<void> {
    if (typeof version !== 'number' || typeof rng !== 'object')
      throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state of "${this.name}" is not one of combine.`);
    await this.strategy.load({ version, arrays, values: own as State['values'] });
    this.schedule.load(schedule);
    this.guard.load({ values: guard as State['values'] });
    this.#rng.load(rng as RngState);
  }
}
