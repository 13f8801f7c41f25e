import { serviceCaller } from '../../subgraphs/shared/caller';
import { type SubgraphClient, type SubgraphResult, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Store } from './store';
import { createStoreLookup } from './storeLookup';

const NIKE = {
  id: 'org_nike',
  slug: 'nike',
  status: 'ACTIVE',
  limits: { requestCostPerMinute: 600_000 },
};
const byDomain = { domain: 'nike.localhost' };
const byOrganization = { organizationId: 'org_nike' };

describe('the look-up of a store', () => {
  function lookupAnswering(answer: () => SubgraphResult) {
    const execute = jest.fn<Promise<SubgraphResult>, unknown[]>(async () => answer());
    return { execute, ...createStoreLookup({ execute, close: async () => {} } as unknown as SubgraphClient) };
  }
  const found = () => ({ data: { store: NIKE } });
  /** lru-cache reads the clock once a millisecond. */
  const cacheToReadTheClock = () => new Promise((resolve) => setTimeout(resolve, 10));
  afterEach(() => jest.restoreAllMocks());

  test('by domain asks as a service without a store', async () => {
    const { execute, find } = lookupAnswering(found);
    await expect(find(byDomain, 'request-1')).resolves.toEqual(NIKE);
    expect(execute).toHaveBeenCalledWith(
      {
        query: expect.stringContaining('tenantByDomain(domain: $domain)'),
        variables: { domain: 'nike.localhost' },
        isQuery: true,
      },
      serviceCaller(null, 'request-1'),
    );
  });

  test('by organization asks as a service of that organization', async () => {
    const { execute, find } = lookupAnswering(found);
    await expect(find(byOrganization, 'request-1')).resolves.toEqual(NIKE);
    expect(execute).toHaveBeenCalledWith(
      { query: expect.stringContaining('currentTenant'), isQuery: true },
      serviceCaller('org_nike', 'request-1'),
    );
  });

  test('an organization that the tenant subgraph calls STORE_NOT_FOUND has no store', async () => {
    const { find } = lookupAnswering(() => ({
      data: null,
      errors: [{ message: '', extensions: { code: 'STORE_NOT_FOUND' } }],
    }));
    await expect(find(byOrganization, 'request-1')).resolves.toBeNull();
  });

  test('is shared by concurrent requests and cached for 5 seconds, also when there is no store', async () => {
    const start = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(start);
    const { execute, find } = lookupAnswering(() => ({ data: { store: null } }));
    await expect(Promise.all([find(byDomain, '1'), find(byDomain, '2')])).resolves.toEqual([null, null]);
    clock.mockReturnValue(start + 4_900);
    await cacheToReadTheClock();
    await find(byDomain, '3');
    expect(execute).toHaveBeenCalledTimes(1);
    clock.mockReturnValue(start + 5_100);
    await cacheToReadTheClock();
    await find(byDomain, '4');
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test('is used for 5 minutes while the tenant subgraph does not answer, for a cached store', async () => {
    const start = performance.now();
    const startedAt = Date.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(start);
    const wallClock = jest.spyOn(Date, 'now').mockReturnValue(startedAt);
    let store: Store | null = NIKE;
    let down = false;
    const { find } = lookupAnswering(() => {
      if (down) throw new SubgraphUnavailable('tenant', 'down');
      return { data: { store } };
    });
    const later = async (ms: number) => {
      clock.mockReturnValue(start + ms);
      wallClock.mockReturnValue(startedAt + ms);
      await cacheToReadTheClock();
    };
    await find(byDomain, '1');
    store = null;
    await find(byOrganization, '1');
    down = true;
    await later(4 * 60_000);
    await expect(find(byDomain, '2')).resolves.toEqual(NIKE);
    await expect(find(byOrganization, '2')).rejects.toThrow(SubgraphUnavailable);
    await later(6 * 60_000);
    await expect(find(byDomain, '3')).rejects.toThrow(SubgraphUnavailable);
  });

  test('of 20,000 invented names is cached within a bound, and evicts no store', async () => {
    // They take seconds on a busy machine, and what is cached is for 5.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const { execute, find } = lookupAnswering(() => {
      const [{ variables }] = execute.mock.lastCall as [{ variables?: { domain: string } }];
      return { data: { store: variables?.domain === 'nike.localhost' ? NIKE : null } };
    });
    await find(byDomain, '1');
    for (let n = 0; n < 20_000; n += 1) await find({ domain: `made-up-${n}.example` }, '2');
    await find(byDomain, '3');
    await find({ domain: 'made-up-19999.example' }, '4');
    expect(execute).toHaveBeenCalledTimes(20_001);
    await find({ domain: 'made-up-0.example' }, '5');
    expect(execute).toHaveBeenCalledTimes(20_002);
  });

  test('is repeated after an invalidation', async () => {
    const { execute, find, invalidate } = lookupAnswering(found);
    await find(byDomain, '1');
    invalidate();
    await find(byDomain, '2');
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['was suspended', () => ({ data: { store: { ...NIKE, status: 'SUSPENDED' } } }), 'SUSPENDED'],
    ['was not there yet', () => ({ data: { store: null } }), undefined],
  ])(
    'keeps nobody out who asks after the change, when a question is under way from before it: one that %s',
    async (_title, before, status) => {
      let answerBefore = () => {};
      const { execute, find, invalidate } = lookupAnswering(found);
      execute.mockReturnValueOnce(
        new Promise((resolve) => {
          answerBefore = () => resolve(before());
        }),
      );
      const early = find(byDomain, '1');
      invalidate();
      await expect(find(byDomain, '2')).resolves.toEqual(NIKE);
      answerBefore();
      expect((await early)?.status).toBe(status);
      await expect(find(byDomain, '3')).resolves.toEqual(NIKE);
      expect(execute).toHaveBeenCalledTimes(2);
    },
  );

  test('is used even after an invalidation while the tenant subgraph does not answer', async () => {
    const { execute, find, invalidate } = lookupAnswering(found);
    await find(byDomain, '1');
    invalidate();
    execute.mockRejectedValueOnce(new SubgraphUnavailable('tenant', 'down'));
    await expect(find(byDomain, '2')).resolves.toEqual(NIKE);
  });

  test.each([
    ['errors', () => ({ data: { store: null }, errors: [{ message: 'boom' }] })],
    ['errors beside data', () => ({ data: { store: NIKE }, errors: [{ message: 'boom' }] })],
    ['data of another shape', () => ({ data: { store: { id: 7 } } })],
  ])('that ends in %s is a failure and not cached', async (_title, answer) => {
    const { execute, find } = lookupAnswering(answer);
    await expect(find(byDomain, '1')).rejects.toThrow('The tenant service is unavailable');
    await expect(find(byDomain, '2')).rejects.toThrow('The tenant service is unavailable');
    expect(execute).toHaveBeenCalledTimes(2);
  });
});
