import { type Graph, NIKE_ADMIN, postTo } from './postToGraph';
import { startTestGraph } from './testGraph';

let own: Graph;
let apollo: Graph;

beforeAll(async () => {
  [own, apollo] = await Promise.all([startTestGraph(), startTestGraph({ GATEWAY_EXECUTION: 'apollo' })]);
});
afterAll(() => Promise.all([own?.stop(), apollo?.stop()]));

describe('GATEWAY_EXECUTION=apollo', () => {
  it.each([
    ['entities of two subgraphs', '{ orders { id product { id name } } }'],
    [
      'fragments, aliases and introspection',
      '{ ...Q } fragment Q on Query { all: orders { product { ...P } } __typename } fragment P on Product { title: name }',
    ],
    ['a variable', 'query ($id: ID!) { product(id: $id) { name } }'],
    ['a mutation', 'mutation { productRename(input: { name: "Sock" }) }'],
  ])('answers what the gateway’s own execution answers: %s', async (_title, query) => {
    const body = { query, variables: { id: 'prod_1' } };
    const [expected, answered] = [await postTo(own, body, NIKE_ADMIN()), await postTo(apollo, body, NIKE_ADMIN())];
    expect(answered.status).toBe(200);
    expect(answered.json.errors).toBeUndefined();
    expect(answered.json.data).toEqual(expected.json.data);
  });

  it('refuses what is wrong before a subgraph is asked, too', async () => {
    const wrong = await postTo(apollo, { query: 'query ($id: ID!) { product(id: $id) { name } }' }, NIKE_ADMIN());
    expect([wrong.status, wrong.json.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  });
});
