import { auditServer } from 'graphql-http';
import { type Graph, NIKE_ADMIN, postTo } from './postToGraph';
import { startTestGraph } from './testGraph';

let graph: Graph;

beforeAll(async () => {
  graph = await startTestGraph();
});
afterAll(() => graph?.stop());

describe('GraphQL over HTTP', () => {
  it('is spoken as the audit of its working group demands, in all 61 points', async () => {
    const results = await auditServer({ url: `${graph.url}/graphql` });
    const failed = results.filter(({ status }) => status !== 'ok');
    expect(failed.map(({ id, name }) => `${id} ${name}`)).toEqual([]);
    expect(results).toHaveLength(61);
  });

  const faults: [string, object, string][] = [
    ['no GraphQL', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations, none named', { query: 'query A { whoAmI } query B { whoAmI }' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['a wrong variable', { query: 'query($id: ID!) { product(id: $id) { id } }' }, 'BAD_USER_INPUT'],
  ];

  describe.each(faults)('%s', (_what, body, code) => {
    it.each([
      ['anything, and says nothing', undefined, 400],
      ['anything', '*/*', 400],
      ['GraphQL’s own type', 'application/graphql-response+json', 400],
      ['that or JSON', 'application/graphql-response+json, application/json;q=0.9', 400],
      ['JSON or anything', 'application/json, */*;q=0.5', 400],
      ['JSON alone', 'application/json', 200],
      ['JSON or a page', 'text/html;q=0.1, Application/JSON; charset=utf-8', 200],
    ])('for a client that accepts %s', async (_accepts, accept, status) => {
      const answer = await postTo(graph, body, { ...NIKE_ADMIN(), ...(accept && { accept }) });
      expect([answer.status, answer.json.errors[0].extensions.code]).toEqual([status, code]);
      expect(answer.json.data).toBeUndefined();
    });
  });

  it('tells who has to sign in by 401, whatever they accept', async () => {
    expect((await postTo(graph, { query: '{ whoAmI }' }, { accept: 'application/json' })).status).toBe(401);
  });
});
