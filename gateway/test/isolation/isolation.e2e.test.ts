import { describeCursors } from './cursors.walk';
import { describeEntities } from './entities.walk';
import { describeOperations, describePersons } from './operations.walk';
import { describePoisonedRows } from './poisonedRows.walk';
import { describeRoutes } from './routes.walk';
import { Walk } from './walk';

let walk: Walk;
beforeAll(async () => {
  walk = await Walk.start();
}, 180_000);
afterAll(() => walk?.stop(), 60_000);

// First, because exports of a store are compared, while nothing may change it.
describeRoutes(() => walk);
describeOperations(() => walk);
describePersons(() => walk);
describeCursors(() => walk);
describeEntities(() => walk);
// Last, because it corrupts the caller's own rows.
describePoisonedRows(() => walk);

// Row-level security would hide a missing filter, so each statement is checked for its own.
it('every statement of all that was asked names the tenant itself', () => {
  expect(walk.statementsWithoutTenant()).toEqual([]);
});
