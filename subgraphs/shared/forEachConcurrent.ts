import pLimit from 'p-limit';

/**
 * Calls `work` for each item, so many of them concurrently, until `stopping` is aborted. When one fails no other is started, and the
 * first failure is thrown after those that were running have ended: nothing goes on behind the caller's back.
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
