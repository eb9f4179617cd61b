/** A line of a tree, and the lines below it. */
export interface TreeNode {
  readonly text: string;
  readonly children?: readonly TreeNode[];
}

/** The lines of a tree, drawn. */
export function treeLines({ text, children = [] }: TreeNode): readonly string[] {
  return [
    text,
    ...children.flatMap((child, at) => {
      const last = at === children.length - 1;
      const [first, ...rest] = treeLines(child);
      return [`${last ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${last ? '  ' : '│ '} ${line}`)];
    }),
  ];
}
