import { asOwner } from '../../../subgraphs/shared/test/asOwner';
import { describeCursors } from './cursors.walk';
import { describeEntities } from './entities.walk';
import { keyOf, listOperations } from './operations';
import { describeOperations } from './operations.walk';
import { named, Walk } from './walk';

/** Of both subgraphs with row-level security off. */
const SHOWN = [
  'Query.product id',
  'Query.product slug',
  'Query.productVariant sku',
  'Query.category id',
  'Query.orders where customerId',
  'Query.orders query',
  'Query.customer id',
  'Query.discount id',
];

/** So many of some 300 in each run: that every table has its policy is proven by prisma/test/catalog.int.test.ts. */
const OPERATIONS = 100;

// The services of this graph send no statement that names a tenant: see withoutTenantFilters.ts.
let walk: Walk;
beforeAll(async () => {
  walk = await Walk.start('removed');
}, 180_000);
afterAll(() => walk?.stop(), 60_000);

describe('without the application’s own filters', () => {
  describeOperations(() => walk, ['VISITOR', 'ADMIN', 'SERVICE'], OPERATIONS);
  describeCursors(() => walk);
  describeEntities(() => walk, ['ADMIN', 'SERVICE']);

  // Last, because it ends the isolation. It proves that the application's filters really are removed.
  describe('and without row-level security, another store’s rows are visible', () => {
    beforeAll(async () => {
      // Not in the tenant subgraph's database: there even the caller's own store would be another one.
      for (const name of ['product', 'order'] as const) {
        await asOwner(
          walk.graph.ownerUrl(name),
          walk.theirs.store.id,
          `DO $$ DECLARE one regclass; BEGIN
             FOR one IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
             LOOP EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', one); END LOOP; END $$`,
        );
      }
    });

    const asked = listOperations().flatMap((operation) =>
      operation.leaves.map((leaf) => ({ operation, leaf, title: keyOf(operation, leaf.path) })),
    );
    it.each(SHOWN)('%s', async (title) => {
      const found = asked.find((one) => one.title === title);
      if (!found) throw new Error('There is no such operation');
      const value = named(found.leaf.kind, walk.theirs.names);
      const { answer } = await walk.ask(found.operation, found.leaf, value, walk.mine, 'ADMIN');
      const others = Object.values(walk.theirs.names).filter((name) => typeof name === 'string' && name !== value);
      expect([answer, others.some((name) => answer.includes(String(name)))]).toEqual([expect.anything(), true]);
    });
  });
});
