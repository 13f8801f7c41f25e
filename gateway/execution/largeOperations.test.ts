import type { Caller, Role } from '../../subgraphs/shared/caller';
import { createLargeOperationQueue } from './largeOperations';

const LARGE_COST = { requested: 2_000, fixed: 1_500, charges: [] };
const SMALL_COST = { requested: 20_000, fixed: 450, charges: [] };
const NEVER = new AbortController().signal;

function asking({ address = '203.0.113.1', role = 'VISITOR' as Role, cost = LARGE_COST, abortSignal = NEVER } = {}) {
  return { address, caller: { role } as Caller, cost, abortSignal };
}

/** Asks for turns, and tells by name whose has come. */
function startTurns() {
  const turnOf = createLargeOperationQueue();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    /** Resolves once it has its turn, or with the error by which it is refused. */
    ask(name: string, context = asking(), kind: 'query' | 'mutation' = 'query') {
      const begin = (end: () => void) => {
        begun.push(name);
        ends.set(name, end);
      };
      return turnOf(kind as Parameters<typeof turnOf>[0], context).then(begin, (error: unknown) => error);
    },
    end: (name: string) => ends.get(name)?.(),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of large operations', () => {
  it('executes one large query of visitors at a time', async () => {
    const { ask, begun, end } = startTurns();
    void ask('first');
    void ask('second');
    await settled();
    expect(begun).toEqual(['first']);
    end('first');
    await settled();
    expect(begun).toEqual(['first', 'second']);
  });

  it('lets another address have its turn before the next of the same', async () => {
    const { ask, begun, end } = startTurns();
    for (const name of ['a1', 'a2', 'a3']) void ask(name);
    void ask('b1', asking({ address: '203.0.113.2', role: 'CUSTOMER' }));
    await settled();
    end('a1');
    await settled();
    end('a2');
    await settled();
    expect(begun).toEqual(['a1', 'a2', 'b1']);
  });

  it('keeps waiting neither small operations nor those of staff', async () => {
    const { ask, begun } = startTurns();
    void ask('large');
    void ask('large, waiting');
    void ask('small', asking({ cost: SMALL_COST }));
    void ask('of staff', asking({ role: 'MEMBER' }));
    await settled();
    expect(begun.sort()).toEqual(['large', 'of staff', 'small']);
  });

  it('keeps no query waiting for a mutation, which may wait for a payment', async () => {
    const { ask, begun } = startTurns();
    void ask('mutation', asking(), 'mutation');
    void ask('query');
    await settled();
    expect(begun.sort()).toEqual(['mutation', 'query']);
  });

  it('gives no turn to a client that has gone', async () => {
    const { ask, begun, end } = startTurns();
    const gone = new AbortController();
    void ask('first');
    const second = ask('second', asking({ abortSignal: gone.signal }));
    void ask('third');
    gone.abort();
    expect(await second).toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
    end('first');
    await settled();
    expect(begun).toEqual(['first', 'third']);
  });

  it('throttles, and says when to come again, once too many wait', async () => {
    const { ask } = startTurns();
    void ask('first');
    const waiting = Array.from({ length: 101 }, (_, n) => ask(String(n)));
    const refused = await waiting[100];
    expect(refused).toMatchObject({ extensions: { code: 'THROTTLED', retryAfter: expect.any(Number) } });
  });
});
