import { setImmediate } from 'node:timers/promises';
import { generatedSlug } from '../catalog/slug';
import type { Context } from '../context';
import type { NewProduct } from '../write/insertProducts';
import { asAddition, asChange, type Change } from './importedProduct';
import type { ImportRecord } from './importRecord';
import type { FileRecord, LineFault } from './readRecords';

/** A batch of a file's products after validation: what to add, what to change, and the errors. */
export interface CheckedBatch {
  additions: (NewProduct & { line: number })[];
  changes: (Change & { line: number })[];
  faults: { line: number; faults: LineFault[] }[];
}

/** References, SKUs and slugs in the part of the file that was read so far: the same one twice in a file is an error. */
export interface SeenInFile {
  references: Set<string>;
  skus: Set<string>;
  slugs: Set<string>;
}

/** Validates a batch of a file's products, also against what the store has; that is read once for the whole batch. */
export async function checkBatch(ctx: Context, records: FileRecord[], seen: SeenInFile): Promise<CheckedBatch> {
  const faults = records.filter((entry) => entry.faults.length > 0).map(({ line, faults }) => ({ line, faults }));
  const readable = records.flatMap(({ record, ...entry }) => (record ? [{ ...entry, record }] : []));
  const store = await lookAtStore(
    ctx,
    readable.map(({ record }) => record),
  );
  const batch: CheckedBatch = { additions: [], changes: [], faults };
  // The earlier lines of the same batch.
  const before: SeenInFile = { references: new Set(), skus: new Set(), slugs: new Set() };

  for (const { line, record, keepsMetafields } of readable) {
    // Others are served between any two products.
    await setImmediate();
    const { externalReference } = record;
    const existing = store.products.get(externalReference);
    const found = [
      ...repeated(record, [seen, before]),
      ...missingCategories(record, store.categories),
      ...takenSkus(record, store.skus, existing),
      ...takenSlug(record, store.slugs, existing),
    ];
    const isFree = (slug: string) => !store.slugs.has(slug) && !before.slugs.has(slug) && !seen.slugs.has(slug);
    const { faults, product } = existing
      ? asChange(existing, record, keepsMetafields, store.categories)
      : asAddition(record, store.categories, isFree);
    if (found.length > 0 || !product) {
      batch.faults.push({ line, faults: [...found, ...faults] });
      continue;
    }
    before.references.add(externalReference);
    for (const { sku } of record.variants ?? []) before.skus.add(sku);
    const slug = record.slug ?? ('slug' in product ? product.slug : null);
    if (slug) before.slugs.add(slug);
    if ('slug' in product) batch.additions.push({ ...product, line });
    else batch.changes.push({ ...product, line });
  }
  return batch;
}

/** Finds which of the references, SKUs, slugs and categories in these records exist in the store. */
async function lookAtStore({ db, tenantId }: Context, records: ImportRecord[]) {
  const references = records.map(({ externalReference }) => externalReference);
  // A product without a reference is exported by its id.
  const ids = references.filter((reference) => reference.startsWith('prod_'));
  const wantedSlugs = records.map(({ slug, name }) => slug ?? generatedSlug(name ?? '', 'prod_xxxxxx', false));
  const skus = records.flatMap(({ variants }) => (variants ?? []).map(({ sku }) => sku));
  const categorySlugs = [...new Set(records.flatMap((record) => record.categories ?? []))];
  const found = await db.$queryRaw<
    { kind: 'product' | 'unnamed' | 'sku' | 'slug' | 'category'; name: string; id: string }[]
  >`
    SELECT 'product' AS kind, external_reference AS name, id FROM products
    WHERE tenant_id = ${tenantId} AND external_reference = ANY (${references}::text[])
    UNION ALL SELECT 'unnamed', id, id FROM products
      WHERE tenant_id = ${tenantId} AND id = ANY (${ids}::text[]) AND external_reference IS NULL
    UNION ALL SELECT 'sku', sku, product_id FROM product_variants WHERE tenant_id = ${tenantId} AND sku = ANY (${skus}::text[])
    UNION ALL SELECT 'slug', slug, id FROM products WHERE tenant_id = ${tenantId} AND slug = ANY (${wantedSlugs}::text[])
    UNION ALL SELECT 'category', slug, id FROM categories WHERE tenant_id = ${tenantId} AND slug = ANY (${categorySlugs}::text[])`;
  const idsOf = (wanted: (typeof found)[number]['kind']) =>
    new Map(found.flatMap(({ kind, name, id }) => (kind === wanted ? [[name, id] as const] : [])));
  const products = new Map([...idsOf('unnamed'), ...idsOf('product')]);
  return { products, skus: idsOf('sku'), slugs: idsOf('slug'), categories: idsOf('category') };
}

function repeated(record: ImportRecord, earlier: SeenInFile[]): LineFault[] {
  const again = (field: string[]): LineFault => ({
    field,
    code: 'TAKEN',
    message: 'An earlier line of the file has the same value.',
  });
  const has = (kind: keyof SeenInFile, value: string) => earlier.some((seen) => seen[kind].has(value));
  return [
    ...(has('references', record.externalReference) ? [again(['externalReference'])] : []),
    ...(record.slug && has('slugs', record.slug) ? [again(['slug'])] : []),
    ...(record.variants ?? []).flatMap(({ sku }, index) =>
      has('skus', sku) ? [again(['variants', String(index), 'sku'])] : [],
    ),
  ];
}

function missingCategories({ categories }: ImportRecord, known: Map<string, string>): LineFault[] {
  return (categories ?? []).flatMap((slug, index) =>
    known.has(slug)
      ? []
      : [{ field: ['categories', String(index)], code: 'NOT_FOUND' as const, message: 'No such category.' }],
  );
}

function takenSkus({ variants }: ImportRecord, taken: Map<string, string>, productId: string | undefined): LineFault[] {
  return (variants ?? []).flatMap(({ sku }, index) => {
    const owner = taken.get(sku);
    if (owner === undefined || owner === productId) return [];
    return [
      { field: ['variants', String(index), 'sku'], code: 'TAKEN' as const, message: 'Another variant has this SKU.' },
    ];
  });
}

function takenSlug({ slug }: ImportRecord, taken: Map<string, string>, productId: string | undefined): LineFault[] {
  const owner = slug == null ? undefined : taken.get(slug);
  if (owner === undefined || owner === productId) return [];
  return [{ field: ['slug'], code: 'TAKEN', message: 'Another product has this slug.' }];
}
