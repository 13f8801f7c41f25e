import { allocateCredit, splitRefund } from './allocateCredit';

const account = (id: string, balance: bigint) => ({ id, balance });
const part = (accountId: string, left: bigint) => ({ accountId, left });

describe('allocateCredit', () => {
  it.each([
    ['of nothing', 0n, []],
    ['below the first balance', 30n, [{ accountId: 'a', amount: 30n }]],
    ['of exactly the first balance', 50n, [{ accountId: 'a', amount: 50n }]],
    [
      'above it, skipping an empty one',
      60n,
      [
        { accountId: 'a', amount: 50n },
        { accountId: 'c', amount: 10n },
      ],
    ],
    [
      'above all balances',
      99n,
      [
        { accountId: 'a', amount: 50n },
        { accountId: 'c', amount: 20n },
      ],
    ],
  ])('a total %s', (_which, total, expected) => {
    expect(allocateCredit([account('a', 50n), account('b', 0n), account('c', 20n)], total)).toEqual(expected);
  });
});

describe('splitRefund', () => {
  it('refuses more than is left of payment and credit together', () => {
    expect(splitRefund(101n, 60n, [part('a', 40n)])).toBeNull();
    expect(splitRefund(1n, 0n, [])).toBeNull();
  });

  it.each([
    [50n, 60n, [part('a', 40n)], { payment: 30n, credits: [{ accountId: 'a', amount: 20n }] }],
    [100n, 60n, [part('a', 40n)], { payment: 60n, credits: [{ accountId: 'a', amount: 40n }] }],
    [7n, 0n, [part('a', 10n)], { payment: 0n, credits: [{ accountId: 'a', amount: 7n }] }],
    [7n, 10n, [], { payment: 7n, credits: [] }],
    [7n, 10n, [part('a', 0n)], { payment: 7n, credits: [] }],
  ])('%s of %s paid and %j', (amount, paid, credits, expected) => {
    expect(splitRefund(amount, paid, credits)).toEqual(expected);
  });

  it('never gives back more than was paid with anything, and all refunds together exactly that', () => {
    for (let step = 1n; step <= 13n; step += 1n) {
      let [payment, a, b] = [31n, 17n, 5n];
      for (let open = 53n; open > 0n; open -= step) {
        const split = splitRefund(open < step ? open : step, payment, [part('a', a), part('b', b)]);
        payment -= split?.payment ?? 99n;
        a -= split?.credits.find(({ accountId }) => accountId === 'a')?.amount ?? 0n;
        b -= split?.credits.find(({ accountId }) => accountId === 'b')?.amount ?? 0n;
        expect([payment >= 0n, a >= 0n, b >= 0n]).toEqual([true, true, true]);
      }
      expect([step, payment, a, b]).toEqual([step, 0n, 0n, 0n]);
    }
  });
});
