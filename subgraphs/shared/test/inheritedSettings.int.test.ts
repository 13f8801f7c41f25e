import { appRole, type Service, withClient } from '../../../prisma/databases';
import { createTestDatabase, type TestDatabase, testServer } from '../../../prisma/testDatabase';
import { cartsOf, line } from '../../order/test/carts';
import { pricingRulesOf } from '../../order/test/pricingRules';
import { ProductStandIn } from '../../order/test/productStandIn';
import { makeProduct } from '../../product/test/factories';
import { admin, askSubgraph, freshTenantId, visitor } from './askSubgraph';
import { startSubgraphProcess } from './startSubgraphProcess';

/** Of a shell whose owner works on other databases, in a zone that is 5 hours and 45 minutes ahead of UTC. */
const SHELL = {
  TZ: 'Asia/Kathmandu',
  LC_ALL: 'xx',
  PGTZ: 'Asia/Kathmandu',
  PGDATESTYLE: 'German',
  PGOPTIONS: '-c TimeZone=Asia/Kathmandu -c IntervalStyle=iso_8601',
  PGSSLMODE: 'require',
  PGAPPNAME: 'the shell',
};
const HOUR = 3_600_000;
const inTwoHours = () => new Date(Date.now() + 2 * HOUR).toISOString();

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

/** A database where sessions of the app role begin with these settings, which are stronger than those of the server and the role. */
async function databaseWith(service: Service, settings: Record<string, string>): Promise<TestDatabase> {
  const database = await createTestDatabase(service);
  await withClient(testServer().adminUrl, async (superuser) => {
    for (const [name, value] of Object.entries(settings)) {
      await superuser.query(`ALTER ROLE ${appRole(service)} IN DATABASE ${database.name} SET ${name} = '${value}'`);
    }
  });
  return database;
}

async function start(
  service: 'product' | 'order',
  settings: Record<string, string>,
  more: Record<string, string> = {},
) {
  const subgraph = await startSubgraphProcess(service, { ...SHELL, ...more }, await databaseWith(service, settings));
  const { ask, close } = askSubgraph(subgraph.url, service);
  stops.push(subgraph.close, close);
  return { ask, close };
}

describe('a service, whatever its shell, its server and its role set', () => {
  it.each([
    ['IntervalStyle', 'iso_8601', 'IntervalStyle is "iso_8601" instead of "postgres"'],
    ['search_path', 'pg_catalog', 'search_path is "pg_catalog" instead of "public"'],
  ])('does not start with another %s, which it can not change itself', async (name, value, fault) => {
    const database = await databaseWith('product', { [name]: value });
    const started = startSubgraphProcess('product', {}, database);
    stops.push(async () => {
      await started.then(
        ({ stop }) => stop(),
        () => {},
      );
      await database.drop();
    });
    await expect(started).rejects.toThrow(`The database session's ${fault}: run`);
  });

  it('shows no product before its time, and says every time as it was given', async () => {
    const product = await start('product', { TimeZone: 'Asia/Kathmandu', DateStyle: 'German, DMY' });
    const tenantId = freshTenantId();
    const publishedAt = inTwoHours();
    const { id } = await makeProduct(product, admin(tenantId), { publishedAt });
    const query = `query ($id: ID!) { product(id: $id) { publishedAt createdAt } }`;

    expect((await product.ask(visitor(tenantId), query, { id })).data).toEqual({ product: null });
    const { data } = await product.ask(admin(tenantId), query, { id });
    expect(data.product.publishedAt).toBe(publishedAt);
    expect(Math.abs(Date.parse(data.product.createdAt) - Date.now())).toBeLessThan(HOUR / 2);
  });

  it('begins no discount before its time, and ends none', async () => {
    const catalog = await ProductStandIn.start();
    stops.push(() => catalog.close());
    const zone = { TimeZone: 'America/St_Johns', DateStyle: 'SQL, DMY' };
    const order = await start('order', zone, { PRODUCT_SUBGRAPH_URL: catalog.url });
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.discount({ code: 'LATER', startsAt: inTwoHours() });
    await rules.discount({ code: 'STILL', endsAt: inTwoHours() });

    const carts = cartsOf(order, visitor(tenantId));
    const applied = async (code: string) =>
      (await carts.create({ lines: [line('pvar_1')], discountCodes: [code] })).cart.discountCodes;
    expect(await applied('LATER')).toEqual([{ code: 'LATER', applicable: false }]);
    expect(await applied('STILL')).toEqual([{ code: 'STILL', applicable: true }]);
  });
});
