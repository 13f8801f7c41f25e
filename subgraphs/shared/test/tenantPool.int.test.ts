import { withClient } from '../../../prisma/databases';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { type Db, openProductDatabase } from '../../product/database';
import { ReadCanceled, withCancellation } from '../cancellation';
import { processRegistry } from '../metrics/processMetrics';
import { runInScope, ScopeMissing } from '../scope';
import { TenantPool } from '../tenantPool';
import { freshTenantId } from './askSubgraph';
import { abandonAmongOthers, abandonOneOfTwo, readFor } from './cancelReads';
import { addCategory, interleaveTwoTenants } from './interleaveTwoTenants';
import { metricValue } from './metricValue';

const POOL_SIZE = 2;
let database: TestDatabase;
let db: Db;
let ready: () => Promise<void>;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase('product');
  ({ db, ready, close } = await openProductDatabase(database.appUrl, POOL_SIZE));
});
afterAll(async () => {
  await close();
  await database?.drop();
});

const makeCategory = (tenantId: string) => addCategory(db, tenantId, 'Category');

describe('a statement', () => {
  it('outside a transaction is refused on a connection that Prisma took to begin one', async () => {
    const pool = new TenantPool({ connectionString: database.appUrl, max: 1 });
    await runInScope({ tenantId: 'org_x' }, async () => {
      const client = await pool.connect();
      for (const text of ['SELECT 1', 'BEGIN; SELECT 1']) {
        await expect(client.query({ text })).rejects.toThrow(ScopeMissing);
      }
      client.release();
    });
    await pool.end();
  });

  it('without a scope is an error before it is sent', async () => {
    await expect(db.category.findMany()).rejects.toThrow(ScopeMissing);
    await expect(db.$transaction(async (tx) => tx.category.findMany())).rejects.toThrow(ScopeMissing);
    await expect(db.$queryRaw`SELECT * FROM categories`).rejects.toThrow(ScopeMissing);
  });

  it('that names no tenant still sees the scope’s rows only', async () => {
    const [a, b] = [freshTenantId('a'), freshTenantId('b')];
    await makeCategory(a);
    await makeCategory(b);
    const seen = await runInScope({ tenantId: a }, () => db.category.findMany());
    expect(new Set(seen.map(({ tenantId }) => tenantId))).toEqual(new Set([a]));
  });

  it('can’t write, change, move or delete a row of another tenant', async () => {
    const [a, b] = [freshTenantId('a'), freshTenantId('b')];
    const theirs = await makeCategory(b);
    const mine = await makeCategory(a);
    await runInScope({ tenantId: a }, async () => {
      await expect(db.category.create({ data: { tenantId: b, id: 'cat_x', name: 'x', slug: 'x' } })).rejects.toThrow();
      await expect(db.category.updateMany({ where: { id: mine.id }, data: { tenantId: b } })).rejects.toThrow();
      expect(await db.category.updateMany({ where: { tenantId: b }, data: { name: 'stolen' } })).toEqual({ count: 0 });
      expect(await db.category.deleteMany({ where: { id: theirs.id } })).toEqual({ count: 0 });
    });
    const after = await runInScope({ tenantId: b }, () =>
      db.category.findFirst({ where: { tenantId: b, id: theirs.id } }),
    );
    expect(after?.name).toBe('Category');
  });

  it('of a transaction is refused in another scope than the transaction began in', async () => {
    const [a, b] = [freshTenantId('a'), freshTenantId('b')];
    const wrong = runInScope({ tenantId: a }, () =>
      db.$transaction((tx) => runInScope({ tenantId: b }, () => tx.category.findMany({ where: { tenantId: b } }))),
    );
    await expect(wrong).rejects.toThrow(ScopeMissing);
  });
});

it('findUnique and $transaction([…]) are refused at run time, too', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the types forbid what is tried here.
  const untyped = db as any;
  const where = { tenantId_id: { tenantId: 'org_x', id: 'cat_x' } };
  await runInScope({ tenantId: 'org_x' }, async () => {
    for (const method of ['findUnique', 'findUniqueOrThrow']) {
      await expect((async () => untyped.category[method]({ where }))()).rejects.toThrow(/use findFirst/);
    }
    // biome-ignore lint/plugin: the linter forbids it, too.
    await expect((async () => untyped.$transaction([db.category.count()]))()).rejects.toThrow(/pass a function/);
  });
});

it('10,000 interleaved requests of two tenants on a pool of two connections never see each other', async () => {
  expect(await interleaveTwoTenants(db, 10_000)).toEqual({ done: 10_000, wrong: [] });
}, 120_000);

it('nothing of a tenant stays on a connection', async () => {
  const pool = new TenantPool({ connectionString: database.appUrl, max: 1 });
  try {
    const tenantId = freshTenantId();
    const bound = await runInScope({ tenantId }, () =>
      pool.query("SELECT current_setting('app.tenant_id', true) AS id"),
    );
    expect(bound.rows[0].id).toBe(tenantId);
    const after = await pool.inspect("SELECT current_setting('app.tenant_id', true) AS id");
    expect(after.rows[0].id || null).toBeNull();
  } finally {
    await pool.end();
  }
});

describe('a frequently sent statement', () => {
  let pool: TenantPool;
  const rename = () =>
    runInScope({ tenantId: 'org_often' }, () =>
      pool.query("UPDATE categories SET name = name WHERE id = 'x' RETURNING *"),
    );
  const countNamed = async () => {
    const { rows } = await pool.inspect('SELECT count(*)::int AS count FROM pg_prepared_statements');
    return rows[0].count;
  };
  const change = (sql: string) => withClient(database.ownerUrl, (client) => client.query(sql));

  beforeEach(async () => {
    pool = new TenantPool({ connectionString: database.appUrl, max: 1 });
    await pool.nameStatements();
  });
  afterEach(() => pool?.end());

  it('is parsed and planned once for each connection, and so is the one that binds its scope', async () => {
    for (let times = 0; times < 5; times += 1) await rename();
    expect(await countNamed()).toBe(2);
  });

  it('also within a transaction', async () => {
    const client = await runInScope({ tenantId: 'org_often' }, () => pool.connect());
    await runInScope({ tenantId: 'org_often' }, async () => {
      await client.query({ text: 'BEGIN' });
      for (let times = 0; times < 5; times += 1)
        await client.query({ text: "SELECT name FROM categories WHERE id = 'x' FOR NO KEY UPDATE" });
      await client.query({ text: 'COMMIT' });
    });
    client.release();
    expect(await countNamed()).toBe(1);
  });

  it('is planned each time for its store when a query sends it', async () => {
    const list = () =>
      runInScope({ tenantId: 'org_often' }, () =>
        readFor(new AbortController().signal, () => pool.query('SELECT name FROM categories ORDER BY id LIMIT 10')),
      );
    for (let times = 0; times < 5; times += 1) await list();
    const { rows } = await pool.inspect(`SELECT statement FROM pg_prepared_statements`);
    expect(rows).toEqual([{ statement: 'SELECT set_tenant($1)' }]);
  });

  it('whose result type a migration changes fails once on a connection, which is then closed', async () => {
    for (let times = 0; times < 5; times += 1) await rename();
    await change('ALTER TABLE categories ADD COLUMN scratch int');
    try {
      await expect(rename()).rejects.toThrow('cached plan must not change result type');
      await rename();
    } finally {
      await change('ALTER TABLE categories DROP COLUMN scratch');
    }
  });
});

describe('a read of a caller who has disconnected', () => {
  let roomy: Awaited<ReturnType<typeof openProductDatabase>>;
  beforeAll(async () => {
    roomy = await openProductDatabase(database.appUrl, 8);
  });
  afterAll(() => roomy?.close());

  it('is not sent, but a change is', async () => {
    const pool = new TenantPool({ connectionString: database.appUrl, max: 1 });
    const gone = AbortSignal.abort();
    const inGone = <Result>(work: () => Promise<Result>) => runInScope({ tenantId: 'org_gone' }, work);
    await expect(inGone(() => readFor(gone, () => pool.query('SELECT 1')))).rejects.toThrow(ReadCanceled);
    expect(pool.totalCount).toBe(0);
    const change = () => pool.query("UPDATE categories SET name = name WHERE id = 'x'");
    const changed = inGone(() => withCancellation(() => gone, change));
    await expect(changed).resolves.toMatchObject({ rowCount: 0 });
    await pool.end();
  });

  it.each([
    ['changes rows', 'UPDATE categories SET name = name'],
    ['changes rows and begins as a list', 'WITH due AS (DELETE FROM categories RETURNING *) SELECT * FROM due'],
    ['locks rows', 'SELECT 1 FROM categories FOR SHARE'],
    ['locks rows for a change', 'SELECT 1 FROM categories\nFOR UPDATE'],
  ])('is refused by PostgreSQL when it %s, since canceling would lose the change', async (_what, sql) => {
    const pool = new TenantPool({ connectionString: database.appUrl, max: 1 });
    const send = () =>
      runInScope({ tenantId: 'org_gone' }, () => readFor(new AbortController().signal, () => pool.query(sql)));
    await expect(send()).rejects.toThrow('read-only transaction');
    await pool.end();
  });

  it('is canceled in PostgreSQL, and no other read', async () => {
    const { slept, left } = await abandonOneOfTwo(roomy.db, database.appUrl);
    expect(left).toEqual(slept.slice(0, 1));
  });

  it('disturbs no read of another tenant, at any time of its cancellation', async () => {
    const { done, wrong } = await abandonAmongOthers(roomy.db);
    expect(wrong).toEqual([]);
    expect(done).toBeGreaterThan(0);
  }, 60_000);
});

it('a role that owns tables is refused at start', async () => {
  await expect(openProductDatabase(database.ownerUrl)).rejects.toThrow(/can bypass row-level security/);
});

it('a role without timeouts is refused at start', async () => {
  const patient = new URL(database.appUrl);
  patient.searchParams.set('options', '-c lock_timeout=0');
  await expect(openProductDatabase(patient.href)).rejects.toThrow(/no statement_timeout or no lock_timeout/);
});

describe('a database is ready', () => {
  const owner = (sql: string) => withClient(database.ownerUrl, (client) => client.query(sql));
  const NEWEST = `(SELECT max(migration_name) FROM _prisma_migrations)`;

  it('when each migration of this version is applied, and no sooner', async () => {
    await owner(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = ${NEWEST}`);
    await expect(ready()).rejects.toThrow(
      /^The database lacks the migration \d{14}_\w+: run npm run migration:product:run$/,
    );
    await owner(`UPDATE _prisma_migrations SET finished_at = now() WHERE migration_name = ${NEWEST}`);
    await owner(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', '', '30000101000000_of_the_next_version', now())`,
    );
    await ready();
  });
});

describe('metrics', () => {
  const of = async (name: string, labels: Record<string, string>) =>
    metricValue(await processRegistry.metrics(), name, { db_namespace: database.name, role: 'product_app', ...labels });

  it('measure each round trip by whose rows it may see, and by SQLSTATE where it fails, and the wait for a connection', async () => {
    const trips = 'db_client_operation_duration_seconds_count';
    const waits = 'db_client_connection_wait_time_seconds_count';
    const tenant = { scope: 'tenant', error_type: '' };
    const failed = { scope: 'tenant', error_type: '22012' };
    const read = async () => [await of(trips, tenant), await of(trips, failed), await of(waits, {})];
    const before = await read();
    const tenantId = freshTenantId();
    await runInScope({ tenantId }, async () => {
      await db.$queryRaw`SELECT 1`;
      // BEGIN, the statement, COMMIT.
      await db.$transaction(async (tx) => void (await tx.$queryRaw`SELECT 1`));
      await expect(db.$queryRaw`SELECT 1 / 0`).rejects.toThrow();
    });
    await runInScope({ task: 'event_prune' }, async () => void (await db.$queryRaw`SELECT 1`));
    const added = (await read()).map((count, index) => count - (before[index] ?? 0));
    expect(added).toEqual([4, 1, 4]);
    expect(await of(trips, { scope: 'event_prune' })).toBe(1);
    expect(await processRegistry.metrics()).not.toContain(tenantId);
  });
});
