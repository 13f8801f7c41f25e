import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { readEnv } from '../env';
import { startOrderSubgraph } from '../server';
import { ProductStandIn } from './productStandIn';

export interface OrderSubgraphUnderTest extends SubgraphUnderTest {
  url: string;
  appUrl: string;
  ownerUrl: string;
  /** The catalog that it takes stock from. */
  product: ProductStandIn;
  /** Ends the subgraph as SIGTERM does; `close` does so where the test has not. */
  stop(): Promise<void>;
}

/**
 * The order subgraph on a free port and a database of its own, beside a stand-in for the product subgraph.
 * @param more settings beside those that every one has.
 */
export async function startTestSubgraph(more: Record<string, string> = {}): Promise<OrderSubgraphUnderTest> {
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
      ...more,
    }),
  );
  const { ask, close } = askSubgraph(subgraph.url, 'order');
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= subgraph.stop();
    return stopped;
  };
  return {
    ask,
    url: subgraph.url,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    product,
    stop,
    close: async () => {
      await close();
      await stop();
      await product.close();
      await database.drop();
    },
  };
}
