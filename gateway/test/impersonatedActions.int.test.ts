import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import { actionsOf } from '../execution/impersonationLog';
import { bearer } from './clerkTokens';
import { forgetCalls, type Graph, postTo } from './postToGraph';
import { startTestGraph } from './testGraph';

const PRODUCT = 'prod_01m88f5aynexwvs47jx4jwqk3v';
const VARIANT = 'pvar_01m88f5aynexwvs47jx4jwqk3v';

function actionsIn(text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return actionsOf({ operation: operation as OperationDefinitionNode, document, variables });
}

it.each<[string, string, Record<string, unknown>, [string, string[]][]]>([
  ['an id', `mutation { productDelete(id: "${PRODUCT}") { ok } }`, {}, [['productDelete', [PRODUCT]]]],
  [
    'ids deep in a variable, each once',
    'mutation ($i: X!) { a: productUpdate(input: $i) { ok } }',
    { i: { id: PRODUCT, variants: [{ id: VARIANT, name: 'A shoe', price: 5 }, { id: VARIANT }, null] } },
    [['productUpdate', [PRODUCT, VARIANT]]],
  ],
  ['no id', 'mutation { tenantUpdate(input: { name: "Nike" }) { ok } }', {}, [['tenantUpdate', []]]],
  [
    'several, under other names and in fragments that spread each other',
    'mutation { x: one ...f ... { three } } fragment f on Mutation { two ...g } fragment g on Mutation { four ...f }',
    {},
    [
      ['one', []],
      ['two', []],
      ['four', []],
      ['three', []],
    ],
  ],
  ['a skipped mutation', 'mutation { one @skip(if: true) }', {}, [['one', []]]],
])('finds each mutation and the ids in its arguments: %s', (_what, text, variables, expected) => {
  expect(actionsIn(text, variables)).toEqual(expected.map(([mutation, subjectIds]) => ({ mutation, subjectIds })));
});

describe('an impersonated mutation', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await startTestGraph();
  });
  beforeEach(() => forgetCalls(graph));
  afterAll(() => graph?.stop());

  const RENAME = { query: `mutation { it: productRename(input: { name: "${PRODUCT}" }) }` };
  const send = (body: object, act?: object) =>
    postTo(graph, body, { authorization: bearer({ sub: 'user_ann', o: { id: 'org_nike', rol: 'admin' }, act }) });
  const recorded = () =>
    graph.subgraphs.tenant.received
      .map(({ body, headers }) => ({ ...JSON.parse(String(body)), headers }))
      .filter(({ query }) => query.includes('impersonatedActionsRecord'));

  it('is neither executed nor logged with a wrong value in its variables', async () => {
    const query = 'mutation ($input: ProductRenameInput!) { productRename(input: $input) }';
    const { status } = await send({ query, variables: { input: { name: null } } }, { sub: 'user_support' });
    expect(status).toBe(400);
    expect(recorded()).toEqual([]);
  });

  it('is logged with both people before it is executed', async () => {
    expect((await send(RENAME, { sub: 'user_support' })).json.data).toEqual({ it: 'renamed' });
    const [{ variables, headers }] = recorded();
    expect(variables).toEqual({ actions: [{ mutation: 'productRename', subjectIds: [PRODUCT] }] });
    expect(JSON.parse(headers['x-caller'])).toMatchObject({ userId: 'user_ann', impersonatorId: 'user_support' });
  });

  it('is 503, and not executed, when it can’t be logged', async () => {
    const { status, json } = await send(RENAME, { sub: 'user_unrecorded' });
    expect([status, json.errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(graph.subgraphs.product.received).toEqual([]);
  });

  it('impersonated queries, and mutations without impersonation, are not logged', async () => {
    await send({ query: '{ whoAmI }' }, { sub: 'user_support' });
    await send(RENAME);
    expect(graph.subgraphs.product.received).toHaveLength(2);
    expect(recorded()).toEqual([]);
  });
});
