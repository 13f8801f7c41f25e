import type { Caller } from '../subgraphs/shared/caller';
import { SubgraphRefusedCaller, SubgraphUnavailable } from '../subgraphs/shared/subgraphClient';
import type { Authenticate } from './auth';
import { partUnavailable, refusal } from './refusal';
import { resolveCaller, type StoreReference, storeDomainOf, storeReferenceOf } from './store';
import type { FindStore } from './storeLookup';

/**
 * Who is asking, for which store, as proven by a request's headers (each with all its values).
 * @throws GraphQLError with the code of the refusal.
 */
export type IdentifyCaller = (headers: NodeJS.Dict<string[]>, requestId: string) => Promise<Caller>;

export function createCallerIdentification(
  authenticate: Authenticate,
  findStore: FindStore,
  baseDomain: string,
): IdentifyCaller {
  return async (headers, requestId) => {
    const identity = await authenticate(headers);
    const reference = storeReferenceOf(storeDomainOf(headers, baseDomain), identity);
    const store = await lookUp(reference, requestId);
    return resolveCaller(identity, reference, store, requestId);
  };

  async function lookUp(reference: StoreReference, requestId: string) {
    try {
      return await findStore(reference, requestId);
    } catch (error) {
      if (error instanceof SubgraphUnavailable) throw partUnavailable(error.reason);
      if (error instanceof SubgraphRefusedCaller) {
        throw refusal('INTERNAL_SERVER_ERROR', error.message, error.reason);
      }
      throw error;
    }
  }
}
