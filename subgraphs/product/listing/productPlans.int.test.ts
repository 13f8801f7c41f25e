import { Client } from 'pg';
import { withClient } from '../../../prisma/databases';
import { createTestDatabase, type TestDatabase, testServer } from '../../../prisma/testDatabase';
import type { Caller } from '../../shared/caller';
import { CallerContext } from '../../shared/callerContext';
import { admin, visitor } from '../../shared/test/askSubgraph';
import { Prisma } from '../generated/prisma/client';
import type { QueryProductsArgs } from '../generated/resolvers';
import { facetsStatement } from './productFacets';
import { inCategories } from './productFilter';
import { countStatement, eachStatement, pageStatement, readList } from './productList.service';

/** 100,000 products, 2,000 in each of 50 stores. */
const STORES = 50;
const PRODUCTS = 2_000;
const VARIANTS = 2;
const TENANT = 'org_7';

let database: TestDatabase;
let app: Client;

beforeAll(async () => {
  database = await createTestDatabase('product');
  const superuser = new URL(testServer().adminUrl);
  superuser.pathname = `/${database.name}`;
  await withClient(superuser.href, async (client) => {
    for (const statement of LOAD) await client.query(statement);
  });
  app = new Client({ connectionString: database.appUrl });
  await app.connect();
}, 240_000);
afterAll(async () => {
  await app?.end();
  await database?.drop();
});

/** Columns without an index are copied from a few rows, so that 100,000 rows take seconds. */
const LOAD = [
  'ALTER TABLE products DISABLE TRIGGER USER',
  `CREATE TEMPORARY TABLE kinds AS
     SELECT n, kind || ' ' || n AS name, search_document(kind || ' ' || n, 'Vendor ' || n % 20, '') AS document,
       search_text(kind || ' ' || n || ' Vendor ' || n % 20) AS words
     FROM generate_series(0, 199) AS n, LATERAL (SELECT (ARRAY['Runner','Boot','Sandal','Shirt','Cap'])[n % 5 + 1] AS kind) AS k`,
  `INSERT INTO categories (tenant_id, id, name, slug, parent_id, updated_at)
     SELECT 'org_' || s, 'cat_' || c, 'C', 'c-' || c, CASE WHEN c > 0 THEN 'cat_0' END, now()
     FROM generate_series(1, ${STORES}) AS s, generate_series(0, 9) AS c`,
  `INSERT INTO products (tenant_id, id, name, slug, status, published_at, vendor, product_type, tags, currency_code,
       min_price_amount, max_price_amount, created_at, updated_at)
     SELECT 'org_' || s, 'prod_' || lpad(m.n::text, 5, '0'), name, 'p-' || m.n,
       (CASE WHEN m.n % 10 = 0 THEN 'DRAFT' ELSE 'ACTIVE' END)::"ProductStatus", '2026-01-01',
       'Vendor ' || m.n % 20, 'Type ' || m.n % 7, ARRAY['tag' || m.n % 30], 'USD', m.n % 500, m.n % 500 + 10,
       '2026-01-01'::timestamptz + m.n * interval '1 minute', '2026-02-01'::timestamptz + m.n * interval '1 minute'
     FROM generate_series(1, ${STORES}) AS s, generate_series(1, ${PRODUCTS}) AS i, LATERAL (SELECT (i * 7919) % ${PRODUCTS} AS n) AS m
     JOIN kinds ON kinds.n = m.n % 200`,
  `INSERT INTO product_search SELECT p.tenant_id, p.id, document, words FROM products p JOIN kinds USING (name)`,
  `INSERT INTO product_variants (tenant_id, id, product_id, sku, position, price_amount, currency_code, option_values, available, updated_at)
     SELECT tenant_id, replace(id, 'prod', 'pvar') || v, id, id || v, v, min_price_amount, 'USD',
       jsonb_build_array(jsonb_build_object('option', 'Size', 'value', (40 + v)::text)), v, now()
     FROM products, generate_series(1, ${VARIANTS}) AS v`,
  `INSERT INTO product_sales SELECT tenant_id, id, CASE WHEN min_price_amount < 100 THEN min_price_amount ELSE 0 END FROM products`,
  `INSERT INTO product_categories (tenant_id, product_id, category_id)
     SELECT tenant_id, id, 'cat_' || substr(id, 10, 1) FROM products`,
  'ANALYZE',
];

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
}

async function plan(statement: Prisma.Sql): Promise<Node[]> {
  await app.query('BEGIN');
  try {
    await app.query('SELECT set_tenant($1)', [TENANT]);
    const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`;
    const { rows } = await app.query({ text, values: [...statement.values] });
    return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await app.query('ROLLBACK');
  }
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How many rows a node of the plan has read. */
const looked = (node: Node) =>
  node['Actual Loops'] *
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0));

/** Every access to a table is by an index that begins with the tenant, and reads no more rows than the store has. */
function expectOwnRowsOnly(nodes: Node[], times = 1): void {
  for (const node of nodes) {
    const type = node['Node Type'];
    if (type === 'Index Scan' || type === 'Index Only Scan' || type === 'Bitmap Index Scan') {
      expect(node['Index Cond']).toMatch(/tenant_id = /);
    }
    expect([type, node['Relation Name']]).not.toEqual(['Seq Scan', expect.stringMatching(/^product/)]);
    if (node['Relation Name']) expect(looked(node)).toBeLessThanOrEqual(PRODUCTS * VARIANTS * times);
    if (type.includes('Sort')) expect(looked(node)).toBeLessThanOrEqual(PRODUCTS * VARIANTS * times);
  }
}

const LIST: QueryProductsArgs = { sortKey: 'CREATED_AT', reverse: false };
const statements = (caller: Caller, args: Partial<QueryProductsArgs>) => {
  const list = readList(new CallerContext(caller), { ...LIST, ...args });
  return { page: pageStatement(list), count: countStatement(list), facets: facetsStatement(TENANT, list.facets) };
};
const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const between = (min: string, max: string) => ({ min: usd(min), max: usd(max) });
const cursor = (key: string, value: unknown) =>
  Buffer.from(JSON.stringify([key, value, 'prod_01000'])).toString('base64url');

describe.each<[string, Caller]>([
  ['a shopper', visitor(TENANT)],
  ['staff', admin(TENANT)],
])('for %s', (_who, caller) => {
  it.each<[Partial<QueryProductsArgs>]>([
    [{ sortKey: 'CREATED_AT' }],
    [{ sortKey: 'CREATED_AT', reverse: true }],
    [{ sortKey: 'CREATED_AT', last: 20, before: cursor('CREATED_AT', '2026-01-02T00:00:00.000Z') }],
    [{ sortKey: 'CREATED_AT', after: cursor('CREATED_AT', '2026-01-02T00:00:00.000Z') }],
    [{ sortKey: 'UPDATED_AT', after: cursor('UPDATED_AT', '2026-02-02T00:00:00.000Z') }],
    [{ sortKey: 'NAME' }],
    [{ sortKey: 'NAME', after: cursor('NAME', 'Cap 104') }],
    [{ sortKey: 'PRICE' }],
    [{ sortKey: 'BEST_SELLING' }],
    [{ sortKey: 'BEST_SELLING', after: cursor('BEST_SELLING', '50') }],
    [{ sortKey: 'BEST_SELLING', reverse: true, after: cursor('BEST_SELLING', '0') }],
    [{ sortKey: 'PRICE', reverse: true, after: cursor('PRICE', '250') }],
  ])('a page by %j is read from its index at the cursor, without a sort', async (args) => {
    const nodes = await plan(statements(caller, args).page);
    expectOwnRowsOnly(nodes);
    expect(nodes.map((node) => node['Node Type']).filter((type) => type.includes('Sort'))).toEqual([]);
    for (const node of nodes) if (node['Relation Name']) expect(looked(node)).toBeLessThan(60);
  });

  it.each<[Partial<QueryProductsArgs>]>([
    [{ where: { includeDescendants: false, statuses: ['DRAFT'] } }],
    [{ where: { includeDescendants: false, categoryId: 'cat_3' } }],
    [{ where: { includeDescendants: true, categoryId: 'cat_0' } }],
    [{ where: { includeDescendants: false, tags: ['tag3'] }, sortKey: 'NAME' }],
    [{ where: { includeDescendants: false, vendors: ['Vendor 3'], productTypes: ['Type 2'] }, sortKey: 'PRICE' }],
    [
      {
        where: {
          includeDescendants: false,
          price: { min: { amount: '1', currencyCode: 'USD' } },
          availableForSale: true,
        },
      },
    ],
    [{ where: { includeDescendants: false, availableForSale: false } }],
    [{ where: { includeDescendants: false, price: between('1', '2') } }],
    [{ where: { includeDescendants: false, price: between('1', '4.99'), vendors: ['Vendor 3'] }, sortKey: 'PRICE' }],
    [{ where: { includeDescendants: false, optionValues: [{ option: 'Size', value: '42' }] } }],
    [{ query: 'runner 105' }],
    [{ query: 'run', sortKey: 'RELEVANCE' }],
    [{ query: 'Rnuner', sortKey: 'RELEVANCE' }],
    [{ query: 'prod_010001', sortKey: 'RELEVANCE' }],
    [{ query: 'boot', where: { includeDescendants: true, categoryId: 'cat_0', tags: ['tag1'] }, sortKey: 'PRICE' }],
    [{}],
  ])('page, count and facets of %j read the store’s rows only', async (args) => {
    const { page, count, facets } = statements(caller, args);
    for (const statement of [page, count, facets]) expectOwnRowsOnly(await plan(statement));
  });

  it('page, count and facets of several categories together read the store’s rows only, for each of them', async () => {
    const lists = [
      { id: 'cat_0', value: ['cat_0', 'cat_1', 'cat_2'] },
      { id: 'cat_1', value: ['cat_1'] },
      { id: 'cat_none', value: ['cat_none'] },
    ];
    const within = inCategories(TENANT, Prisma.sql`list.value`);
    const list = readList(
      new CallerContext(caller),
      { ...LIST, where: { includeDescendants: false, tags: ['tag1'] } },
      within,
    );
    for (const statement of [pageStatement(list), countStatement(list), facetsStatement(TENANT, list.facets)]) {
      expectOwnRowsOnly(await plan(eachStatement(lists, statement)), lists.length);
    }
  });
});
