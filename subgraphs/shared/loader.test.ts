import type { Caller } from './caller';
import { loaderFor } from './loader';
import { RequestContext } from './requestContext';
import { visitor } from './test/askSubgraph';

class TestContext extends RequestContext {
  constructor(
    caller: Caller,
    readonly store: string,
  ) {
    super(caller);
  }
}

const request = (store = 'a') => new TestContext(visitor('org_1'), store);

const calls: string[][] = [];
const valueById = loaderFor<TestContext>()(async ({ store }, ids) => {
  calls.push([store, ...ids]);
  return ids.map((id) => `${store}:${id}`);
});
beforeEach(() => {
  calls.length = 0;
});

describe('loader', () => {
  it('shares nothing between two requests', async () => {
    const values = await Promise.all([valueById(request('a')).load('1'), valueById(request('b')).load('1')]);
    expect(values).toEqual(['a:1', 'b:1']);
    expect(calls).toHaveLength(2);
  });

  it('loads the keys of one tick together, and each key once per request', async () => {
    const ctx = request();
    await Promise.all(['1', '2', '1'].map((id) => valueById(ctx).load(id)));
    await valueById(ctx).load('2');
    expect(calls).toEqual([['a', '1', '2']]);
  });

  it('is the same in a copy of the context, as Apollo Server makes', async () => {
    const ctx = request();
    const copy: TestContext = Object.assign(Object.create(TestContext.prototype), ctx);
    expect(valueById(copy)).toBe(valueById(ctx));
  });

  it('loads again after forgetLoaded', async () => {
    const ctx = request();
    await valueById(ctx).load('1');
    ctx.forgetLoaded();
    await valueById(ctx).load('1');
    expect(calls).toEqual([
      ['a', '1'],
      ['a', '1'],
    ]);
  });
});
