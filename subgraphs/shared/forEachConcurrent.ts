import pLimit from 'p-limit';

/**
 * Calls `work` for each item with limited concurrency, until `stopping` is aborted. After a failure no more items are started; the first
 * error is thrown when all running ones have ended, so that no work continues in the background.
 */
export async function forEachConcurrent<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
  stopping?: AbortSignal,
): Promise<void> {
  const limit = pLimit(concurrency);
  const failures: unknown[] = [];
  const workUnlessStopped = async (item: Item) => {
    if (failures.length > 0 || stopping?.aborted) return;
    await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(items.map((item) => limit(workUnlessStopped, item)));
  if (failures.length > 0) throw failures[0];
}
