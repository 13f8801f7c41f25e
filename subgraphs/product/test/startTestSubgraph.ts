import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askSubgraph, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { type SharedService, sharedService } from '../../shared/test/sharedServices';
import { type SubgraphProcess, startSubgraphProcess } from '../../shared/test/startSubgraphProcess';

interface SharedProduct extends Pick<SubgraphProcess, 'url' | 'appUrl' | 'ownerUrl'> {
  /** Where it keeps files. */
  mediaPath: string;
}

export type ProductSubgraphUnderTest = SubgraphUnderTest & SharedProduct;

/** The subgraph that each Jest worker has one of. */
export async function startShared(): Promise<SharedService<SharedProduct>> {
  const mediaPath = await mkdtemp(join(tmpdir(), 'media-'));
  const { url, appUrl, ownerUrl, close } = await startSubgraphProcess('product', { MEDIA_DISK_PATH: mediaPath });
  return {
    about: { url, appUrl, ownerUrl, mediaPath },
    stop: async () => {
      await close();
      await rm(mediaPath, { recursive: true });
    },
  };
}

/** The product subgraph that this worker's test files share: a test has a store of its own in it. */
export async function startTestSubgraph(): Promise<ProductSubgraphUnderTest> {
  const about = await sharedService<SharedProduct>('product');
  return { ...askSubgraph(about.url, 'product'), ...about };
}
