import type { Tx } from '../database';
import { columnNames, givenRows, givenValues } from '../fields/columns';
import type { Option } from './optionValues';

const COLUMNS = { productId: 'text', position: 'int', name: 'text', values: 'text[]' } as const;

interface OptionsOfProduct {
  id: string;
  options: readonly Option[];
}

export const readOptions = (tx: Tx, tenantId: string, productIds: string[]) => tx.$queryRaw<
  (Option & { productId: string })[]
>`
  SELECT product_id AS "productId", name, values FROM product_options
  WHERE tenant_id = ${tenantId} AND product_id = ANY (${productIds}::text[]) ORDER BY position`;

export async function insertOptions(tx: Tx, tenantId: string, products: OptionsOfProduct[]): Promise<void> {
  const rows = products.flatMap(({ id: productId, options }) =>
    options.map(({ name, values }, position) => ({ productId, position, name, values })),
  );
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_options (tenant_id, ${columnNames(COLUMNS)})
    SELECT ${tenantId}, ${givenValues(COLUMNS)} FROM ${givenRows(COLUMNS, rows)}`;
}

/** Nothing refers to these rows, so a product's are all deleted and inserted again. */
export async function replaceOptions(tx: Tx, tenantId: string, products: OptionsOfProduct[]): Promise<void> {
  if (products.length === 0) return;
  const ids = products.map(({ id }) => id);
  await tx.$executeRaw`DELETE FROM product_options WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[])`;
  await insertOptions(tx, tenantId, products);
}
