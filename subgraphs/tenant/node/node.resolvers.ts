import type { Resolvers } from '../generated/resolvers';
import { findNodes, type NodeModel } from './node.service';

export const nodeResolvers: Resolvers = {
  Query: {
    node: async (_root, { id }, ctx) => (await findNodes(ctx, [id]))[0] ?? null,
    nodes: (_root, { ids }, ctx) => findNodes(ctx, ids),
  },
  Node: { __resolveType: (node) => (node as NodeModel).__typename },
};
