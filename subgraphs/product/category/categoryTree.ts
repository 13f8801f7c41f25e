interface TreeNode {
  id: string;
  parentId: string | null;
}

/** Parents before their children, and children right behind their parent; siblings keep their order. */
export function inTreeOrder<Node extends TreeNode>(nodes: Node[]): Node[] {
  const childrenOf = new Map<string | null, Node[]>();
  for (const node of nodes) childrenOf.set(node.parentId, [...(childrenOf.get(node.parentId) ?? []), node]);
  const ordered: Node[] = [];
  const waiting = [...(childrenOf.get(null) ?? [])].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    ordered.push(node);
    waiting.push(...[...(childrenOf.get(node.id) ?? [])].reverse());
  }
  return ordered;
}
