import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { readEnv } from '../env';
import { startOrderSubgraph } from '../server';
import { ProductStandIn } from './productStandIn';
import type { OrderSubgraphUnderTest } from './startTestSubgraph';

/** The order subgraph in the test's own process, for what is replaced in its modules. */
export async function startSubgraphHere(): Promise<OrderSubgraphUnderTest> {
  const database = await createTestDatabase('order');
  const product = await ProductStandIn.start();
  const subgraph = await startOrderSubgraph(
    readEnv({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      ORDER_PORT: '0',
      ORDER_DATABASE_URL: database.appUrl,
      PRODUCT_SUBGRAPH_URL: product.url,
      CALLER_SIGNING_KEY: SIGNING_KEY,
    }),
  );
  const { ask, close } = askSubgraph(subgraph.url, 'order');
  return {
    ask,
    url: subgraph.url,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    product,
    close: async () => {
      await close();
      await subgraph.stop();
      await product.close();
      await database.drop();
    },
  };
}
