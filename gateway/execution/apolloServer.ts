import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { AUDIENCES, type Audience } from '../../subgraphs/shared/caller';
import { withOwnCode } from '../../subgraphs/shared/errors';
import type { Logger } from '../../subgraphs/shared/log';
import { storableTexts } from '../../subgraphs/shared/requestTexts';
import type { SubgraphClient } from '../../subgraphs/shared/subgraphClient';
import type { GatewayEnv } from '../env';
import { MAX_TOKENS } from '../limits/queryCost';
import { createApiGateway } from './apiGateway';
import { createPlainApolloGateway } from './apolloGateway';
import { toClientError } from './clientErrors';
import type { GatewayContext } from './context';
import { createFederatedGateway, type FederatedGatewayOptions } from './federatedGateway';
import { createSubgraphDataSource } from './subgraphDataSource';
import type { SubgraphMetrics } from './subgraphMetrics';

/**
 * Apollo Server over the federated graph, which plans each operation over the subgraphs. @param onSchema gets the API's schema whenever a
 * supergraph is loaded. @throws when it is started and the supergraph can't be loaded.
 */
export async function createApolloServer(
  env: GatewayEnv,
  app: FastifyInstance,
  clients: Record<Audience, SubgraphClient>,
  plugins: ApolloServerPlugin<GatewayContext>[],
  metrics: SubgraphMetrics,
  supergraphFile: string,
  log: Logger,
  onSchema: (schema: GraphQLSchema) => void,
): Promise<ApolloServer<GatewayContext>> {
  const production = env.NODE_ENV === 'production';
  const dataSources = AUDIENCES.map(
    (name) => [name, createSubgraphDataSource(name, { client: clients[name], metrics, log })] as const,
  );
  const dataSourceOf = new Map<string, ReturnType<typeof createSubgraphDataSource>>(dataSources);
  const options: FederatedGatewayOptions = {
    supergraphFile,
    follow: env.NODE_ENV === 'development',
    showPlans: !production,
    ask(subgraph, operation, context) {
      const send = dataSourceOf.get(subgraph);
      if (!send) throw new Error(`The supergraph names a subgraph that the gateway has no address for: ${subgraph}`);
      return send(operation, context);
    },
    log,
  };
  const gateway =
    env.GATEWAY_EXECUTION === 'apollo' ? await createPlainApolloGateway(options) : createFederatedGateway(options);
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => onSchema(apiSchema));
  return new ApolloServer<GatewayContext>({
    gateway: createApiGateway(gateway),
    nodeEnv: env.NODE_ENV,
    introspection: !production,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    // There are no cookies: a page of another site can ask for nothing that anybody could not.
    csrfPrevention: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [storableTexts],
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => toClientError(withOwnCode(formatted, error), { showsSchema: !production }),
    logger: log,
    plugins: [
      ...plugins,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      fastifyApolloDrainPlugin(app),
    ],
  });
}
