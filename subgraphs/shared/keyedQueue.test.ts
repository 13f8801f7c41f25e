import { setTimeout as sleep } from 'node:timers/promises';
import { KeyedQueue } from './keyedQueue';

it('does work of one key one after the other, in its order, and that of another key meanwhile', async () => {
  const queue = new KeyedQueue();
  const done: string[] = [];
  const work = (name: string, ms: number) => async () => {
    done.push(`${name} begins`);
    await sleep(ms);
    done.push(`${name} ends`);
    return name;
  };
  const results = [queue.run('a', work('a1', 20)), queue.run('a', work('a2', 1)), queue.run('b', work('b1', 1))];
  expect(await Promise.all(results)).toEqual(['a1', 'a2', 'b1']);
  expect(done).toEqual(['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends']);
});

it('goes on behind what failed, and only whoever asked for that is told', async () => {
  const queue = new KeyedQueue();
  const failing = queue.run('a', async () => {
    throw new Error('no');
  });
  const next = queue.run('a', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('remembers no key whose work is done', async () => {
  const queue = new KeyedQueue();
  await Promise.all([1, 2, 3].map((n) => queue.run('a', async () => n)));
  expect(queue.size).toBe(0);
});
