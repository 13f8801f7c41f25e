import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { readEnv } from '../env';
import { startProductSubgraph } from '../server';
import type { ProductSubgraphUnderTest } from './startTestSubgraph';

/** The product subgraph in the test's own process, for what is replaced or counted in its modules. */
export async function startSubgraphHere(): Promise<ProductSubgraphUnderTest> {
  const database = await createTestDatabase('product');
  const mediaPath = await mkdtemp(join(tmpdir(), 'media-'));
  const subgraph = await startProductSubgraph(
    readEnv({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PRODUCT_PORT: '0',
      PRODUCT_DATABASE_URL: database.appUrl,
      CALLER_SIGNING_KEY: SIGNING_KEY,
      MEDIA_DISK_PATH: mediaPath,
    }),
  );
  const { ask, close } = askSubgraph(subgraph.url, 'product');
  return {
    ask,
    url: subgraph.url,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    mediaPath,
    close: async () => {
      await close();
      await subgraph.stop();
      await database.drop();
      await rm(mediaPath, { recursive: true });
    },
  };
}
