import { describe, expect, it } from 'vitest';
import { fixtureFolder } from '../../test/fixtures.ts';
import { readArchitecture } from '../architectures/read-architecture.ts';
import { defaultTargets } from './default-targets.ts';

describe('defaultTargets', () => {
  it.each([
    ['bert', ['query', 'value']],
    ['gpt2', ['c_attn']],
    ['gpt-neox', ['query_key_value']],
    ['llama', ['q_proj', 'v_proj']],
  ])('of %s are what peft adapts, too', async (name, targets) => {
    expect(defaultTargets(await readArchitecture(fixtureFolder(name)))).toEqual(targets);
  });

  it('of an architecture with other names are all of its linear layers', () => {
    const layer = { inputs: 2, outputs: 2, bias: false, transposed: false };
    const linears = [{ ...layer, name: 'h.0.mix' }];
    expect(defaultTargets({ linears })).toEqual(['h.0.mix']);
  });
});
