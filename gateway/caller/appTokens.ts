import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { type AppTokenKind, isAppToken, readAppToken } from '../../subgraphs/shared/appToken';
import { serviceCaller } from '../../subgraphs/shared/caller';
import { PERMISSIONS, type Permission } from '../../subgraphs/shared/permissions';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import { clientAddressOf, networkOf } from '../http/clientAddress';
import { invalidToken, requestError } from '../requestErrors';
import { lookUp } from './lookUp';

/** A token that may be used. */
export interface AppToken {
  id: string;
  tenantId: string;
  kind: AppTokenKind;
  permissions: Permission[];
  /** Networks; empty for any. */
  allowedAddresses: string[];
  /** Milliseconds since the epoch; null for never. */
  expiresAt: number | null;
}

/** Null for a token that nobody has, or that may not be used any more. @throws SubgraphUnavailable | SubgraphRefusedCaller */
export type FindAppToken = (hash: string, requestId: string) => Promise<AppToken | null>;

export interface AppTokenLookup {
  find: FindAppToken;
  /** Invalidates the cache after tokens have changed: each is fetched again when next needed. */
  invalidate(): void;
}

/** The cache's time to live: the longest that a revoked token is accepted when its event was lost. */
const CACHE_TTL_MS = 4_000;
const MAX_CACHED_TOKENS = 20_000;

const AUTHENTICATE = `mutation AuthenticateAppToken($hash: String!) {
  token: appTokenAuthenticate(hash: $hash) { id tenantId kind permissions allowedAddresses expiresAt }
}`;
const answer = z.object({
  token: z
    .object({
      id: z.string(),
      tenantId: z.string(),
      kind: z.enum(['PRIVATE', 'STOREFRONT']),
      permissions: z
        .array(z.string())
        .transform((held) => PERMISSIONS.filter((permission) => held.includes(permission))),
      allowedAddresses: z.array(z.string()),
      expiresAt: z
        .string()
        .transform((time) => Date.parse(time))
        .nullable(),
    })
    .nullable(),
});

/** Looks tokens up in the tenant subgraph, as a service, and caches the answers for some seconds, also that there is no such token. */
export function createAppTokenLookup(tenantSubgraph: SubgraphClient): AppTokenLookup {
  const cache = new LRUCache<string, { token: AppToken | null }, string>({
    max: MAX_CACHED_TOKENS,
    ttl: CACHE_TTL_MS,
    perf: { now: () => performance.now() },
    ignoreFetchAbort: true,
    fetchMethod: async (hash, _last, { context: requestId }) => {
      const sent = { query: AUTHENTICATE, variables: { hash } };
      const { data, errors } = await tenantSubgraph.execute(sent, serviceCaller(null, requestId));
      const found = answer.safeParse(data);
      if (errors || !found.success) throw new SubgraphUnavailable('tenant', 'app token: unexpected answer');
      return found.data;
    },
  });
  return {
    find: async (hash, requestId) => {
      const { token } = await cache.forceFetch(hash, { context: requestId });
      return token !== null && token.expiresAt !== null && token.expiresAt <= Date.now() ? null : token;
    },
    invalidate: () => cache.clear(),
  };
}

const STOREFRONT_HEADER = 'x-storefront-token';
const BUYER_ADDRESS_HEADER = 'x-buyer-address';

interface TokenRequest {
  headers: NodeJS.Dict<string[]>;
  requestId: string;
  /** Of whoever sends the request: see clientAddress.ts. */
  address: string;
}

/** The app whose token is in Authorization; null when there is another token, or none. @throws GraphQLError UNAUTHENTICATED. */
export async function appOf({ headers, requestId, address }: TokenRequest, find: FindAppToken) {
  const [sent, ...others] = headers.authorization ?? [];
  const text = /^Bearer +(\S+)$/i.exec(sent ?? '')?.[1];
  if (text === undefined || others.length > 0 || !isAppToken(text)) return null;
  return usable(text, 'PRIVATE', address, (hash) => find(hash, requestId));
}

/** The storefront whose token is in X-Storefront-Token; null without one. @throws GraphQLError UNAUTHENTICATED. */
export async function storefrontOf({ headers, requestId, address }: TokenRequest, find: FindAppToken) {
  const [sent, ...others] = headers[STOREFRONT_HEADER] ?? [];
  if (sent === undefined) return null;
  if (others.length > 0) throw invalidToken('not one storefront token');
  return usable(sent, 'STOREFRONT', address, (hash) => find(hash, requestId));
}

async function usable(
  text: string,
  kind: AppTokenKind,
  address: string,
  find: (hash: string) => Promise<AppToken | null>,
): Promise<AppToken> {
  const read = readAppToken(text);
  if (read === null) throw invalidToken('app token: not whole');
  if (read.kind !== kind) throw invalidToken(`app token: of the kind ${read.kind} where one of ${kind} is expected`);
  const token = await find(read.hash);
  if (token === null) throw invalidToken('app token: unknown, revoked or over');
  if (token.allowedAddresses.length > 0 && !token.allowedAddresses.some((network) => contains(network, address))) {
    throw requestError(
      'UNAUTHENTICATED',
      'The token is not accepted from this address.',
      `${token.id}: from elsewhere`,
    );
  }
  return token;
}

/** @param address one of clientAddressOf: of IPv6 a network of 64 bits. */
function contains(network: string, address: string): boolean {
  const allowed = networkOf(network);
  const client = networkOf(address);
  if (!allowed || !client || allowed[0].kind() !== client[0].kind()) return false;
  return allowed[1] <= client[1] && client[0].match(allowed[0], allowed[1]);
}

/**
 * The buyer's address that a storefront's server passes on in X-Buyer-Address, by which its requests are limited in place of the server's
 * own; null without one. A storefront's token is public: the header is trusted beside one that is accepted from certain addresses only, which are the
 * server's, and otherwise passes unread. @throws GraphQLError BAD_USER_INPUT.
 */
export function buyerAddressOf(headers: NodeJS.Dict<string[]>, storefront: AppToken | null): string | null {
  const [text, ...others] = headers[BUYER_ADDRESS_HEADER] ?? [];
  if (text === undefined || storefront === null || storefront.allowedAddresses.length === 0) return null;
  if (others.length > 0 || !ipaddr.isValid(text.trim())) {
    throw requestError('BAD_USER_INPUT', 'X-Buyer-Address: expected one IP address.');
  }
  return clientAddressOf({ ips: [text] });
}

/** The address by which a request is limited: see {@link buyerAddressOf}. @throws GraphQLError for an unusable token or address. */
export async function limitedAddressOf(request: TokenRequest, find: FindAppToken): Promise<string> {
  if (!request.headers[BUYER_ADDRESS_HEADER]) return request.address;
  const storefront = await lookUp(() => storefrontOf(request, find));
  return buyerAddressOf(request.headers, storefront) ?? request.address;
}
