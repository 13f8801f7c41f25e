import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { asOwner } from '../../subgraphs/shared/test/asOwner';
import { checksumOfTenant } from '../../subgraphs/shared/test/checksumOfTenant';
import { eventually } from '../../subgraphs/shared/test/eventHarness';
import { untilDelivered } from '../../subgraphs/shared/test/untilDelivered';
import { type Answer, type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

const PRODUCTS = '{ currentTenant { status } products(first: 5) { nodes { name } } }';
const CREATE = 'mutation { categoryCreate(input: { name: "Shoes" }) { category { id } userErrors { code } } }';

const codeOf = ({ body }: Answer) => body.errors?.[0]?.extensions?.code;

/** A gateway caches a store for 5 seconds, so this repeats the request until the answer is as expected, at most 10 seconds. */
async function until(ask: () => Promise<Answer>, isExpected: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isExpected(answer) || Date.now() > deadline) return answer;
    await sleep(100);
  }
}

async function makeStocked(name: string): Promise<TestStore> {
  const store = await graph.makeStore(name);
  const input = {
    name: `Shoe of ${name}`,
    status: 'ACTIVE',
    variants: [{ sku: 'A', price: { amount: '10', currencyCode: 'USD' }, quantityOnHand: 5 }],
  };
  const created = await graph.ask(
    store.admin,
    'mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { variants { nodes { id } } } } }',
    { input },
  );
  const lines = [{ variantId: created.body.data.productCreate.product.variants.nodes[0].id, quantity: 1 }];
  const address = { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', province: 'CA', countryCode: 'US' };
  await openCheckout(graph.ownerUrl('order'), store.id);
  const ordered = await graph.ask(
    store.customer(),
    'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } userErrors { code message } } }',
    {
      input: {
        lines,
        email: 'ada@example.com',
        shippingAddress: address,
        paymentMethodId: TEST_METHOD,
        idempotencyKey: 'placed-once-by-a-guest',
      },
    },
  );
  const { order, userErrors } = ordered.body.data.orderCreate;
  expect(userErrors).toEqual([]);
  // Waits for the work after the answer, too: the payment is captured, and the sale is counted.
  await eventually(async () => {
    const saga = await graph.ask(store.admin, 'query ($id: ID!) { order(id: $id) { saga { state } } }', order);
    expect(saga.body.data.order.saga.state).toBe('DONE');
    const sales = await asOwner(
      graph.ownerUrl('product'),
      store.id,
      'SELECT sold_quantity::int AS sold FROM product_sales',
    );
    expect(sales).toEqual([{ sold: 1 }]);
  });
  return store;
}

async function exportOf(headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(`${graph.gatewayUrl}/api/export`, { headers });
  return { status: response.status, text: await response.text() };
}

/** The operator's command, as its own process with the tenant service's environment. */
function command(...args: string[]): { lines: string[]; status: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--require', './gateway/dev/ts', 'subgraphs/tenant/lifecycle/command.ts', ...args],
    { env: { ...process.env, ...graph.env() }, encoding: 'utf8' },
  );
  return { lines: `${stdout}${stderr}`.trim().split('\n'), status };
}

it('a suspended store is closed to shoppers, readable for its staff, and unchangeable, until it is resumed', async () => {
  const store = await graph.makeStore('suspended');
  const suspend = 'mutation { tenantSuspend(input: {}) { tenant { status } userErrors { code } } }';
  expect(codeOf(await graph.ask(store.member, suspend))).toBe('FORBIDDEN');
  const { body } = await graph.ask(store.admin, suspend);
  expect(body.data.tenantSuspend).toEqual({ tenant: { status: 'SUSPENDED' }, userErrors: [] });

  for (const shopper of [store.visitor, store.customer()]) {
    const answer = await until(
      () => graph.ask(shopper, PRODUCTS),
      (it) => codeOf(it) === 'STORE_UNAVAILABLE',
    );
    expect([answer.status, codeOf(answer), answer.body.data]).toEqual([403, 'STORE_UNAVAILABLE', undefined]);
  }
  for (const staff of [store.member, store.admin]) {
    const refused = await until(
      () => graph.ask(staff, CREATE),
      (it) => codeOf(it) === 'STORE_UNAVAILABLE',
    );
    expect(codeOf(refused)).toBe('STORE_UNAVAILABLE');
    const read = await graph.ask(staff, PRODUCTS);
    expect(read.body).toEqual({ data: { currentTenant: { status: 'SUSPENDED' }, products: { nodes: [] } } });
  }

  const resumed = await graph.ask(store.admin, 'mutation { tenantResume { tenant { status } userErrors { code } } }');
  expect(resumed.body.data.tenantResume).toEqual({ tenant: { status: 'ACTIVE' }, userErrors: [] });
  const open = await until(
    () => graph.ask(store.visitor, PRODUCTS),
    (it) => it.body.data !== undefined,
  );
  expect(open.body.data.currentTenant.status).toBe('ACTIVE');
}, 60_000);

describe('GET /api/export', () => {
  it('is refused to all but the admins of the store', async () => {
    const store = await graph.makeStore('private');
    const inAdminsPlace = graph.bearer({ ...store, role: 'admin' }, 'user_staff', 2, 'user_support');
    for (const headers of [store.customer(), store.member, inAdminsPlace]) {
      const { status, text } = await exportOf(headers);
      expect([status, JSON.parse(text).errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    }
    for (const headers of [{}, store.visitor]) expect((await exportOf(headers)).status).toBe(401);
  });

  it('has all of the store’s rows in the three databases, and none of another’s', async () => {
    const [store, other] = [await makeStocked('own'), await makeStocked('other')];
    const { status, text } = await exportOf(store.admin);
    expect(status).toBe(200);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ rows }) => rows).map(({ database }) => database)).toEqual(['tenant', 'product', 'order']);
    for (const { database, rows } of lines.filter((line) => line.rows)) {
      for (const [table, count] of Object.entries(rows)) {
        const exported = lines.filter((line) => line.database === database && line.table === table);
        expect(exported).toHaveLength(count as number);
      }
    }
    expect(lines.filter(({ row }) => row).every(({ row }) => row.tenant_id === store.id)).toBe(true);
    expect(lines.find(({ table }) => table === 'orders').row.email).toBe('ada@example.com');
    expect(text).not.toContain(other.id);
  });
});

it('a deleted store is closed to everybody, and erased in the three databases, with a receipt for each', async () => {
  const [store, other] = [await makeStocked('deleted'), await makeStocked('stays')];
  const databases = ['tenant', 'product', 'order'] as const;
  const ownerUrls = databases.map((name) => graph.ownerUrl(name));
  const checksums = () => Promise.all(ownerUrls.map((url) => checksumOfTenant(url, other.id)));
  await untilDelivered(ownerUrls, other.id);
  const before = await checksums();

  const { body } = await graph.ask(
    store.admin,
    'mutation ($slug: String!) { tenantDelete(input: { confirmSlug: $slug }) { userErrors { code } } }',
    { slug: store.slug },
  );
  expect(body.data.tenantDelete.userErrors).toEqual([]);
  for (const headers of [store.visitor, store.customer(), store.member, store.admin]) {
    const answer = await until(
      () => graph.ask(headers, PRODUCTS),
      (it) => codeOf(it) === 'STORE_UNAVAILABLE',
    );
    expect(codeOf(answer)).toBe('STORE_UNAVAILABLE');
  }

  expect(command('erase', '--tenant', other.id, '--now').status).toBe(1);
  const { lines, status } = command('erase', '--tenant', store.id, '--now');
  expect(status).toBe(0);
  const receipts = lines.map((line) => JSON.parse(line));
  expect(receipts.map(({ subgraph }) => subgraph)).toEqual(['order', 'product', 'tenant']);
  expect(receipts[0].erasedRows).toMatchObject({ orders: 1, order_items: 1 });
  expect(receipts[1].erasedRows).toMatchObject({ products: 1, product_variants: 1 });

  for (const name of ['product', 'order'] as const) {
    const left = await checksumOfTenant(graph.ownerUrl(name), store.id);
    expect(left).toEqual(await checksumOfTenant(graph.ownerUrl(name), 'org_never_was'));
  }
  const rows = await asOwner(
    graph.ownerUrl('tenant'),
    store.id,
    'SELECT name, erased_at IS NOT NULL AS erased FROM tenants',
  );
  expect(rows).toEqual([{ name: '', erased: true }]);
  expect(await checksums()).toEqual(before);
}, 60_000);

describe('a store is restored from its export', () => {
  const exportLines = (store: TestStore) => command('export', '--tenant', store.id).lines;
  /** To compare: PostgreSQL gives the rows of a table in any order. */
  const exported = (store: TestStore) => exportLines(store).sort();
  const databases = () => (['tenant', 'product', 'order'] as const).map((name) => graph.ownerUrl(name));
  const file = () => join(graph.mediaPath, `${crypto.randomUUID()}.jsonl`);

  it('and is refused of another store, of one that is not whole, and over rows that nobody said may go', async () => {
    const [store, other] = [await graph.makeStore('refused'), await graph.makeStore('elsewhere')];
    const [whole, cut] = [file(), file()];
    await untilDelivered(databases(), store.id);
    const lines = exported(store);
    await writeFile(whole, lines.join('\n'));
    await writeFile(cut, lines.filter((line) => !line.includes('"rows":')).join('\n'));
    for (const [args, said] of [
      [['--tenant', other.id, '--file', whole, '--replace'], 'is of another store'],
      [['--tenant', store.id, '--file', cut, '--replace'], 'The export is not whole'],
      [['--tenant', store.id, '--file', whole], 'confirm by --replace'],
      [['--tenant', store.id], '--file is missing'],
    ] as const) {
      const { lines: output, status } = command('import', ...args);
      expect([status, output.join(' ')]).toEqual([1, expect.stringContaining(said)]);
    }
    expect(exported(store)).toEqual(lines);
  }, 60_000);

  it('with its programs’ tokens revoked: one may have been revoked after the export', async () => {
    const store = await graph.makeStore('tokens');
    const create = `mutation { appTokenCreate(input: { name: "ERP", permissions: ["orders:read"] }) { token } }`;
    const { token } = (await graph.ask(store.admin, create)).body.data.appTokenCreate;
    const backup = file();
    await writeFile(backup, exportLines(store).join('\n'));
    expect(command('import', '--tenant', store.id, '--file', backup, '--replace').status).toBe(0);
    const asked = await graph.ask({ authorization: `Bearer ${token}` }, '{ orders(first: 1) { nodes { id } } }');
    expect([asked.status, asked.body.errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
  }, 60_000);

  it('after its erasure: the same export again, with the same ids', async () => {
    const [store, other] = [await makeStocked('restored'), await makeStocked('beside')];
    await untilDelivered(databases(), store.id);
    await untilDelivered(databases(), other.id);
    const others = exported(other);
    const backup = file();
    const lines = exportLines(store);
    await writeFile(backup, lines.join('\n'));

    expect(command('delete', '--tenant', store.id).status).toBe(0);
    expect(command('erase', '--tenant', store.id, '--now').status).toBe(0);
    const imported = command('import', '--tenant', store.id, '--file', backup, '--replace');
    expect(imported).toEqual({ status: 0, lines: Array(3).fill(expect.stringContaining('"rows"')) });

    expect(exported(store)).toEqual(lines.sort());
    expect(exported(other)).toEqual(others);
    const open = await until(
      () => graph.ask(store.visitor, PRODUCTS),
      (it) => it.body.data?.products?.nodes.length === 1,
    );
    expect(open.body.data.products.nodes).toEqual([{ name: 'Shoe of restored' }]);
  }, 90_000);
});

it("the operator's commands suspend a store so that its own admin can't resume it, and report errors", async () => {
  const store = await graph.makeStore('unpaid');
  expect(command('suspend', '--tenant', store.id, '--reason', 'unpaid')).toEqual({
    lines: [JSON.stringify({ tenant: store.id, status: 'SUSPENDED' })],
    status: 0,
  });
  const { body } = await graph.ask(store.admin, 'mutation { tenantResume { userErrors { code } } }');
  expect(body.data.tenantResume.userErrors).toEqual([{ code: 'SUSPENDED_BY_PLATFORM' }]);
  expect(command('suspend', '--tenant', store.id).status).toBe(1);
  expect(command('resume', '--tenant', store.id).status).toBe(0);
  expect(command('export', '--tenant', store.id).lines.length).toBeGreaterThan(3);
  expect(command('vanish').lines[0]).toContain('npm run -s tenants');
}, 60_000);
