import { withClient } from '../../prisma/databases';
import { asOwner } from '../../subgraphs/shared/test/asOwner';
import { untilAsleep as untilSleeping } from '../../subgraphs/shared/test/cancelReads';
import { OwnSupergraph } from './ownSupergraph';
import type { TestStore } from './startSupergraph';

let graph: OwnSupergraph;
let store: TestStore;
let productId: string;
let categoryId: string;

/** Within the timeouts of statements and transactions, and longer than it takes to notice a closed connection. */
const SLOW_READ = `CREATE POLICY slow ON products AS RESTRICTIVE FOR SELECT USING (pg_sleep(8) IS NOT NULL)`;
const SLOW_CHANGE = `
  CREATE FUNCTION slow_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$;
  CREATE TRIGGER slow_change BEFORE UPDATE ON categories FOR EACH ROW EXECUTE FUNCTION slow_change()`;

beforeAll(async () => {
  graph = await OwnSupergraph.start();
  store = await graph.makeStore('patient');
  const { body } = await graph.ask(
    store.admin,
    `mutation {
      productCreate(input: { name: "Shoe", status: ACTIVE, variants: [{ sku: "S", price: { amount: "1.00", currencyCode: USD } }] }) { product { id } }
      categoryCreate(input: { name: "Before" }) { category { id } }
    }`,
  );
  productId = body.data.productCreate.product.id;
  categoryId = body.data.categoryCreate.category.id;
  await asOwner(graph.ownerUrl('product'), store.id, SLOW_READ);
  await withClient(graph.ownerUrl('product'), (owner) => owner.query(SLOW_CHANGE));
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

const untilAsleep = (count: number) => untilSleeping(graph.env().PRODUCT_DATABASE_URL ?? '', count);

/** Sends an operation, and closes the connection on request. */
function ask(query: string, variables: object) {
  const hangUp = new AbortController();
  const answer = fetch(`${graph.gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...store.admin },
    body: JSON.stringify({ query, variables }),
    signal: hangUp.signal,
  });
  answer.catch(() => {});
  return { answer, hangUp: () => hangUp.abort() };
}

const read = () => ask('query ($id: ID!) { product(id: $id) { name } }', { id: productId });
const change = () =>
  ask('mutation ($id: ID!) { categoryUpdate(id: $id, input: { name: "After" }) { category { id } } }', {
    id: categoryId,
  });

it('G22 a read is canceled in the database when its client disconnects; other clients’ reads and all mutations go on', async () => {
  const waited = read();
  const [first] = await untilAsleep(1);
  const changing = change();
  const [, second] = await untilAsleep(2);
  const abandoned = read();
  await untilAsleep(3);
  abandoned.hangUp();
  changing.hangUp();
  // Of three that sleep as long or longer, the last to begin is the first to be gone.
  expect(await untilAsleep(2)).toEqual([first, second]);

  expect(await (await waited.answer).json()).toMatchObject({ data: { product: { name: 'Shoe' } } });
  await untilAsleep(0);
  const { body } = await graph.ask(store.admin, 'query ($id: ID!) { category(id: $id) { name } }', { id: categoryId });
  expect(body.data.category.name).toBe('After');
  expect(graph.lines.filter((line) => /resolver failed|database unavailable/.test(line))).toEqual([]);
}, 60_000);
