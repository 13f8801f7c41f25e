import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { LeaseLost } from '../../shared/lease';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openTenantDatabase } from '../database';
import { type Erasure, eraseDue, eraseStore } from './erasure';
import { changeStoreStatus } from './storeStatus';

// Of its own: a running subgraph erases what is due, too.
let own: TestDatabase;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;

beforeAll(async () => {
  own = await createTestDatabase('tenant');
  database = await openTenantDatabase(own.appUrl, 4);
});
afterAll(async () => {
  await database?.close();
  await own?.drop();
});

/** Stubs of the other subgraphs: the calls that they got, and what they answer. */
function erasureWith(answers: { product?: () => Promise<object>; order?: () => Promise<object> } = {}) {
  const asked: string[] = [];
  const client = (name: 'product' | 'order') => ({
    erase: async (tenantId: string) => {
      asked.push(`${name} ${tenantId}`);
      return (await (answers[name]?.() ?? { [`${name}s`]: 2 })) as Record<string, number>;
    },
    export: () => Promise.reject(new Error('nothing is exported here')),
    close: async () => {},
  });
  const { db, inTransaction } = database;
  const others = { product: client('product'), order: client('order') };
  const erasure: Erasure = { db, inTransaction, others, logger: createLogger('tenant', 'silent') };
  return { asked, erasure };
}

async function makeStore(slug = freshTenantId().replaceAll('_', '-')): Promise<string> {
  const tenantId = freshTenantId();
  await runInScope({ tenantId }, () =>
    database.db.tenant.create({ data: { tenantId, slug, name: 'Ada’s shop', settings: { create: {} } } }),
  );
  return tenantId;
}

async function makeDeletedStore(dueInMs: number): Promise<string> {
  const tenantId = await makeStore();
  await changeStoreStatus(database.db, tenantId, { kind: 'DELETE' });
  const eraseAfter = new Date(Date.now() + dueInMs);
  await runInScope({ tenantId }, () => database.db.tenant.updateMany({ where: { tenantId }, data: { eraseAfter } }));
  return tenantId;
}

const storeOf = (tenantId: string) =>
  runInScope({ tenantId }, () =>
    database.db.tenant.findFirstOrThrow({ where: { tenantId }, include: { settings: true, erasures: true } }),
  );

describe('a store is not erased', () => {
  it('while it is open, even on demand', async () => {
    const { asked, erasure } = erasureWith();
    const tenantId = await makeStore();
    expect(await eraseStore(erasure, tenantId)).toBeNull();
    expect(asked).toEqual([]);
    expect((await storeOf(tenantId)).settings).not.toBeNull();
  });

  it('before its grace period is over', async () => {
    const { erasure } = erasureWith();
    const tenantId = await makeDeletedStore(60_000);
    expect(await eraseDue(erasure)).not.toContain(tenantId);
    expect((await storeOf(tenantId)).erasedAt).toBeNull();
  });
});

describe('a deleted store whose grace period is over', () => {
  it('is erased in every database, with a receipt for each, and nothing of it stays', async () => {
    const { asked, erasure } = erasureWith();
    const [due, other] = [await makeDeletedStore(-1), await makeStore()];
    expect(await eraseDue(erasure)).toEqual([due]);
    expect(asked).toEqual([`order ${due}`, `product ${due}`]);

    const { name, slug, settings, erasures, erasedAt } = await storeOf(due);
    expect({ name, slug, settings }).toEqual({ name: '', slug: `erased ${due}`, settings: null });
    expect(erasedAt).toBeInstanceOf(Date);
    expect(erasures.map(({ subgraph, erasedRows }) => [subgraph, erasedRows])).toEqual(
      expect.arrayContaining([
        ['order', { orders: 2 }],
        ['product', { products: 2 }],
        ['tenant', { tenant_settings: 1, outbox_events: 1 }],
      ]),
    );
    expect((await storeOf(other)).settings).not.toBeNull();
    expect(await eraseDue(erasure)).toEqual([]);
  });

  it('is erased once by two concurrent processes', async () => {
    const { asked, erasure } = erasureWith();
    const due = await makeDeletedStore(-1);
    const runs = await Promise.all([eraseDue(erasure), eraseDue(erasure)]);
    expect(runs.flat()).toEqual([due]);
    expect(asked).toEqual([`order ${due}`, `product ${due}`]);
  });

  it('is erased by the second process when the first is too slow, which then marks nothing', async () => {
    const due = await makeDeletedStore(-1);
    const second = erasureWith({ product: async () => ({ products: 0 }) });
    const first = erasureWith({
      product: async () => {
        await asOwner(own.ownerUrl, due, "UPDATE tenants SET erasure_lease_until = now() - interval '1 second'");
        expect(await eraseStore(second.erasure, due)).toHaveLength(3);
        await asOwner(own.ownerUrl, due, "UPDATE tenants SET erased_at = '2000-01-01'");
        return { products: 2 };
      },
    });
    await expect(eraseStore(first.erasure, due)).rejects.toThrow(LeaseLost);
    const { erasedAt, erasures } = await storeOf(due);
    expect(erasedAt).toEqual(new Date('2000-01-01T00:00:00Z'));
    expect(erasures.find(({ subgraph }) => subgraph === 'product')?.erasedRows).toEqual({ products: 0 });
  });

  it('keeps its receipts when a subgraph is down, can’t be restored, and is erased by the next run', async () => {
    let isAway = true;
    const { asked, erasure } = erasureWith({
      product: async () => {
        if (isAway) throw new Error('away');
        return { products: 7 };
      },
    });
    const due = await makeDeletedStore(-1);
    expect(await eraseDue(erasure)).toEqual([]);
    expect(await storeOf(due)).toMatchObject({ erasedAt: null, settings: {}, erasures: [{ subgraph: 'order' }] });
    expect(await changeStoreStatus(database.db, due, { kind: 'RESTORE' })).toBeNull();

    isAway = false;
    expect(await eraseDue(erasure)).toEqual([due]);
    expect(asked.filter((call) => call.startsWith('order'))).toHaveLength(1);
    expect((await storeOf(due)).erasures).toHaveLength(3);
  });

  it('frees its slug, and its organization opens no new store', async () => {
    const { erasure } = erasureWith();
    const due = await makeDeletedStore(-1);
    await eraseDue(erasure);
    const rows = await asOwner(own.ownerUrl, due, 'SELECT slug, status FROM tenants');
    expect(rows).toEqual([{ slug: `erased ${due}`, status: 'DELETED' }]);
  });
});
