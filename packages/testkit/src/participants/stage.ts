import type {
  Batch,
  Candidates,
  CatalogueItem,
  Knowledge,
  LearnOptions,
  Lesson,
  Participant,
  ParticipantPart,
  PluginUse,
  Role,
  Scores,
  State,
  Step,
  TableRequest,
} from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { copied, expectGradients } from '../assertions.ts';
import { standIn } from '../fixtures/stand-in.ts';
import { testEnvironment, type TestEnvironmentChanges } from '../fixtures/test-environment.ts';
import { TINY_ITEMS, tinyMeetings } from '../fixtures/tiny-events.ts';
import { TinyWorld, type Meeting } from '../fixtures/tiny-world.ts';

const NAME = 'under-test';
const BATCH = 12;

/** A participant plugin with its options, of either kind. */
export type ParticipantUse = PluginUse<'domain-model'> | PluginUse<'language-model'>;

/** What a participant's definition declares, for its options. */
export interface Declared {
  readonly options: unknown;
  readonly role: Role;
  readonly gives: readonly Knowledge[];
  readonly takes: readonly Knowledge[];
  readonly tables: readonly TableRequest[];
}

/** A participant's whole state, as a checkpoint holds it. */
export interface Saved {
  readonly participant: State;
  readonly tables: State;
  readonly rng: ReturnType<SeededRng['save']>;
}

/** Validates the options, and resolves what depends on them. Throws what the option schema throws. */
export function declared({ kind, options, definition }: ParticipantUse): Declared {
  const valid: unknown = definition.options.parse(options);
  const resolve = <T>(value: T | ((options: never) => T)): T =>
    typeof value === 'function' ? (value as (options: unknown) => T)(valid) : value;
  return {
    options: valid,
    role: kind === 'domain-model' ? 'domain' : 'language',
    gives: resolve(definition.gives),
    takes: resolve(definition.takes),
    tables: resolve(definition.tables ?? []),
  };
}

/** How a stage is set. */
export interface Setting {
  readonly use: ParticipantUse;
  readonly environment?: TestEnvironmentChanges;
  /** What the tables of the participant beside it are opened for. Default `read`. */
  readonly access?: 'none' | 'read' | 'train';
  /** The items known at first. Default: `TINY_ITEMS`. */
  readonly items?: readonly CatalogueItem[];
  /** Restores this after it was attached, and lives through `past` without learning, as a restarted run does. */
  readonly saved?: Saved;
  readonly past?: readonly (readonly Meeting[])[];
}

/** The participant under test in a tiny world, with a stand-in of the other role beside it. */
export class Stage {
  readonly participant: Participant;
  readonly world: TinyWorld;
  readonly rng: SeededRng;
  readonly #trainable: ReadonlySet<string>;

  private constructor(participant: Participant, world: TinyWorld, rng: SeededRng, trainable: ReadonlySet<string>) {
    this.participant = participant;
    this.world = world;
    this.rng = rng;
    this.#trainable = trainable;
  }

  static async open({
    use,
    environment = {},
    access = 'read',
    items = TINY_ITEMS,
    saved,
    past = [],
  }: Setting): Promise<Stage> {
    const { options, role, gives, takes, tables } = declared(use);
    const rng = new SeededRng(environment.seed ?? 1, NAME);
    const instance = await use.definition.create(options, testEnvironment({ ...environment, name: NAME, rng }));
    const part = {
      kind: use.kind,
      role,
      name: NAME,
      id: use.id,
      options,
      definition: use.definition,
      gives,
      takes,
      tables,
    } as ParticipantPart;
    const other = role === 'domain' ? 'language' : 'domain';
    const teacher = standIn('teacher', other, ['parameters', 'representations', 'predictions', 'text'], []);
    const grants =
      access === 'none' ? [] : teacher.part.tables.map(({ name }) => ({ of: other, table: name, access }) as const);
    const world = new TinyWorld([{ part, instance }, teacher], grants, environment.seed);
    await world.module.attach();
    if (saved) world.embeddings.load(copied(saved.tables));
    world.addItems(items);
    for (const meetings of past) world.count(world.meet(meetings));
    if (saved) {
      await instance.load(copied(saved.participant));
      rng.load(saved.rng);
    }
    const trained =
      takes.includes('parameters') && access === 'train'
        ? teacher.part.tables.map(({ name }) => `teacher/${name}`)
        : [];
    return new Stage(instance, world, rng, new Set([...tables.map(({ name }) => `${NAME}/${name}`), ...trained]));
  }

  /** One step as the engine makes it: learn, then the shared rows move, then the counts. */
  async learn(batch: Batch, lessons: readonly Lesson[] = [], { rate = 1 }: LearnOptions = {}): Promise<Step> {
    const step = await this.participant.learn!(batch, lessons, { rate });
    expectGradients(step, this.world.embeddings, this.#trainable);
    this.world.module.apply([{ name: NAME, step }], rate);
    this.world.count(batch);
    return step;
  }

  /** Learns these batches of events as they happen. */
  async live(days: readonly (readonly Meeting[])[]): Promise<void> {
    for (const meetings of days) {
      const batch = this.world.meet(meetings);
      if (this.participant.learn) await this.learn(batch);
      else this.world.count(batch);
    }
  }

  /** The loss now: the sum over its parts; undefined if it reports none. */
  async loss(batch: Batch, lessons: readonly Lesson[] = []): Promise<number | undefined> {
    const { losses } = await this.participant.learn!(batch, lessons, { dryRun: true });
    const parts = Object.values(losses);
    return parts.length === 0 ? undefined : parts.reduce((sum, loss) => sum + loss, 0);
  }

  /** Scores of everybody for everything, a copy. */
  async opinions(
    candidates: Candidates = { kind: 'shared', items: this.world.allItems },
    users = this.world.contexts(),
  ): Promise<Scores> {
    return (await this.participant.predict(users, candidates)).slice();
  }

  async save(): Promise<Saved> {
    return {
      participant: copied(await this.participant.save()),
      tables: copied(this.world.embeddings.save()),
      rng: this.rng.save(),
    };
  }

  async close(): Promise<void> {
    await this.participant.close?.();
  }
}

/** `count` batches of events from day `from` on. */
export const days = (from: number, count: number): readonly (readonly Meeting[])[] =>
  Array.from({ length: count }, (_, day) => tinyMeetings((from + day) * BATCH, BATCH));
