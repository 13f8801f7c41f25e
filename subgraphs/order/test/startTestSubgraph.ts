import { freePort } from '../../../gateway/dev/ports';
import { askSubgraph, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { type SharedService, sharedService } from '../../shared/test/sharedServices';
import { type SubgraphProcess, startSubgraphProcess } from '../../shared/test/startSubgraphProcess';
import { ProductStandIn } from './productStandIn';

export interface OrderSubgraphUnderTest extends SubgraphUnderTest {
  url: string;
  appUrl: string;
  ownerUrl: string;
  /** The fake product subgraph. */
  product: ProductStandIn;
}

interface SharedOrder extends Pick<SubgraphProcess, 'url' | 'appUrl' | 'ownerUrl'> {
  /** The port of its product subgraph. */
  productPort: number;
}

/** One subgraph per Jest worker. Its product subgraph is the fake one of the test file that is running. */
export async function startShared(): Promise<SharedService<SharedOrder>> {
  const productPort = await freePort();
  const { url, appUrl, ownerUrl, close } = await startSubgraphProcess('order', catalogAt(productPort));
  return { about: { url, appUrl, ownerUrl, productPort }, stop: close };
}

/** The order subgraph that this worker's test files share, with a fake product subgraph. */
export async function startTestSubgraph(): Promise<OrderSubgraphUnderTest> {
  const { url, appUrl, ownerUrl, productPort } = await sharedService<SharedOrder>('order');
  const product = await ProductStandIn.start(productPort);
  const { ask, close } = askSubgraph(url, 'order');
  return {
    ask,
    url,
    appUrl,
    ownerUrl,
    product,
    close: async () => {
      await close();
      await product.close();
    },
  };
}

/**
 * A separate order subgraph with its own database. @param more environment variables besides the default ones.
 */
export async function startOwnSubgraph(
  more: Record<string, string> = {},
): Promise<OrderSubgraphUnderTest & Pick<SubgraphProcess, 'stop'>> {
  const product = await ProductStandIn.start();
  const running = await startSubgraphProcess('order', { PRODUCT_SUBGRAPH_URL: product.url, ...more });
  const { ask, close } = askSubgraph(running.url, 'order');
  return {
    ...running,
    ask,
    product,
    close: async () => {
      await close();
      await running.close();
      await product.close();
    },
  };
}

/** Stores' own servers, which hooks are at, are on this machine. */
const catalogAt = (port: number) => ({
  PRODUCT_SUBGRAPH_URL: `http://127.0.0.1:${port}/graphql`,
  WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
});
