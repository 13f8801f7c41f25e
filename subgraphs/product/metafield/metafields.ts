import { throwIfAny } from '../../shared/userErrors';
import type { Db, Tx } from '../database';
import { Prisma } from '../generated/prisma/client';
import type { MetafieldInput, MetafieldNameInput, MetafieldType } from '../generated/resolvers';
import { cleanMetafield, roomForMetafieldsFaults } from './metafieldInput';
import { type MetafieldsDifference, mergedMetafields, metafieldsDifference } from './metafieldsDifference';

/** What the SDL's Metafield is resolved from. */
export interface MetafieldModel extends Omit<MetafieldInput, 'type'> {
  /** The id of its product, variant or category. */
  ownerId: string;
  type: MetafieldType;
}

/** The owners of metafields. Each kind has a table of its own, whose rows are deleted with their owner. */
export interface MetafieldOwner {
  kind: 'product' | 'variant' | 'category';
  tenantId: string;
  id: string;
}

const TABLES: Record<MetafieldOwner['kind'], { table: Prisma.Sql; owner: Prisma.Sql }> = {
  product: { table: Prisma.raw('product_metafields'), owner: Prisma.raw('product_id') },
  variant: { table: Prisma.raw('product_variant_metafields'), owner: Prisma.raw('variant_id') },
  category: { table: Prisma.raw('category_metafields'), owner: Prisma.raw('category_id') },
};

/** Reads the metafields of many owners of a kind in one statement, sorted by namespace and key. @param all includes private ones. */
export function findMetafields(
  db: Db | Tx,
  { kind, tenantId, ids }: { kind: MetafieldOwner['kind']; tenantId: string; ids: readonly string[] },
  all: boolean,
): Promise<MetafieldModel[]> {
  const { table, owner } = TABLES[kind];
  return db.$queryRaw<MetafieldModel[]>`
    SELECT ${owner} AS "ownerId", namespace, key, type, value, is_public AS "isPublic" FROM ${table}
    WHERE tenant_id = ${tenantId} AND ${owner} = ANY (${[...ids]}::text[]) AND (is_public OR ${all})
    ORDER BY namespace, key`;
}

/** Adds or replaces metafields of many owners in one statement. */
export async function insertMetafields(
  tx: Tx,
  kind: MetafieldOwner['kind'],
  tenantId: string,
  owners: { id: string; metafields: readonly MetafieldInput[] | null | undefined }[],
): Promise<void> {
  const rows = owners.flatMap(({ id, metafields }) =>
    (metafields ?? []).map((metafield) => ({ ...cleanMetafield(metafield), id })),
  );
  if (rows.length === 0) return;
  const { table, owner } = TABLES[kind];
  await tx.$executeRaw`
    INSERT INTO ${table} (tenant_id, ${owner}, namespace, key, type, value, is_public)
    SELECT ${tenantId}, id, namespace, key, type, value, "isPublic"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS given (id text, namespace text, key text, type text, value text, "isPublic" boolean)
    ON CONFLICT (tenant_id, ${owner}, namespace, key)
      DO UPDATE SET type = excluded.type, value = excluded.value, is_public = excluded.is_public`;
}

/** Writes the changed metafields of many owners in at most two statements. */
export async function changeMetafields(
  tx: Tx,
  kind: MetafieldOwner['kind'],
  tenantId: string,
  owners: (MetafieldsDifference & { id: string })[],
): Promise<void> {
  const gone = owners.flatMap(({ id, gone: names }) => names.map(({ namespace, key }) => ({ id, namespace, key })));
  if (gone.length > 0) {
    const { table, owner } = TABLES[kind];
    await tx.$executeRaw`
      DELETE FROM ${table} AS metafield
      USING jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) AS gone (id text, namespace text, key text)
      WHERE tenant_id = ${tenantId} AND ${owner} = gone.id AND metafield.namespace = gone.namespace AND metafield.key = gone.key`;
  }
  await insertMetafields(
    tx,
    kind,
    tenantId,
    owners.map(({ id, written }) => ({ id, metafields: written })),
  );
}

/** Adds or replaces metafields. @throws UserErrors INVALID when the owner would have too many. */
export async function writeMetafields(
  tx: Tx,
  { kind, tenantId, id }: MetafieldOwner,
  metafields: readonly MetafieldInput[],
  toDelete: readonly MetafieldNameInput[],
): Promise<void> {
  if (metafields.length === 0 && toDelete.length === 0) return;
  const before = await findMetafields(tx, { kind, tenantId, ids: [id] }, true);
  const wanted = mergedMetafields(before, metafields, toDelete);
  throwIfAny(roomForMetafieldsFaults(wanted));
  const difference = metafieldsDifference(before, wanted);
  if (difference) await changeMetafields(tx, kind, tenantId, [{ id, ...difference }]);
}
