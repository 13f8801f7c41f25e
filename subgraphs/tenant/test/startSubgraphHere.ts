import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { startTcpProxy, type TcpProxy } from '../../shared/test/tcpProxy';
import type { BillingProvider } from '../dependencies';
import { readEnv } from '../env';
import { startTenantSubgraph } from '../server';
import { newSecret, type TenantSubgraphUnderTest, tenantSettings } from './startTestSubgraph';

export interface TenantSubgraphHere extends TenantSubgraphUnderTest {
  /** The proxy between the subgraph and its database. */
  proxy: TcpProxy;
}

interface Options {
  /** Clerk's signing secrets, the current one first; several during a rotation. */
  secrets?: string[];
  more?: Record<string, string>;
  billingProvider?: BillingProvider;
}

/** The tenant subgraph in the test's own process, so that the test can replace its clock, provider and connections. */
export async function startSubgraphHere({
  secrets = [newSecret()],
  more = {},
  billingProvider,
}: Options = {}): Promise<TenantSubgraphHere> {
  const database = await createTestDatabase('tenant');
  const proxiedUrl = new URL(database.appUrl);
  const proxy = await startTcpProxy({ host: proxiedUrl.hostname, port: Number(proxiedUrl.port) });
  proxiedUrl.port = String(proxy.port);
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    TENANT_PORT: '0',
    TENANT_DATABASE_URL: proxiedUrl.href,
    CALLER_SIGNING_KEY: SIGNING_KEY,
    ...tenantSettings(secrets.join(',')),
    ...more,
  };
  const subgraph = await startTenantSubgraph(readEnv(env), billingProvider);
  const { ask, close } = askSubgraph(subgraph.url, 'tenant');
  return {
    ask,
    url: subgraph.url,
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    proxy,
    secret: secrets[0] ?? '',
    env,
    close: async () => {
      await close();
      await subgraph.stop();
      await proxy.cut();
      await database.drop();
    },
  };
}
