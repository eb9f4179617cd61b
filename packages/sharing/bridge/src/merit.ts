import type { Outcome, State } from '@tandem-rec/contract';

const MEMORY = 2000;

/**
 * How well each participant ranked the newest events before it learned from them: a running mean of the reciprocal rank,
 * over about 2,000 events. A lesson's weight follows it.
 */
export class Merit {
  #means = new Map<string, number>();

  add({ ranks }: Outcome): void {
    for (const [name, places] of Object.entries(ranks)) {
      let sum = 0;
      let count = 0;
      for (const place of places)
        if (place >= 0) {
          sum += 1 / (place + 1);
          count++;
        }
      if (count === 0) continue;
      const before = this.#means.get(name) ?? sum / count;
      const share = Math.min(1, count / MEMORY);
      this.#means.set(name, before + share * (sum / count - before));
    }
  }

  /** 1 for a teacher at least as good as the student, falling to 0 at `guard` of its quality. 1 while nothing is known. */
  weight(teacher: string, student: string, guard: number): number {
    const [t, s] = [this.#means.get(teacher), this.#means.get(student)];
    if (guard === 0 || t === undefined || s === undefined || s === 0 || t >= s) return 1;
    return guard === 1 ? 0 : Math.max(0, (t / s - guard) / (1 - guard));
  }

  save(): State {
    return { version: 1, arrays: [], values: { means: [...this.#means] } };
  }

  load(state: State): void {
    this.#means = new Map(state.values['means'] as unknown as [string, number][]);
  }
}
