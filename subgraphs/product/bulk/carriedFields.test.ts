import { join } from 'node:path';
import type { InputObjectTypeDefinitionNode, TypeNode } from 'graphql';
import { readSchema } from '../../shared/schemaFiles';
import { CSV_COLUMNS, type CsvColumn, metafieldColumn } from './csvColumns';
import { linesOfRecord, metafieldColumnsOf, recordOfLines } from './csvRecord';
import { type ImportRecord, importRecord, type WholeRecord } from './importRecord';
import { FULL } from './test/fullProduct';

/** Whatever a merchant may write of a product, and where in a record of a file that is. */
const INPUTS: Record<string, string> = {
  ProductSetInput: '',
  ProductCreateInput: '',
  ProductUpdateInput: '',
  ProductVariantInput: 'variants',
  ProductVariantUpdateInput: 'variants',
  InventoryPolicyUpdateInput: 'variants',
  ProductImageAddInput: 'images',
  ProductImageUpdateInput: 'images',
};

/** What no file carries, and why. */
const EXCEPTIONS: Record<string, string> = {
  'ProductSetInput.expectedVersion': 'a file answers to no version that somebody has seen',
  'ProductUpdateInput.expectedVersion': 'the same',
  'ProductVariantUpdateInput.expectedVersion': 'the same',
  'ProductSetInput.categoryIds': 'carried as categories, by their slugs: ids are another store’s',
  'ProductCreateInput.categoryIds': 'the same',
  'ProductUpdateInput.categoryIds': 'the same',
  'ProductUpdateInput.metafieldsToDelete.namespace': 'JSON Lines has all metafields, so one that is missing goes',
  'ProductUpdateInput.metafieldsToDelete.key': 'the same',
  'ProductVariantUpdateInput.metafieldsToDelete.namespace': 'the same',
  'ProductVariantUpdateInput.metafieldsToDelete.key': 'the same',
  'ProductVariantUpdateInput.position': 'the order of the variants',
  'InventoryPolicyUpdateInput.variantId': 'a variant is told by its SKU',
  'ProductImageAddInput.stagedUploadId': 'carried as the id that the image has since',
  'ProductImageAddInput.position': 'the order of the images',
  'ProductImageAddInput.variantIds': 'carried as the variants’ imagePosition',
  'ProductImageUpdateInput.variantIds': 'the same',
};

const sdl = readSchema(join(__dirname, '..'));
const inputs = new Map(
  sdl.definitions.flatMap((node) =>
    node.kind === 'InputObjectTypeDefinition' ? [[node.name.value, node] as const] : [],
  ),
);
const nameOf = (type: TypeNode): string => (type.kind === 'NamedType' ? type.name.value : nameOf(type.type));

/** The paths of an input's fields down to those that are values. */
function pathsOf(input: InputObjectTypeDefinitionNode | undefined): string[] {
  if (!input?.fields) throw new Error('There is no such input');
  return input.fields.flatMap(({ name, type }) => {
    const deeper = inputs.get(nameOf(type));
    return deeper ? pathsOf(deeper).map((path) => `${name.value}.${path}`) : [name.value];
  });
}

/** The paths of a record at which it has a value, whatever the place in a list. */
function pathsWithin(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(pathsWithin))];
  if (value === null || typeof value !== 'object') return value === null || value === undefined ? [] : [''];
  return Object.entries(value).flatMap(([name, within]) =>
    pathsWithin(within).map((path) => (path === '' ? name : `${name}.${path}`)),
  );
}

/** With an image that was uploaded as well. */
const RECORD: WholeRecord = { ...FULL, images: [...(FULL.images ?? []), { id: 'pimg_1', altText: 'Uploaded' }] };

function throughJson(record: WholeRecord): ImportRecord {
  return importRecord.parse(JSON.parse(JSON.stringify(record)));
}

function throughCsv(record: WholeRecord): ImportRecord {
  const columns: CsvColumn[] = [
    ...CSV_COLUMNS,
    ...metafieldColumnsOf(record).flatMap((name) => metafieldColumn(name) ?? []),
  ];
  const lines = linesOfRecord(record, columns).map((cells) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]])),
  );
  return importRecord.parse(recordOfLines(lines, columns));
}

describe.each([
  ['JSON Lines', throughJson],
  ['CSV', throughCsv],
])('%s', (_format, through) => {
  it.each(Object.entries(INPUTS))('carries all that %s takes', (type, place) => {
    const carried = new Set(pathsWithin(through(RECORD)));
    const missing = pathsOf(inputs.get(type)).filter((path) => {
      const isCarried = carried.has(place === '' ? path : `${place}.${path}`);
      return !isCarried && !(`${type}.${path}` in EXCEPTIONS);
    });
    expect(missing).toEqual([]);
  });

  it('carries it as it is', () => {
    expect(withoutNulls(through(RECORD))).toEqual(withoutNulls(RECORD));
  });
});

/** An empty cell is left out, as null is here, and an empty list. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_name, one) => {
    if (one === null || (Array.isArray(one) && one.length === 0)) return undefined;
    return one;
  });

it('each exception is of a field that there is, and that is carried nowhere', () => {
  const carried = new Set(pathsWithin(throughJson(RECORD)));
  const known = Object.entries(INPUTS).flatMap(([type, place]) =>
    pathsOf(inputs.get(type)).flatMap((path) =>
      carried.has(place === '' ? path : `${place}.${path}`) ? [] : [`${type}.${path}`],
    ),
  );
  expect(Object.keys(EXCEPTIONS).filter((name) => !known.includes(name))).toEqual([]);
});
