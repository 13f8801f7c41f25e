import { runLeased } from './leasedTask';
import { asOwner } from './test/asOwner';
import { type OutboxUnderTest, openOutbox } from './test/eventHarness';

let outbox: OutboxUnderTest;
beforeAll(async () => {
  outbox = await openOutbox();
});
afterAll(() => outbox?.close());

let task: string;
beforeEach(() => {
  task = `test ${crypto.randomUUID()}`;
});

/** As another instance of the service: they meet in the database only. */
const run = (work: () => Promise<void> | void, stopping?: AbortSignal) =>
  runLeased(outbox.db, task, 3_600, async () => work(), stopping);
const moveLease = (by: string) =>
  asOwner(
    outbox.ownerUrl,
    'platform',
    `UPDATE task_leases SET lease_until = lease_until - $1::interval WHERE task = $2`,
    [by, task],
  );

describe('a leased task', () => {
  it('is run by one of the instances that look at the same time', async () => {
    let runs = 0;
    const ran = await Promise.all(Array.from({ length: 8 }, () => run(() => void runs++)));
    expect([runs, ran.filter(Boolean).length]).toEqual([1, 1]);
  });

  it('is not run again before the interval is over, and then it is', async () => {
    expect(await run(() => {})).toBe(true);
    await moveLease('59 minutes');
    expect(await run(() => {})).toBe(false);
    await moveLease('1 minute');
    expect(await run(() => {})).toBe(true);
  });

  it('that failed is tried again by any instance, after five minutes', async () => {
    await expect(run(() => Promise.reject(new Error('Clerk is down')))).rejects.toThrow('Clerk is down');
    await moveLease('4 minutes');
    expect(await run(() => {})).toBe(false);
    await moveLease('1 minute');
    expect(await run(() => {})).toBe(true);
  });

  it('whose instance stops goes on in another', async () => {
    const stopping = new AbortController();
    await run(() => stopping.abort(), stopping.signal);
    expect(await run(() => {})).toBe(true);
  });

  it('that took longer than the interval does not take the lease of the next one from it', async () => {
    const late = run(async () => {
      await moveLease('1 hour');
      expect(await run(() => {})).toBe(true);
      throw new Error('late');
    });
    await expect(late).rejects.toThrow('late');
    await moveLease('10 minutes');
    expect(await run(() => {})).toBe(false);
  });
});
