import { sgemm } from '@tandem-rec/compute';
import {
  TandemError,
  type Attachment,
  type Batch,
  type Candidates,
  type Environment,
  type GrantedTable,
  type JsonValue,
  type LanguageModel,
  type Lesson,
  type Matrix,
  type PredictionLesson,
  type RepresentationLesson,
  type RowGradients,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { alignmentLoss } from '../losses/alignment-loss.ts';
import { distillationLoss, type LessonColumns } from '../losses/distillation-loss.ts';
import { rankingLoss } from '../losses/ranking-loss.ts';
import type { Pasts, Pooling } from '../pooling/pooling.ts';
import type { TransformerOptions } from '../transformer-options.ts';
import type { AdamW, Parameter } from './adam-w.ts';
import { addRows } from './add-rows.ts';
import { DecayedPopularity } from './decayed-popularity.ts';
import { grown } from './grow.ts';
import type { ItemFeatures } from './item-features.ts';
import { ItemTower } from './item-tower.ts';
import { LastPasts } from './last-pasts.ts';
import { SoftToken } from './soft-token.ts';
import { Universe } from './universe.ts';

/** Weight of log popularity at the start. */
const INITIAL_POPULARITY = 0.5;

/** Items of one call with their vectors (`size × dim`), biases and log popularities. */
interface Items {
  readonly rows: Rows;
  readonly vectors: Float32Array;
  readonly biases: Float32Array;
  readonly logs: Float32Array;
}

/** What a step looks at, as positions among its items. */
interface Scope extends Items {
  readonly pasts: Pasts;
  /** Items that are scored: the first of all. */
  readonly columns: number;
  /** Those of them that compete in the ranking loss. */
  readonly ranked: number;
  readonly targets: Int32Array;
  readonly metOffsets: Int32Array;
  readonly met: Int32Array;
  readonly logQ: Float32Array | undefined;
  readonly lessons: readonly { readonly lesson: PredictionLesson; readonly columns: LessonColumns }[];
}

/** Gradients for the items of a step. */
interface ItemGradients {
  readonly vectors: Float32Array;
  readonly biases: Float32Array;
}

/**
 * A language model that ranks rather than babbles: an item is what its text says,
 * `t_i = tower(text_i) + Σ_tables Pᵀ E_i`, a user what the last items make of it, `h_u = pooling(t of the past) [+ row_u]`, and
 * `score(u, i) = h_u · t_i + w · text_i + γ · log popularity_i`. All items are scored by one product. It learns by softmax
 * cross-entropy over all items not yet met, or over sampled ones where there are many; gradients are written by hand on
 * `sgemm`, so that a step costs the same on every tensor backend and gives the same bits.
 */
export class ItemRanker implements LanguageModel {
  readonly #options: TransformerOptions;
  readonly #env: Environment;
  readonly #features: ItemFeatures;
  readonly #tower: ItemTower;
  readonly #pooling: Pooling;
  readonly #optimiser: AdamW;
  readonly #gamma: Parameter;
  readonly #popularity: DecayedPopularity;
  readonly #pasts: LastPasts;
  readonly #projections = new Map<string, Parameter>();
  readonly #universe = new Universe();
  #tokens: readonly SoftToken[] = [];
  #userTable: GrantedTable | undefined;
  #attachment!: Attachment;
  #scores = new Float32Array(0);
  /** What lessons ask of the scores of a step, and which of them are of items that their users have met. */
  #taught = new Float32Array(0);
  #isMet = new Uint8Array(0);

  constructor(
    options: TransformerOptions,
    env: Environment,
    features: ItemFeatures,
    pooling: Pooling,
    optimiser: AdamW,
  ) {
    const { hidden, dim, learningRate, headLearningRate, popularityHalfLife } = options;
    this.#options = options;
    this.#env = env;
    this.#features = features;
    this.#pooling = pooling;
    this.#optimiser = optimiser;
    this.#tower = new ItemTower(features, { hidden, dim, learningRate }, optimiser, env.rng.fork('tower'));
    this.#gamma = optimiser.add('popularity:gamma', [1], headLearningRate, () => INITIAL_POPULARITY);
    this.#popularity = new DecayedPopularity(popularityHalfLife);
    this.#pasts = new LastPasts(pooling.window);
  }

  async attach(attachment: Attachment): Promise<void> {
    const { dim, headLearningRate } = this.#options;
    this.#attachment = attachment;
    this.#userTable = attachment.own['user'];
    this.#tokens = attachment.shared
      .filter(({ side }) => side === 'item')
      .map((table) => new SoftToken(table, dim, this.#optimiser, headLearningRate));
    await this.#refresh(true);
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    await this.#refresh(false);
    const universe = this.#universe;
    universe.clear();
    const { columns, offsets } = universe.addCandidates(candidates);
    const ranked = universe.size;
    const history = this.#windows(users);
    const items = this.#items();
    const H = this.#pooling.states({ ...history, vectors: items.vectors });
    this.#addUserRows(users, H);
    const { dim } = this.#options;
    const bias = this.#biases(items, ranked);
    if (!offsets && ranked === columns.length)
      return this.#score(H, users.size, items.vectors, bias, ranked).subarray(0, users.size * ranked);
    this.#scores = grown(this.#scores, offsets ? columns.length : users.size * columns.length);
    const scores = this.#scores;
    let to = 0;
    for (let b = 0; b < users.size; b++) {
      const [from, end] = offsets ? [offsets[b], offsets[b + 1]] : [0, columns.length];
      for (let i = from; i < end; i++) {
        const at = columns[i] * dim;
        let sum = bias[columns[i]];
        for (let d = 0; d < dim; d++) sum += H[b * dim + d] * items.vectors[at + d];
        scores[to++] = sum;
      }
    }
    return scores.subarray(0, to);
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<Step> {
    await this.#refresh(!dryRun);
    const random = dryRun ? this.#env.rng.save() : undefined;
    const scope = this.#scope(batch, lessons, dryRun);
    if (random) this.#env.rng.load(random);
    const { dim } = this.#options;
    const losses: Record<string, number> = {};
    const rowGradients: RowGradients[] = [];
    const gradients: ItemGradients = {
      vectors: new Float32Array(scope.rows.length * dim),
      biases: new Float32Array(scope.rows.length),
    };
    const head = (pooled: Float32Array): Float32Array => {
      const H = pooled.slice();
      this.#addUserRows(batch, H);
      const dH = this.#rank(H, batch.size, scope, losses, gradients);
      for (const lesson of lessons)
        if (lesson.kind === 'representations') this.#align(lesson, batch, H, scope, losses, dH, gradients, dryRun);
      for (const [name, loss] of Object.entries(losses))
        if (!Number.isFinite(loss))
          throw new TandemError('TANDEM_NOT_FINITE', `${this.#env.name}: the loss ${name} is ${loss}.`);
      if (this.#userTable && !dryRun) rowGradients.push({ table: this.#userTable.name, rows: batch.users, values: dH });
      return dH;
    };
    if (dryRun) {
      head(this.#pooling.states(scope.pasts));
      return { losses, rowGradients: [] };
    }
    this.#pooling.train(scope.pasts, head, gradients.vectors);
    for (const token of this.#tokens) {
      const rows = token.backward(scope.rows, gradients.vectors);
      if (rows) rowGradients.push(rows);
    }
    this.#tower.backward(scope.rows, gradients.vectors, gradients.biases);
    this.#optimiser.step();
    this.#tower.invalidate();
    this.#popularity.add(batch.items, batch.fresh);
    this.#pasts.add(batch);
    return { losses, rowGradients };
  }

  /** What items' texts say, without soft tokens, or the states users are in after what was learned of them last; `rows.length × dim`. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    await this.#refresh(false);
    const { dim } = this.#options;
    const universe = this.#universe;
    universe.clear();
    if (side === 'item') {
      const positions = universe.addAll(rows);
      // Without the soft tokens: whoever owns their rows would hear its own echo.
      const vectors = new Float32Array(universe.size * dim);
      this.#tower.forward(universe.rows, vectors, new Float32Array(universe.size));
      return { rows: rows.length, cols: dim, data: gatherRows(vectors, positions, dim) };
    }
    const users = this.#pasts.contexts(rows);
    const history = this.#windows(users);
    const data = this.#pooling.states({ ...history, vectors: this.#items().vectors });
    this.#addUserRows(users, data);
    return { rows: rows.length, cols: dim, data };
  }

  save(): State {
    const { arrays, values } = this.#features.save();
    return {
      version: 1,
      arrays: [
        ...this.#optimiser.save(),
        ...this.#pooling.save(),
        ...this.#popularity.save(),
        ...this.#pasts.save(),
        ...arrays,
      ],
      values: {
        encoder: this.#features.id,
        pooling: this.#options.pooling,
        steps: this.#optimiser.steps,
        features: values,
        tokens: Object.fromEntries(this.#tokens.map((token) => [token.name, token.meanSquare])),
        projections: Object.fromEntries([...this.#projections].map(([name, { shape }]) => [name, shape[1]])),
      },
    };
  }

  load({ version, arrays, values }: State): void {
    const { encoder, pooling, steps, features, tokens, projections } = values as unknown as SavedValues;
    if (version !== 1)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `${this.#env.name} reads states of version 1; this is one of version ${version}.`,
      );
    if (encoder !== this.#features.id)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `${this.#env.name} was trained with the text encoder “${encoder}”; here is “${this.#features.id}”.`,
        {
          remedy: 'Put the same weights where they were, or name the encoder in the options.',
        },
      );
    if (pooling !== this.#options.pooling)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `${this.#env.name} was trained with pooling “${pooling}”; here is “${this.#options.pooling}”.`,
      );
    for (const [name, width] of Object.entries(projections)) this.#projection(name, width, false);
    this.#optimiser.load(arrays, steps);
    this.#pooling.load(arrays);
    this.#popularity.load(arrays);
    this.#pasts.load(arrays);
    this.#features.load(arrays, features);
    for (const token of this.#tokens) token.meanSquare = tokens[token.name] ?? 0;
    this.#tower.invalidate();
  }

  close(): void {
    this.#features.close();
  }

  async #refresh(learning: boolean): Promise<void> {
    const { rows, change } = await this.#features.refresh(this.#attachment.catalogue, learning, this.#env.signal);
    if (change) this.#tower.follow(change);
    else this.#tower.invalidate(rows);
  }

  /** Vectors, biases and log popularities of the universe. */
  #items(): Items {
    const rows = this.#universe.rows.slice();
    const vectors = new Float32Array(rows.length * this.#options.dim);
    const biases = new Float32Array(rows.length);
    const logs = new Float32Array(rows.length);
    this.#tower.forward(rows, vectors, biases);
    for (const token of this.#tokens) token.addTo(rows, vectors);
    this.#popularity.logs(rows, logs);
    return { rows, vectors, biases, logs };
  }

  /** Newest items of each past, added to the universe. */
  #windows({ size, history: { offsets, items } }: UserContexts): {
    readonly size: number;
    readonly offsets: Int32Array;
    readonly items: Int32Array;
  } {
    const { window } = this.#pooling;
    const cut = new Int32Array(size + 1);
    for (let b = 0; b < size; b++) cut[b + 1] = cut[b] + Math.min(window, offsets[b + 1] - offsets[b]);
    const positions = new Int32Array(cut[size]);
    for (let b = 0; b < size; b++)
      for (let k = 0; k < cut[b + 1] - cut[b]; k++) positions[cut[b] + k] = this.#universe.add(items[offsets[b] + k]);
    return { size, offsets: cut, items: positions };
  }

  #scope(batch: Batch, lessons: readonly Lesson[], dryRun: boolean): Scope {
    const universe = this.#universe;
    universe.clear();
    const sampled = this.#addCandidates(batch);
    const ranked = universe.size;
    const taught = lessons
      .filter((lesson) => lesson.kind === 'predictions')
      .map((lesson) => ({ lesson, columns: universe.addCandidates(lesson.candidates) }));
    const columns = universe.size;
    const past = this.#windows(batch);
    for (const lesson of lessons)
      if (lesson.kind === 'representations' && lesson.side === 'item') universe.addAll(lesson.rows);
    if (!dryRun) for (const token of this.#tokens) token.observe(universe.rows);
    const items = this.#items();
    const { metOffsets, met } = this.#met(batch, ranked);
    return {
      ...items,
      pasts: { ...past, vectors: items.vectors },
      columns,
      ranked,
      targets: batch.items.map((row) => universe.position(row)),
      metOffsets,
      met,
      logQ: sampled ? this.#logQ(ranked, batch.size) : undefined,
      lessons: taught,
    };
  }

  /** The items that compete: all, or the batch's own and sampled ones. True if sampled. */
  #addCandidates(batch: Batch): boolean {
    const { negatives } = this.#options;
    const count = this.#itemCount;
    if (count <= negatives) {
      for (let row = 0; row < count; row++) this.#universe.add(row);
      this.#universe.addAll(batch.items);
      return false;
    }
    this.#universe.addAll(batch.items);
    for (let drawn = 0; drawn < negatives; drawn++) this.#universe.add(this.#env.rng.int(count));
    return true;
  }

  /** Log of the probability that an item is among the candidates: sampled, or the true item of one of the batch's rows. */
  #logQ(ranked: number, rows: number): Float32Array {
    const { itemCounts, interactions } = this.#attachment.statistics;
    const count = this.#itemCount;
    const unsampled = (1 - 1 / count) ** this.#options.negatives;
    const candidates = this.#universe.rows.subarray(0, ranked);
    return Float32Array.from(candidates, (row) => {
      const frequency = ((itemCounts[row] ?? 0) + 1) / (interactions + count);
      return Math.log(1 - unsampled * (1 - frequency) ** rows);
    });
  }

  /** Columns of items that a row's user has met. */
  #met(
    { size, history: { offsets, items } }: Batch,
    ranked: number,
  ): { readonly metOffsets: Int32Array; readonly met: Int32Array } {
    const metOffsets = new Int32Array(size + 1);
    const met = new Int32Array(items.length);
    let count = 0;
    for (let b = 0; b < size; b++) {
      for (let i = offsets[b]; i < offsets[b + 1]; i++)
        if (this.#universe.has(items[i]) && this.#universe.position(items[i]) < ranked)
          met[count++] = this.#universe.position(items[i]);
      metOffsets[b + 1] = count;
    }
    return { metOffsets, met: met.subarray(0, count) };
  }

  /** Losses over logits; returns their gradient for the states, and adds those for the items. */
  #rank(
    H: Float32Array,
    size: number,
    scope: Scope,
    losses: Record<string, number>,
    gradients: ItemGradients,
  ): Float32Array {
    const { dim } = this.#options;
    const { columns, vectors, logs } = scope;
    const Z = this.#score(H, size, vectors, this.#biases(scope, columns), columns);
    const taught = scope.lessons.length > 0 ? this.#distil(Z, size, scope, losses) : undefined;
    losses['ranking'] = rankingLoss(Z, { ...scope, rows: size });
    const dZ = Z;
    if (taught) for (let i = 0; i < size * columns; i++) dZ[i] += taught[i];
    const dH = new Float32Array(size * dim);
    sgemm({}, size, dim, columns, 1, dZ, vectors, 0, dH);
    sgemm({ transA: true }, columns, dim, size, 1, dZ, H, 0, gradients.vectors);
    const { biases } = gradients;
    addRows(dZ, size, columns, biases);
    let dGamma = 0;
    for (let c = 0; c < columns; c++) dGamma += biases[c] * logs[c];
    this.#gamma.gradient[0] = dGamma;
    return dH;
  }

  #distil(
    Z: Float32Array,
    size: number,
    { columns, lessons, metOffsets, met }: Scope,
    losses: Record<string, number>,
  ): Float32Array {
    const gradient = (this.#taught = grown(this.#taught, size * columns)).fill(0, 0, size * columns);
    const isMet = (this.#isMet = grown(this.#isMet, size * columns)).fill(0, 0, size * columns);
    for (let b = 0; b < size; b++)
      for (let i = metOffsets[b]; i < metOffsets[b + 1]; i++) isMet[b * columns + met[i]] = 1;
    let loss = 0;
    for (const { lesson, columns: taught } of lessons)
      loss += distillationLoss(
        lesson,
        taught,
        Z,
        size,
        columns,
        (row, column) => isMet[row * columns + column] === 1,
        gradient,
      );
    losses['distillation'] = loss;
    return gradient;
  }

  /** Items near the teacher's, or states of the batch's users near the teacher's, through a learned projection. */
  #align(
    lesson: RepresentationLesson,
    batch: Batch,
    H: Float32Array,
    { vectors }: Scope,
    losses: Record<string, number>,
    dH: Float32Array,
    gradients: ItemGradients,
    dryRun: boolean,
  ): void {
    const { dim } = this.#options;
    const { side, rows, target } = lesson;
    const [own, dOwn] = side === 'item' ? [vectors, gradients.vectors] : [H, dH];
    const inBatch = new Map(Array.from(batch.users, (user, b) => [user, b] as const).reverse());
    const known = rows.map((_, i) => i).filter((i) => side === 'item' || inBatch.has(rows[i]));
    const positions = known.map((i) =>
      side === 'item' ? this.#universe.position(rows[i]) : (inBatch.get(rows[i]) as number),
    );
    const count = known.length;
    const projection = this.#projection(`align:${lesson.from}:${side}`, target.cols, dryRun);
    const x = gatherRows(own, positions, dim);
    const student = new Float32Array(count * target.cols);
    sgemm({}, count, target.cols, dim, 1, x, projection.value, 0, student);
    const { loss, gradient } = alignmentLoss(lesson, {
      student,
      teacher: gatherRows(target.data, known, target.cols),
      rows: count,
      width: target.cols,
    });
    losses['alignment'] = (losses['alignment'] ?? 0) + loss;
    sgemm({ transA: true }, dim, target.cols, count, 1, x, gradient, 1, projection.gradient);
    const dx = new Float32Array(count * dim);
    sgemm({ transB: true }, count, dim, target.cols, 1, gradient, projection.value, 0, dx);
    for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) dOwn[positions[i] * dim + d] += dx[i * dim + d];
  }

  /** Own vectors to the width of a teacher's (`dim × width`), made at the first lesson; a dry run leaves no trace. */
  #projection(name: string, width: number, dryRun: boolean): Parameter {
    const known = this.#projections.get(name);
    if (known) return known;
    const { dim, headLearningRate } = this.#options;
    const rng = this.#env.rng.fork(name);
    const initial = (): number => rng.normal() / Math.sqrt(dim);
    const shape = [dim, width];
    if (dryRun)
      return {
        name,
        shape,
        value: Float32Array.from({ length: dim * width }, initial),
        gradient: new Float32Array(dim * width),
      };
    const projection = this.#optimiser.add(name, shape, headLearningRate, initial);
    this.#projections.set(name, projection);
    return projection;
  }

  #addUserRows({ users, size }: UserContexts, H: Float32Array): void {
    if (!this.#userTable) return;
    const { rows } = this.#userTable;
    const known = users.subarray(0, size).map((user) => (user < rows ? user : 0));
    const own = new Float32Array(size * this.#options.dim);
    if (rows > 0) this.#userTable.gather(known, own);
    for (let i = 0; i < own.length; i++) if (users[Math.floor(i / this.#options.dim)] < rows) H[i] += own[i];
  }

  #biases({ biases, logs }: Items, columns: number): Float32Array {
    const gamma = this.#gamma.value[0];
    return Float32Array.from({ length: columns }, (_, c) => biases[c] + gamma * logs[c]);
  }

  /** `H Tᵀ + bias` over the first `columns` items, in scratch. */
  #score(H: Float32Array, size: number, vectors: Float32Array, bias: Float32Array, columns: number): Float32Array {
    this.#scores = grown(this.#scores, size * columns);
    const scores = this.#scores;
    for (let b = 0; b < size; b++) scores.set(bias, b * columns);
    sgemm({ transB: true }, size, columns, this.#options.dim, 1, H, vectors, 1, scores);
    return scores;
  }

  get #itemCount(): number {
    return Math.max(this.#attachment.catalogue.size, this.#attachment.statistics.items);
  }
}

interface SavedValues {
  readonly encoder: string;
  readonly pooling: string;
  readonly steps: number;
  readonly features: JsonValue;
  readonly tokens: Readonly<Record<string, number>>;
  readonly projections: Readonly<Record<string, number>>;
}

function gatherRows(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    for (let d = 0, from = rows[i] * width, to = i * width; d < width; d++) gathered[to + d] = matrix[from + d];
  return gathered;
}
