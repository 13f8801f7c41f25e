import { groupByKey } from '../../shared/batches';
import type { Tx } from '../database';
import { selected } from '../fields/columns';
import { PRODUCT_COLUMNS } from '../fields/productFields';
import { Prisma, type Product, type ProductImage, type ProductVariant } from '../generated/prisma/client';
import { findMetafields, type MetafieldModel } from '../metafield/metafields';
import { readLinks } from './categoryLinks';
import { readImages } from './imageRows';
import { readOptions } from './optionRows';
import type { Option } from './optionValues';
import { readVariants } from './variantRows';

/** The parts of a product that other tables store, each list in its order. */
interface Parts {
  options: Option[];
  variants: ProductVariant[];
  images: ProductImage[];
  categoryIds: string[];
  metafields: MetafieldModel[];
  /** By the variants' ids. */
  variantMetafields: Map<string, MetafieldModel[]>;
}

export type Part = keyof Parts;

/** A product with the parts that were requested. Reading any other part throws, because an empty list would look like a fact. */
export class StoredProduct {
  constructor(
    readonly product: Product,
    private readonly parts: Partial<Parts>,
  ) {}

  get options(): Option[] {
    return this.part('options');
  }
  get variants(): ProductVariant[] {
    return this.part('variants');
  }
  get images(): ProductImage[] {
    return this.part('images');
  }
  get categoryIds(): string[] {
    return this.part('categoryIds');
  }
  get metafields(): MetafieldModel[] {
    return this.part('metafields');
  }
  metafieldsOfVariant(id: string): MetafieldModel[] {
    return this.part('variantMetafields').get(id) ?? [];
  }

  private part<Name extends Part>(name: Name): Parts[Name] {
    const found = this.parts[name];
    if (!found) throw new Error(`The ${name} of a product were not read`);
    return found;
  }
}

/**
 * Locks products until the transaction ends, in id order to avoid deadlocks, and reads their parts: one statement for each table.
 * @returns products by id, without those that the store does not have.
 */
export const lockProducts = (
  tx: Tx,
  tenantId: string,
  ids: string[],
  parts: ReadonlySet<Part>,
): Promise<Map<string, StoredProduct>> =>
  readProducts(tx, { tenantId, ids, parts, lock: Prisma.sql`FOR NO KEY UPDATE` });

/** As {@link lockProducts}, without locks: a concurrent change may make the result outdated at any moment. */
export const findProducts = (
  tx: Tx,
  tenantId: string,
  ids: string[],
  parts: ReadonlySet<Part>,
): Promise<Map<string, StoredProduct>> => readProducts(tx, { tenantId, ids, parts, lock: Prisma.empty });

interface Wanted {
  tenantId: string;
  ids: string[];
  parts: ReadonlySet<Part>;
}

async function readProducts(tx: Tx, { lock, ...wanted }: Wanted & { lock: Prisma.Sql }) {
  const { tenantId, ids } = wanted;
  const products = await tx.$queryRaw<Product[]>`
    SELECT ${selected('p', PRODUCT_COLUMNS)} FROM products p WHERE p.tenant_id = ${tenantId} AND p.id = ANY (${ids}::text[])
    ORDER BY p.id ${lock}`;
  // Separate statements after the lock (READ COMMITTED): their snapshots include what the previous holder of the lock has written.
  const parts = await readParts(tx, { ...wanted, ids: products.map(({ id }) => id) });
  return new Map(products.map((product) => [product.id, new StoredProduct(product, parts(product.id))]));
}

/** @returns a function from a product's id to its parts. */
async function readParts(tx: Tx, wanted: Wanted): Promise<(productId: string) => Partial<Parts>> {
  const { tenantId, ids, parts } = wanted;
  const variants = parts.has('variants') ? byProduct(ids, await readVariants(tx, tenantId, ids)) : null;
  const options = parts.has('options') ? byProduct(ids, await readOptions(tx, tenantId, ids)) : null;
  const images = parts.has('images') ? byProduct(ids, await readImages(tx, tenantId, ids)) : null;
  const links = parts.has('categoryIds') ? byProduct(ids, await readLinks(tx, tenantId, ids)) : null;
  const metafields = parts.has('metafields')
    ? byOwner(ids, await findMetafields(tx, { kind: 'product', tenantId, ids }, true))
    : null;
  const variantIds = [...(variants?.values() ?? [])].flat().map(({ id }) => id);
  const variantMetafields = parts.has('variantMetafields')
    ? byOwner(variantIds, await findMetafields(tx, { kind: 'variant', tenantId, ids: variantIds }, true))
    : null;
  return (id) => ({
    ...(variants && { variants: variants.get(id) ?? [] }),
    ...(options && { options: (options.get(id) ?? []).map(({ name, values }) => ({ name, values })) }),
    ...(images && { images: images.get(id) ?? [] }),
    ...(links && { categoryIds: (links.get(id) ?? []).map(({ categoryId }) => categoryId) }),
    ...(metafields && { metafields: metafields.get(id) ?? [] }),
    ...(variantMetafields && { variantMetafields }),
  });
}

const grouped = <Row>(keys: string[], rows: Row[], keyOf: (row: Row) => string): Map<string, Row[]> => {
  const groups = groupByKey(keys, rows, keyOf);
  return new Map(keys.map((key, index) => [key, groups[index] ?? []]));
};
const byProduct = <Row extends { productId: string }>(ids: string[], rows: Row[]) =>
  grouped(ids, rows, ({ productId }) => productId);
const byOwner = (ids: string[], rows: MetafieldModel[]) => grouped(ids, rows, ({ ownerId }) => ownerId);
