import { describe, expect, it } from 'vitest';
import { worldOptions } from './options.ts';
import { createWorld, type World } from './world.ts';

const world = (options: Parameters<typeof worldOptions.parse>[0] = {}): World =>
  createWorld(worldOptions.parse({ users: 300, items: 400, events: 8000, ...(options as object) }));

/** How much likelier two successive items of a user share a title noun than two random items do. */
function wordAffinity({ items, interactions }: World): number {
  const noun = new Map(items.map(({ id, text }) => [id, text['title'].split(' ')[2]]));
  const last = new Map<string, string>();
  let same = 0;
  let pairs = 0;
  for (const { user, item } of interactions) {
    const before = last.get(user);
    if (before !== undefined) {
      pairs++;
      if (noun.get(before) === noun.get(item)) same++;
    }
    last.set(user, item);
  }
  const frequency = new Map<string, number>();
  for (const { item } of interactions) frequency.set(noun.get(item)!, (frequency.get(noun.get(item)!) ?? 0) + 1);
  const chance = [...frequency.values()].reduce((sum, count) => sum + (count / interactions.length) ** 2, 0);
  return same / pairs / chance;
}

describe('createWorld', () => {
  it('follows from its seed', () => {
    expect(world()).toEqual(world());
    expect(world({ seed: 8 }).interactions[5]).not.toEqual(world().interactions[5]);
  });

  it('lets words tell behaviour as much as the knob says, and not at all at zero', () => {
    expect(wordAffinity(world({ wordsTell: 0.9 }))).toBeGreaterThan(1.8);
    expect(wordAffinity(world({ wordsTell: 0 }))).toBeLessThan(1.25);
    expect(wordAffinity(world({ wordsTell: 0.9, permuteTexts: true }))).toBeLessThan(1.25);
  });

  it('permutes texts and nothing else', () => {
    const [plain, permuted] = [world(), world({ permuteTexts: true })];
    expect(permuted.interactions).toEqual(plain.interactions);
    const texts = ({ items }: World): string[] => items.map(({ text }) => JSON.stringify(text)).sort();
    expect(texts(permuted)).toEqual(texts(plain));
    expect(permuted.items[0].text).not.toEqual(plain.items[0].text);
  });

  it('lets nobody meet an item before it is there, nor twice', () => {
    const { items, interactions } = world();
    const available = new Map(items.map(({ id, availableAtMs }) => [id, availableAtMs!]));
    const met = new Set<string>();
    for (const { user, item, atMs } of interactions) {
      expect(atMs).toBeGreaterThanOrEqual(available.get(item)!);
      expect(met.has(`${user} ${item}`)).toBe(false);
      met.add(`${user} ${item}`);
    }
    const late = items.filter(({ availableAtMs }) => availableAtMs! > interactions[0].atMs).length;
    expect(late / items.length).toBeGreaterThan(0.4);
  });

  it('survives a world that has been met completely', () => {
    expect(world({ users: 1, items: 3, events: 50, arrivals: 0 }).interactions).toHaveLength(3);
  });
});
