import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

const schema = buildSchema(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objects = types.filter(isObjectType);
const inputs = types.filter(isInputObjectType);

const isList = ({ type }: { type: GraphQLOutputType | GraphQLInputField['type'] }) => isListType(getNullableType(type));
const fieldsOf = (type: { getFields(): Record<string, GraphQLField<unknown, unknown>> }) =>
  Object.values(type.getFields());

/** Every argument and input field, by its coordinate. */
const given = new Map<string, GraphQLArgument | GraphQLInputField>([
  ...objects.flatMap((type) =>
    fieldsOf(type).flatMap((field) =>
      field.args.map((argument) => [`${type.name}.${field.name}(${argument.name}:)`, argument] as const),
    ),
  ),
  ...inputs.flatMap((type) =>
    Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const),
  ),
]);

const connections = objects.flatMap((type) =>
  fieldsOf(type)
    .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
    .map((field) => ({ coordinate: `${type.name}.${field.name}`, names: field.args.map(({ name }) => name) })),
);
const payloads = objects.filter(({ name }) => name.endsWith('Payload'));

describe('lists', () => {
  it('are paged from both ends, with one set of arguments', () => {
    const faults = connections.filter(
      ({ names }) => !['first', 'after', 'last', 'before'].every((argument) => names.includes(argument)),
    );
    expect(faults).toEqual([]);
    expect(connections.length).toBeGreaterThan(10);
  });

  it('that have a sort key can be reversed', () => {
    expect(connections.filter(({ names }) => names.includes('sortKey') && !names.includes('reverse'))).toEqual([]);
  });

  /** An order is never changed blindly; a report of errors is cut, and not paged. */
  const ONE_OF_A_KIND = /^(OrderUpdateInput\.expectedVersion|ProductsImportJob\.errors\(first:\))$/;

  it('are not reversed unless the client says so: every argument of a name has one type and one default', () => {
    for (const name of [
      'first',
      'after',
      'last',
      'before',
      'reverse',
      'restock',
      'expectedVersion',
      'idempotencyKey',
    ]) {
      const kinds = [...given]
        .filter(([coordinate, { name: own }]) => own === name && !ONE_OF_A_KIND.test(coordinate))
        .map(([, { type, defaultValue }]) => `${String(getNullableType(type))} = ${JSON.stringify(defaultValue)}`);
      expect([name, new Set(kinds).size]).toEqual([name, 1]);
    }
    expect(
      schema
        .getQueryType()
        ?.getFields()
        .orders?.args.find(({ name }) => name === 'reverse')?.defaultValue,
    ).toBe(false);
  });

  /** Sums by currency and mass nouns; `field` is a path, `input` the one argument of a mutation. */
  const PLURAL_WITHOUT_S = /^(field|input|children|history|revenue|totalSpent)$/;

  it('are named in the plural', () => {
    const lists = [
      ...objects.flatMap((type) => fieldsOf(type).map((field) => [`${type.name}.${field.name}`, field] as const)),
      ...given,
    ].filter(([, member]) => isList(member));
    expect(lists.length).toBeGreaterThan(100);
    const singular = lists.filter(([, { name }]) => !/(s|To[A-Z]\w+)$/.test(name) && !PLURAL_WITHOUT_S.test(name));
    expect(singular.map(([coordinate]) => coordinate)).toEqual([]);
  });
});

describe('ranges', () => {
  it('of time are one type, and of money another', () => {
    const ranges = inputs.filter(({ name }) => /Range$/.test(name));
    expect(ranges.map((type) => [type.name, Object.keys(type.getFields())])).toEqual([
      ['DateTimeRange', ['from', 'to']],
      ['MoneyRange', ['max', 'min']],
    ]);
  });
});

describe('payloads', () => {
  const lowerFirst = (name: string) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const plural = (name: string) => name.replace(/y$/, 'ie').replace(/ch$/, 'che').concat('s');

  it('have userErrors that implement UserError', () => {
    const faults = payloads.filter((type) => {
      const errors = type.getFields().userErrors;
      const entry = errors && getNamedType(errors.type);
      return !isObjectType(entry) || !entry.getInterfaces().some(({ name }) => name === 'UserError');
    });
    expect(faults.map(({ name }) => name)).toEqual([]);
    expect(payloads.length).toBeGreaterThan(40);
  });

  it('name an object by its type', () => {
    const faults = payloads.flatMap((type) =>
      fieldsOf(type).flatMap((field) => {
        const named = getNamedType(field.type);
        if (!isObjectType(named) || field.name === 'userErrors') return [];
        const expected = isList(field) ? plural(lowerFirst(named.name)) : lowerFirst(named.name);
        return field.name === expected ? [] : [`${type.name}.${field.name}: ${named.name}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('name the id of what was deleted by its type, and what is answered can be null', () => {
    const ids = payloads.flatMap((type) =>
      fieldsOf(type).filter(({ type: of }) => getNamedType(of).name === 'ID' && !isList({ type: of })),
    );
    const deletable = new Set(objects.map(({ name }) => `deleted${name}Id`));
    expect(ids.map(({ name }) => name).filter((name) => !deletable.has(name))).toEqual([]);
    expect(ids.length).toBeGreaterThan(5);
    const required = payloads.flatMap((type) =>
      fieldsOf(type)
        .filter(({ name, type: of }) => name !== 'userErrors' && isNonNullType(of))
        .map(({ name }) => `${type.name}.${name}`),
    );
    expect(required).toEqual([]);
  });
});

describe('user errors', () => {
  it('are one interface with a code that programs read', () => {
    const userError = schema.getType('UserError');
    if (!isInterfaceType(userError)) throw new Error('UserError is no interface');
    const fields = fieldsOf(userError).map(({ name, type }) => `${name}: ${type}`);
    expect(fields.sort()).toEqual(['code: UserErrorCode!', 'field: [String!]!', 'message: String!']);
    const alike = objects.filter((type) => ['field', 'message', 'code'].every((name) => name in type.getFields()));
    expect(alike.filter((type) => !type.getInterfaces().includes(userError)).map(({ name }) => name)).toEqual([]);
    expect(alike.length).toBeGreaterThan(10);
  });
});

describe('updates', () => {
  it('change what is given: no field of an update is required, but for the id and version of what is changed', () => {
    const required = inputs
      .filter(({ name }) => /UpdateInput$/.test(name))
      .flatMap((type) =>
        Object.values(type.getFields())
          .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
          .map((field) => `${type.name}.${field.name}`),
      );
    // A cart's lines and attributes, and a discount's codes, are what the mutation is about.
    expect(required.sort()).toEqual([
      'CartAttributesUpdateInput.attributes',
      'CartDiscountCodesUpdateInput.discountCodes',
      'CartLineUpdateInput.id',
      'CartLineUpdateInput.quantity',
      'CartLinesUpdateInput.lines',
      'InventoryPolicyUpdateInput.variantId',
      'OrderUpdateInput.expectedVersion',
    ]);
  });

  it('take no defaults, which would change what is left out', () => {
    const defaults = [...given].filter(([coordinate, { defaultValue }]) => {
      return /UpdateInput\.|Update\(/.test(coordinate) && defaultValue !== undefined;
    });
    expect(defaults.map(([coordinate]) => coordinate)).toEqual([]);
  });
});

it('nothing is deprecated before the first release: it is renamed', () => {
  const deprecated = [
    ...objects.flatMap((type) => fieldsOf(type).map((field) => [`${type.name}.${field.name}`, field] as const)),
    ...given,
  ].filter(([, { deprecationReason }]) => deprecationReason);
  expect(deprecated.map(([coordinate]) => coordinate)).toEqual([]);
});
