import type { Composition, Part, ParticipantPart } from '@tandem-rec/contract';
import { teachingOf, type Teaching } from './teaching.ts';
import type { TreeNode } from './text-tree.ts';

/** A composition as a tree of who sits at the table, who teaches whom, and what surrounds them. */
export function compositionTree(composition: Composition): TreeNode {
  const { name, seed, hash, participants, sharing, fusions } = composition;
  const role = (title: string, of: ParticipantPart['role']): TreeNode[] => {
    const sitting = participants.filter((one) => one.role === of);
    return sitting.length === 0 ? [] : [{ text: title, children: sitting.map(participantNode) }];
  };
  const places = (['source', 'catalogue', 'dataset', 'store'] as const).flatMap((place) => {
    const part = composition[place];
    return part === undefined ? [] : [{ text: `${place}: ${titleOf(part)}` }];
  });
  return {
    text: `${name} · seed ${seed} · hash ${hash.slice(0, 12)}`,
    children: [
      ...role('domain models', 'domain'),
      ...role('language models', 'language'),
      sharing === undefined
        ? { text: 'sharing: none, everybody learns alone' }
        : {
            text: `sharing: ${titleOf(sharing)}`,
            children: teachingOf(composition).map((one) => ({ text: teachingText(one, sharing) })),
          },
      ...(fusions.length === 0
        ? []
        : [{ text: 'fusions, the first one serves', children: fusions.map((one) => ({ text: titleOf(one) })) }]),
      ...places,
      {
        text: `tensor backend: ${composition.backend ?? 'the best one present'}, ${composition.limits.threads} thread${composition.limits.threads === 1 ? '' : 's'} a component`,
      },
    ],
  };
}

function participantNode(part: ParticipantPart): TreeNode {
  const tables = part.tables.map(({ name, side, dim, optimiser }) => `${name} (${side}s × ${dim}, ${optimiser.kind})`);
  return {
    text: titleOf(part),
    children: [
      { text: `gives ${part.gives.join(', ') || 'nothing'}` },
      { text: `takes ${part.takes.join(', ') || 'nothing'}` },
      ...(tables.length === 0 ? [] : [{ text: `tables ${tables.join(', ')}` }]),
    ],
  };
}

function teachingText({ knowledge, from, to, table, access }: Teaching, strategy: Part): string {
  const givers = from.map((name) => (table === undefined ? name : `${name}/${table}`)).join(', ');
  const takers = to.length > 0 ? to.join(', ') : table === undefined ? `${strategy.name} itself` : 'nobody';
  return `${knowledge}: ${givers} → ${takers}${access === undefined ? '' : access === 'read' ? ' (reads)' : ' (trains)'}`;
}

const titleOf = ({ name, id }: Part): string => (id.endsWith(`#${name}`) ? id : `${name} (${id})`);
