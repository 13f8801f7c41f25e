import { randomBytes } from 'node:crypto';
import { askSubgraph, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { type SharedService, sharedService } from '../../shared/test/sharedServices';
import { type SubgraphProcess, startSubgraphProcess } from '../../shared/test/startSubgraphProcess';

export const BASE_DOMAIN = 'shops.test';

/** A signing secret in Svix's format. */
export const newSecret = () => `whsec_${randomBytes(24).toString('base64')}`;

/** @param secret Clerk's signing secret; several, separated by commas, during a rotation. */
export const tenantSettings = (secret: string) => ({
  BASE_DOMAIN,
  PRODUCT_SUBGRAPH_URL: 'http://127.0.0.1:9/graphql',
  ORDER_SUBGRAPH_URL: 'http://127.0.0.1:9/graphql',
  CLERK_WEBHOOK_SIGNING_SECRET: secret,
});

interface SharedTenant extends Pick<SubgraphProcess, 'url' | 'appUrl' | 'ownerUrl' | 'env'> {
  /** Clerk's signing secret. */
  secret: string;
}

export type TenantSubgraphUnderTest = SubgraphUnderTest & SharedTenant;

/** Starts the subgraph that a Jest worker's test files share. */
export async function startShared(): Promise<SharedService<SharedTenant>> {
  const secret = newSecret();
  const { url, appUrl, ownerUrl, env, close } = await startSubgraphProcess('tenant', tenantSettings(secret));
  return { about: { url, appUrl, ownerUrl, env, secret }, stop: close };
}

/** The tenant subgraph that this worker's test files share; each test has its own store in it. */
export async function startTestSubgraph(): Promise<TenantSubgraphUnderTest> {
  const about = await sharedService<SharedTenant>('tenant');
  return { ...askSubgraph(about.url, 'tenant'), ...about };
}

/** A tenant subgraph for one test, with its own database. @param more additional settings. */
export async function startOwnSubgraph(more: Record<string, string>): Promise<TenantSubgraphUnderTest> {
  const secret = newSecret();
  const { close: end, ...running } = await startSubgraphProcess('tenant', { ...tenantSettings(secret), ...more });
  const { ask, close } = askSubgraph(running.url, 'tenant');
  return {
    ...running,
    ask,
    secret,
    close: async () => {
      await close();
      await end();
    },
  };
}
