import type { Role } from '../../../subgraphs/shared/caller';
import { SEED, sample } from '../../../subgraphs/shared/test/sample';
import { alike } from './asking';
import { NOT_SENT, PERSONAL, PUBLIC_NAMES } from './cases';
import { guardOf, ROLES, refusalOf } from './document';
import { keyOf, type Leaf, listOperations, type Operation } from './operations';
import { nobodys } from './stores';
import { named, type Walk } from './walk';

// Operations without names run first, while the other store's identifiers can't have been used anywhere.
const OPERATIONS = listOperations().sort((a, b) => Number(a.leaves.length > 0) - Number(b.leaves.length > 0));
const CASES = OPERATIONS.flatMap((operation) =>
  (operation.leaves.length > 0 ? operation.leaves : [null]).map(
    (leaf) => [keyOf(operation, leaf?.path), operation, leaf] as [string, Operation, Leaf | null],
  ),
);

/** Sends every operation with another store's identifier in each place that can name an object. @param count so many of them, a choice. */
export function describeOperations(walk: () => Walk, roles: readonly Role[] = ROLES, count = CASES.length): void {
  const chosen = new Set(sample(CASES, count));
  const cases = CASES.filter((one) => chosen.has(one));
  const drawn = cases.length < CASES.length ? `, drawn by TEST_SEED=${SEED}` : '';
  describe(`what another store has${drawn}`, () => {
    it.each(cases)('%s', async (key, operation, leaf) => {
      const { mine, twin, asked } = walk();
      const [foreign, nobody] = leaf ? walk().pairOf(leaf.kind) : [null, null];
      for (const role of roles) {
        const refusal = refusalOf(guardOf(operation), role);
        if (key in NOT_SENT && refusal === null) continue;
        const how = { refused: refusal !== null };
        const [answered, expected] = await Promise.all([
          walk().ask(operation, leaf, foreign, mine, role, how),
          key in PUBLIC_NAMES ? null : walk().ask(operation, leaf, nobody, twin, role, how),
        ]);
        const { answer } = answered;
        walk().expectNothingOfTheirs(answer);
        if (refusal) expect([role, answer]).toEqual([role, expect.stringContaining(`"code":"${refusal}"`)]);
        if (expected === null) continue;
        expect([role, alike(answer, asked.theirs, mine)]).toEqual([role, alike(expected.answer, asked.nobodys, twin)]);
        // Background work of a mutation continues after its answer. Refused fields may end the execution of others early.
        if (operation.type === 'Query' && leaf) {
          expect([role, walk().statementsOf(answered)]).toEqual([role, walk().statementsOf(expected)]);
        }
      }
      await walk().expectTheirsUntouched();
    });
  });
}

/** One person's objects, requested by another person of the same store. */
export function describePersons(walk: () => Walk): void {
  describe('what another customer of the same store has', () => {
    const personal = CASES.filter(([, { publicType }, leaf]) => publicType && leaf && PERSONAL.includes(leaf.kind));

    it.each(personal)('%s', async (_key, operation, leaf) => {
      if (!leaf) return;
      const { mine } = walk();
      const [adas, nobody] = [named(leaf.kind, mine.names), nobodys(leaf.kind)];
      for (const role of ['CUSTOMER', 'VISITOR'] as const) {
        const { answer } = await walk().ask(operation, leaf, adas, mine, role, { user: 'user_bob' });
        const { answer: expected } = await walk().ask(operation, leaf, nobody, mine, role, { user: 'user_bob' });
        expect([role, alike(answer, { it: adas }, mine)]).toEqual([role, alike(expected, { it: nobody }, mine)]);
      }
    });
  });
}
