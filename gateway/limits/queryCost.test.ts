import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLError, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { refuseAboveLimit } from './costLimit';
import { costOfOperation, MAX_COST } from './queryCost';

const schema = buildSchema(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));

function check(source: string, variables: Record<string, unknown> = {}): void {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const of = { schema, document, variables };
  if (operation) refuseAboveLimit(costOfOperation(operation, of), operation, of);
}

const refused = expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });

describe('an operation is refused before it runs', () => {
  it.each([
    [
      'G2 lists in lists',
      '{ products(first: 5) { nodes { variants { nodes { product { variants { nodes { id } } } } } } } }',
    ],
    [
      'G6 nested pages of 100',
      '{ products(first: 100) { nodes { variants(first: 100) { nodes { id sku availableForSale } } } } }',
    ],
    [
      'G6 by edges',
      '{ products(first: 100) { edges { node { variants(first: 100) { edges { node { id sku availableForSale } } } } } } }',
    ],
    [
      'G1 1,000 aliases of a list',
      `{ ${Array.from({ length: 1000 }, (_, n) => `a${n}: products(first: 20) { nodes { id name } }`).join(' ')} }`,
    ],
    [
      'fragments that spread each other twice',
      `{ ...f0 } ${Array.from({ length: 60 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`).join(' ')}
       fragment f60 on Query { categories { id } }`,
    ],
  ])('%s', (_name, source) => {
    expect(() => check(source)).toThrow(refused);
  });

  it('G6 by the size of a page in a variable, and by its absence where the schema has a default', () => {
    const source =
      'query ($first: Int) { products(first: 100) { nodes { variants(first: $first) { nodes { id sku availableForSale } } } } }';
    expect(() => check(source, { first: 100 })).toThrow(refused);
    expect(() => check(source, {})).toThrow(refused);
    expect(() => check(source, { first: 10 })).not.toThrow();
  });
});

it('typical queries of storefronts and dashboards are allowed', () => {
  check(`{ currentTenant { name settings { defaultCurrency } } orders(first: 100) { nodes { number status total { amount }
    items { productName quantity product { name categories { name } } variant { sku quantityAvailable } } } } }`);
  check(`{ products(first: 50) { nodes { id name priceRange { min { amount } } images { url }
    variants(first: 20) { nodes { id sku price { amount currencyCode } optionValues { option value } } } } } }`);
});

describe('a page of 100 orders, as a merchant’s other system reads them', () => {
  const money = '{ amount currencyCode }';
  const items = `items { quantity productName productSku variantId unitPrice ${money} totalPrice ${money} product { id name } variant { id sku } }`;
  const address = 'shippingAddress { name line1 line2 city province postalCode countryCode }';
  const payment = `payment { id provider status amount ${money} capturedAmount ${money} refundedAmount ${money} transactions { id kind amount ${money} succeeded createdAt } }`;
  const orders = (fields: string) =>
    `{ orders(first: 100) { pageInfo { hasNextPage endCursor } nodes { id number name status email createdAt updatedAt total ${money} tax ${money} ${fields} } } }`;

  const sent = 'fulfillments { id createdAt lines { quantity item { productSku } } } discounts { code }';
  const refunds = `refunds { id status amount ${money} lines { quantity item { id } } }`;

  it('passes with items, addresses, payments, fulfillments, discounts and refunds', () => {
    check(orders(`${items} ${address} ${payment} ${sent} ${refunds}`));
  });
});

describe('what an operation costs', () => {
  const small = buildSchema(`
    type Query { name: String thing: Thing things: [Thing!]! named: Named any: Any list(first: Int = 7, last: Int): ThingConnection
      these(not: [ID!], ids: [ID!]): [Thing!]! }
    interface Named { name: String }
    union Any = Thing
    type Tag { name: String }
    type Thing implements Named { name: String tags: [Tag!]! more: [Thing] list(where: Int = 50, first: Int, last: Int): ThingConnection }
    type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int }
    type ThingEdge { node: Thing }
  `);

  function cost(source: string, variables: Record<string, unknown> = {}): number {
    const document = parse(source);
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The first definition is no operation');
    const of = { schema: small, document, variables };
    const cost = costOfOperation(operation, of);
    refuseAboveLimit(cost, operation, of);
    return cost;
  }

  it.each<[string, string, number]>([
    ['one a field', '{ name thing { name } }', 3],
    ['a plain list as ten', '{ things { name } }', 11],
    ['a list of an object as three', '{ thing { tags { name } } }', 5],
    ['a list of its own kind as ten', '{ thing { more { name } } }', 12],
    ['lists in lists multiplied', '{ things { more { tags { name } } } }', 411],
    ['a field of an interface', '{ named { name } }', 2],
    ['a union by what it is asked as', '{ any { ... on Thing { name more { name } } } }', 13],
    ['only __typename of a union', '{ any { __typename } }', 2],
    ['an inline fragment without a type', '{ thing { ... { name } ... @include(if: true) { name } } }', 3],
    ['a fragment wherever it is spread', '{ thing { ...f } things { ...f } } fragment f on Thing { name }', 13],
    ['a fragment on a type that is unknown as nothing', '{ ...f } fragment f on Nothing { name }', 0],
    ['a fragment that is missing as nothing', '{ name ...nowhere }', 1],
    ['a field that is unknown as one', '{ nothing { name } }', 1],
    ['a type without a selection as one', '{ thing things }', 2],
    ['a page by first', '{ thing { list(first: 3) { nodes { name } } } }', 8],
    ['a page by last', '{ thing { list(last: 4) { edges { node { name } } } } }', 14],
    ['a page that is not said as 20', '{ thing { list { totalCount } } }', 22],
    ['a page that is not said as the schema says', '{ list { totalCount } }', 8],
    ['a page of more than 100 as 100', '{ thing { list(first: 1000000) { totalCount } } }', 102],
    ['a page of less than one as one', '{ thing { list(first: -5) { totalCount } } }', 3],
    ['a page by its own argument and no other', '{ thing { list(where: 90, first: 2) { totalCount } } }', 4],
    ['the objects of given ids as many as these', '{ these(ids: ["a", "b"]) { name } }', 3],
    ['the objects of given ids without regard to other ids', '{ these(not: ["a", "b"], ids: ["c"]) { name } }', 2],
    ['a list without ids as ten', '{ these(not: ["a"]) { name } }', 11],
    ['a selection of a field that has none as nothing', '{ name { more } }', 1],
    ['a page of null as not said', '{ thing { list(first: null) { totalCount } } }', 22],
  ])('counts %s', (_what, source, expected) => {
    expect(cost(source)).toBe(expected);
  });

  it.each<[Record<string, unknown>, number]>([
    [{ first: 3 }, 4],
    [{ first: null }, 8],
    [{}, 8],
    [{ first: '3' }, 8],
  ])('reads the page from the variables %j', (variables, expected) => {
    expect(cost('query ($first: Int) { list(first: $first) { totalCount } }', variables)).toBe(expected);
  });

  it.each<[Record<string, unknown>, number]>([
    [{ ids: ['a', 'b', 'c'] }, 4],
    [{ ids: [] }, 1],
    [{ ids: null }, 11],
    [{ ids: 'abc' }, 11],
    [{}, 11],
  ])('reads the ids from the variables %j', (variables, expected) => {
    expect(cost('query ($ids: [ID!]) { these(ids: $ids) { name } }', variables)).toBe(expected);
  });

  it('is allowed up to the maximum, and refused one above it with both figures', () => {
    const fields = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: name`).join(' ')} }`;
    expect(cost(fields(MAX_COST))).toBe(30_000);
    expect(() => cost(fields(MAX_COST + 1))).toThrow(
      'The operation costs 30,001; expected at most 30,000. The dearest part is a0, 1: ask for shorter lists.',
    );
  });

  it('is described in words when it exceeds every number', () => {
    const doubling = Array.from({ length: 1100 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
    expect(() => cost(`{ ...f0 } ${doubling.join(' ')} fragment f1100 on Query { name }`)).toThrow(
      'The operation costs too much; expected at most 30,000.',
    );
  });

  it.each<[string, string, string[], string]>([
    [
      'the deepest part that has half of it',
      '{ name list(first: 100) { nodes { name list(first: 100) { nodes { name more { name } } } } } }',
      ['list', 'nodes', 'list', 'nodes', 'more'],
      '110,000',
    ],
    [
      'a part by its response name, and through fragments',
      '{ ...f } fragment f on Query { all: list(first: 100) { ...g } } fragment g on ThingConnection { nodes { list(first: 100) { edges { node { name } } } } }',
      ['all', 'nodes', 'list', 'edges', 'node'],
      '20,000',
    ],
  ])('is told with %s', (_what, source, path, part) => {
    const refusal = refusalOf(source);
    expect(refusal).toMatchObject({ path, extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
    expect(refusal?.message).toContain(`The dearest part is ${path.join('.')}, ${part}: ask for shorter lists.`);
  });

  function refusalOf(source: string): GraphQLError | null {
    try {
      cost(source);
      return null;
    } catch (error) {
      return error as GraphQLError;
    }
  }

  it('of an operation whose type the schema does not have is nothing', () => {
    expect(cost('mutation { name }')).toBe(0);
  });
});
