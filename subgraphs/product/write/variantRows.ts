import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { assignments, columnNames, givenRows, givenValues, type SqlType, selected } from '../fields/columns';
import { VARIANT_COLUMNS, VARIANT_FIELD_COLUMNS } from '../fields/variantFields';
import type { ProductVariant } from '../generated/prisma/client';
import type { MetafieldInput } from '../generated/resolvers';
import { changeMetafields, insertMetafields } from '../metafield/metafields';
import type { MetafieldsDifference } from '../metafield/metafieldsDifference';

/** The columns of a new variant's row, except for its position. */
export type NewVariant = Pick<ProductVariant, keyof typeof VARIANT_FIELD_COLUMNS> &
  Pick<ProductVariant, 'id' | 'optionValues' | 'imageId' | 'inventoryPolicy' | 'lowStockThreshold'> & {
    quantityOnHand: number;
    metafields: readonly MetafieldInput[];
  };

/** How a product's variants change. */
export interface VariantsDifference {
  gone: ProductVariant[];
  changed: ChangedVariant[];
  added: { variant: NewVariant; position: number }[];
  /** Whether remaining variants get another position. */
  isMoved: boolean;
}

export interface ChangedVariant {
  before: ProductVariant;
  after: ProductVariant;
  metafields: MetafieldsDifference | null;
  /** False when only its position changes, which makes no new version of it. */
  isDifferent: boolean;
}

export const readVariants = (db: Db | Tx, tenantId: string, productIds: readonly string[]) => db.$queryRaw<
  ProductVariant[]
>`
  SELECT ${selected('v', VARIANT_COLUMNS)} FROM product_variants v
  WHERE v.tenant_id = ${tenantId} AND v.product_id = ANY (${productIds}::text[]) ORDER BY v.position`;

const NEW_COLUMNS = {
  ...VARIANT_FIELD_COLUMNS,
  id: 'text',
  productId: 'text',
  position: 'int',
  optionValues: 'jsonb',
  imageId: 'text',
  inventoryPolicy: '"InventoryPolicy"',
  lowStockThreshold: 'int',
  available: 'int',
} as const;

/** Inserts variants with their initial stock and its ledger entries: one statement for each table, however many products they belong to. */
export async function insertVariants(
  { tenantId, actor }: Context,
  tx: Tx,
  placed: { productId: string; variant: NewVariant; position: number }[],
): Promise<void> {
  if (placed.length === 0) return;
  const variants = placed.map(({ productId, position, variant }) => ({
    ...variant,
    productId,
    position,
    available: variant.quantityOnHand,
  }));
  await tx.$executeRaw`
    INSERT INTO product_variants (tenant_id, updated_at, ${columnNames(NEW_COLUMNS)})
    SELECT ${tenantId}, now(), ${givenValues(NEW_COLUMNS)} FROM ${givenRows(NEW_COLUMNS, variants)}`;
  await insertMetafields(tx, 'variant', tenantId, variants);
  const movements = variants
    .filter(({ quantityOnHand }) => quantityOnHand > 0)
    .map(({ id, quantityOnHand }) => ({ id: newId('smov'), variantId: id, quantity: quantityOnHand }));
  if (movements.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, actor_id, impersonator_id)
    SELECT ${tenantId}, given.id, given."variantId", 'ADJUSTMENT', given.quantity, ${actor.actorId}, ${actor.impersonatorId}
    FROM ${givenRows({ id: 'text', variantId: 'text', quantity: 'int' }, movements)}`;
}

/**
 * Writes the changed variants of locked products in a few statements, however many there are. The unique constraint on option values
 * is deferred to the commit, so that variants can swap theirs. @returns the versions of the changed variants.
 */
export async function writeVariants(
  ctx: Context,
  tx: Tx,
  families: (VariantsDifference & { productId: string })[],
): Promise<Map<string, number>> {
  const { tenantId } = ctx;
  const gone = families.flatMap((family) => family.gone.map(({ id }) => id));
  if (gone.length > 0) {
    await tx.$executeRaw`DELETE FROM product_variants WHERE tenant_id = ${tenantId} AND id = ANY (${gone}::text[])`;
  }
  const changed = families.flatMap((family) => family.changed);
  await clearPlaces(tx, tenantId, families);
  await clearSkus(tx, tenantId, changed);
  await insertVariants(
    ctx,
    tx,
    families.flatMap(({ productId, added }) => added.map((one) => ({ ...one, productId }))),
  );
  await changeMetafields(
    tx,
    'variant',
    tenantId,
    changed.flatMap(({ before: { id }, metafields }) => (metafields ? [{ id, ...metafields }] : [])),
  );
  return updateVariants(tx, tenantId, changed);
}

/** A unique index forbids equal positions even within a statement, so the positions of moved variants become negative first. */
async function clearPlaces(tx: Tx, tenantId: string, families: { productId: string; isMoved: boolean }[]) {
  const moved = families.filter(({ isMoved }) => isMoved).map(({ productId }) => productId);
  if (moved.length === 0) return;
  await tx.$executeRaw`
    UPDATE product_variants SET position = -1 - position
    WHERE tenant_id = ${tenantId} AND product_id = ANY (${moved}::text[])`;
}

/** Variants may swap SKUs, which a unique index forbids within a statement. So if several change theirs, each has its id as SKU in between. */
async function clearSkus(tx: Tx, tenantId: string, changed: ChangedVariant[]): Promise<void> {
  const renamed = changed.filter(({ before, after }) => before.sku !== after.sku).map(({ before: { id } }) => id);
  if (renamed.length < 2) return;
  await tx.$executeRaw`
    UPDATE product_variants SET sku = id WHERE tenant_id = ${tenantId} AND id = ANY (${renamed}::text[])`;
}

const CHANGED_COLUMNS = {
  ...VARIANT_FIELD_COLUMNS,
  position: 'int',
  optionValues: 'jsonb',
  imageId: 'text',
} satisfies Partial<Record<keyof ProductVariant, SqlType>>;

const GIVEN_COLUMNS = {
  ...CHANGED_COLUMNS,
  id: 'text',
  isDifferent: 'boolean',
  inventoryPolicy: '"InventoryPolicy"',
  hasThreshold: 'boolean',
  lowStockThreshold: 'int',
} as const;

async function updateVariants(tx: Tx, tenantId: string, changed: ChangedVariant[]): Promise<Map<string, number>> {
  if (changed.length === 0) return new Map();
  const rows = changed.map(({ before, after, isDifferent }) => ({
    ...after,
    isDifferent,
    // Written only when it changes: inventoryPolicyUpdate does not take the product's lock, and must not be overwritten.
    inventoryPolicy: before.inventoryPolicy === after.inventoryPolicy ? null : after.inventoryPolicy,
    hasThreshold: before.lowStockThreshold !== after.lowStockThreshold,
  }));
  const written = await tx.$queryRaw<{ id: string; version: number }[]>`
    UPDATE product_variants v SET ${assignments(CHANGED_COLUMNS)},
      inventory_policy = coalesce(given."inventoryPolicy", v.inventory_policy),
      low_stock_threshold = CASE WHEN given."hasThreshold" THEN given."lowStockThreshold" ELSE v.low_stock_threshold END,
      version = v.version + given."isDifferent"::int,
      updated_at = CASE WHEN given."isDifferent" THEN now() ELSE v.updated_at END
    FROM ${givenRows(GIVEN_COLUMNS, rows)}
    WHERE v.tenant_id = ${tenantId} AND v.id = given.id
    RETURNING v.id, v.version`;
  return new Map(written.map(({ id, version }) => [id, version]));
}
