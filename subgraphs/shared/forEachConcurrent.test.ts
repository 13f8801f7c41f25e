import { setImmediate as nextTurn } from 'node:timers/promises';
import { forEachConcurrent } from './forEachConcurrent';

describe('forEachConcurrent', () => {
  it('starts no more items after a failure, and throws its error once all running ones have ended', async () => {
    const ended: number[] = [];
    const work = async (item: number) => {
      if (item === 1) throw new Error('of the first');
      await nextTurn();
      ended.push(item);
    };
    await expect(forEachConcurrent([1, 2, 3, 4], 2, work)).rejects.toThrow('of the first');
    expect(ended).toEqual([2]);
    await nextTurn();
    expect(ended).toEqual([2]);
  });

  it('starts no more items once stopped', async () => {
    const stopping = new AbortController();
    const begun: number[] = [];
    await forEachConcurrent(
      [1, 2, 3],
      1,
      async (item) => void (begun.push(item) === 2 && stopping.abort()),
      stopping.signal,
    );
    expect(begun).toEqual([1, 2]);
  });

  it('processes all items with limited concurrency', async () => {
    let atOnce = 0;
    let most = 0;
    const done: number[] = [];
    await forEachConcurrent([1, 2, 3, 4, 5], 2, async (item) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await nextTurn();
      atOnce -= 1;
      done.push(item);
    });
    expect(most).toBe(2);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
  });
});
