import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gql } from '@apollo/client';
import { createApolloClient } from '../../docs/clients/apollo';
import codegenConfig from '../../docs/clients/codegen';
import { possibleTypesOf } from '../../docs/clients/possibleTypes';
import { storeFetch } from '../../docs/clients/storeFetch';
import { createUrqlClient } from '../../docs/clients/urql';
import { type TestStore, TestSupergraph } from './startSupergraph';

const run = promisify(execFile);
const DOCS = join(__dirname, '..', '..', 'docs');
const page = readFileSync(join(DOCS, 'CLIENTS.md'), 'utf8');
const possibleTypes = possibleTypesOf(join(__dirname, '..', 'schema.graphql'));

let graph: TestSupergraph;
let store: TestStore;
let url: string;
beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore();
  url = `${graph.gatewayUrl}/graphql`;
});
afterAll(() => graph?.stop());

const tokenOf = ({ authorization = '' }: Record<string, string>) => authorization.replace('Bearer ', '');
const admin = async () => tokenOf(store.admin);

/** Answers what each of `answers` says, one for each request, and keeps what was sent. */
async function startStub(answers: [status: number, headers?: Record<string, string>][]) {
  const sent: { authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const [status, headers = {}] = answers[sent.length] ?? [200];
    sent.push({ authorization: request.headers.authorization, body });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(status === 200 ? { data: { ok: true } } : { errors: [{ message: 'no' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return { at, sent, stop: () => new Promise((resolve) => server.close(resolve)) };
}

describe('docs/CLIENTS.md', () => {
  it('prints each of the files that are run here, as it is', () => {
    const files = readdirSync(join(DOCS, 'clients'));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      expect(page).toContain(
        `\`\`\`ts\n// docs/clients/${file}\n${readFileSync(join(DOCS, 'clients', file), 'utf8')}\`\`\``,
      );
    }
    const printed = [...page.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(printed.filter((language) => language === 'ts')).toHaveLength(files.length);
    expect(printed.filter((language) => language !== 'ts')).toEqual(['graphql']);
  });
});

describe('storeFetch', () => {
  it('sends a throttled request again when Retry-After says, and gives up after three', async () => {
    const stub = await startStub([
      [429, { 'retry-after': '0.05' }],
      [429, { 'retry-after': '0.05' }],
    ]);
    const answer = await storeFetch(async () => null)(stub.at, { method: 'POST', body: '{}' });
    expect([answer.status, stub.sent.map(({ body }) => body)]).toEqual([200, ['{}', '{}', '{}']]);
    await stub.stop();
    const busy = await startStub(Array.from({ length: 9 }, () => [429, { 'retry-after': '0.01' }]));
    expect((await storeFetch(async () => null)(busy.at, { method: 'POST', body: '{}' })).status).toBe(429);
    expect(busy.sent).toHaveLength(4);
    await busy.stop();
  });

  it('gets a new token once when the API refuses the old one', async () => {
    const stub = await startStub([[401], [401], [401]]);
    const asked: unknown[] = [];
    const getToken = async (options?: { skipCache?: boolean }) => {
      asked.push(options?.skipCache);
      return options?.skipCache ? 'new' : 'old';
    };
    expect((await storeFetch(getToken)(stub.at)).status).toBe(401);
    expect(stub.sent.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(asked).toEqual([false, true]);
    await stub.stop();
  });
});

describe('Apollo Client', () => {
  const [documents = ''] = /```graphql\n([\s\S]*?)```/.exec(page)?.slice(1) ?? [];
  const named = (name: string) => {
    const { definitions, ...rest } = gql(documents);
    const wanted = definitions.filter(
      (one) => one.kind === 'FragmentDefinition' || (one.kind === 'OperationDefinition' && one.name?.value === name),
    );
    const used = name === 'Save' ? wanted : wanted.filter(({ kind }) => kind === 'OperationDefinition');
    return { ...rest, definitions: used };
  };

  it('sees a saved setting in what it has read before, since both have an id; a fault has its code', async () => {
    const client = createApolloClient(url, null, admin, possibleTypes);
    const settings = () => client.readQuery<{ currentTenant: { settings: object } }>({ query: named('Settings') });
    await client.query({ query: named('Settings') });
    const { data } = await client.mutate<{ tenantSettingsUpdate: { userErrors: object[] } }>({
      mutation: named('Save'),
      variables: { input: { locale: 'de-DE' } },
    });
    expect(data?.tenantSettingsUpdate.userErrors).toEqual([]);
    expect(settings()?.currentTenant.settings).toMatchObject({ locale: 'de-DE', version: 2 });
    const refused = await client.mutate<{ tenantSettingsUpdate: { userErrors: object[] } }>({
      mutation: named('Save'),
      variables: { input: { locale: 'x', expectedVersion: 2 } },
    });
    expect(refused.data?.tenantSettingsUpdate.userErrors).toMatchObject([
      { field: ['input', 'locale'], code: 'INVALID' },
    ]);
  });

  it('appends pages to a list, and keeps lists that differ in an argument apart', async () => {
    for (const name of ['A', 'B', 'C']) {
      const variants = [{ sku: name, price: { amount: '1', currencyCode: 'USD' } }];
      const input = { name, status: 'ACTIVE', variants };
      const create = 'mutation ($input: ProductCreateInput!) { productCreate(input: $input) { userErrors { code } } }';
      await graph.ask(store.admin, create, { input });
    }
    const client = createApolloClient(url, `${store.slug}.localhost`, async () => null, possibleTypes);
    const query = gql`query List($after: String, $reverse: Boolean! = false) {
      products(first: 2, after: $after, sortKey: NAME, reverse: $reverse) { nodes { id name } pageInfo { endCursor } } }`;
    type Page = { products: { nodes: { id: string; name: string }[]; pageInfo: { endCursor: string } } };
    const list = client.watchQuery<Page>({ query });
    const first = await list.refetch();
    await list.fetchMore({ variables: { after: first.data?.products.pageInfo.endCursor } });
    const namesOf = (reverse: boolean) =>
      client.readQuery<Page>({ query, variables: { reverse } })?.products.nodes.map(({ name }) => name);
    expect(namesOf(false)).toEqual(['A', 'B', 'C']);
    await client.query({ query, variables: { reverse: true } });
    expect(namesOf(true)).toEqual(['C', 'B']);
    const id = first.data?.products.nodes[0]?.id;
    const one = gql`query One($id: ID!) { product(id: $id) { id name } }`;
    expect(client.readQuery({ query: one, variables: { id } })).toMatchObject({ product: { name: 'A' } });
  });
});

describe('urql', () => {
  it('asks as a visitor of a store and as its staff, and repeats a query by its hash alone', async () => {
    const visitor = createUrqlClient(url, `${store.slug}.localhost`, async () => null);
    const viewer = 'query { viewer { role user { id } } }';
    expect((await visitor.query(viewer, {})).data).toMatchObject({ viewer: { role: 'VISITOR', user: null } });
    const staff = createUrqlClient(url, null, admin);
    for (const requestPolicy of ['network-only', 'network-only'] as const) {
      const { data, error } = await staff.query(viewer, {}, { requestPolicy });
      expect([error, data]).toMatchObject([undefined, { viewer: { role: 'ADMIN', user: { id: 'user_staff' } } }]);
    }
  });
});

describe('codegen', () => {
  it('reads the served schema, which is the committed one, and makes types of the scalars', async () => {
    const { pathname } = new URL(codegenConfig.schema);
    const served = await fetch(`${graph.gatewayUrl}${pathname}`);
    const sdl = await served.text();
    expect(sdl).toBe(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));
    const program = join(__dirname, 'client', 'runCodegen.ts');
    const { stdout } = await run(process.execPath, ['-r', './gateway/dev/ts', program, served.url], {
      cwd: join(DOCS, '..'),
    });
    expect(stdout).toMatch(/min: { amount: string }/);
    expect(stdout).toMatch(/export type PriceQuery = /);
  });
});
