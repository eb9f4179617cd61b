import { expect, it } from 'vitest';
import { Stage } from '../test/stage.ts';
import { project } from './project.ts';

const granted = (options: Parameters<typeof project>[0]): unknown => {
  const { grants, options: schema } = project.definition;
  return typeof grants === 'function' ? grants(schema.parse(options)) : grants;
};

it('opens item rows for reading, and what else is asked for', () => {
  expect(granted({})).toEqual([{ of: 'domain', table: 'item', access: 'read' }]);
  expect(granted({ tables: ['item', 'user'], gradients: 'flowing' })).toEqual([
    { of: 'domain', table: 'item', access: 'train' },
    { of: 'domain', table: 'user', access: 'train' },
  ]);
});

it('lets one side learn while the other is held still, where the schedule says so', async () => {
  const plans = async (schedule: object): Promise<unknown[]> => {
    const stage = await Stage.open(project({ schedule }));
    return [(await stage.live([['u', 'i']])).learners, (await stage.live([['u', 'j']])).learners];
  };
  expect(await plans({})).toEqual([undefined, undefined]);
  expect(await plans({ learners: 'language', fromEvents: 1 })).toEqual([undefined, ['words']]);
  expect(await plans({ learners: 'alternating' })).toEqual([['rows'], ['words']]);
});

it('shows the table from the first turn of the language side on, also after a restart', async () => {
  const seen = (stage: Stage): number => {
    const into = new Float32Array(4);
    stage.shared.gather(Int32Array.of(0), into);
    return into.filter((value) => value !== 0).length;
  };
  const use = project({ schedule: { fromEvents: 2, untilEvents: 4 } });
  const stage = await Stage.open(use);
  const counts: number[] = [];
  for (let k = 0; k < 6; k++) {
    await stage.live([['u', 'i']]);
    counts.push(seen(stage));
  }
  expect(counts).toEqual([0, 0, 4, 4, 4, 4]);
  const restarted = await Stage.open(use, undefined, structuredClone(await stage.strategy.save()));
  await restarted.arrive(1);
  expect(seen(restarted)).toBe(4);
});
