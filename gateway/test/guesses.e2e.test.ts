import { TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
});
afterAll(() => graph?.stop());

const LOOK_UP = 'query ($number: Int!, $email: String!) { guestOrder(number: $number, email: $email) { id } }';

it('C3 guesses at guests’ orders are counted across requests: 429 with Retry-After, and no other store is concerned', async () => {
  const [shop, other] = [await graph.makeStore('guessed'), await graph.makeStore('beside')];
  const guess = (store: typeof shop, number: number) =>
    graph.ask(store.visitor, LOOK_UP, { number, email: 'ada@example.com' });
  const answers = [];
  for (let n = 0; n < 30; n += 1) answers.push(await guess(shop, 1_001 + n));
  expect(answers.slice(0, 10).map(({ body }) => body.data)).toEqual(Array(10).fill({ guestOrder: null }));
  const refused = answers.slice(10);
  expect(refused.map(({ status }) => status)).toEqual(Array(20).fill(429));
  for (const { body } of refused) {
    expect(body.data).toBeUndefined();
    expect(body.errors[0].extensions).toEqual({
      code: 'THROTTLED',
      retryAfter: expect.any(Number),
      requestId: expect.any(String),
    });
  }
  expect((await guess(other, 1_001)).body.data).toEqual({ guestOrder: null });
});
