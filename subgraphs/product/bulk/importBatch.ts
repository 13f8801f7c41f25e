import { GraphQLError } from 'graphql';
import type { UserError } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { productCreateFaults } from '../catalog/productInput';
import { generatedSlug } from '../catalog/slug';
import { type NewVariant, newVariant } from '../catalog/variantRows';
import type { Context } from '../context';
import type { ProductCreateInput, ProductErrorCode, ProductSetInput } from '../generated/resolvers';
import type { ImportRecord } from './importRecord';
import type { FileRecord, LineFault } from './readRecords';

/** A product that a batch adds. */
export interface Addition {
  line: number;
  id: string;
  slug: string;
  input: ProductCreateInput;
  variants: NewVariant[];
}

/** A product that is there already, and what the file says of it. What it leaves out stays as it is. */
export interface Change {
  line: number;
  id: string;
  input: ProductSetInput;
}

/** What a batch of a file's products comes to. */
export interface CheckedBatch {
  additions: Addition[];
  changes: Change[];
  faults: { line: number; faults: LineFault[] }[];
}

/** What an import has seen of its file so far: the same reference or SKU twice in one file is a fault. */
export interface SeenInFile {
  references: Set<string>;
  skus: Set<string>;
  slugs: Set<string>;
}

/** Checks some of a file's products against the rules and against the store, which is asked once. */
export async function checkBatch(ctx: Context, records: FileRecord[], seen: SeenInFile): Promise<CheckedBatch> {
  const faults = records.filter((entry) => entry.faults.length > 0).map(({ line, faults }) => ({ line, faults }));
  const readable = records.flatMap(({ line, record }) => (record ? [{ line, record }] : []));
  const store = await lookAtStore(
    ctx,
    readable.map(({ record }) => record),
  );
  const batch: CheckedBatch = { additions: [], changes: [], faults };
  // What comes before in the same batch counts as well.
  const before: SeenInFile = { references: new Set(), skus: new Set(), slugs: new Set() };

  for (const { line, record } of readable) {
    const { externalReference } = record;
    const existing = store.products.get(externalReference);
    const input = asInput(record, store.categories);
    const found = [
      ...repeated(record, [seen, before]),
      ...missingCategories(record, store.categories),
      ...takenSkus(record, store.skus, existing),
      ...takenSlug(record, store.slugs, existing),
    ];
    const variants = attempt(() => {
      const made = input.variants.map((variant, index) =>
        newVariant(variant, input.options, ['variants', String(index)]),
      );
      found.push(...productCreateFaults(input).map(faultsOf));
      return made;
    }, found);

    if (found.length > 0 || !variants) {
      batch.faults.push({ line, faults: found });
      continue;
    }
    before.references.add(externalReference);
    for (const { sku } of record.variants) before.skus.add(sku);
    if (existing) {
      batch.changes.push({ line, id: existing, input: asChange(record, input) });
    } else {
      const isFree = (slug: string) => !store.slugs.has(slug) && !before.slugs.has(slug) && !seen.slugs.has(slug);
      batch.additions.push(addition(line, input, variants, isFree));
    }
    const slug = record.slug ?? batch.additions.at(-1)?.slug;
    if (slug) before.slugs.add(slug);
  }
  return batch;
}

function addition(
  line: number,
  input: ProductCreateInput,
  variants: NewVariant[],
  isFree: (slug: string) => boolean,
): Addition {
  const id = newId('prod');
  const plain = generatedSlug(input.name, id, false);
  const slug = input.slug ?? generatedSlug(input.name, id, !isFree(plain));
  return { line, id, slug, input: { ...input, slug }, variants };
}

/** What the store has already of what these records name. */
async function lookAtStore({ db, tenantId }: Context, records: ImportRecord[]) {
  const references = records.map(({ externalReference }) => externalReference);
  const wantedSlugs = records.map(({ slug, name }) => slug ?? generatedSlug(name, 'prod_xxxxxx', false));
  const skus = records.flatMap(({ variants }) => variants.map(({ sku }) => sku));
  const categorySlugs = [...new Set(records.flatMap((record) => record.categories ?? []))];
  const found = await db.$queryRaw<{ kind: 'product' | 'sku' | 'slug' | 'category'; name: string; id: string }[]>`
    SELECT 'product' AS kind, external_reference AS name, id FROM products
    WHERE tenant_id = ${tenantId} AND external_reference = ANY (${references}::text[])
    UNION ALL SELECT 'sku', sku, product_id FROM product_variants WHERE tenant_id = ${tenantId} AND sku = ANY (${skus}::text[])
    UNION ALL SELECT 'slug', slug, id FROM products WHERE tenant_id = ${tenantId} AND slug = ANY (${wantedSlugs}::text[])
    UNION ALL SELECT 'category', slug, id FROM categories WHERE tenant_id = ${tenantId} AND slug = ANY (${categorySlugs}::text[])`;
  const idsOf = (wanted: (typeof found)[number]['kind']) =>
    new Map(found.flatMap(({ kind, name, id }) => (kind === wanted ? [[name, id] as const] : [])));
  return { products: idsOf('product'), skus: idsOf('sku'), slugs: idsOf('slug'), categories: idsOf('category') };
}

function asInput(record: ImportRecord, categories: Map<string, string>): ProductCreateInput {
  const { categories: slugs = [], tags = [], images = [], status = 'DRAFT', variants, ...fields } = record;
  return {
    ...fields,
    tags,
    status,
    metafields: [],
    categoryIds: slugs.flatMap((slug) => categories.get(slug) ?? []),
    images: images.map(({ url, altText }) => ({ url, altText: altText ?? null })),
    variants: variants.map((variant) => ({ ...variant, inventoryPolicy: 'DENY' })),
  };
}

/** Only what the file has: a column that it has not says nothing. */
function asChange(
  { tags, status, categories, images: _images, externalReference: _, ...fields }: ImportRecord,
  input: ProductCreateInput,
): ProductSetInput {
  return {
    ...fields,
    ...(tags !== undefined && { tags }),
    ...(status !== undefined && { status }),
    ...(categories !== undefined && { categoryIds: input.categoryIds }),
    options: input.options,
    variants: input.variants,
  };
}

/** Money that is none is thrown, naming its field: here it is a fault of the line. */
function attempt<Result>(work: () => Result, faults: LineFault[]): Result | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { field = '', expected = 'another value' } = error.extensions as { field?: string; expected?: string };
    faults.push({ field: field.split('.'), code: 'INVALID', message: `Expected ${expected}.` });
    return null;
  }
}

/** What the catalog says of an input, as said of a line: a mutation's input has a name, a line has none. */
export const faultsOf = ({ field, code, message }: UserError<ProductErrorCode>): LineFault => ({
  field: field[0] === 'input' ? field.slice(1) : field,
  code,
  message,
});

function repeated(record: ImportRecord, earlier: SeenInFile[]): LineFault[] {
  const again = (field: string[]): LineFault => ({
    field,
    code: 'TAKEN',
    message: 'An earlier line of the file has it.',
  });
  const has = (kind: keyof SeenInFile, value: string) => earlier.some((seen) => seen[kind].has(value));
  return [
    ...(has('references', record.externalReference) ? [again(['externalReference'])] : []),
    ...(record.slug && has('slugs', record.slug) ? [again(['slug'])] : []),
    ...record.variants.flatMap(({ sku }, index) =>
      has('skus', sku) ? [again(['variants', String(index), 'sku'])] : [],
    ),
  ];
}

function missingCategories({ categories = [] }: ImportRecord, known: Map<string, string>): LineFault[] {
  return categories.flatMap((slug, index) =>
    known.has(slug)
      ? []
      : [{ field: ['categories', String(index)], code: 'NOT_FOUND' as const, message: 'No such category.' }],
  );
}

function takenSkus({ variants }: ImportRecord, taken: Map<string, string>, productId: string | undefined): LineFault[] {
  return variants.flatMap(({ sku }, index) => {
    const owner = taken.get(sku);
    if (owner === undefined || owner === productId) return [];
    return [
      { field: ['variants', String(index), 'sku'], code: 'TAKEN' as const, message: 'Another variant has this SKU.' },
    ];
  });
}

function takenSlug({ slug }: ImportRecord, taken: Map<string, string>, productId: string | undefined): LineFault[] {
  const owner = slug === undefined ? undefined : taken.get(slug);
  if (owner === undefined || owner === productId) return [];
  return [{ field: ['slug'], code: 'TAKEN', message: 'Another product has this slug.' }];
}
