import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { startTcpProxy, type TcpProxy } from '../../shared/test/tcpProxy';
import type { BillingProvider } from '../dependencies';
import { readEnv } from '../env';
import { startTenantSubgraph } from '../server';
import { newSecret } from './delivery';

export const BASE_DOMAIN = 'shops.test';

export interface TenantSubgraphUnderTest extends SubgraphUnderTest {
  url: string;
  ownerUrl: string;
  /** Past the proxy. */
  appUrl: string;
  /** The subgraph's way to its database. */
  proxy: TcpProxy;
  /** What it was started with. */
  env: Record<string, string>;
  /** Clerk's, the one in use first. */
  secret: string;
}

/** The tenant subgraph on a free port and a database of its own. Several secrets: one is being rotated. */
export async function startTestSubgraph(
  secrets: string[] = [newSecret()],
  more: Record<string, string> = {},
  billingProvider?: BillingProvider,
): Promise<TenantSubgraphUnderTest> {
  const database = await createTestDatabase('tenant');
  const appUrl = new URL(database.appUrl);
  const proxy = await startTcpProxy({ host: appUrl.hostname, port: Number(appUrl.port) });
  appUrl.port = String(proxy.port);
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    TENANT_PORT: '0',
    TENANT_DATABASE_URL: appUrl.href,
    CALLER_SIGNING_KEY: SIGNING_KEY,
    BASE_DOMAIN,
    PRODUCT_SUBGRAPH_URL: 'http://127.0.0.1:9/graphql',
    ORDER_SUBGRAPH_URL: 'http://127.0.0.1:9/graphql',
    CLERK_WEBHOOK_SIGNING_SECRET: secrets.join(','),
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
