import {
  TandemError,
  type Attachment,
  type Batch,
  type Candidates,
  type Environment,
  type GrantedTable,
  type LanguageModel,
  type Layer,
  type LearnOptions,
  type Lesson,
  type Matrix,
  type RowGradients,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { itemText, nestedRuns } from '@tandem-rec/data';
import type { Notes } from '@tandem-rec/language';
import { rankingLoss } from '../losses/ranking-loss.ts';
import type { Pooling } from '../pooling/pooling.ts';
import type { SettledOptions } from '../transformer-options.ts';
import type { WrittenWeights } from './written-weights.ts';
import { addNewestItems } from './add-newest-items.ts';
import { addTableRows } from './add-table-rows.ts';
import { Aligner, type Own } from './aligner.ts';
import { DecayedPopularity } from './decayed-popularity.ts';
import { Distiller } from './distiller.ts';
import { gatherRows } from './gather-rows.ts';
import type { ItemFeatures } from './item-features.ts';
import { ItemVectors, type ItemGradients, type Items } from './item-vectors.ts';
import { LastPasts } from './last-pasts.ts';
import { savedValues, STATE_VERSION, type SavedValues } from './saved-values.ts';
import { Scorer } from './scorer.ts';
import { stepScope, type StepScope } from './step-scope.ts';
import { ToldCatalogue } from './told-catalogue.ts';
import { ToldUsers, type Told } from './told-users.ts';
import { Universe } from './universe.ts';

/**
 * A language model that ranks rather than babbles: an item is what its text says,
 * `t_i = tower(text_i) + Σ_tables Pᵀ E_i`, a user what the last items make of it, `h_u = pooling(t of the past) + Uᵀ told_u [+ row_u]`, and
 * `score(u, i) = h_u · t_i + w · text_i + γ · log popularity_i`. All items are scored by one product. It learns by softmax
 * cross-entropy over all items not yet met, or over sampled ones where there are many; gradients are written by hand on
 * `sgemm`, so that a step costs the same on every tensor backend and gives the same bits.
 */
export class ItemRanker implements LanguageModel {
  readonly #options: SettledOptions;
  readonly #env: Environment;
  readonly #features: ItemFeatures;
  readonly #pooling: Pooling;
  readonly #optimiser: WrittenWeights;
  readonly #popularity: DecayedPopularity;
  readonly #pasts: LastPasts;
  readonly #items: ItemVectors;
  readonly #scorer: Scorer;
  readonly #aligner: Aligner;
  readonly #distiller = new Distiller();
  readonly #universe = new Universe();
  readonly #notes: Notes;
  readonly #toldUsers: ToldUsers;
  #catalogue!: ToldCatalogue;
  #userTable: GrantedTable | undefined;
  #attachment!: Attachment;

  constructor(
    options: SettledOptions,
    env: Environment,
    features: ItemFeatures,
    pooling: Pooling,
    optimiser: WrittenWeights,
    notes: Notes,
  ) {
    const { dim, headLearningRate, popularity, popularityHalfLife } = options;
    this.#options = options;
    this.#env = env;
    this.#features = features;
    this.#pooling = pooling;
    this.#optimiser = optimiser;
    this.#popularity = new DecayedPopularity(popularityHalfLife);
    this.#pasts = new LastPasts(pooling.window);
    this.#items = new ItemVectors(options, env, features, this.#popularity, optimiser);
    this.#scorer = new Scorer(dim, popularity, optimiser, headLearningRate);
    this.#aligner = new Aligner(dim, optimiser, headLearningRate, env.rng);
    this.#notes = notes;
    this.#toldUsers = new ToldUsers(features, notes, dim, optimiser, headLearningRate);
  }

  async attach(attachment: Attachment): Promise<void> {
    this.#attachment = attachment;
    this.#userTable = attachment.own['user'];
    this.#catalogue = new ToldCatalogue(attachment.catalogue, this.#notes);
    this.#items.attach({ ...attachment, catalogue: this.#catalogue });
    await this.#items.refresh(true, this.#env.signal);
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    await this.#items.refresh(false, this.#env.signal);
    const universe = this.#universe;
    universe.clear();
    const listed = universe.addCandidates(candidates);
    const distinct = universe.size;
    const { H, items } = this.#states(users, await this.#toldUsers.read(users.users, this.#env.signal));
    if (!listed.offsets && distinct === listed.columns.length) return this.#scorer.all(H, users.size, items, distinct);
    return this.#scorer.listed(H, users.size, items, distinct, listed);
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    if (!dryRun) {
      this.#notes.add(lessons);
      this.#catalogue.hear(lessons);
    }
    await this.#items.refresh(!dryRun, this.#env.signal);
    const told = await this.#toldUsers.read(batch.users, this.#env.signal);
    const scope = this.#scope(batch, lessons, dryRun);
    const losses: Record<string, number> = {};
    const rowGradients: RowGradients[] = [];
    const gradients: ItemGradients = {
      vectors: new Float32Array(scope.rows.length * this.#options.dim),
      biases: new Float32Array(scope.rows.length),
    };
    const head = (pooled: Float32Array): Float32Array => {
      const H = pooled.slice();
      this.#toldUsers.addTo(told, H);
      if (this.#userTable) addTableRows(this.#userTable, batch.users, H);
      const dH = this.#rank(H, batch.size, scope, losses, gradients);
      this.#align(lessons, batch, H, scope, losses, dH, gradients, dryRun);
      for (const [name, loss] of Object.entries(losses))
        if (!Number.isFinite(loss))
          throw new TandemError('TANDEM_NOT_FINITE', `${this.#env.name}: the loss ${name} is ${loss}.`);
      this.#toldUsers.backward(told, dH);
      if (this.#userTable) rowGradients.push({ table: this.#userTable.name, rows: batch.users, values: dH });
      return dH;
    };
    if (dryRun) {
      head(this.#pooling.states(scope.pasts));
      return { losses, rowGradients: [] };
    }
    this.#pooling.train(scope.pasts, head, gradients.vectors, { rate, seed: this.#env.rng.int(2 ** 32) });
    rowGradients.push(...this.#items.backward(scope.rows, gradients, rate));
    this.#optimiser.step(rate);
    this.#items.invalidate();
    this.#popularity.add(batch.items, batch.fresh);
    this.#pasts.add(batch);
    return { losses, rowGradients };
  }

  /**
   * What items' texts say, without soft tokens, or the states users are in after what was learned of them last;
   * `rows.length × dim`. As `input` the encoder's vectors of items' own texts: what the others told of them would be an echo.
   */
  async represent(side: Side, rows: Rows, layer: Layer = 'top'): Promise<Matrix> {
    if (layer === 'input' && side === 'item') {
      const { catalogue } = this.#attachment;
      const texts = Array.from(rows, (row) => itemText(catalogue.item(row)));
      return this.#features.read(texts, this.#env.signal);
    }
    await this.#items.refresh(false, this.#env.signal);
    const { dim } = this.#options;
    const universe = this.#universe;
    universe.clear();
    if (side === 'item') {
      const positions = universe.addAll(rows);
      // Without the soft tokens: whoever owns their rows would hear its own echo.
      const data = gatherRows(this.#items.withoutTokens(universe.rows), positions, dim);
      return { rows: rows.length, cols: dim, data };
    }
    const { H } = this.#states(this.#pasts.contexts(rows), await this.#toldUsers.read(rows, this.#env.signal));
    return { rows: rows.length, cols: dim, data: H };
  }

  /** What a user met last, as last learned, newest first. */
  pastOf(user: number): Rows {
    return this.#pasts.contexts(Int32Array.of(user)).history.items;
  }

  save(): State {
    const { arrays, values: features } = this.#features.save();
    const values: SavedValues = {
      encoder: this.#features.id,
      pooling: this.#options.pooling,
      features,
      tokens: this.#items.meanSquares,
      projections: this.#aligner.widths,
    };
    return {
      version: STATE_VERSION,
      arrays: [
        ...this.#optimiser.save(),
        ...this.#pooling.save(),
        ...this.#popularity.save(),
        ...this.#pasts.save(),
        ...arrays,
      ],
      values: { ...values, ...this.#notes.save() },
    };
  }

  load(state: State): void {
    const { arrays } = state;
    const { features, tokens, projections } = savedValues(state, {
      name: this.#env.name,
      encoder: this.#features.id,
      pooling: this.#options.pooling,
    });
    this.#aligner.make(projections);
    this.#optimiser.load(arrays);
    this.#pooling.load(arrays);
    this.#popularity.load(arrays);
    this.#pasts.load(arrays);
    this.#notes.load(state.values);
    this.#features.load(arrays, features);
    this.#items.meanSquares = tokens;
    this.#items.invalidate();
  }

  close(): void {
    this.#features.close();
  }

  /** States of users (`size × dim`) after their pasts, which join the universe, and the items of the universe. */
  #states(users: UserContexts, told: Told): { readonly H: Float32Array; readonly items: Items } {
    const pasts = addNewestItems(this.#universe, users, this.#pooling.window);
    const items = this.#items.of(this.#universe.rows.slice());
    const runs = nestedRuns(users, this.#pooling.exactRun);
    const H = this.#pooling.states({ ...pasts, vectors: items.vectors, runs, users: users.users, rows: items.rows });
    this.#toldUsers.addTo(told, H);
    if (this.#userTable) addTableRows(this.#userTable, users.users, H);
    return { H, items };
  }

  /** A dry run draws what the step would draw, and leaves the random numbers where they were. */
  #scope(batch: Batch, lessons: readonly Lesson[], dryRun: boolean): StepScope {
    const { rng } = this.#env;
    const random = dryRun ? rng.save() : undefined;
    const sources = {
      universe: this.#universe,
      items: this.#items,
      attachment: this.#attachment,
      window: this.#pooling.window,
      negatives: this.#options.negatives,
      rng,
    };
    const scope = stepScope(batch, lessons, sources, dryRun);
    if (random) rng.load(random);
    return scope;
  }

  /** Losses over scores; returns their gradient for the states, and adds those for the items. */
  #rank(
    H: Float32Array,
    size: number,
    scope: StepScope,
    losses: Record<string, number>,
    gradients: ItemGradients,
  ): Float32Array {
    const { columns } = scope;
    const Z = this.#scorer.all(H, size, scope, columns);
    const distilled = scope.lessons.length > 0 ? this.#distiller.distil(Z, size, scope) : undefined;
    if (distilled) losses['distillation'] = distilled.loss;
    losses['ranking'] = rankingLoss(Z, { ...scope, rows: size });
    const dZ = Z;
    const taught = distilled?.gradient;
    if (taught) for (let i = 0; i < size * columns; i++) dZ[i] += taught[i];
    return this.#scorer.backward(dZ, H, size, scope, columns, gradients);
  }

  /** Items near the teacher's, or states of the batch's users near the teacher's. */
  #align(
    lessons: readonly Lesson[],
    batch: Batch,
    H: Float32Array,
    { vectors }: StepScope,
    losses: Record<string, number>,
    dH: Float32Array,
    gradients: ItemGradients,
    dryRun: boolean,
  ): void {
    const aligning = lessons.filter((lesson) => lesson.kind === 'representations');
    if (aligning.length === 0) return;
    const inBatch = new Map(Array.from(batch.users, (user, b) => [user, b] as const).reverse());
    const own: Readonly<Record<Side, Own>> = {
      user: { vectors: H, gradient: dH, positionOf: (row) => inBatch.get(row) },
      item: { vectors, gradient: gradients.vectors, positionOf: (row) => this.#universe.position(row) },
    };
    for (const lesson of aligning)
      losses['alignment'] = (losses['alignment'] ?? 0) + this.#aligner.align(lesson, own[lesson.side], dryRun);
  }
}
