import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { Audience } from '../../subgraphs/shared/caller';
import { type ErrorCode, serviceUnavailable } from '../../subgraphs/shared/errors';
import type { Logger } from '../../subgraphs/shared/log';
import {
  type SubgraphClient,
  type SubgraphError,
  SubgraphRefusedCaller,
  SubgraphUnavailable,
} from '../../subgraphs/shared/subgraphClient';
import type { GatewayContext } from './context';

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

/**
 * Apollo Gateway's data source for one subgraph. It sends the operation and the signed caller, but no header of the client, so clients
 * can't forge internal headers. A subgraph that is down makes only its own fields null.
 */
export function createSubgraphDataSource(
  subgraph: Audience,
  client: SubgraphClient,
  log: Logger,
): GraphQLDataSource<GatewayContext> {
  async function process(options: GraphQLDataSourceProcessOptions<GatewayContext>): Promise<GatewayResponse> {
    if (!('incomingRequestContext' in options)) {
      throw new Error(`The gateway sends no ${options.kind} to a subgraph`);
    }
    const { caller, requestId, abortSignal } = options.context;
    if (caller === null) throw new Error('No subgraph is called before the caller is known');
    const { query = '', variables, operationName } = options.request;
    try {
      const { data, errors } = await client.execute({ query, variables, operationName }, caller, abortSignal);
      return {
        ...(data !== undefined && { data }),
        ...(errors && { errors: errors.map(withoutHttp) }),
      } as GatewayResponse;
    } catch (error) {
      if (error instanceof SubgraphUnavailable) {
        if (!abortSignal.aborted) log.warn({ requestId, subgraph, reason: error.reason }, 'subgraph unavailable');
        return failed('SERVICE_UNAVAILABLE', serviceUnavailable().message);
      }
      if (error instanceof SubgraphRefusedCaller) {
        log.error({ requestId, subgraph, reason: error.reason }, 'subgraph refused the signed caller');
        return failed('INTERNAL_SERVER_ERROR', 'Internal server error');
      }
      throw error;
    }
  }
  return { process };
}

/** Returned as a result and not thrown, so that Apollo Gateway adds the path of the fetch, which shows the client what is missing. */
function failed(code: ErrorCode, message: string): GatewayResponse {
  return { data: null, errors: [{ message, path: [], extensions: { code } }] } as unknown as GatewayResponse;
}

/** Removes `extensions.http`: otherwise Apollo Server would use a subgraph's status and headers for its own response. */
function withoutHttp({ extensions: { http: _, ...extensions } = {}, ...error }: SubgraphError): SubgraphError {
  return { ...error, extensions };
}
