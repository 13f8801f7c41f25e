import { existsSync } from 'node:fs';
import { appRole, withClient } from '../../../prisma/databases';
import { type PgBouncer, startPgBouncer } from '../../../prisma/test/pgBouncer';
import { createTestDatabase, type TestDatabase, testServer } from '../../../prisma/testDatabase';
import { type Db, openProductDatabase } from '../../product/database';
import { newId } from '../ids';
import { runInScope } from '../scope';
import { freshTenantId } from './askSubgraph';
import { abandonAmongOthers, abandonOneOfTwo } from './cancelReads';
import { addCategory, interleaveTwoTenants } from './interleaveTwoTenants';

const isInstalled = existsSync('/usr/sbin/pgbouncer') || process.env.REQUIRE_SERVICES === '1';

(isInstalled ? describe : describe.skip)('behind PgBouncer in transaction mode (Debian’s pgbouncer)', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;
  let db: Db;
  let close: () => Promise<void>;

  beforeAll(async () => {
    database = await createTestDatabase('product');
    const zone = `ALTER ROLE ${appRole('product')} IN DATABASE ${database.name} SET TimeZone = 'Asia/Kathmandu'`;
    await withClient(testServer().adminUrl, (superuser) => superuser.query(zone));
    bouncer = await startPgBouncer(database.appUrl, 3);
    ({ db, close } = await openProductDatabase(bouncer.url, 12));
  });
  afterAll(async () => {
    await close();
    await bouncer?.stop();
    await database?.drop();
  });

  it('two tenants on twelve client connections, which share three server connections, never see each other', async () => {
    expect(await interleaveTwoTenants(db, 3_000)).toEqual({ done: 3_000, wrong: [] });
  }, 120_000);

  it('a rolled back transaction leaves nothing behind, and another tenant’s row is refused', async () => {
    const [a, b] = [freshTenantId('a'), freshTenantId('b')];
    const undone = runInScope({ tenantId: a }, () =>
      db.$transaction(async (tx) => {
        await tx.category.create({ data: { tenantId: a, id: newId('cat'), name: 'Undone', slug: 'undone' } });
        throw new Error('on purpose');
      }),
    );
    await expect(undone).rejects.toThrow('on purpose');
    await expect(
      runInScope({ tenantId: a }, () =>
        db.category.create({ data: { tenantId: b, id: newId('cat'), name: 'Stray', slug: 'stray' } }),
      ),
    ).rejects.toThrow();
    await addCategory(db, a, 'Kept');
    const kept = await runInScope({ tenantId: a }, () => db.category.findMany({ select: { name: true } }));
    expect(kept).toEqual([{ name: 'Kept' }]);
  });

  it('a read of a disconnected caller is canceled in PostgreSQL, and no other that shares its connections', async () => {
    const { slept, left } = await abandonOneOfTwo(db, database.appUrl);
    expect(left).toEqual(slept.slice(0, 1));
    const { done, wrong } = await abandonAmongOthers(db);
    expect(wrong).toEqual([]);
    expect(done).toBeGreaterThan(0);
  }, 60_000);

  it('times are in UTC, whatever the database has', async () => {
    const zones = runInScope(
      { tenantId: freshTenantId() },
      () => db.$queryRaw`SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style`,
    );
    expect(await zones).toEqual([{ zone: 'UTC', style: 'ISO, MDY' }]);
  });

  it('the app role’s timeouts apply', async () => {
    const limits = runInScope(
      { tenantId: freshTenantId() },
      () =>
        db.$queryRaw`SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock`,
    );
    expect(await limits).toEqual([{ statement: '10s', lock: '2s' }]);
  });
});
