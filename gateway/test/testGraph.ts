import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, graphql, parse, Source } from 'graphql';
import { AUDIENCES, type Audience, type Caller, verifyCaller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { composeSubgraphs } from '../compose';
import { readEnv } from '../env';
import { startGateway } from '../server';
import { clerk, ISSUER, SHOP_ORIGIN } from './clerkTokens';
import { type HttpStub, type ReceivedRequest, startHttpStub } from './httpStub';

const KEY = 'a-signing-key-of-the-test-0123456789';
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** Minimal stand-ins for the three subgraphs, to test the gateway. */
const SDL: Record<Audience, string> = {
  tenant: `${LINK}
    type Query { currentTenant: Tenant tenantByDomain(domain: String!): Tenant memberAccess(userId: ID!): MemberAccess }
    type Mutation { impersonatedActionsRecord(actions: [ImpersonatedActionInput!]!): Int }
    input ImpersonatedActionInput { mutation: String! subjectIds: [String!]! }
    type MemberAccess { isMember: Boolean! isAdmin: Boolean! permissions: [String!]! changedAt: String! }
    type PlanLimits { requestCostPerMinute: Int! }
    type Tenant @key(fields: "id") { id: ID! slug: String! status: String! limits: PlanLimits! }`,
  product: `${LINK}
    type Query { whoAmI: String! product(id: ID!): Product fails: String busy: String! busyToo: String forbidden: String tooMany: String incomplete: Product leftOut: Product notMine: String }
    type Mutation { productRename(input: ProductRenameInput!): String productMustRename(input: ProductRenameInput!): String! }
    input ProductRenameInput { name: String! }
    type Product @key(fields: "id") { id: ID! name: String! description: String }`,
  order: `${LINK}
    type Query { orders: [Order!]! }
    type Order @key(fields: "id") { id: ID! product: Product }
    type Product @key(fields: "id", resolvable: false) { id: ID! }`,
};

const SHOP = { limits: { requestCostPerMinute: 600_000 } };
const STORES = [
  { id: 'org_nike', slug: 'nike', status: 'ACTIVE', ...SHOP },
  { id: 'org_puma', slug: 'puma', status: 'ACTIVE', ...SHOP },
  {
    id: 'org_tiny',
    slug: 'tiny',
    status: 'ACTIVE',
    ...SHOP,
    limits: { requestCostPerMinute: 6_000 },
  },
  { id: 'org_closed', slug: 'closed', status: 'SUSPENDED', ...SHOP },
  { id: 'org_gone', slug: 'gone', status: 'DELETED', ...SHOP },
];

/** The memberships in the tenant subgraph, by user id. A test may add to them. */
export const MEMBER_ACCESS: Record<string, object> = {};

interface Context {
  caller: Caller;
}
const refuse = (code: string, extensions = {}) => new GraphQLError('A reason', { extensions: { code, ...extensions } });

// biome-ignore lint/suspicious/noExplicitAny: resolvers of three tiny schemas.
const RESOLVERS: Record<Audience, any> = {
  tenant: {
    Query: {
      currentTenant: (_root: unknown, _args: unknown, { caller }: Context) =>
        STORES.find((store) => store.id === caller.tenantId) ?? null,
      tenantByDomain: (_root: unknown, { domain }: { domain: string }) =>
        STORES.find((store) => `${store.slug}.localhost` === domain) ?? null,
      memberAccess: (_root: unknown, { userId }: { userId: string }) => MEMBER_ACCESS[userId] ?? null,
    },
    Mutation: {
      impersonatedActionsRecord: (_root: unknown, { actions }: { actions: unknown[] }, { caller }: Context) =>
        caller.impersonatorId === 'user_unrecorded' ? null : actions.length,
    },
  },
  product: {
    Query: {
      whoAmI: (_root: unknown, _args: unknown, { caller }: Context) =>
        `${caller.role} ${caller.userId} in ${caller.tenantId}`,
      product: (_root: unknown, { id }: { id: string }) => ({ id, name: 'Shoe' }),
      fails: () => {
        throw new Error('password=hunter2 at http://10.0.0.7:5432 in table orders_102014');
      },
      busy: () => {
        throw refuse('THROTTLED', { retryAfter: 7, detail: 'y' });
      },
      busyToo: () => {
        throw refuse('THROTTLED', { retryAfter: 3 });
      },
      forbidden: () => {
        throw refuse('FORBIDDEN', { field: 'x', detail: 'y' });
      },
      tooMany: () => {
        throw refuse('BAD_USER_INPUT', { field: 'first', expected: 'at most 100', detail: 'y' });
      },
      // A field that must not be null and is, with no error beside it: what no GraphQL library would answer.
      incomplete: () => ({ id: 'prod_1', name: 'INCOMPLETE' }),
      // A field that is asked for and not answered, the same.
      leftOut: () => ({ id: 'prod_1', name: 'Shoe', description: 'LEFT OUT' }),
      notMine: () => {
        throw refuse('GRAPHQL_VALIDATION_FAILED');
      },
    },
    Mutation: { productRename: () => 'renamed', productMustRename: () => 'renamed' },
    Product: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Shoe' }) },
  },
  order: {
    Query: { orders: () => [{ id: 'ord_1', product: { __typename: 'Product', id: 'prod_1' } }] },
  },
};

/** The gateway on a free port, in front of three small subgraphs that are real HTTP servers. */
export async function startTestGraph(overrides: NodeJS.ProcessEnv = {}, log?: Logger) {
  const subgraphs = {
    tenant: await startSubgraph('tenant'),
    product: await startSubgraph('product'),
    order: await startSubgraph('order'),
  };
  const folder = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  const supergraphFile = join(folder, 'supergraph.graphql');
  writeFileSync(supergraphFile, composeTestSupergraph());

  const env = readEnv({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: '0',
    TENANT_SUBGRAPH_URL: `${subgraphs.tenant.origin}/graphql`,
    PRODUCT_SUBGRAPH_URL: `${subgraphs.product.origin}/graphql`,
    ORDER_SUBGRAPH_URL: `${subgraphs.order.origin}/graphql`,
    CALLER_SIGNING_KEY: KEY,
    CLERK_JWT_KEY: clerk.publicPem,
    CLERK_ISSUERS: ISSUER,
    CLERK_AUTHORIZED_PARTIES: SHOP_ORIGIN,
    ...overrides,
  });
  const gateway = await startGateway(env, { supergraphFile, ...(log && { log }) });
  return {
    ...gateway,
    subgraphs,
    supergraphFile,
    async stop() {
      await gateway.stop();
      await Promise.all(AUDIENCES.map((name) => subgraphs[name].close()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** The graph of {@link startTestGraph}; `more` is added to the product subgraph. */
export function composeTestSupergraph(more = ''): string {
  const { tenant, product, order } = SDL;
  return composeSubgraphs({
    tenant: [new Source(tenant)],
    product: [new Source(product + more)],
    order: [new Source(order)],
  }).supergraphSdl;
}

export type TestSubgraph = HttpStub & {
  healthy: boolean;
  /** The status with which deliveries are answered. */
  webhookStatus: number;
  /** Answers wait for this promise. */
  hold: Promise<void>;
};

async function startSubgraph(name: Audience): Promise<TestSubgraph> {
  const schema = buildSubgraphSchema({ typeDefs: parse(SDL[name]), resolvers: RESOLVERS[name] });
  const stub = await startHttpStub(async (request, response) => {
    if (request.path === '/readyz') return void response.writeHead(subgraph.healthy ? 200 : 503).end();
    if (/^\/webhooks\/(clerk|stripe)$/.test(request.path))
      return void response.writeHead(subgraph.webhookStatus, { 'x-internal': '1' }).end('taken in');
    const body = await execute(request);
    await subgraph.hold;
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end(body);
  });
  const subgraph = { ...stub, healthy: true, webhookStatus: 202, hold: Promise.resolve() };
  return subgraph;

  async function execute({ headers, body }: ReceivedRequest): Promise<string> {
    const caller = verifyCaller(headers, name, String(body), KEY, () => false);
    const { query, variables } = JSON.parse(String(body));
    const result = await graphql({ schema, source: query, variableValues: variables, contextValue: { caller } });
    return JSON.stringify(result)
      .replace('"INCOMPLETE"', 'null')
      .replace(/,?"\w+":"LEFT OUT"/, '');
  }
}
