import { buildSchema, getOperationAST, getVariableValues, parse, specifiedRules, validate } from 'graphql';
import { argumentFaults } from './argumentFaults';

const schema = buildSchema(`
  type Query { things(first: Int, last: Int, where: Where): ThingConnection! shop: Shop top(first: Int): [Thing!]! }
  type Mutation { make(input: Thing2Input!, prices: [MoneyInput!]): Int }
  type Shop { things(first: Int = 5, last: Int): ThingConnection! }
  type ThingConnection { nodes: [Thing!]! }
  type Thing { id: ID }
  input Where { price: Range within: Where }
  input Range { min: MoneyInput max: MoneyInput }
  input Thing2Input { name: String price: MoneyInput }
  input MoneyInput { amount: String! currencyCode: String! }`);

function faultsOf(query: string, given: Record<string, unknown> = {}) {
  const document = parse(query);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  return argumentFaults(schema, document, operation, coerced).map(({ message, extensions, locations }) => {
    expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: message.split(':')[0] });
    return `${message} at ${locations?.map(({ column }) => column)}`;
  });
}

describe('a page', () => {
  it.each([
    ['of 1000', '{ things(first: 1000) { nodes { id } } }', {}, 'first: expected 1 to 100 at 10'],
    ['of none', '{ things(last: 0) { nodes { id } } }', {}, 'last: expected 1 to 100 at 10'],
    [
      'by a variable',
      'query ($n: Int) { things(first: $n) { nodes { id } } }',
      { n: -1 },
      'first: expected 1 to 100 at 26',
    ],
    [
      'by a variable’s default',
      'query ($n: Int = 101) { things(first: $n) { nodes { id } } }',
      {},
      'first: expected 1 to 100 at 32',
    ],
    [
      'from both ends',
      '{ things(first: 1, last: 1) { nodes { id } } }',
      {},
      'last: expected either first or last, not both at 10,20',
    ],
    [
      'in a fragment',
      '{ shop { ...S } } fragment S on Shop { things(first: 200) { nodes { id } } }',
      {},
      'first: expected 1 to 100 at 47',
    ],
  ])('%s is refused with its place', (_what, query, variables, fault) => {
    expect(faultsOf(query, variables)).toEqual([fault]);
  });

  it.each([
    ['of 100', '{ things(first: 100) { nodes { id } } }', {}],
    ['without a size', '{ things { nodes { id } } shop { things { nodes { id } } } }', {}],
    [
      'whose variables are left out',
      'query ($a: Int, $b: Int) { things(first: $a, last: $b) { nodes { id } } }',
      { b: 3 },
    ],
    ['of null', '{ things(first: null, last: 3) { nodes { id } } }', {}],
    ['of a list that is no connection', '{ top(first: 1000) { id } }', {}],
  ])('%s is let through', (_what, query, variables) => {
    expect(faultsOf(query, variables)).toEqual([]);
  });
});

describe('an amount', () => {
  const digits = 'expected a decimal of zero or more with at most 2 digits after the point, such as "10.00"';
  const make = (price: string) => `mutation { make(input: { price: ${price} }) }`;

  it.each([
    ['literal', make('{ amount: "1.234", currencyCode: "USD" }'), {}, 'input.price.amount'],
    [
      'by variables',
      make('{ amount: $a, currencyCode: $c }').replace('{', '($a: String!, $c: String!) {'),
      { a: '1.234', c: 'USD' },
      'input.price.amount',
    ],
    [
      'within a variable',
      'mutation ($input: Thing2Input!) { make(input: $input) }',
      { input: { price: { amount: '-1', currencyCode: 'EUR' } } },
      'input.price.amount',
    ],
    [
      'in a list',
      'mutation { make(input: {}, prices: [{ amount: "1", currencyCode: "USD" }, { amount: "0.001", currencyCode: "USD" }]) }',
      {},
      'prices.1.amount',
    ],
    [
      'in a type that has itself inside',
      '{ things(where: { within: { price: { max: { amount: "0.123", currencyCode: "USD" } } } }) { nodes { id } } }',
      {},
      'where.within.price.max.amount',
    ],
  ])('with more digits than its currency has is refused: %s', (_how, query, variables, at) => {
    expect(faultsOf(query, variables)).toEqual([expect.stringContaining(`${at}: ${digits}`)]);
  });

  it('is refused by the digits of its own currency', () => {
    expect(faultsOf(make('{ amount: "100.5", currencyCode: "JPY" }'))).toEqual([
      expect.stringContaining('at most 0 digits'),
    ]);
    expect(faultsOf(make('{ amount: "1.234", currencyCode: "KWD" }'))).toEqual([]);
    expect(faultsOf(make('null'))).toEqual([]);
  });
});
