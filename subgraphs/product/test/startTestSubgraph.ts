import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { readEnv } from '../env';
import { startProductSubgraph } from '../server';

/** The product subgraph on a free port and a database of its own. */
export async function startTestSubgraph(): Promise<
  SubgraphUnderTest & { appUrl: string; ownerUrl: string; url: string }
> {
  const database = await createTestDatabase('product');
  const subgraph = await startProductSubgraph(
    readEnv({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PRODUCT_PORT: '0',
      PRODUCT_DATABASE_URL: database.appUrl,
      CALLER_SIGNING_KEY: SIGNING_KEY,
    }),
  );
  const { ask, close } = askSubgraph(subgraph.url, 'product');
  return {
    ask,
    url: subgraph.url,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    close: async () => {
      await close();
      await subgraph.stop();
      await database.drop();
    },
  };
}
