import { buildSchema, Source } from 'graphql';
import type { Audience } from '../subgraphs/shared/caller';
import { CompositionFailed, composeSubgraphs } from './compose';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])';

function compose(changes: Partial<Record<Audience, string>> = {}) {
  const sdl = {
    tenant: 'type Query { currentTenant: ID }',
    product: 'type Query { product(id: ID!): Product } type Product @key(fields: "id") { id: ID! name: String }',
    order: 'type Query { orders: [ID!]! } type Mutation { stockReserve: ID @inaccessible orderCreate: ID }',
    ...changes,
  };
  const source = (name: Audience) => [new Source(`${LINK}\n${sdl[name]}`, `${name}/schema.graphql`)];
  return composeSubgraphs({ tenant: source('tenant'), product: source('product'), order: source('order') });
}

function failureOf(changes: Partial<Record<Audience, string>>): string {
  try {
    compose(changes);
  } catch (error) {
    if (error instanceof CompositionFailed) return error.message;
    throw error;
  }
  return 'composed';
}

describe('schemas that do not compose are refused with an error that names the place', () => {
  test('a syntax error', () => {
    expect(failureOf({ product: 'type Query {\n  product(: ID\n}' })).toMatch(
      /Syntax Error.*\(product\/schema\.graphql:3\)/,
    );
  });

  test('an unknown type', () => {
    expect(failureOf({ order: 'type Query { order: Order }' })).toMatch(
      /\[INVALID_GRAPHQL\].*Order.*\(.*order.*:\d+\)/,
    );
  });

  test('two different definitions of a field', () => {
    const message = failureOf({
      order: 'type Query { orders: ID } type Product @key(fields: "id") { id: ID! name: Int }',
    });
    expect(message).toContain('[FIELD_TYPE_MISMATCH]');
    expect(message).toContain('Product.name');
  });
});

test('the clients’ schema has no inaccessible elements and nothing of federation', () => {
  const { apiSdl, supergraphSdl } = compose();
  const mutations = Object.keys(buildSchema(apiSdl).getMutationType()?.getFields() ?? {});
  expect(mutations).toEqual(['orderCreate']);
  expect(apiSdl).not.toMatch(/@join__|@link|_Entity|_Service/);
  expect(supergraphSdl).toContain('stockReserve');
});

test('equal definitions cause no warning; different descriptions cause one', () => {
  expect(compose().warnings).toEqual([]);
  const tenant = '"One thing" type Shared @key(fields: "id") { id: ID! } type Query { currentTenant: ID }';
  expect(
    compose({ tenant, order: tenant.replace('One', 'Another').replace('currentTenant', 'orders') }).warnings,
  ).toEqual([expect.stringMatching(/^\[INCONSISTENT_DESCRIPTION\] /)]);
});
