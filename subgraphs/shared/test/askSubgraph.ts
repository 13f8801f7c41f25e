import { randomUUID } from 'node:crypto';
import { type Audience, type Caller, serviceCaller } from '../caller';
import { permissionsOf } from '../permissions';
import { createSubgraphClient, type SubgraphResult } from '../subgraphClient';

export const SIGNING_KEY = 'test-signing-key-of-32-characters';

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
type Answer = SubgraphResult<any>;

export interface SubgraphUnderTest {
  ask(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
}

/** Sends GraphQL to one subgraph over HTTP as the gateway does, with each request's caller signed. */
export function askSubgraph(url: string, audience: Audience): SubgraphUnderTest {
  const client = createSubgraphClient(`${url}/graphql`, audience, SIGNING_KEY);
  return { ask: (caller, query, variables) => client.execute({ query, variables }, caller), close: client.close };
}

/** A store of its own for each test: nothing is cleaned up, so every list also proves isolation. */
export const freshTenantId = (name = 'test') => `org_${name}_${randomUUID().slice(0, 8)}`;

export const admin = (tenantId: string): Caller => ({
  tenantId,
  userId: 'user_admin',
  impersonatorId: null,
  role: 'ADMIN',
  permissions: permissionsOf('org:admin', []),
  storeStatus: 'ACTIVE',
  requestId: 'test',
  clientAddress: null,
});
export const member = (tenantId: string): Caller => ({
  ...admin(tenantId),
  userId: 'user_member',
  impersonatorId: null,
  role: 'MEMBER',
  permissions: permissionsOf('org:member', []),
});
export const customer = (tenantId: string, userId = 'user_customer'): Caller => ({
  ...admin(tenantId),
  userId,
  impersonatorId: null,
  role: 'CUSTOMER',
  permissions: [],
});
/** The code of what is refused to this caller: a visitor may sign in. */
export const refusalOf = (caller: Caller | ((tenantId: string) => Caller)): string =>
  (typeof caller === 'function' ? caller('org_any') : caller).role === 'VISITOR' ? 'UNAUTHENTICATED' : 'FORBIDDEN';

export const visitor = (tenantId: string): Caller => ({ ...customer(tenantId), userId: null, role: 'VISITOR' });
export const service = (tenantId: string | null): Caller => serviceCaller(tenantId, 'test');
