import { expect, it } from 'vitest';
import { jsonSchema } from '../json-schema.ts';
import { discoverPlugins } from './discover-plugins.ts';
import { loadInstalled } from './load-plugin.ts';

it('every plugin that a package of this repository declares is there, of its kind, and has a schema', async () => {
  const { plugins, rejected } = await discoverPlugins(import.meta.dirname, []);
  const own = plugins.filter((one) => one.package.startsWith('@tandem-rec/'));
  expect(own.length).toBeGreaterThan(5);
  expect(rejected).toEqual([]);
  const outcomes = await Promise.allSettled(own.map(loadInstalled));
  expect(outcomes.filter((one) => one.status === 'rejected').map((one) => String(one.reason))).toEqual([]);
  const loaded = outcomes.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  expect(loaded.map(({ kind, definition }) => [definition.id, kind])).toEqual(own.map(({ id, kind }) => [id, kind]));
  expect(Object.keys(jsonSchema(loaded)['definitions'] as object).length).toBeGreaterThan(own.length);
});
