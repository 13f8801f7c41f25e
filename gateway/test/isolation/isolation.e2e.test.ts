import { randomUUID } from 'node:crypto';
import type { Role } from '../../../subgraphs/shared/caller';
import { createSubgraphClient } from '../../../subgraphs/shared/subgraphClient';
import { checksumOfTenant } from '../../../subgraphs/shared/test/checksumOfTenant';
import { CALLER_SIGNING_KEY, TestSupergraph } from '../startSupergraph';
import { argumentsOf, type Names } from './argumentsOf';
import { alike, headersOf, type Straight, send } from './asking';
import { NOT_SENT, PERSONAL, PUBLIC_NAMES } from './cases';
import { callerOf, entityGuardOf, guardOf, ROLES, refusalOf } from './document';
import { keyOf, type Leaf, listEntities, listOperations, type Operation, SUBGRAPHS } from './operations';
import { selectionOf } from './selectionOf';
import { type FullStore, makeFullStore, nobodys } from './stores';

let graph: TestSupergraph;
const straight = {} as Straight;
/** Asks for what is the other store's. */
let mine: FullStore;
/** Asks for what nobody has, and in all else for the same, so that both have come equally far. */
let twin: FullStore;
let theirs: FullStore;
/** What was asked for so far, by kind: the other store's names, and those that nobody has. */
const asked = { theirs: {} as Names, nobodys: {} as Names };

beforeAll(async () => {
  // More is asked for in a minute than a person asks for.
  graph = await TestSupergraph.start({ CALLER_COST_PER_MINUTE: '1000000000' });
  mine = await makeFullStore(graph, 'attacker', 2_000);
  twin = await makeFullStore(graph, 'attacker', 2_000);
  theirs = await makeFullStore(graph, 'victim', 500_000);
  for (const name of SUBGRAPHS) {
    straight[name] = createSubgraphClient(graph.subgraphUrl(name), name, CALLER_SIGNING_KEY);
  }
  await untilQuiet();
}, 180_000);
afterAll(async () => {
  await Promise.all(Object.values(straight).map((client) => client.close()));
  await graph.stop();
}, 60_000);

/** Tables that a service goes on with in its own time, whoever asks for what: events that were recorded before. */
const IN_ITS_OWN_TIME = /^(outbox|inbox)_/;

/** Of all rows of the other store, in all three databases. */
async function checksums(): Promise<Record<string, string>> {
  const databases = await Promise.all(SUBGRAPHS.map((name) => checksumOfTenant(graph.ownerUrl(name), theirs.store.id)));
  const tables = databases.flatMap((sums, index) =>
    Object.entries(sums).map(([table, sum]) => [table, `${SUBGRAPHS[index]}.${table}`, sum] as const),
  );
  return Object.fromEntries(
    tables.filter(([table]) => !IN_ITS_OWN_TIME.test(table)).map(([, name, sum]) => [name, sum]),
  );
}

/** Until what was begun for the other store is done. */
async function untilQuiet(): Promise<void> {
  for (let before = ''; ; ) {
    const now = JSON.stringify(await checksums());
    if (now === before) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

/** Nothing of the other store, but what was asked for: a name may have become the asker's own, such as a slug. */
function expectNothingOfTheirs(answer: string): void {
  for (const [kind, name] of Object.entries(theirs.names)) {
    if (typeof name === 'string' && !(kind in asked.theirs)) expect(answer).not.toContain(name);
  }
}

const unique = () => randomUUID().slice(0, 8);

function named(kind: string, names: Names): string | number {
  const value = names[kind];
  if (value === undefined) {
    throw new Error(`The test's stores have no "${kind}": give them one in gateway/test/isolation/stores.ts.`);
  }
  return value;
}

/** What is asked for of this kind: what the other store has, and what nobody has. */
function pairOf(kind: string): [string | number, string | number] {
  asked.theirs[kind] = named(kind, theirs.names);
  asked.nobodys[kind] ??= nobodys(kind);
  return [asked.theirs[kind], asked.nobodys[kind]];
}

// First what names nothing: until then no name of the other store's may be anywhere.
const OPERATIONS = listOperations().sort((a, b) => Number(a.leaves.length > 0) - Number(b.leaves.length > 0));
const CASES = OPERATIONS.flatMap((operation) =>
  (operation.leaves.length > 0 ? operation.leaves : [null]).map(
    (leaf) => [keyOf(operation, leaf?.path), operation, leaf] as [string, Operation, Leaf | null],
  ),
);

describe('what another store has', () => {
  it.each(CASES)('%s', async (key, operation, leaf) => {
    const [foreign, nobody] = leaf ? pairOf(leaf.kind) : [null, null];
    const before = await checksums();
    const ask = (asker: FullStore, value: string | number | null, role: Role) => {
      const variables = argumentsOf(operation, leaf, value, asker.names, theirs.names, unique());
      return send({ graph, straight }, operation, variables, asker, role);
    };
    for (const role of ROLES) {
      if (key in NOT_SENT && (role === 'MEMBER' || role === 'ADMIN')) continue;
      const answer = await ask(mine, foreign, role);
      const expected = key in PUBLIC_NAMES ? null : await ask(twin, nobody, role);
      expectNothingOfTheirs(answer);
      const refusal = refusalOf(guardOf(operation), role);
      if (refusal) expect([role, answer]).toEqual([role, expect.stringContaining(`"code":"${refusal}"`)]);
      if (expected !== null) {
        expect([role, alike(answer, asked.theirs, mine)]).toEqual([role, alike(expected, asked.nobodys, twin)]);
      }
    }
    expect(await checksums()).toEqual(before);
  });
});

describe('what another customer of the same store has', () => {
  const personal = CASES.filter(([, { publicType }, leaf]) => publicType && leaf && PERSONAL.includes(leaf.kind));

  it.each(personal)('%s', async (_key, operation, leaf) => {
    if (!leaf) return;
    for (const role of ['CUSTOMER', 'VISITOR'] as const) {
      const ask = (value: string | number) => {
        const variables = argumentsOf(operation, leaf, value, mine.names, theirs.names, unique());
        return send({ graph, straight }, operation, variables, mine, role, 'user_bob');
      };
      const [adas, nobody] = [named(leaf.kind, mine.names), nobodys(leaf.kind)];
      const [answer, expected] = [await ask(adas), await ask(nobody)];
      expect([role, alike(answer, { it: adas }, mine)]).toEqual([role, alike(expected, { it: nobody }, mine)]);
    }
  });
});

describe('a cursor of another store', () => {
  const lists = listOperations().filter(
    ({ type, publicType, field }) => type === 'Query' && publicType && field.args.some(({ name }) => name === 'after'),
  );

  it.each(lists.map(({ name }) => name))('%s', async (name) => {
    const query = `query ($after: String) { ${name}(first: 1, after: $after) { nodes { __typename } pageInfo { endCursor } } }`;
    const ask = async (headers: Record<string, string>, after: string | null) =>
      (await graph.ask(headers, query, { after })).body;
    const cursor: string | null = (await ask(theirs.store.admin, null)).data?.[name]?.pageInfo.endCursor ?? null;
    if (cursor === null) return;
    const parts: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const madeUp = Buffer.from(JSON.stringify([...parts.slice(0, -1), nobodys('prod')])).toString('base64url');
    for (const role of ['ADMIN', 'CUSTOMER', 'VISITOR'] as const) {
      const answer = JSON.stringify(await ask(headersOf(mine, role), cursor));
      const expected = JSON.stringify(await ask(headersOf(mine, role), madeUp));
      expectNothingOfTheirs(answer);
      expect([role, alike(answer, {}, mine)]).toEqual([role, alike(expected, {}, mine)]);
    }
  });
});

describe('an entity of another store, straight at its subgraph', () => {
  const entities = listEntities().map((entity) => [`${entity.name} of ${entity.subgraph}`, entity] as const);

  it.each(entities)('%s', async (_title, { name, subgraph, type, kind }) => {
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { __typename ... on ${name} ${selectionOf(type, 2)} } }`;
    const ask = (role: Role, ...representations: object[]) => {
      const variables = { representations: representations.map((one) => ({ __typename: name, ...one })) };
      const caller = callerOf(role, mine.store.id, 'user_ada');
      return straight[subgraph].execute<{ _entities: unknown[] }>({ query, variables }, caller);
    };
    const [foreign, nobody] = pairOf(kind);
    const own = named(kind, mine.names);
    const before = await checksums();
    for (const role of ROLES) {
      const answer = JSON.stringify(await ask(role, { id: foreign }));
      const expected = JSON.stringify(await ask(role, { id: nobody }));
      expectNothingOfTheirs(answer);
      const refusal = refusalOf(entityGuardOf(subgraph, name), role);
      if (refusal) expect([role, answer]).toEqual([role, expect.stringContaining(`"code":"${refusal}"`)]);
      expect([role, alike(answer, { it: foreign }, mine)]).toEqual([role, alike(expected, { it: nobody }, mine)]);
      // Its own keeps its place among others, and says nothing else when it is said to be another store's.
      const alone = await ask(role, { id: own });
      const mixed = await ask(role, { id: foreign }, { id: own, tenantId: theirs.store.id }, { id: nobody });
      expect([role, mixed.data?._entities?.[1]]).toEqual([role, alone.data?._entities?.[0]]);
    }
    expect(await checksums()).toEqual(before);
  });
});
