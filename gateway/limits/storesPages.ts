import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Logger } from '../../subgraphs/shared/log';
import { SubgraphRefusedCaller, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { FindStoreOfOrigin } from '../caller/storeOrigin';
import { clientAddressOf } from '../http/clientAddress';
import type { RateLimits } from './rateLimits';

/** A look-up in the database, where the origin is not cached. */
const LOOKUP_COST = 10;

/**
 * Whether a page is a store's own, for CORS. It is asked before anything is known of the caller, so each question is charged to the
 * address. What can't be found out is no: the browser tells its page so, and nothing has happened.
 */
export function storesPages(findStoreOfOrigin: FindStoreOfOrigin, rateLimits: RateLimits, log: Logger) {
  return async (origin: string, request: FastifyRequest): Promise<boolean> => {
    try {
      await rateLimits.limitAddress(clientAddressOf(request), LOOKUP_COST);
      return (await findStoreOfOrigin(origin, request.id)) !== null;
    } catch (error) {
      if (error instanceof GraphQLError) return false;
      if (!(error instanceof SubgraphUnavailable || error instanceof SubgraphRefusedCaller)) throw error;
      log.warn({ requestId: request.id, reason: error.reason }, 'the store of an origin is not known');
      return false;
    }
  };
}
