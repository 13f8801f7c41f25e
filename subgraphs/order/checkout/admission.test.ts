import { Admission, type AdmissionLimits, type Leave } from './admission';

const HOUR = 3_600_000;
const LIMITS: AdmissionLimits = { atOnce: 2, waiting: 3, longestWaitMs: HOUR };
const here = () => new AbortController().signal;
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number) } };

/** Buyers at the door; `inside` names who has been let in, in that order. */
function door(limits: Partial<AdmissionLimits> = {}) {
  const admission = new Admission({ ...LIMITS, ...limits });
  const inside: string[] = [];
  const leaves = new Map<string, Leave>();
  const arrive = async (name: string, tenantId = 'org_rush', gone = here()) => {
    const leave = await admission.enter(tenantId, gone);
    inside.push(name);
    leaves.set(name, leave);
  };
  const leave = async (name: string) => {
    leaves.get(name)?.();
    await new Promise(setImmediate);
  };
  return { admission, inside, arrive, leave };
}

afterEach(() => jest.restoreAllMocks());

describe('a buyer for whom there is no place', () => {
  it('is turned away when as many are let in and wait as may, and is told when to come back', async () => {
    const { admission, inside, arrive } = door();
    const waiting = ['first', 'second', 'third', 'fourth', 'fifth'].map((name) => arrive(name));
    await Promise.all(waiting.slice(0, 2));
    await expect(arrive('sixth')).rejects.toMatchObject(throttled);
    expect(inside).toEqual(['first', 'second']);
    expect(admission.counts).toEqual({ inside: 2, waiting: 3, turnedAway: 1 });
  });

  it('is told to come back after those who were turned away before', async () => {
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const { arrive } = door({ atOnce: 0, waiting: 0 });
    const waits: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      const error = await arrive('late').catch((refused) => refused);
      waits.push(error.extensions.retryAfter);
    }
    expect(waits[0]).toBe(1);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThan(2);
  });

  it('is turned away when the longest wait is over, and whoever waits behind has the turn', async () => {
    const { inside, arrive, leave } = door({ atOnce: 1, longestWaitMs: 1 });
    await arrive('first');
    await expect(arrive('second')).rejects.toMatchObject(throttled);
    await leave('first');
    await arrive('third');
    expect(inside).toEqual(['first', 'third']);
  });
});

describe('a buyer who is gone', () => {
  it('is not let in, though there is a place', async () => {
    const { inside, arrive, admission } = door();
    await expect(arrive('gone', 'org_rush', AbortSignal.abort())).rejects.toMatchObject({
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    });
    expect(inside).toEqual([]);
    expect(admission.counts).toEqual({ inside: 0, waiting: 0, turnedAway: 0 });
  });

  it('leaves the line, and their turn goes to the next', async () => {
    const { inside, arrive, leave, admission } = door({ atOnce: 1 });
    const leaving = new AbortController();
    await arrive('first');
    const gone = arrive('gone', 'org_rush', leaving.signal);
    const next = arrive('next');
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
    expect(admission.counts).toEqual({ inside: 1, waiting: 1, turnedAway: 0 });
    await leave('first');
    await next;
    expect(inside).toEqual(['first', 'next']);
  });
});

describe('stores', () => {
  it('take turns, however many buyers wait at one of them', async () => {
    const { inside, arrive, leave } = door({ atOnce: 1, waiting: 9 });
    await arrive('rush 1');
    for (const name of ['rush 2', 'rush 3', 'rush 4']) void arrive(name);
    void arrive('quiet 1', 'org_quiet');
    void arrive('quiet 2', 'org_quiet');
    for (const name of ['rush 1', 'rush 2', 'quiet 1', 'rush 3', 'quiet 2']) await leave(name);
    expect(inside).toEqual(['rush 1', 'rush 2', 'quiet 1', 'rush 3', 'quiet 2', 'rush 4']);
  });

  it('with a shorter line find a place in a full one: the last of the longest line makes room', async () => {
    const { inside, arrive, leave, admission } = door({ atOnce: 1 });
    await arrive('rush 1');
    const line = ['rush 2', 'rush 3', 'rush 4'].map((name) => arrive(name).catch((error) => error));
    const quiet = arrive('quiet', 'org_quiet');
    expect(await line[2]).toMatchObject(throttled);
    expect(admission.counts).toEqual({ inside: 1, waiting: 3, turnedAway: 1 });
    await leave('rush 1');
    await leave('rush 2');
    await quiet;
    expect(inside).toEqual(['rush 1', 'rush 2', 'quiet']);
  });
});

it('a turn ends once, however often it is ended', async () => {
  const { arrive, leave, admission } = door({ atOnce: 1 });
  await arrive('first');
  await leave('first');
  await leave('first');
  expect(admission.counts.inside).toBe(0);
});
