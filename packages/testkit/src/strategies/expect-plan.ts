import type {
  Batch,
  Bridge,
  BridgeParticipant,
  Candidates,
  Knowledge,
  Lesson,
  Plan,
  PredictionLesson,
  RepresentationLesson,
} from '@tandem-rec/contract';
import { expect } from 'vitest';
import { bits } from '../assertions.ts';

/** Fails with the contract's words unless everybody named in the plan is there and can give and take what the lessons hold. */
export function expectPlan(plan: Plan, batch: Batch, { domain, language, catalogue, statistics }: Bridge): void {
  const participants = new Map([...domain, ...language].map((participant) => [participant.name, participant]));
  for (const name of plan.learners ?? [])
    expect([...participants.keys()], 'learners are names of participants').toContain(name);
  for (const lesson of plan.lessons) {
    const [from, to] = [lesson.from, lesson.to].map((name) => participants.get(name));
    expect(from, `a lesson is from a participant at the table; nobody is called ${lesson.from}`).toBeDefined();
    expect(to, `a lesson is to a participant at the table; nobody is called ${lesson.to}`).toBeDefined();
    expect(lesson.from, 'nobody teaches itself').not.toBe(lesson.to);
    expectCapable(lesson, from!, to!);
    if (lesson.kind === 'predictions') expectPredictions(lesson, batch, catalogue.size);
    else {
      const rows = lesson.side === 'item' ? catalogue.size : statistics.users;
      expect(
        [...lesson.rows].every((row) => row >= 0 && row < rows),
        `a lesson of ${lesson.kind} is about rows that exist`,
      ).toBe(true);
      expect(
        lesson.weight >= 0 && Number.isFinite(lesson.weight),
        `the weight of a lesson is finite and at least 0, not ${lesson.weight}`,
      ).toBe(true);
      if (lesson.kind === 'representations') expectRepresentations(lesson);
      else expect(lesson.texts.length, 'a lesson of text has one text per row').toBe(lesson.rows.length);
    }
  }
}

/** A plan in a form that compares bit for bit. */
export function frozenPlan({ lessons, learners }: Plan): string {
  return JSON.stringify({ lessons, learners }, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? bits(value as Float32Array) : value,
  );
}

function expectCapable({ kind }: Lesson, from: BridgeParticipant, to: BridgeParticipant): void {
  // What somebody represents or predicts, a strategy can put into words.
  const sources: readonly Knowledge[] = kind === 'text' ? ['text', 'representations', 'predictions'] : [kind];
  expect(
    sources.filter((source) => from.gives.includes(source)),
    `a lesson of ${kind} can only come from one who gives ${sources.join(' or ')}; ${from.name} does not`,
  ).not.toEqual([]);
  expect(to.takes, `a lesson of ${kind} can only go to one who takes ${kind}; ${to.name} does not`).toContain(kind);
}

function expectPredictions(
  { candidates, target, temperature, weight }: PredictionLesson,
  batch: Batch,
  items: number,
): void {
  expect(temperature > 0, `the temperature of a lesson is positive, not ${temperature}`).toBe(true);
  expect(weight.length, 'a lesson of predictions has one weight per row of the batch').toBe(batch.size);
  expect(
    weight.every((w) => w >= 0 && Number.isFinite(w)),
    'the weights of a lesson are finite and at least 0',
  ).toBe(true);
  expect(
    [...candidates.items].every((row) => row >= 0 && row < items),
    'the candidates of a lesson are items that exist',
  ).toBe(true);
  expect(
    target.length,
    'a lesson of predictions has one probability per candidate, in the layout of the candidates',
  ).toBe(candidates.kind === 'shared' ? batch.size * candidates.items.length : candidates.items.length);
  for (let b = 0; b < batch.size; b++) {
    const row = target.subarray(...rangeOf(candidates, b));
    const sum = row.reduce((total, p) => total + p, 0);
    expect(
      row.every((p) => p >= 0 && p <= 1.0001),
      `row ${b} of a lesson holds probabilities`,
    ).toBe(true);
    if (weight[b] > 0) expect(sum, `row ${b} of a lesson has a weight: its probabilities sum to one`).toBeCloseTo(1, 2);
  }
}

function expectRepresentations({ rows, target, temperature }: RepresentationLesson): void {
  expect(target.rows, 'a lesson of representations has one vector per row').toBe(rows.length);
  expect(target.cols, 'the vectors of a lesson have a width').toBeGreaterThan(0);
  expect(
    target.data.subarray(0, target.rows * target.cols).every(Number.isFinite),
    'the vectors of a lesson are finite',
  ).toBe(true);
  expect(temperature > 0, `the temperature of a lesson is positive, not ${temperature}`).toBe(true);
}

function rangeOf(candidates: Candidates, row: number): readonly [number, number] {
  const n = candidates.items.length;
  return candidates.kind === 'shared'
    ? [row * n, (row + 1) * n]
    : [candidates.offsets[row], candidates.offsets[row + 1]];
}
