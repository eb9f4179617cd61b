import type { Architecture } from '../architectures/architecture.ts';

/** The layers that make queries and values, as the architectures call them: BERT, Llama, GPT-2 and GPT-NeoX. */
const QUERIES_AND_VALUES = [['query', 'value'], ['q_proj', 'v_proj'], ['c_attn'], ['query_key_value']] as const;

/**
 * What an adapter adapts unless it is told: queries and values, which Hu et al. (2021, section 7.1) found to be the best use
 * of few parameters, and peft takes as its defaults, too. Of an architecture with other names, every linear layer.
 */
export function defaultTargets({ linears }: Pick<Architecture, 'linears'>): readonly string[] {
  const has = (target: string): boolean => linears.some(({ name }) => name.endsWith(`.${target}`));
  return QUERIES_AND_VALUES.find((targets) => targets.every(has)) ?? linears.map(({ name }) => name);
}
