import { buildSchema, GraphQLError, Kind, parse } from 'graphql';
import { fragmentsByName, withInternalNames } from '../planning/internalNames';
import { selectionsByCondition } from './selectionsByCondition';
import { shapeResponse } from './shapeResponse';

const schema = buildSchema(`
  type Query { store: Store product: Product! products: [Product!] anything: [Any] named: Named }
  type Store { name: String! slug: String address: String size: Int kind: Kind }
  type Product implements Named { id: ID! name: String! brand: String related: [Product] }
  type Person implements Named { name: String! age: Int! }
  interface Named { name: String! }
  union Any = Product | Person
  enum Kind { SMALL LARGE }
`);

interface Answered {
  errors?: GraphQLError[];
  unknown?: object[];
  variables?: Record<string, unknown>;
}

/** @param data under the keys of the plan: `_0` for the first alias. */
function shape(
  source: string,
  data: Record<string, unknown>,
  { errors = [], unknown = [], variables = {} }: Answered = {},
) {
  const document = parse(source);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = schema.getQueryType();
  if (!operation || !root) throw new Error('No operation');
  const { keyOf } = withInternalNames(document, operation, new Set());
  const fragments = fragmentsByName(document);
  const selection = selectionsByCondition(operation, document, { schema, fragments, keyOf })(variables);
  const raw = { data, errors, unknown: new WeakSet(unknown) };
  const shaped = shapeResponse(raw, { schema, root, selection });
  const faults = shaped.faults.map(
    ({ message, path, extensions }) => `${path?.join('.')}: ${message} ${extensions.code}`,
  );
  return { data: JSON.parse(JSON.stringify(shaped.data)), text: JSON.stringify(shaped.data), faults };
}

const WRONG = 'A subgraph answered wrongly:';
const CODE = 'INTERNAL_SERVER_ERROR';

describe('what a subgraph left out without saying why', () => {
  it('is null and an error with its path', () => {
    expect(shape('{ store { name slug } }', { store: { name: 'Nike' } })).toMatchObject({
      data: { store: { name: 'Nike', slug: null } },
      faults: [`store.slug: ${WRONG} Store.slug is missing ${CODE}`],
    });
  });

  it('makes null what can’t be without it, up to where null may be', () => {
    const products = [{ name: 'Shoe' }, { name: null }];
    expect(shape('{ store { name } products { name } }', { store: { name: 'Nike' }, products })).toMatchObject({
      data: { store: { name: 'Nike' }, products: null },
      faults: [`products.1.name: ${WRONG} null where a value of the type String! must be ${CODE}`],
    });
    expect(shape('{ product { id } }', { product: {} })).toMatchObject({
      data: null,
      faults: [`product.id: ${WRONG} Product.id is missing ${CODE}`],
    });
  });

  it.each([
    ['a text for a number', 'size', '12', 'a value that is no Int'],
    ['a value that the enum has not', 'kind', 'HUGE', 'a value that is no Kind'],
    ['an object for a text', 'slug', { a: 1 }, 'a value that is no String'],
  ])('%s is an error', (_title, field, value, fault) => {
    expect(shape(`{ store { ${field} } }`, { store: { [field]: value } })).toMatchObject({
      data: { store: { [field]: null } },
      faults: [`store.${field}: ${WRONG} ${fault} ${CODE}`],
    });
  });

  it('is an error for one object for a list, and for an object of an unknown type', () => {
    expect(shape('{ products { id } }', { products: { id: '1' } }).faults).toEqual([
      `products: ${WRONG} no list where a list must be ${CODE}`,
    ]);
    expect(
      shape('{ anything { ... on Person { age } } }', { anything: [{ __typename: 'Ghost' }, { age: 1 }] }),
    ).toMatchObject({
      data: { anything: [null, null] },
      faults: [
        `anything.0: ${WRONG} an object that is no Any ${CODE}`,
        `anything.1: ${WRONG} an object that is no Any ${CODE}`,
      ],
    });
  });

  it.each([
    ['of the place itself', ['store', 'slug']],
    ['of a place above it', ['store']],
    ['of the whole request', []],
  ])('is explained by an error %s', (_title, path) => {
    const errors = [new GraphQLError('down', { path })];
    expect(shape('{ store { name slug } }', { store: { name: 'Nike' } }, { errors })).toMatchObject({
      data: { store: { name: 'Nike', slug: null } },
      faults: [],
    });
  });

  it('is explained by an error of each element of a list, and not by one of another element', () => {
    const products = [{ id: '1' }, { id: '2' }];
    const down = new GraphQLError('down', { path: ['products', '@'] });
    expect(shape('{ products { id brand } }', { products }, { errors: [down] }).faults).toEqual([]);
    const first = new GraphQLError('down', { path: ['products', 0, 'brand'] });
    expect(shape('{ products { id brand } }', { products }, { errors: [first] }).faults).toEqual([
      `products.1.brand: ${WRONG} Product.brand is missing ${CODE}`,
    ]);
  });
});

it('an object that its subgraph does not know is null, and no error', () => {
  const [gone, here] = [{ id: '1' }, { id: '2', name: 'Shoe', brand: 'Nike' }];
  expect(
    shape('{ anything { ... on Product { name } } }', { anything: [{ ...gone, __typename: 'Product' }] }).faults,
  ).toHaveLength(1);
  const related = [gone, here];
  expect(
    shape('{ product { id related { name } } }', { product: { id: '0', related } }, { unknown: [gone] }),
  ).toMatchObject({ data: { product: { id: '0', related: [null, { name: 'Shoe' }] } }, faults: [] });
  expect(
    shape('{ product { id related { brand } } }', { product: { id: '0', related } }, { unknown: [gone] }),
  ).toMatchObject({
    data: { product: { related: [{ brand: null }, { brand: 'Nike' }] } },
    faults: [],
  });
});

describe('the answer', () => {
  it('has the client’s names and order, whatever else subgraphs answered', () => {
    const data = { store: { __typename: 'Store', id: '1', name: 'Nike', slug: 'nike', _0: 'nike', _1: 'Nike' } };
    expect(shape('{ store { id: slug slug __proto__: name __typename } }', data).text).toBe(
      '{"store":{"id":"nike","slug":"nike","__proto__":"Nike","__typename":"Store"}}',
    );
  });

  it('has each fragment’s fields for the types that it is about', () => {
    const named = { __typename: 'Person', name: 'Ann', age: 7, _0: 'Ann' };
    expect(
      shape(
        '{ named { ...N ... on Person { age } ... on Product { id } } } fragment N on Named { a: name t: __typename }',
        { named },
      ).data,
    ).toEqual({
      named: { a: 'Ann', t: 'Person', age: 7 },
    });
  });

  it('merges what is selected twice', () => {
    const product = { id: '1', related: [{ id: '2', name: 'Shoe' }] };
    expect(shape('{ product { related { id } related { name } } }', { product }).data).toEqual({
      product: { related: [{ id: '2', name: 'Shoe' }] },
    });
  });

  it.each([
    [{ on: true }, { store: { name: 'Nike' } }],
    [{ on: false }, { store: { slug: 'nike' } }],
  ])('follows @skip and @include by the variables %j', (variables, expected) => {
    const source =
      'query ($on: Boolean!) { store { name @include(if: $on) slug @skip(if: $on) address @include(if: false) } }';
    expect(shape(source, { store: { name: 'Nike', slug: 'nike' } }, { variables }).data).toEqual(expected);
  });
});
