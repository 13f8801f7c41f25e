import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { refuseCostly } from '../queryCost';

const schema = buildSchema(readFileSync(join(__dirname, '..', 'generated', 'api.graphql'), 'utf8'));

function check(source: string, variables: Record<string, unknown> = {}): void {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation) refuseCostly(operation, { schema, document, variables });
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

it('what storefronts and dashboards ask for passes', () => {
  check(`{ currentTenant { name settings { defaultCurrency } } orders(first: 100) { nodes { number status total { amount }
    items { productName quantity product { name categories { name } } variant { sku quantityAvailable } } } } }`);
  check(`{ products(first: 50) { nodes { id name priceRange { min { amount } } images { url }
    variants(first: 20) { nodes { id sku price { amount currencyCode } optionValues { option value } } } } } }`);
});
