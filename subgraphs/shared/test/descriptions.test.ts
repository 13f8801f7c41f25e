import { join } from 'node:path';
import { type ASTNode, type DocumentNode, isTypeDefinitionNode } from 'graphql';
import { AUDIENCES } from '../caller';
import { readSchema } from '../schemaFiles';

interface Described {
  /** Type, Type.field, Type.field(argument:) or Enum.VALUE. */
  coordinate: string;
  description: string | undefined;
}

type Definition = ASTNode & { name: { value: string }; description?: { value: string } | undefined };

/**
 * Everything that a schema defines. Federation's own (_service, _entities, _Any, directives) is not in the file; what an
 * `extend type` adds would be, so that is looked at as well.
 */
function describedIn(document: DocumentNode): Described[] {
  const found: Described[] = [];
  const add = (node: Definition, coordinate: string) =>
    found.push({ coordinate, description: node.description?.value });
  for (const type of document.definitions) {
    if (isTypeDefinitionNode(type)) add(type, type.name.value);
    const members = [
      ...('fields' in type ? (type.fields ?? []) : []),
      ...('values' in type ? (type.values ?? []) : []),
    ];
    for (const member of members) {
      const coordinate = `${'name' in type ? type.name?.value : ''}.${member.name.value}`;
      add(member, coordinate);
      if (member.kind !== 'FieldDefinition') continue;
      for (const argument of member.arguments ?? []) add(argument, `${coordinate}(${argument.name.value}:)`);
    }
  }
  return found;
}

const schemas = AUDIENCES.map((subgraph) => {
  return { subgraph, described: describedIn(readSchema(join(__dirname, '..', '..', subgraph))) };
});

const FILLERS = new Set(['a', 'an', 'the', 'this', 'its', 'of', 'for', 'is', 'in', 'it', 'to']);
const wordsOf = (text: string) =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !FILLERS.has(word));

/** Whether a description says no more than the names that it stands at: "The name of the product." at Product.name. */
function isEcho({ coordinate, description = '' }: Described): boolean {
  const named = new Set(wordsOf(coordinate));
  return (
    !/…/.test(description) && wordsOf(description).every((word) => named.has(word) || named.has(word.replace(/s$/, '')))
  );
}

describe.each(schemas)('the schema of the $subgraph subgraph', ({ described }) => {
  it('describes every type, field, argument, enum value and input field', () => {
    expect(described.filter(({ description }) => !description?.trim()).map(({ coordinate }) => coordinate)).toEqual([]);
    expect(described.length).toBeGreaterThan(20);
  });

  it('echoes no name: a description says what the name does not', () => {
    expect(described.filter(isEcho).map(({ coordinate }) => coordinate)).toEqual([]);
  });

  it('is written in sentences: none is longer than 300 characters', () => {
    const faults = described.filter(
      ({ description = '' }) => description.length > 300 || !/[.:]$|…$/.test(description),
    );
    expect(faults.map(({ coordinate, description }) => `${coordinate}: ${description}`)).toEqual([]);
  });
});

it('a type that several subgraphs define has the same description in all of them', () => {
  const byCoordinate = new Map<string, Set<string | undefined>>();
  for (const { coordinate, description } of schemas.flatMap(({ described }) => described)) {
    byCoordinate.set(coordinate, (byCoordinate.get(coordinate) ?? new Set()).add(description));
  }
  const differing = [...byCoordinate]
    .filter(([, descriptions]) => descriptions.size > 1)
    .map(([coordinate]) => coordinate);
  expect(differing).toEqual([]);
  expect([...byCoordinate.keys()]).toEqual(
    expect.arrayContaining(['Money.amount', 'PageInfo', 'DateTime', 'Tenant.id']),
  );
});

it('an echo is found', () => {
  const echo = (coordinate: string, description: string) => isEcho({ coordinate, description });
  expect(echo('Product.name', 'The name of the product.')).toBe(true);
  expect(echo('OrderLineInput', 'Input for an order line')).toBe(true);
  expect(echo('Product.name', 'As shoppers read it.')).toBe(false);
});
