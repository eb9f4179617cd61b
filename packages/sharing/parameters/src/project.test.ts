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
