import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../../prisma/testDatabase';
import { askSubgraph, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { readEnv } from '../env';
import { startProductSubgraph } from '../server';

/**
 * The product subgraph on a free port, with a database and a folder of its own. @param more settings beside those that every
 * one has.
 */
export async function startTestSubgraph(
  more: Record<string, string> = {},
): Promise<SubgraphUnderTest & { appUrl: string; ownerUrl: string; url: string; mediaPath: string }> {
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
      ...more,
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
