import type { JsonValue, Outcome } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { everTaught, Schedule, scheduleOptions, type Turn } from './schedule.ts';

const EVENTS = 10;
const scheduled = (options: Parameters<typeof scheduleOptions.parse>[0]): Schedule =>
  new Schedule(scheduleOptions.parse(options));

/** Batches of ten events: what the schedule says about each. `places`: where `d` ranked the true item in each batch. */
function live(schedule: Schedule, batches: number, from = 0, places: readonly number[] = []): Turn[] {
  return Array.from({ length: batches }, (_, k) => {
    const sequence = (from + k) * EVENTS;
    if (places[k] !== undefined)
      schedule.observe({
        batch: { sequence },
        ranks: { d: new Int32Array(EVENTS).fill(places[k]) },
      } as unknown as Outcome);
    return schedule.turn({ sequence });
  });
}
const weights = (turns: readonly Turn[]): number[] => turns.map(({ weight }) => Math.round(weight * 1000) / 1000);
const who = (turns: readonly Turn[]): string =>
  turns.map(({ taught }) => (taught.domain ? (taught.language ? 'b' : 'd') : taught.language ? 'l' : '-')).join('');

describe('a schedule', () => {
  it('teaches both sides always where nothing else is said', () => {
    const turns = live(scheduled({}), 3);
    expect([weights(turns), who(turns)]).toEqual([[1, 1, 1], 'bbb']);
  });

  it('begins, ends, and leaves batches out', () => {
    const turns = live(scheduled({ fromEvents: 20, untilEvents: 80, everyBatches: 3 }), 10);
    expect(weights(turns)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 0, 0]);
    expect(who(turns)).toBe('--b--b----');
  });

  it('rises linearly', () => {
    expect(weights(live(scheduled({ fromEvents: 10, warmUpEvents: 40 }), 7))).toEqual([0, 0, 0.25, 0.5, 0.75, 1, 1]);
  });

  it('teaches one side, or one after the other, counting taught batches', () => {
    expect(who(live(scheduled({ learners: 'language' }), 3))).toBe('lll');
    expect(who(live(scheduled({ learners: 'alternating' }), 5))).toBe('dldld');
    expect(who(live(scheduled({ learners: 'alternating', turnBatches: 2, everyBatches: 2 }), 9))).toBe('d-d-l-l-d');
  });

  describe('with phases', () => {
    const PHASES = {
      phases: [{ weight: 0 }, { weight: 2, learners: 'language' }, { weight: 1 }],
      plateau: { events: 2 * EVENTS, gain: 0.1, patience: 2 },
    } as const;

    it('goes on when nobody has become better for as long as the patience lasts', () => {
      // A measurement every second batch: better, better, worse, equal.
      const turns = live(scheduled(PHASES), 10, 0, [5, 5, 1, 1, 3, 3, 1, 1, 9, 9]);
      expect(weights(turns)).toEqual([0, 0, 0, 0, 0, 0, 0, 2, 2, 2]);
      expect(who(turns).slice(7)).toBe('lll');
    });

    it('stays while somebody becomes better, and in the last phase for ever', () => {
      const places = [9, 9, 8, 8, 5, 5, 3, 3, 1, 1, 0, 0];
      expect(weights(live(scheduled(PHASES), 12, 0, places))).toEqual(new Array(12).fill(0));
      const still = weights(live(scheduled(PHASES), 30, 0, new Array<number>(30).fill(2)));
      expect(still.filter((weight) => weight === 0)).toHaveLength(5);
      expect(still.filter((weight) => weight === 2)).toHaveLength(6);
      expect(still.at(-1)).toBe(1);
    });

    it('goes over from one weight to the next slowly where asked to', () => {
      const options = { ...PHASES, warmUpEvents: 40 };
      const turns = live(scheduled(options), 10, 0, new Array<number>(10).fill(2));
      expect(weights(turns)).toEqual([0, 0, 0, 0, 0, 0, 0.5, 1, 1.5, 2]);
    });

    it('goes on where it was saved, in the middle of a measurement too', () => {
      const places = Array.from({ length: 24 }, (_, k) => [4, 2, 2, 3, 2, 6][k % 6]);
      for (let cut = 0; cut < 24; cut++) {
        const [whole, broken, loaded] = [PHASES, PHASES, PHASES].map(scheduled);
        live(broken, cut, 0, places);
        loaded.load(structuredClone(broken.save()));
        expect(live(loaded, 24 - cut, cut, places.slice(cut))).toEqual(live(whole, 24, 0, places).slice(cut));
      }
    });
  });

  it('says whom it may ever teach', () => {
    const ever = (options: object): string => {
      const { domain, language } = everTaught(scheduleOptions.parse(options));
      return `${domain ? 'd' : ''}${language ? 'l' : ''}`;
    };
    expect(ever({})).toBe('dl');
    expect(ever({ learners: 'alternating' })).toBe('dl');
    expect(ever({ learners: 'domain' })).toBe('d');
    expect(ever({ learners: 'domain', phases: [{ learners: 'language' }] })).toBe('l');
    expect(ever({ learners: 'domain', phases: [{}, { learners: 'language' }] })).toBe('dl');
  });

  it('refuses the state of something else', () => {
    const states: (JsonValue | undefined)[] = [undefined, {}, { batches: 1, phase: 0, since: 0 }];
    for (const state of states)
      expect(() => scheduled({}).load(state)).toThrow(expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }));
  });
});
