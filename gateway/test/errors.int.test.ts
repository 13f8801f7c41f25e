import { buildClientSchema, getIntrospectionQuery, graphql } from 'graphql';
import { request } from 'undici';
import { forgetCalls, type Graph, INTROSPECTION, NIKE_ADMIN, postTo, subgraphCalls } from './postToGraph';
import { startTestGraph } from './testGraph';

let graph: Graph;

beforeAll(async () => {
  graph = await startTestGraph();
});
beforeEach(() => forgetCalls(graph));
afterAll(() => graph?.stop());

const post = (body: unknown, headers: Record<string, string | string[]> = {}, to = graph, path = '/graphql') =>
  postTo(to, body, headers, path);

describe('errors', () => {
  test('G13 an unexpected error of a resolver is masked', async () => {
    const answer = await post({ query: '{ fails whoAmI }' }, NIKE_ADMIN());
    expect(answer.json.data.whoAmI).toBe('ADMIN user_ann in org_nike');
    expect(answer.json.errors).toEqual([
      {
        message: 'Internal server error',
        path: ['fails'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
      },
    ]);
  });

  test.each([
    ['{ forbidden }', { message: 'A reason', path: ['forbidden'], extensions: { code: 'FORBIDDEN' } }],
    [
      '{ tooMany }',
      {
        message: 'A reason',
        path: ['tooMany'],
        extensions: { code: 'BAD_USER_INPUT', field: 'first', expected: 'at most 100' },
      },
    ],
    [
      '{ notMine }',
      { message: 'Internal server error', path: ['notMine'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ],
  ])('%s of a subgraph keeps its public message and code', async (query, { extensions, ...error }) => {
    const answer = await post({ query }, NIKE_ADMIN());
    expect(answer.json.errors).toEqual([{ ...error, extensions: { ...extensions, requestId: expect.any(String) } }]);
  });

  test('an overloaded subgraph is 429 with Retry-After when there is no other data', async () => {
    const answer = await post({ query: '{ busyToo busy }' }, NIKE_ADMIN());
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('7');
    const told = answer.json.errors.map(({ extensions }: { extensions: object }) => extensions);
    expect(told).toContainEqual({ code: 'THROTTLED', retryAfter: 7, requestId: expect.any(String) });
  });

  test('an overloaded subgraph is 429 also where each field is null by itself', async () => {
    const answer = await post({ query: '{ busyToo again: busyToo }' }, NIKE_ADMIN());
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('3');
    expect(answer.json.data).toBeUndefined();
  });

  test('an overloaded subgraph does not remove the data of others', async () => {
    const answer = await post({ query: '{ busyToo whoAmI }' }, NIKE_ADMIN());
    expect(answer.status).toBe(200);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(answer.json.data).toEqual({ busyToo: null, whoAmI: expect.any(String) });
    expect(answer.json.errors[0].extensions).toMatchObject({ code: 'THROTTLED', retryAfter: 3 });
  });

  test.each([
    ['null where none may be', '{ incomplete { id name } whoAmI }', null, ['incomplete', 'name']],
    [
      'a field that is not there',
      '{ leftOut { id description } whoAmI }',
      { id: 'prod_1', description: null },
      ['leftOut', 'description'],
    ],
    [
      'a field under an alias that is not there',
      '{ id: leftOut { name: description } whoAmI }',
      { name: null },
      ['id', 'name'],
    ],
  ])(
    '%s in what a subgraph answered is an error that shows nothing of the schema’s inside',
    async (_title, query, value, path) => {
      const { status, json } = await post({ query }, NIKE_ADMIN());
      expect(status).toBe(200);
      expect(json.data).toEqual({ [String(path[0])]: value, whoAmI: expect.any(String) });
      expect(json.errors).toEqual([
        {
          message: 'Internal server error',
          path,
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
        },
      ]);
    },
  );

  test.each([
    ['G12 a misspelt field', { query: '{ whoAmi }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'G12 a misspelt input',
      { query: 'mutation($i: ProductRenameInput!) { productRename(input: $i) }', variables: { i: { nam: 'x' } } },
      'BAD_USER_INPUT',
    ],
    ['no GraphQL', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    [
      'G15 an unknown operationName',
      { query: 'query A { whoAmI }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'G15 two operations, none named',
      { query: 'query A { whoAmI } query B { whoAmI }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['G15 no query', { variables: {} }, 'BAD_REQUEST'],
    ['G15 a query that is no text', { query: 1 }, 'BAD_REQUEST'],
    ['G15 variables as a list', { query: '{ whoAmI }', variables: [] }, 'BAD_REQUEST'],
    ['G8 a batch', [{ query: '{ whoAmI }' }, { query: '{ whoAmI }' }], 'BAD_REQUEST'],
    ['G15 no JSON', '{"query": ', 'BAD_REQUEST'],
    ['G15 nothing', '', 'BAD_REQUEST'],
    ['G15 a prototype key', '{"query":"{ whoAmI }","__proto__":{"polluted":1}}', 'BAD_REQUEST'],
  ])('%s is a JSON 400', async (_title, body, code) => {
    const answer = await post(body, NIKE_ADMIN());
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    for (const error of answer.json.errors) expect(error.extensions).toEqual({ code, requestId: expect.any(String) });
    expect(answer.json.data).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('an error message does not repeat a megabyte of the request', async () => {
    const variables = { i: { name: ['x'.repeat(100_000)] } };
    const answer = await post(
      { query: 'mutation($i: ProductRenameInput!) { productRename(input: $i) }', variables },
      NIKE_ADMIN(),
    );
    expect(answer.json.errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(answer.text.length).toBeLessThan(1_000);
  });

  test.each([
    ['a body over 1 MB', { query: `{ whoAmI } #${'x'.repeat(1_000_000)}` }, {}, 413],
    ['another content type', 'a,b', { 'content-type': 'text/csv' }, 415],
    [
      'G10 text/plain, as a form of another site would send it',
      '{"query":"{ whoAmI }"}',
      { 'content-type': 'text/plain' },
      415,
    ],
  ])('%s is refused in JSON', async (_title, body, headers, status) => {
    const answer = await post(body, { ...NIKE_ADMIN(), ...headers });
    expect(answer.status).toBe(status);
    expect(answer.json.errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test('G10 a mutation by GET is refused', async () => {
    const url = `${graph.url}/graphql?query=${encodeURIComponent('mutation { productRename(input: { name: "x" }) }')}`;
    const response = await request(url, { headers: { ...NIKE_ADMIN(), 'apollo-require-preflight': '1' } });
    expect(response.statusCode).toBe(405);
    expect(subgraphCalls(graph)).toEqual([]);
  });
});

/** What graphql-js itself answers, on the schema that the gateway shows. */
async function asGraphqlJs(query: string): Promise<unknown> {
  const { json } = await post({ query: getIntrospectionQuery() });
  return JSON.parse(JSON.stringify(await graphql({ schema: buildClientSchema(json.data), source: query })));
}

describe('introspection', () => {
  test.each([
    ['whether an input is a @oneOf', '{ __type(name: "ProductRenameInput") { isOneOf } }'],
    [
      'what a client generator asks',
      getIntrospectionQuery({
        descriptions: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    ],
    [
      'in fragments and under aliases',
      'query { a: __schema { ...S } ... { b: __type(name: "Product") { ...T } } c: __typename } fragment S on __Schema { types { ...T } } fragment T on __Type { name isOneOf }',
    ],
  ])('is answered as graphql-js does: %s', async (_title, query) => {
    const answer = await post({ query });
    expect(answer.status).toBe(200);
    expect({ data: answer.json.data }).toEqual(await asGraphqlJs(query));
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test('of what graphql-js does not know is a fault of the document', async () => {
    const answer = await post({ query: '{ __type(name: "Product") { isTwoOf } }' });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('is answered beside data, in the order of the document', async () => {
    const query = `query ($name: String!, $no: Boolean!) {
      first: whoAmI
      ... { type: __type(name: $name) { ...T } }
      ...Root
      left: __typename @skip(if: $no)
      last: product(id: "prod_1") { __typename name }
    }
    fragment Root on Query { root: __typename again: whoAmI }
    fragment T on __Type { name isOneOf }`;
    const answer = await post({ query, variables: { name: 'Product', no: true } }, NIKE_ADMIN());
    expect(answer.json.data).toEqual({
      first: 'ADMIN user_ann in org_nike',
      type: { name: 'Product', isOneOf: null },
      root: 'Query',
      again: 'ADMIN user_ann in org_nike',
      last: { __typename: 'Product', name: 'Shoe' },
    });
    expect(Object.keys(answer.json.data)).toEqual(['first', 'type', 'root', 'again', 'last']);
  });

  test('where it is open, a misspelt name is answered with those that are like it', async () => {
    expect((await post({ query: '{ whoAmi }' }, NIKE_ADMIN())).text).toContain('Did you mean \\"whoAmI\\"?');
  });

  test('needs no token and no store in development, and reaches no subgraph', async () => {
    const answer = await post({ query: INTROSPECTION });
    expect(answer.json.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
      __type: { name: 'Product' },
      __typename: 'Query',
    });
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test.each([
    ['beside it', '{ __typename whoAmI }'],
    ['in a fragment', '{ __typename ...Data } fragment Data on Query { ... on Query { whoAmI } }'],
    ['behind @include', 'query($yes: Boolean = true) { __typename ... @include(if: $yes) { whoAmI } }'],
    ['under an alias like one of its fields', '{ __typename typename: whoAmI }'],
  ])('allows nothing else: data %s needs a caller', async (_title, query) => {
    const answer = await post({ query });
    expect(answer.json.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'UNAUTHENTICATED',
    ]);
  });
});

describe('a client that has disconnected', () => {
  test('G22 cancels the call to the subgraph', async () => {
    let release = () => {};
    graph.subgraphs.product.hold = new Promise((resolve) => {
      release = resolve;
    });
    const client = new AbortController();
    const answer = request(`${graph.url}/graphql`, {
      method: 'POST',
      headers: { ...NIKE_ADMIN(), 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ whoAmI }' }),
      signal: client.signal,
    });
    const asked = await graph.subgraphs.product.next();
    client.abort();
    await expect(answer).rejects.toThrow('abort');
    await asked.closed;
    release();
  });
});

describe('a subgraph that is down', () => {
  test('makes only its own fields null, and its name and address stay hidden', async () => {
    const other = await startTestGraph();
    await other.subgraphs.product.close();
    const answer = await post({ query: '{ orders { id product { id name } } }' }, NIKE_ADMIN(), other);
    expect(answer.json.data).toEqual({ orders: [{ id: 'ord_1', product: null }] });
    expect(answer.json.errors).toEqual([
      {
        message: expect.any(String),
        path: ['orders'],
        extensions: { code: 'SERVICE_UNAVAILABLE', retryAfter: 1, requestId: expect.any(String) },
      },
    ]);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|stack/);
    await other.stop();
  });

  test('when it is the tenant subgraph, the request is refused with 503', async () => {
    const other = await startTestGraph();
    await other.subgraphs.tenant.close();
    const answer = await post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    expect(answer.status).toBe(503);
    expect(answer.json.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'SERVICE_UNAVAILABLE',
    ]);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
    expect(other.subgraphs.product.received).toEqual([]);
    await other.stop();
  });
});
