import { UserErrors } from '../../shared/errors';
import { invalid } from '../catalog/faults';
import type { Db, Tx } from '../database';
import { Prisma } from '../generated/prisma/client';
import type { MetafieldInput, MetafieldNameInput, MetafieldType } from '../generated/resolvers';
import { MAX_METAFIELDS } from './metafieldInput';

/** What the SDL's Metafield is resolved from. */
export interface MetafieldModel extends Omit<MetafieldInput, 'type'> {
  /** What it is kept with. */
  ownerId: string;
  type: MetafieldType;
}

/** What metafields are kept with. Each kind has a table of its own, whose rows go with their owner. */
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

/** Those of many owners of a kind in one statement, by namespace and key. @param all also those that are not public. */
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

/** Adds them, of many owners in one statement. */
export async function insertMetafields(
  tx: Tx,
  kind: MetafieldOwner['kind'],
  tenantId: string,
  owners: { id: string; metafields: readonly MetafieldInput[] | null | undefined }[],
): Promise<void> {
  const rows = owners.flatMap(({ id, metafields }) => (metafields ?? []).map((metafield) => ({ ...metafield, id })));
  if (rows.length === 0) return;
  const { table, owner } = TABLES[kind];
  await tx.$executeRaw`
    INSERT INTO ${table} (tenant_id, ${owner}, namespace, key, type, value, is_public)
    SELECT ${tenantId}, id, namespace, key, type, value, "isPublic"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS given (id text, namespace text, key text, type text, value text, "isPublic" boolean)`;
}

/** Each is added, or takes the place of the one with its name. @throws UserErrors INVALID when these are too many in all. */
export async function writeMetafields(
  tx: Tx,
  owner: MetafieldOwner,
  metafields: readonly MetafieldInput[],
  toDelete: readonly MetafieldNameInput[],
): Promise<void> {
  const names = [...metafields, ...toDelete];
  if (names.length === 0) return;
  const { kind, tenantId, id } = owner;
  const { table, owner: column } = TABLES[kind];
  await tx.$executeRaw`
    DELETE FROM ${table} USING unnest(${names.map(({ namespace }) => namespace)}::text[], ${names.map(({ key }) => key)}::text[]) AS named (n, k)
    WHERE tenant_id = ${tenantId} AND ${column} = ${id} AND namespace = n AND key = k`;
  await insertMetafields(tx, kind, tenantId, [{ id, metafields }]);
  const all = await findMetafields(tx, { kind, tenantId, ids: [id] }, true);
  if (all.length <= MAX_METAFIELDS) return;
  throw new UserErrors(invalid(['input', 'metafields'], `at most ${MAX_METAFIELDS} in all`));
}

/** Each of the owners has exactly these from now on. */
export async function replaceMetafields(
  tx: Tx,
  kind: MetafieldOwner['kind'],
  tenantId: string,
  owners: { id: string; metafields: readonly MetafieldInput[] }[],
): Promise<void> {
  if (owners.length === 0) return;
  const { table, owner } = TABLES[kind];
  const ids = owners.map(({ id }) => id);
  await tx.$executeRaw`DELETE FROM ${table} WHERE tenant_id = ${tenantId} AND ${owner} = ANY (${ids}::text[])`;
  await insertMetafields(tx, kind, tenantId, owners);
}
