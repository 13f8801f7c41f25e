import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { type Db, openProductDatabase } from '../../product/database';
import { runInScope, ScopeMissing } from '../scope';
import { TenantPool } from '../tenantPool';
import { freshTenantId } from './askSubgraph';
import { addCategory, interleaveTwoTenants } from './interleaveTwoTenants';

const POOL_SIZE = 2;
let database: TestDatabase;
let db: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase('product');
  ({ db, close } = await openProductDatabase(database.appUrl, POOL_SIZE));
});
afterAll(async () => {
  await close();
  await database.drop();
});

const makeCategory = (tenantId: string) => addCategory(db, tenantId, 'Category');

describe('a statement', () => {
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

it('a role that owns tables is refused at start', async () => {
  await expect(openProductDatabase(database.ownerUrl)).rejects.toThrow(/can get round row-level security/);
});

it('a role that may wait for ever is refused at start', async () => {
  const patient = new URL(database.appUrl);
  patient.searchParams.set('options', '-c lock_timeout=0');
  await expect(openProductDatabase(patient.href)).rejects.toThrow(/no statement_timeout or no lock_timeout/);
});
