import { createHmac, sign } from 'node:crypto';
import { rules as tenantRules } from '../../subgraphs/tenant/rules';
import { bearer, clerk, newKeyPair, nowSeconds, sessionClaims, signingInput, signToken } from './clerkTokens';
import { forgetCalls, type Graph, postTo, subgraphCalls } from './postToGraph';
import type { KeySet, TokenGate } from './tokenGate';

/** The attack's id, the request, and the expected answer. */
export type Row = [id: string, what: string, ask: (gate: TokenGate, graph: Graph) => Promise<unknown>, answer: unknown];

export const REFUSED = 'UNAUTHENTICATED';
export const ANN = 'CUSTOMER user_ann in org_nike';
export const DAY = 24 * 60 * 60;
export const ADMIN = { o: { id: 'org_nike', rol: 'admin' } };
/** The clocks are fixed, so that no row depends on the machine's speed. */
export const NOW = nowSeconds();

type Claims = Record<string, unknown>;
export const atNike = (asked: TokenGate) => Object.assign(asked, { headers: { 'x-store-domain': ['nike.localhost'] } });
/** A token of a shopper of Nike's, with these claims and this header. */
export const shopper =
  (claims: Claims, header: Claims = {}) =>
  (asked: TokenGate) =>
    atNike(asked).who(`Bearer ${signToken(sessionClaims(claims), { header })}`);
export const header =
  (...authorization: string[]) =>
  (asked: TokenGate) =>
    atNike(asked).who(...authorization);
export const token = (text: string) => header(`Bearer ${text}`);
/** A token whose active organization names the store. */
export const staff = (claims: Claims) => (asked: TokenGate) => asked.who(bearer(claims));
export const meantFor = (aud: unknown) => (asked: TokenGate) => {
  asked.env.CLERK_AUDIENCE = 'shop-api';
  return shopper({ aud })(asked);
};
export const roleAndRights = (claims: Claims) => async (asked: TokenGate) => {
  const caller = await asked.caller(bearer(claims));
  return typeof caller === 'string' ? caller : [caller.role, caller.permissions];
};
/** Whether a caller with these claims may send an admin's mutation. */
export const changesStore = (claims: Claims) => async (asked: TokenGate) => {
  const caller = await asked.caller(bearer(claims));
  const answer = typeof caller === 'string' ? caller : tenantRules.Mutation?.tenantUpdate?.(caller);
  return answer === true ? 'ALLOWED' : (answer as { extensions?: { code: string } }).extensions?.code;
};
/**
 * Through a whole gateway: the answer, and how many calls reached a subgraph.
 * @param headersNow called in the test, when the clock stands still: a token of a moment later is not yet valid.
 */
export const sent =
  (headersNow: () => Record<string, string | string[]>, path = '/graphql') =>
  async (_gate: TokenGate, graph: Graph) => {
    forgetCalls(graph);
    const { status, json } = await postTo(graph, { query: '{ whoAmI }' }, headersNow(), path);
    return `${status} ${json.errors[0].extensions.code}, subgraph calls: ${subgraphCalls(graph).length}`;
  };
export const NOT_SIGNED_IN = '401 UNAUTHENTICATED, subgraph calls: 0';

export const [old, next] = [newKeyPair(), newKeyPair()];
export const signedBy = (key: typeof old, kid: string, claims: Claims = {}) =>
  `Bearer ${signToken(sessionClaims(claims), { header: { kid }, key: key.privateKey })}`;
/** With Clerk's key set, of one key at first. */
export const withKeySet = (ask: (asked: TokenGate, keys: KeySet) => Promise<unknown>) => async (asked: TokenGate) =>
  ask(atNike(asked), await asked.fetchKeys({ ins_old: old }));
/** Before any key is known; with a known key an hour long; after it; and when Clerk answers again. */
export const whileClerk = (breaks: (keys: KeySet) => void) =>
  withKeySet(async (asked, keys) => {
    breaks(keys);
    const unknown = [
      await asked.who(signedBy(old, 'ins_old')),
      await asked.who(signedBy(next, 'ins_new')),
      keys.fetches,
    ];
    keys.holds({ ins_old: old });
    keys.later(11);
    const before = await asked.who(signedBy(old, 'ins_old'));
    breaks(keys);
    keys.later(59 * 60);
    const held = [await asked.who(signedBy(old, 'ins_old')), await asked.who(signedBy(next, 'ins_new'))];
    keys.later(2 * 60);
    const over = await asked.who(signedBy(old, 'ins_old'));
    keys.holds({ ins_old: old });
    keys.later(11);
    return { unknown, before, held, over, after: await asked.who(signedBy(old, 'ins_old')) };
  });
export const AWAY = 'SERVICE_UNAVAILABLE';
export const HELD_FOR_AN_HOUR = { unknown: [AWAY, AWAY, 1], before: ANN, held: [ANN, AWAY], over: AWAY, after: ANN };

export const unsigned = (alg: string) => `${signingInput(sessionClaims(), { alg })}.`;
export const hs256 = () => {
  const input = signingInput(sessionClaims(), { alg: 'HS256' });
  return `${input}.${createHmac('sha256', clerk.publicPem).update(input).digest('base64url')}`;
};
export const rs512 = () => {
  const input = signingInput(sessionClaims(), { alg: 'RS512' });
  return `${input}.${sign('RSA-SHA512', Buffer.from(input), clerk.privateKey).toString('base64url')}`;
};
export const valid = () => signToken(sessionClaims());
export const edited = () =>
  valid().replace(/\.[^.]+\./, `.${signingInput(sessionClaims({ sub: 'user_eve' })).split('.')[1]}.`);
export const forged = (extra: Claims = {}) =>
  signToken(sessionClaims(), { key: newKeyPair().privateKey, header: extra });
export const ended = { isMember: false, isAdmin: false, permissions: [] };
