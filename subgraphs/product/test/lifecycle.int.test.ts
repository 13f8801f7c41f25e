import { Client } from 'pg';
import { eraseRows } from '../../shared/lifecycle/eraseRows';
import { exportRows } from '../../shared/lifecycle/exportRows';
import { runInScope } from '../../shared/scope';
import { admin, freshTenantId, service } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openProductDatabase } from '../database';
import { makeProduct } from './factories';
import { startTestSubgraph } from './startTestSubgraph';

type ProductSubgraph = Awaited<ReturnType<typeof startTestSubgraph>>;

let product: ProductSubgraph;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 2);
});

afterAll(async () => {
  await database?.close();
  await product?.close();
});

/** A store with a row in most tables: a tree of categories, a product in it, and stock that an order holds. */
async function makeStore(): Promise<string> {
  const tenantId = freshTenantId();
  const category = async (name: string, parentId?: string) => {
    const { data } = await product.ask(
      admin(tenantId),
      'mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } } }',
      { input: { name, parentId } },
    );
    return data.categoryCreate.category.id as string;
  };
  const shoes = await category('Shoes', await category('All'));
  const { variantId } = await makeProduct(product, admin(tenantId), {
    categoryIds: [shoes],
    description: 'Line\n"break"',
  });
  await product.ask(
    service(tenantId),
    'mutation ($lines: [StockReserveLine!]!) { stockReserve(orderId: "ord_1", lines: $lines) { lines { quantity } } }',
    { lines: [{ variantId, quantity: 3 }] },
  );
  return tenantId;
}

async function exported(tenantId: string) {
  let text = '';
  const counts = await exportRows(database.inTransaction, 'product', tenantId, async (lines) => {
    text += lines;
  });
  return {
    counts,
    text,
    rows: text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  };
}

const isEmpty = (checksums: Record<string, string>) => Object.values(checksums).every((sum) => sum.trim() === '0');

it('exports all rows of one store and none of another, parents before children', async () => {
  const [own, other] = [await makeStore(), await makeStore()];
  const { counts, text, rows } = await exported(own);

  expect(text).not.toContain(other);
  expect(new Set(rows.map(({ row }) => row.tenant_id))).toEqual(new Set([own]));
  expect(counts).toMatchObject({ categories: 2, products: 1, product_variants: 1, stock_reservation_lines: 1 });
  expect(Object.keys(counts)).toEqual(
    expect.arrayContaining(Object.keys(await checksumOfTenant(product.ownerUrl, own))),
  );
  const tables = rows.map(({ table }) => table);
  expect(tables.indexOf('products')).toBeLessThan(tables.indexOf('product_variants'));
  expect(rows.find(({ table }) => table === 'products').row.description).toBe('Line\n"break"');
});

it('exports more rows than one page, each once', async () => {
  const tenantId = freshTenantId();
  const { variantId } = await makeProduct(product, admin(tenantId));
  await runInScope({ tenantId }, () =>
    database.db.stockMovement.createMany({
      data: Array.from({ length: 1_234 }, (_, n) => ({
        tenantId,
        id: `smov_${n}`,
        variantId,
        kind: 'ADJUSTMENT' as const,
        quantity: 1,
      })),
    }),
  );
  const { rows } = await exported(tenantId);
  const ids = rows.filter(({ table }) => table === 'stock_movements').map(({ row }) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id: string) => /^smov_\d+$/.test(id))).toHaveLength(1_234);
});

it('erases all rows of one store and none of another, and says how many; a repeat finds nothing', async () => {
  const [own, other] = [await makeStore(), await makeStore()];
  const before = await checksumOfTenant(product.ownerUrl, other);

  const receipt = await eraseRows(database.inTransaction, own);
  expect(receipt).toMatchObject({ categories: 2, products: 1, product_variants: 1, stock_reservations: 1 });
  expect(isEmpty(await checksumOfTenant(product.ownerUrl, own))).toBe(true);
  expect(await checksumOfTenant(product.ownerUrl, other)).toEqual(before);
  expect(await eraseRows(database.inTransaction, own)).toEqual({});
});

it('erases nothing while another transaction locks one of the rows', async () => {
  const tenantId = await makeStore();
  const before = await checksumOfTenant(product.ownerUrl, tenantId);
  const holder = new Client({ connectionString: product.ownerUrl });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT set_tenant($1)', [tenantId]);
    await holder.query('SELECT 1 FROM products FOR UPDATE');
    await expect(eraseRows(database.inTransaction, tenantId)).rejects.toThrow('lock timeout');
  } finally {
    await holder.end();
  }
  expect(await checksumOfTenant(product.ownerUrl, tenantId)).toEqual(before);
});
