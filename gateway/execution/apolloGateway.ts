import type { GraphQLDataSource } from '@apollo/gateway';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GatewayContext } from './context';
import type { FederatedGatewayOptions } from './federatedGateway';
import { followSupergraph, readSupergraph } from './supergraphFile';

type Process = GraphQLDataSource<GatewayContext>['process'];

/**
 * `@apollo/gateway` as it is, with the supergraph file and the signed calls of this gateway: what GATEWAY_EXECUTION=apollo takes, to
 * compare it with our own execution. It has the faults that docs/decisions/085-query-planning.md names.
 */
export async function createPlainApolloGateway({
  supergraphFile,
  follow,
  showPlans,
  ask,
  log,
}: FederatedGatewayOptions): Promise<ApolloServerOptionsWithGateway<GatewayContext>['gateway']> {
  // Loaded only where it is used: it is as large as the rest of the gateway.
  const { ApolloGateway } = await import('@apollo/gateway');
  return new ApolloGateway({
    async supergraphSdl({ update }) {
      const supergraphSdl = await readSupergraph(supergraphFile);
      if (!follow) return { supergraphSdl };
      const watcher = followSupergraph(supergraphFile, async (changed) => update(changed), log);
      return { supergraphSdl, cleanup: async () => watcher.close() };
    },
    buildService: ({ name }) => ({
      process: (async (options) => {
        if (!('incomingRequestContext' in options)) throw new Error(`No ${options.kind} is sent to a subgraph`);
        const { query = '', variables = {} } = options.request;
        return ask(name, { query, variables }, options.context);
      }) as Process,
    }),
    __exposeQueryPlanExperimental: showPlans,
    logger: log,
  });
}
