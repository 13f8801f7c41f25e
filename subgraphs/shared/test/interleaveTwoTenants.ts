import type { Db } from '../../product/database';
import { newId } from '../ids';
import { runInScope } from '../scope';
import { freshTenantId } from './askSubgraph';

export const addCategory = (db: Db, tenantId: string, name: string) =>
  runInScope({ tenantId }, () => {
    const id = newId('cat');
    return db.category.create({ data: { tenantId, id, name, slug: id } });
  });

/**
 * Sends `requests` of two tenants, fifty concurrently: single statements, transactions, raw ones that name no tenant, and some that
 * fail midway. @returns how many were answered, and those that saw anything but their own tenant's three rows.
 */
export async function interleaveTwoTenants(db: Db, requests: number): Promise<{ done: number; wrong: unknown[] }> {
  const tenants = [freshTenantId('a'), freshTenantId('b')] as const;
  for (const tenantId of tenants) for (let n = 0; n < 3; n += 1) await addCategory(db, tenantId, tenantId);

  const request = (n: number) => {
    const tenantId = tenants[n % 2] ?? tenants[0];
    const kind = n % 7;
    return runInScope({ tenantId }, async () => {
      const names = async (rows: PromiseLike<{ name: string }[]>) => (await rows).map(({ name }) => name);
      if (kind === 0) return names(db.$transaction(async (tx) => tx.category.findMany({ select: { name: true } })));
      if (kind === 1) return names(db.$queryRaw<{ name: string }[]>`SELECT name FROM categories`);
      // A statement that fails in mid-transaction must leave nothing behind on its connection.
      if (kind === 2) await expect(db.$queryRaw`SELECT 1 / 0`).rejects.toThrow();
      return names(db.category.findMany({ select: { name: true } }));
    }).then((names) => ({ tenantId, names }));
  };
  const wrong: unknown[] = [];
  let done = 0;
  const worker = async (first: number) => {
    for (let n = first; n < requests; n += 50) {
      const { tenantId, names } = await request(n);
      if (names.length !== 3 || names.some((name) => name !== tenantId)) wrong.push({ n, tenantId, names });
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: 50 }, (_, first) => worker(first)));
  return { done, wrong };
}
