import type { Caller } from '../../subgraphs/shared/caller';
import { SubgraphRefusedCaller, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Authenticate } from '../identity/auth';
import { dependencyUnavailable, requestError, storeRequired } from '../requestErrors';
import { type FindMemberAccess, withCurrentAccess } from './memberAccess';
import { resolveCaller, type StoreReference, storeDomainOf, storeReferenceOf } from './store';
import type { FindStore } from './storeLookup';

/** A request's caller, and the store's rate limit by its plan. */
interface Identified {
  caller: Caller;
  costPerMinute: number;
}

/** Authenticates a request by its headers (each with all its values). @throws GraphQLError, such as UNAUTHENTICATED or STORE_NOT_FOUND. */
export type IdentifyCaller = (headers: NodeJS.Dict<string[]>, requestId: string) => Promise<Identified>;

export function createCallerIdentification(
  authenticate: Authenticate,
  findStore: FindStore,
  findMemberAccess: FindMemberAccess,
  baseDomain: string,
): IdentifyCaller {
  return async (headers, requestId) => {
    const identity = await authenticate(headers);
    const reference = storeReferenceOf(storeDomainOf(headers, baseDomain), identity);
    const store = await lookUp(reference, requestId);
    const claimed = resolveCaller(identity, reference, store, requestId);
    const costPerMinute = store?.limits.requestCostPerMinute ?? 0;
    const isStaff = claimed.role === 'MEMBER' || claimed.role === 'ADMIN';
    if (!isStaff || identity === null || claimed.tenantId === null) return { caller: claimed, costPerMinute };
    const access = await findMemberAccess(claimed.tenantId, identity.userId, requestId);
    const current = withCurrentAccess(identity, access);
    // A person without an organization has no store unless the request names one.
    if (current.organization === null && 'organizationId' in reference) throw storeRequired();
    const caller = current === identity ? claimed : resolveCaller(current, reference, store, requestId);
    return { caller, costPerMinute };
  };

  async function lookUp(reference: StoreReference, requestId: string) {
    try {
      return await findStore(reference, requestId);
    } catch (error) {
      if (error instanceof SubgraphUnavailable) throw dependencyUnavailable(error.reason);
      if (error instanceof SubgraphRefusedCaller) {
        throw requestError('INTERNAL_SERVER_ERROR', error.message, error.reason);
      }
      throw error;
    }
  }
}
