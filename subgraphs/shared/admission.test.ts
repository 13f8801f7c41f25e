import { AdmissionControl, type AdmissionLimits, type Release } from './admission';
import { graphqlError } from './errors';

const HOUR = 3_600_000;
const LIMITS: AdmissionLimits = {
  inFlight: 2,
  minInFlight: 1,
  queued: 3,
  maxWaitMs: HOUR,
  initialSlotMs: 30,
  rejection: (retryAfter) => graphqlError('THROTTLED', `Try again in ${retryAfter} s.`, { retryAfter }),
};
const here = () => new AbortController().signal;
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number) } };

/** Buyers who place orders; `admitted` names those who got a slot, in that order. */
function control(limits: Partial<AdmissionLimits> = {}) {
  const admission = new AdmissionControl({ ...LIMITS, ...limits });
  const admitted: string[] = [];
  const releases = new Map<string, Release>();
  const arrive = async (name: string, tenantId = 'org_rush', canceled = here()) => {
    const release = await admission.acquire(tenantId, canceled);
    admitted.push(name);
    releases.set(name, release);
  };
  const leave = async (name: string) => {
    releases.get(name)?.();
    await new Promise(setImmediate);
  };
  return { admission, admitted, arrive, leave };
}

afterEach(() => jest.restoreAllMocks());

describe('a buyer without a slot', () => {
  it('is rejected when slots and queue are full, with the time to retry after', async () => {
    const { admission, admitted, arrive } = control();
    const waiting = ['first', 'second', 'third', 'fourth', 'fifth'].map((name) => arrive(name));
    await Promise.all(waiting.slice(0, 2));
    await expect(arrive('sixth')).rejects.toMatchObject(throttled);
    expect(admitted).toEqual(['first', 'second']);
    expect(admission.counts).toEqual({ inFlight: 2, queued: 3, rejected: 1 });
  });

  it('gets a later retry time than those who were rejected before', async () => {
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const { arrive } = control({ inFlight: 0, queued: 0 });
    const waits: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      const error = await arrive('late').catch((error) => error);
      waits.push(error.extensions.retryAfter);
    }
    expect(waits[0]).toBe(1);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(12);
    expect(waits.filter((wait) => wait === 1)).toHaveLength(33);
  });

  it('gets a retry time of at most ten minutes', async () => {
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const { admission } = control({ initialSlotMs: HOUR / 8 });
    expect([admission.retryAfter(), admission.retryAfter()]).toEqual([450, 600]);
  });

  it('gets a shorter retry time once those of others have passed', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { arrive } = control({ inFlight: 0, queued: 0 });
    const retryAfter = () => arrive('late').catch((error) => error.extensions.retryAfter);
    for (let n = 0; n < 200; n += 1) await retryAfter();
    expect(await retryAfter()).toBe(7);
    now.mockReturnValue(2_000);
    expect(await retryAfter()).toBe(5);
    now.mockReturnValue(60_000);
    expect(await retryAfter()).toBe(1);
  });

  // The mean of 30 ms and the interval, for half of the queue of two and the next slot.
  it.each([
    [100_000, 101],
    [970, 1],
    [971, 2],
  ])('gets a retry time by the measured interval between free slots: of %d ms, %d s', async (interval, retryAfter) => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(500_000);
    const { arrive, leave } = control({ inFlight: 1, queued: 2 });
    await arrive('first');
    const queued = [arrive('second'), arrive('third')];
    // The first slot that becomes free starts the clock, the second one ends it.
    await leave('first');
    now.mockReturnValue(500_000 + interval);
    await leave('second');
    await Promise.all(queued);
    void arrive('fourth');
    void arrive('fifth');
    const error = await arrive('sixth').catch((thrown) => thrown);
    expect(error.extensions.retryAfter).toBe(retryAfter);
  });

  it('gets a retry time without intervals in which nobody queued', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { arrive, leave } = control({ inFlight: 1, queued: 1 });
    await arrive('first');
    const second = arrive('second');
    await leave('first');
    await second;
    await leave('second');
    now.mockReturnValue(1_000_000);
    await arrive('third');
    const fourth = arrive('fourth');
    await leave('third');
    await fourth;
    void arrive('fifth');
    const error = await arrive('sixth').catch((thrown) => thrown);
    expect(error.extensions.retryAfter).toBe(1);
  });

  it('is rejected after the maximum wait, and the next in the queue gets the slot', async () => {
    const { admitted, arrive, leave } = control({ inFlight: 1, maxWaitMs: 1 });
    await arrive('first');
    await expect(arrive('second')).rejects.toMatchObject(throttled);
    await leave('first');
    await arrive('third');
    expect(admitted).toEqual(['first', 'third']);
  });
});

describe('on a machine that turns out to be slow', () => {
  it('no caller queues who would wait for longer than the maximum', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { admission, arrive, leave } = control({ inFlight: 1, queued: 9 });
    await arrive('first');
    const early = ['second', 'third', 'fourth'].map((name) => arrive(name));
    await leave('first');
    now.mockReturnValue(HOUR - 30);
    await leave('second');
    await early[1];
    // A slot every half hour: two may queue, of whom one does already.
    void arrive('fifth');
    await expect(arrive('sixth')).rejects.toMatchObject(throttled);
    expect(admission.counts).toEqual({ inFlight: 1, queued: 2, rejected: 1 });
  });

  it('retries are as far apart as slots become free, by the mean of what was measured', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { admission, arrive, leave } = control({ inFlight: 1, queued: 99 });
    const names = Array.from({ length: 41 }, (_, n) => `buyer ${n}`);
    const [first, ...others] = names.map((name) => arrive(name));
    await first;
    for (const [n, name] of names.slice(0, 40).entries()) {
      now.mockReturnValue(n * 1_000);
      await leave(name);
    }
    await Promise.all(others);
    // Nothing of the thirty milliseconds that were assumed is left to see.
    expect([admission.retryAfter(), admission.retryAfter(), admission.retryAfter()]).toEqual([1, 2, 3]);
  });
});

describe('after timeouts', () => {
  it('fewer callers get a slot, once for the timeouts of one moment, and never less than the minimum', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { admission } = control({ inFlight: 10, minInFlight: 4, queued: 0 });
    const most = async () => {
      const releases: Release[] = [];
      const take = () => admission.acquire('org_rush', here()).then((release) => releases.push(release));
      while (await take().catch(() => null)) {}
      for (const release of releases) release('FAILED');
      return releases.length;
    };
    const timeOut = async () => (await admission.acquire('org_rush', here()))('TIMED_OUT');
    expect(await most()).toBe(10);
    await timeOut();
    await timeOut();
    expect(await most()).toBe(7);
    now.mockReturnValue(1_000);
    await timeOut();
    expect(await most()).toBe(4);
    now.mockReturnValue(2_000);
    await timeOut();
    expect(await most()).toBe(4);
    for (let n = 0; n < 61; n += 1) (await admission.acquire('org_rush', here()))();
    expect(await most()).toBe(7);
    for (let n = 0; n < 600; n += 1) (await admission.acquire('org_rush', here()))();
    expect(await most()).toBe(10);
  });

  it('the intervals between failed callers are not measured', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { admission } = control({ inFlight: 1, queued: 9, initialSlotMs: 1_000 });
    const first = await admission.acquire('org_rush', here());
    const others = ['a', 'b', 'c'].map(() => admission.acquire('org_rush', here()));
    first('ANSWERED');
    now.mockReturnValue(100_000);
    (await others[0])?.('FAILED');
    // Half of the one who queues, and the next slot.
    expect(admission.retryAfter()).toBe(2);
  });
});

describe('a buyer who has disconnected', () => {
  it('gets no slot, though one is free', async () => {
    const { admitted, arrive, admission } = control();
    await expect(arrive('gone', 'org_rush', AbortSignal.abort())).rejects.toMatchObject({
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    });
    expect(admitted).toEqual([]);
    expect(admission.counts).toEqual({ inFlight: 0, queued: 0, rejected: 0 });
  });

  it('leaves the queue, and the slot goes to the next', async () => {
    const { admitted, arrive, leave, admission } = control({ inFlight: 1 });
    const leaving = new AbortController();
    await arrive('first');
    const gone = arrive('gone', 'org_rush', leaving.signal);
    const next = arrive('next');
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
    expect(admission.counts).toEqual({ inFlight: 1, queued: 1, rejected: 0 });
    await leave('first');
    await next;
    expect(admitted).toEqual(['first', 'next']);
  });
});

it('a buyer who was rejected after the maximum wait gets no slot later, and may disconnect without effect', async () => {
  const { admission, admitted, arrive, leave } = control({ inFlight: 1, queued: 2, maxWaitMs: 5 });
  const leaving = new AbortController();
  await arrive('first');
  await expect(arrive('late', 'org_rush', leaving.signal)).rejects.toMatchObject(throttled);
  leaving.abort();
  expect(admission.counts).toEqual({ inFlight: 1, queued: 0, rejected: 1 });
  await leave('first');
  expect(admitted).toEqual(['first']);
  expect(admission.counts).toEqual({ inFlight: 0, queued: 0, rejected: 1 });
});

it('a buyer who disconnects with a slot keeps it until it is released', async () => {
  const { admission, arrive, leave } = control({ inFlight: 1 });
  const leaving = new AbortController();
  await arrive('first');
  const second = arrive('second', 'org_rush', leaving.signal);
  await leave('first');
  await second;
  leaving.abort();
  expect(admission.counts).toEqual({ inFlight: 1, queued: 0, rejected: 0 });
});

describe('stores', () => {
  it('are served round-robin, however many buyers queue at one of them', async () => {
    const { admitted, arrive, leave } = control({ inFlight: 1, queued: 9 });
    await arrive('rush 1');
    for (const name of ['rush 2', 'rush 3', 'rush 4']) void arrive(name);
    void arrive('quiet 1', 'org_quiet');
    void arrive('quiet 2', 'org_quiet');
    for (const name of ['rush 1', 'rush 2', 'quiet 1', 'rush 3', 'quiet 2']) await leave(name);
    expect(admitted).toEqual(['rush 1', 'rush 2', 'quiet 1', 'rush 3', 'quiet 2', 'rush 4']);
  });

  it('with a shorter queue are admitted when the queues are full: the newest of the longest queue is rejected', async () => {
    const { admitted, arrive, leave, admission } = control({ inFlight: 1 });
    await arrive('rush 1');
    const line = ['rush 2', 'rush 3', 'rush 4'].map((name) => arrive(name).catch((error) => error));
    const quiet = arrive('quiet', 'org_quiet');
    expect(await line[2]).toMatchObject(throttled);
    expect(admission.counts).toEqual({ inFlight: 1, queued: 3, rejected: 1 });
    await leave('rush 1');
    await leave('rush 2');
    await quiet;
    expect(admitted).toEqual(['rush 1', 'rush 2', 'quiet']);
  });
});

it('the newest of the longest queue is rejected, whichever store is served next', async () => {
  const { arrive } = control({ inFlight: 1 });
  await arrive('served');
  void arrive('quiet', 'org_quiet');
  void arrive('rush 1');
  const newest = expect(arrive('rush 2')).rejects.toMatchObject(throttled);
  void arrive('new', 'org_new');
  await newest;
});

it('of equally long queues, the newest of the one that is served first is rejected', async () => {
  const { admission, arrive } = control({ inFlight: 1, queued: 4 });
  await arrive('served');
  void arrive('a 1', 'org_a');
  void arrive('b 1', 'org_b');
  const newest = expect(arrive('a 2', 'org_a')).rejects.toMatchObject(throttled);
  void arrive('b 2', 'org_b');
  void arrive('new', 'org_new');
  await newest;
  expect(admission.counts).toEqual({ inFlight: 1, queued: 4, rejected: 1 });
});

it('a buyer who is rejected from the front of a queue of several leaves the others in it', async () => {
  const { admitted, arrive, leave } = control({ inFlight: 1 });
  const leaving = new AbortController();
  await arrive('first');
  const gone = arrive('gone', 'org_rush', leaving.signal);
  const queued = [arrive('second'), arrive('third')];
  leaving.abort();
  await expect(gone).rejects.toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
  for (const name of ['first', 'second']) await leave(name);
  await Promise.all(queued);
  expect(admitted).toEqual(['first', 'second', 'third']);
});

it('a new buyer of the store with the longest queue is rejected, not one who is queued already', async () => {
  const { admission, arrive } = control({ inFlight: 1, queued: 2 });
  await arrive('rush 1');
  void arrive('rush 2');
  void arrive('quiet 1', 'org_quiet');
  await expect(arrive('rush 3')).rejects.toMatchObject(throttled);
  await expect(arrive('new', 'org_new')).rejects.toMatchObject(throttled);
  expect(admission.counts).toEqual({ inFlight: 1, queued: 2, rejected: 2 });
});

it('a slot is given back once, however often it is released', async () => {
  const { arrive, leave, admission } = control({ inFlight: 1 });
  await arrive('first');
  await leave('first');
  await leave('first');
  expect(admission.counts.inFlight).toBe(0);
});
