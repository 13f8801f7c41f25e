import type { FSWatcher } from 'node:fs';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Logger } from '../../subgraphs/shared/log';
import type { SubgraphResult } from '../../subgraphs/shared/subgraphClient';
import type { GatewayContext } from './context';
import type { SubgraphOperation } from './executePlan';
import { createGraph, type Graph } from './graph';
import { createLargeOperationQueue } from './largeOperations';
import { followSupergraph, readSupergraph } from './supergraphFile';

type GatewayInterface = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type SchemaListener = Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0];

export interface FederatedGatewayOptions {
  supergraphFile: string;
  /** Whether a changed file is loaded while running. */
  follow: boolean;
  /** Whether a client that asks for the query plan, as Sandbox does, is shown it. */
  showPlans: boolean;
  ask(subgraph: string, operation: SubgraphOperation, context: GatewayContext): Promise<SubgraphResult>;
  log: Logger;
}

/** What Apollo Server executes operations by, once it has parsed and validated them: the graph of the supergraph in use. */
export function createFederatedGateway({
  supergraphFile,
  follow,
  showPlans,
  ask,
  log,
}: FederatedGatewayOptions): GatewayInterface {
  const listeners = new Set<SchemaListener>();
  const turnOf = createLargeOperationQueue();
  let graph: Graph | undefined;
  let watcher: FSWatcher | undefined;

  /** @throws when it can't be used, or a listener refuses its schema. The one in use stays then. */
  async function use(supergraphSdl: string): Promise<void> {
    const next = await createGraph(supergraphSdl);
    try {
      for (const listen of listeners) listen({ apiSchema: next.schema, coreSupergraphSdl: supergraphSdl });
    } catch (error) {
      await next.stop();
      throw error;
    }
    const former = graph;
    graph = next;
    await former?.stop();
  }

  return {
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async load() {
      await use(await readSupergraph(supergraphFile));
      if (follow) watcher = followSupergraph(supergraphFile, use, log);
      return {
        async executor({ document, operation, request, context }) {
          if (!graph) throw new Error('No supergraph is loaded');
          const of = context as GatewayContext;
          const asked = { document, operation: operationIn(document, operation), variables: request.variables ?? {} };
          const endTurn = await turnOf(operation.operation, of);
          const result = await graph.execute(asked, (subgraph, sent) => ask(subgraph, sent, of)).finally(endTurn);
          if (!showPlans || !request.http?.headers.get('apollo-query-plan-experimental')) return result;
          return { ...result, extensions: { __queryPlanExperimental: await graph.describePlan(asked) } };
        },
      };
    },
    async stop() {
      watcher?.close();
      await graph?.stop();
    },
  };
}

/** apiGateway.ts leaves of an operation what is not introspection, in a document of its own. */
const operationIn = (document: DocumentNode, operation: OperationDefinitionNode): OperationDefinitionNode =>
  document.definitions.includes(operation) ? operation : (getOperationAST(document) ?? operation);
