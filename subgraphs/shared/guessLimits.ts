import { Counter, type Registry } from 'prom-client';
import type { Caller } from './caller';
import type { Counters } from './counters';
import { graphqlError } from './errors';

/** What is short enough, or sequential, so that somebody who tries long enough would find it; and how many wrong tries there may be in a window. */
const GUESSES = {
  /** An order's number and its buyer's e-mail address. */
  guestOrder: { ofAddress: 10, ofStore: 300 },
  /** Many shoppers may have misread the same code: a store's limit is far above what one of them tries. */
  discountCode: { ofAddress: 20, ofStore: 2_000 },
  /** Money: its code can't be guessed, so that who is wrong this often does not mistype. */
  giftCard: { ofAddress: 20, ofStore: 1_000 },
  /** Not a secret, but each try asks the DNS for a name that the store has chosen. */
  domainVerification: { ofAddress: 60, ofStore: 120 },
};
const WINDOW_SECONDS = 10 * 60;

type GuessKind = keyof typeof GUESSES;

interface Attempt<Found> {
  look(): Promise<Found>;
  isWrong(found: Found): boolean;
}

/** Limits wrong guesses over time: by client address within a store, and by store, however many addresses there are. */
export interface GuessLimits {
  /** What `look` finds. @throws GraphQLError THROTTLED, with retryAfter, and without looking, after too many wrong tries. */
  attempt<Found>(
    caller: Pick<Caller, 'tenantId' | 'clientAddress'>,
    kind: GuessKind,
    attempt: Attempt<Found>,
  ): Promise<Found>;
}

export function createGuessLimits(counters: Counters, metrics: Registry): GuessLimits {
  const throttled = new Counter({
    name: 'guesses_throttled_total',
    help: 'Tries that were refused because too many before them were wrong, by what was tried and by whose limit',
    labelNames: ['kind', 'limit'],
    registers: [metrics],
  });

  function countsOf({ tenantId, clientAddress }: Pick<Caller, 'tenantId' | 'clientAddress'>, kind: GuessKind) {
    const { ofAddress, ofStore } = GUESSES[kind];
    const counter = (whose: string, limit: number) =>
      counters.of({ name: `guess:${kind}:${whose}:${limit}`, limit, seconds: WINDOW_SECONDS });
    const store = { limit: 'store', counter: counter('store', ofStore), key: `${tenantId}` };
    if (clientAddress === null) return [store];
    return [{ limit: 'address', counter: counter('address', ofAddress), key: `${tenantId}:${clientAddress}` }, store];
  }

  return {
    async attempt(caller, kind, { look, isWrong }) {
      const counts = countsOf(caller, kind);
      // Counted before it is known to be wrong, and given back otherwise: a hundred guesses at the same moment are counted, too.
      const counted = await Promise.all(
        counts.map(async ({ limit, counter, key }) => ({ limit, ...(await counter.add(key, 1)) })),
      );
      const giveBack = () => Promise.all(counts.map(({ counter, key }) => counter.add(key, -1)));
      const exceeded = counted.filter(({ isExceeded }) => isExceeded);
      if (exceeded.length > 0) {
        await giveBack();
        for (const { limit } of exceeded) throttled.inc({ kind, limit });
        throw tooManyGuesses(Math.max(...exceeded.map(({ msLeft }) => msLeft)));
      }
      try {
        const found = await look();
        if (!isWrong(found)) await giveBack();
        return found;
      } catch (error) {
        await giveBack();
        throw error;
      }
    },
  };
}

function tooManyGuesses(waitMs: number) {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000));
  return graphqlError('THROTTLED', `Too many wrong tries. Try again in ${retryAfter} s.`, { retryAfter });
}
