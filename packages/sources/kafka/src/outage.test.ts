import { RecordingLog, SteppingClock } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';

import { Outage } from './outage.ts';

function outage() {
  const log = new RecordingLog();
  const clock = new SteppingClock();
  return { log, clock, outage: new Outage(log, clock), said: () => log.lines.map(({ message }) => message) };
}

describe('Outage', () => {
  it('keeps quiet about what heals at once', () => {
    const { outage: it, clock, said } = outage();
    for (let k = 0; k < 100; k++) {
      it.suspect('a hiccup');
      clock.advance(1000);
      it.over();
    }
    expect(said()).toEqual([]);
  });

  it('speaks of what lasts, and of every failed attempt only now and then', () => {
    const { outage: it, clock, said, log } = outage();
    for (let seconds = 0; seconds < 60; seconds++) {
      it.suspect('refused');
      it.failing('refused');
      clock.advance(1000);
    }
    it.over();
    it.over();
    expect(said()).toEqual(['Kafka does not answer; waiting', 'still waiting for Kafka', 'Kafka answers again']);
    expect(log.lines[0].facts).toEqual({ reason: 'refused', sinceMs: 0 });
    expect(log.lines[2].facts).toEqual({ afterMs: 60_000 });
  });
});
