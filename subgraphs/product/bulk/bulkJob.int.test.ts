import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { runInScope } from '../../shared/scope';
import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { Context } from '../context';
import { openProductDatabase } from '../database';
import type { Media } from '../files/media';
import { productsExport } from './bulkJob.service';

let database: TestDatabase;
let opened: Awaited<ReturnType<typeof openProductDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase('product');
  opened = await openProductDatabase(database.appUrl, 8);
});
afterAll(async () => {
  await opened?.close();
  await database?.drop();
});

it('of many concurrent requests a store gets five jobs, independently of other stores', async () => {
  // No worker runs here, so jobs stay unfinished.
  const ask = (tenantId: string) =>
    runInScope({ tenantId }, () => productsExport(new Context(admin(tenantId), opened.db, {} as Media), 'JSONL'));
  const [one, other] = [freshTenantId(), freshTenantId()];
  const answers = await Promise.all(Array.from({ length: 16 }, () => ask(one)));
  expect(answers.filter(({ productsExportJob }) => productsExportJob !== null)).toHaveLength(5);
  expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
    new Set(['INVALID']),
  );
  expect((await ask(other)).userErrors).toEqual([]);
});
