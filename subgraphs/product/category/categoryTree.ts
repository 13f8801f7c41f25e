interface TreeNode {
  id: string;
  parentId: string | null;
}

/** The most levels of the tree, counted from the top. */
export const MAX_LEVELS = 10;

/** In depth-first order: each parent directly before its children. Siblings keep their order. */
export function inTreeOrder<Node extends TreeNode>(nodes: Node[]): Node[] {
  const childrenOf = childrenByParent(nodes);
  const ordered: Node[] = [];
  const waiting = [...(childrenOf.get(null) ?? [])].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    ordered.push(node);
    waiting.push(...[...(childrenOf.get(node.id) ?? [])].reverse());
  }
  return ordered;
}

/** A node's level, counted from 1 at the top; 0 for `id` null, the parent of the top nodes. */
export function levelOf(nodes: TreeNode[], id: string | null): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let level = 0;
  for (let node = byId.get(id ?? ''); node; node = byId.get(node.parentId ?? '')) level += 1;
  return level;
}

/** A node and its descendants, each with its level within the branch: 1 for the node itself. */
export function branchOf(nodes: TreeNode[], id: string): Map<string, number> {
  const childrenOf = childrenByParent(nodes);
  const levels = new Map([[id, 1]]);
  for (const [parentId, level] of levels) {
    for (const child of childrenOf.get(parentId) ?? []) levels.set(child.id, level + 1);
  }
  return levels;
}

/** A node's children, or the top nodes when `parentId` is null, in the given order. */
export const childrenIn = <Node extends TreeNode>(nodes: Node[], parentId: string | null): Node[] =>
  nodes.filter((node) => node.parentId === parentId);

function childrenByParent<Node extends TreeNode>(nodes: Node[]): Map<string | null, Node[]> {
  const childrenOf = new Map<string | null, Node[]>();
  for (const node of nodes) {
    const siblings = childrenOf.get(node.parentId);
    if (siblings) siblings.push(node);
    else childrenOf.set(node.parentId, [node]);
  }
  return childrenOf;
}
