import { createWorkLimit } from './workLimit';

it('rejects work beyond its queue, limits concurrency, and goes on after a failure', async () => {
  const limit = createWorkLimit(2, 1);
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  };
  const accepted = [limit(work), limit(work), limit(work)];
  await expect(limit(work)).rejects.toThrow('too much to do');
  expect(ends).toHaveLength(2);

  for (let at = 0; at < 3; at += 1) {
    ends[at]?.();
    await new Promise(setImmediate);
  }
  await Promise.all(accepted);
  expect([most, running]).toEqual([2, 0]);
  await expect(limit(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await limit(async () => 'done')).toBe('done');
});
