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

// First: exports of one store are compared, of which nothing is to be under way.
describeRoutes(() => walk);
describeOperations(() => walk);
describePersons(() => walk);
describeCursors(() => walk);
describeEntities(() => walk);
// Last: it breaks the asker's own rows.
describePoisonedRows(() => walk);

// Row-level security would hide that a filter is missing: here each statement is held to its own.
it('every statement of all that was asked names the tenant itself', () => {
  expect(walk.statementsWithoutTenant()).toEqual([]);
});
