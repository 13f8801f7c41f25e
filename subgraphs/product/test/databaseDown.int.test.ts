import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { admin, askSubgraph, freshTenantId, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { startTcpProxy, type TcpProxy } from '../../shared/test/tcpProxy';
import { readEnv } from '../env';
import { startProductSubgraph } from '../server';
import { makeProduct, productCreate } from './factories';

let database: TestDatabase;
let proxy: TcpProxy;
let subgraph: Awaited<ReturnType<typeof startProductSubgraph>>;
let product: SubgraphUnderTest;

beforeAll(async () => {
  database = await createTestDatabase('product');
  const url = new URL(database.appUrl);
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  subgraph = await startProductSubgraph(
    readEnv({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PRODUCT_PORT: '0',
      PRODUCT_DATABASE_URL: url.href,
      CALLER_SIGNING_KEY: SIGNING_KEY,
    }),
  );
  product = askSubgraph(subgraph.url, 'product');
});
afterAll(async () => {
  await product?.close();
  await subgraph?.stop();
  await proxy?.cut();
  await database?.drop();
});

it('while the database is down every answer is SERVICE_UNAVAILABLE and /readyz is 503; afterwards all recovers by itself', async () => {
  const staff = admin(freshTenantId());
  await makeProduct(product, staff);
  const list = () => product.ask(staff, '{ products { totalCount } }');
  expect((await list()).data.products.totalCount).toBe(1);

  await proxy.cut();
  for (const answer of [await list(), await list(), await productCreate(product, staff)]) {
    expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(['SERVICE_UNAVAILABLE']);
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|ECONN|prisma|postgres/i);
  }
  expect((await fetch(`${subgraph.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${subgraph.url}/healthz`)).status).toBe(200);
  const metrics = await fetch(`${subgraph.url}/metrics`);
  expect(metrics.status).toBe(200);
  const text = await metrics.text();
  expect(text).toContain('metrics_source_up{source="outbox"} 0\n');
  expect(text).toContain('graphql_errors_total{code="SERVICE_UNAVAILABLE"} 3\n');

  await proxy.open();
  expect((await list()).data.products.totalCount).toBe(1);
  expect((await fetch(`${subgraph.url}/readyz`)).status).toBe(200);
});

it('connections that break during requests leave no request unanswered and no connection unusable', async () => {
  const staff = admin(freshTenantId());
  await makeProduct(product, staff);
  const asked = Array.from({ length: 100 }, () =>
    product.ask(staff, '{ products { nodes { id variants { nodes { id } } } } }'),
  );
  await proxy.cut();
  await proxy.open();
  const codes = (await Promise.all(asked)).map(({ errors }) => errors?.[0]?.extensions?.code ?? 'OK');
  expect(new Set([...codes, 'OK', 'SERVICE_UNAVAILABLE'])).toEqual(new Set(['OK', 'SERVICE_UNAVAILABLE']));
  for (let n = 0; n < 20; n += 1) {
    expect((await product.ask(staff, '{ products { totalCount } }')).data.products.totalCount).toBe(1);
  }
});
