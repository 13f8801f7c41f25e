import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';

// Call these after the new slugs were written: only the unique index proves that nobody else has one.

/** Slugs that another product had before now lead to the new product. */
export async function freeSlugs(tx: Tx, tenantId: string, slugs: string[]): Promise<void> {
  await tx.$executeRaw`DELETE FROM product_former_slugs WHERE tenant_id = ${tenantId} AND slug = ANY (${slugs}::text[])`;
}

/** Former slugs keep leading to their products, until another product takes one. */
export async function keepFormerSlugs(
  tx: Tx,
  tenantId: string,
  changes: { before: Product; after: Product }[],
): Promise<void> {
  const moved = changes.filter(({ before, after }) => before.slug !== after.slug);
  if (moved.length === 0) return;
  await freeSlugs(
    tx,
    tenantId,
    moved.flatMap(({ before, after }) => [before.slug, after.slug]),
  );
  await tx.$executeRaw`
    INSERT INTO product_former_slugs (tenant_id, slug, product_id)
    SELECT ${tenantId}, slug, id
    FROM unnest(${moved.map(({ before }) => before.slug)}::text[], ${moved.map(({ before }) => before.id)}::text[]) AS former (slug, id)`;
}
