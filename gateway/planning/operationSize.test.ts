import { buildSchema, Kind, parse } from 'graphql';
import { sizeOf } from './operationSize';

const schema = buildSchema(`
  type Query { thing: Thing things: [Thing!]! list(first: Int): ThingConnection name: String }
  interface Named { name: String }
  type Thing implements Named { name: String thing: Thing list(first: Int): ThingConnection }
  type ThingConnection { nodes: [Thing!]! }
`);

function size(source: string) {
  const document = parse(source);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The first definition is no operation');
  return sizeOf(operation, document, schema);
}

it.each([
  ['each field is one, each object seven, and each root field a statement', '{ name thing { name } }', 9, 2],
  ['the same field under other names is a statement each', '{ a: thing { name } b: thing { name } }', 16, 2],
  [
    'a connection is a statement wherever it is',
    '{ thing { a: list { nodes { name } } b: list { nodes { name } } } }',
    37,
    3,
  ],
  ['a list is selected once, however long it is', '{ things { name thing { name } } }', 16, 1],
  [
    'a fragment counts wherever it is spread',
    '{ thing { ...F } things { ...F } } fragment F on Thing { list { nodes { name } } }',
    44,
    4,
  ],
  ['inline fragments count as what they select', '{ thing { ... on Named { name } ... { thing { name } } } }', 16, 1],
])('%s', (_title, source, planning, statements) => {
  expect(size(source)).toEqual({ planning, statements });
});

it('fragments that spread each other twice are counted at once, and are as many as they expand to', () => {
  const doubling = Array.from(
    { length: 40 },
    (_, n) => `fragment F${n} on Thing { a: thing { ...F${n + 1} } b: thing { ...F${n + 1} } }`,
  );
  // Expanding them would never end.
  expect(size(`{ thing { ...F0 } } ${doubling.join(' ')} fragment F40 on Thing { name }`).planning).toBeGreaterThan(
    1e12,
  );
});
