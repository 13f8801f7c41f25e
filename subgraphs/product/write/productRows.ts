import { IS_ANNOUNCED, planPublications, withPublication } from '../catalog/publication';
import type { Tx } from '../database';
import { assignments, columnNames, givenRows, givenValues, selected, withoutColumns } from '../fields/columns';
import { PRODUCT_FIELD_COLUMNS } from '../fields/productFields';
import type { Product } from '../generated/prisma/client';
import type { ProductDifference } from './productDifference';
import { sameColumns } from './sameColumns';

/** The columns of a new product's own row. */
export type NewProductRow = Pick<
  Product,
  keyof typeof PRODUCT_FIELD_COLUMNS | 'id' | 'minPriceAmount' | 'maxPriceAmount' | 'currencyCode'
> & { publishesNow: boolean };

/** A written product, and whether this write made it visible to shoppers. */
export interface WrittenProduct {
  product: Product;
  isPublished: boolean;
}

/** The columns that a statement gets for each row. */
const GIVEN = {
  ...PRODUCT_FIELD_COLUMNS,
  id: 'text',
  minPriceAmount: 'bigint',
  maxPriceAmount: 'bigint',
  currencyCode: 'text',
  publishesNow: 'boolean',
} as const;

/** The columns that are written exactly as given. */
const COLUMNS = withoutColumns(GIVEN, ['id', 'publishedAt', 'publishesNow']);

/** A trigger rebuilds the product's search document when an update names one of these columns. */
const SEARCHED = ['name', 'vendor', 'productType', 'tags', 'description'] as const satisfies (keyof typeof COLUMNS)[];

/** The columns whose values the database computes. */
const MADE = {
  id: 'text',
  publishedAt: 'timestamptz',
  isAnnounced: 'boolean',
  version: 'int',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
} as const;

type MadeColumns = Pick<Product, keyof typeof MADE> & { isPublished: boolean };

export async function insertProductRows(tx: Tx, tenantId: string, rows: NewProductRow[]): Promise<WrittenProduct[]> {
  const written = await tx.$queryRaw<MadeColumns[]>`
    WITH written AS (
      INSERT INTO products AS stored (tenant_id, id, ${columnNames(COLUMNS)}, published_at, is_announced, updated_at)
      SELECT ${tenantId}, p.id, ${givenValues(COLUMNS, 'p')}, p.published_at, ${IS_ANNOUNCED}, now()
      FROM ${withPublication(givenRows(GIVEN, rows))}
      RETURNING ${selected('stored', MADE)}, status, published_at, is_announced AS "isPublished"
    ), ${planPublications(tenantId)}
    SELECT ${givenValues(MADE, 'written')}, "isPublished" FROM written`;
  const madeById = new Map(written.map((made) => [made.id, made]));
  return rows.map(({ publishesNow: _, ...row }) => withMade({ ...row, tenantId }, madeById.get(row.id)));
}

/** Updates the rows of locked products; each gets a new version. */
export async function updateProductRows(
  tx: Tx,
  tenantId: string,
  differences: Pick<ProductDifference, 'before' | 'after' | 'publishesNow'>[],
): Promise<WrittenProduct[]> {
  const isSearched = ({ before, after }: (typeof differences)[number]) => !sameColumns(before, after, [...SEARCHED]);
  const update = async (columns: Partial<typeof COLUMNS>, changed: typeof differences) => {
    if (changed.length === 0) return [];
    const rows = changed.map(({ after, publishesNow }) => ({ ...after, publishesNow }));
    return tx.$queryRaw<MadeColumns[]>`
      WITH written AS (
        UPDATE products stored SET version = stored.version + 1, updated_at = now(), ${assignments(columns, 'p')},
          published_at = p.published_at, is_announced = ${IS_ANNOUNCED}
        FROM ${withPublication(givenRows(GIVEN, rows))}
        WHERE stored.tenant_id = ${tenantId} AND stored.id = p.id
        RETURNING ${selected('stored', MADE)}, stored.status, stored.published_at,
          new.is_announced AND NOT old.is_announced AS "isPublished"
      ), ${planPublications(tenantId)}
      SELECT ${givenValues(MADE, 'written')}, "isPublished" FROM written`;
  };
  const written = [
    ...(await update(COLUMNS, differences.filter(isSearched))),
    ...(await update(
      withoutColumns(COLUMNS, SEARCHED),
      differences.filter((one) => !isSearched(one)),
    )),
  ];
  const madeById = new Map(written.map((made) => [made.id, made]));
  return differences.map(({ after }) => withMade(after, madeById.get(after.id)));
}

function withMade(row: Omit<Product, keyof typeof MADE>, made: MadeColumns | undefined): WrittenProduct {
  if (!made) throw new Error('A product of this transaction is gone');
  const { isPublished, ...columns } = made;
  return { product: { ...row, ...columns }, isPublished };
}
