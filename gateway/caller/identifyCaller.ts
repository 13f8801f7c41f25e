import type { Caller } from '../../subgraphs/shared/caller';
import type { Authenticate, Identity } from '../identity/auth';
import type { LogRefusal } from '../identity/refusalLog';
import { invalidToken, storeRequired } from '../requestErrors';
import { type AppToken, appOf, buyerAddressOf, type FindAppToken, storefrontOf } from './appTokens';
import { lookUp } from './lookUp';
import { type FindMemberAccess, withCurrentAccess } from './memberAccess';
import { resolveCaller, type Store, storeDomainOf, storeReferenceOf } from './store';
import type { FindStore } from './storeLookup';
import type { FindStoreOfOrigin } from './storeOrigin';

/** A request's caller, and the store's rate limit by its plan. */
interface Identified {
  caller: Caller;
  costPerMinute: number;
}

interface IdentifiedRequest {
  /** Each header with all its values. */
  headers: NodeJS.Dict<string[]>;
  requestId: string;
  /** See clientAddress.ts. */
  address: string;
}

/** Authenticates a request by its headers. @throws GraphQLError, such as UNAUTHENTICATED or STORE_NOT_FOUND. */
export type IdentifyCaller = (request: IdentifiedRequest) => Promise<Identified>;

interface Dependencies {
  authenticate: Authenticate;
  findStore: FindStore;
  findStoreOfOrigin: FindStoreOfOrigin;
  findMemberAccess: FindMemberAccess;
  findAppToken: FindAppToken;
  /** Told of each token that is refused, and why. */
  logRefusal: LogRefusal;
  baseDomain: string;
}

export function createCallerIdentification(of: Dependencies): IdentifyCaller {
  return async (request) => {
    try {
      return await identify(request);
    } catch (error) {
      of.logRefusal(error, request.requestId);
      throw error;
    }
  };

  async function identify({ headers, requestId, address }: IdentifiedRequest): Promise<Identified> {
    const asked = { headers, requestId, address };
    const app = await lookUp(() => appOf(asked, of.findAppToken));
    const storefront = app ? null : await lookUp(() => storefrontOf(asked, of.findAppToken));
    const identity = app ? identityOf(app) : await of.authenticate(headers);
    const onlyFor = identity?.onlyForStoreAt ? await storeOfParty(identity.onlyForStoreAt, requestId) : null;
    const named = storeDomainOf(headers, of.baseDomain);
    const ownStore = app ?? storefront;
    const reference = ownStore ? { organizationId: ownStore.tenantId } : storeReferenceOf(named, identity);
    const store = await lookUp(() => of.findStore(reference, requestId));
    if (
      ownStore &&
      named !== null &&
      (await lookUp(() => of.findStore({ domain: named }, requestId)))?.id !== store?.id
    ) {
      throw invalidToken(`${ownStore.id}: of another store than the one that is named`);
    }
    if (onlyFor && onlyFor.id !== store?.id) throw invalidToken(`of ${identity?.onlyForStoreAt}, another store's page`);
    const seen = { requestId, clientAddress: buyerAddressOf(headers, storefront) ?? address };
    const claimed = resolveCaller(identity, reference, store, seen);
    const costPerMinute = store?.limits.requestCostPerMinute ?? 0;
    const isStaff = claimed.role === 'MEMBER' || claimed.role === 'ADMIN';
    if (!isStaff || identity === null || claimed.tenantId === null) return { caller: claimed, costPerMinute };
    const access = await of.findMemberAccess(claimed.tenantId, identity.userId, requestId);
    const current = withCurrentAccess(identity, access);
    // A person without an organization has no store unless the request names one.
    if (current.organization === null && 'organizationId' in reference) throw storeRequired();
    const caller = current === identity ? claimed : resolveCaller(current, reference, store, seen);
    return { caller, costPerMinute };
  }

  /** A token that a store's own page has got counts for that store alone: what runs in that page is the store's, and not ours. */
  async function storeOfParty(origin: string, requestId: string): Promise<Store> {
    const owner = await lookUp(() => of.findStoreOfOrigin(origin, requestId));
    if (!owner) throw invalidToken(`of the unknown party ${origin}`);
    return owner;
  }
}

/** An app acts as staff of its own store, under its token's id. */
const identityOf = ({ id, tenantId, permissions }: AppToken): Identity => ({
  userId: id,
  impersonatorId: null,
  sessionId: null,
  organization: { id: tenantId, slug: null, role: 'APP', permissions },
  issuedAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  onlyForStoreAt: null,
});
