import { setTimeout as sleep } from 'node:timers/promises';
import { membershipData } from '../dev/webhook';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

/** As decision 008 promises: the longest time until a removed member has no access. */
const MAX_SECONDS = 5;

const ORDERS = '{ orders(first: 1) { nodes { id } } }';
const SETTINGS = 'mutation { tenantDelete(input: { confirmSlug: "not this" }) { userErrors { code } } }';

let users = 0;
const newUser = () => `user_staff${++users}`;

/** Changes a membership in the tenant subgraph only, without an event to this gateway, as if the event were lost. */
async function tell(type: string, store: TestStore, user: string, role = 'member'): Promise<void> {
  const url = new URL('/webhooks/clerk', graph.subgraphUrl('tenant')).href;
  const answer = await graph.deliverEvent(
    `organizationMembership.${type}`,
    membershipData(store.id, user, role),
    undefined,
    url,
  );
  if (!answer.ok) throw new Error(`The webhook was refused: ${answer.status}`);
}

async function codeOf(headers: Record<string, string>, query: string): Promise<string | undefined> {
  return (await graph.ask(headers, query)).body.errors?.[0]?.extensions?.code;
}

/** Asks until the answer has this code. @returns the seconds that it took. */
async function secondsUntil(code: string, headers: Record<string, string>, query: string): Promise<number> {
  const start = performance.now();
  for (;;) {
    const seconds = (performance.now() - start) / 1000;
    if ((await codeOf(headers, query)) === code) return seconds;
    if (seconds > 2 * MAX_SECONDS) throw new Error(`no ${code} in ${seconds} s`);
    await sleep(50);
  }
}

it(`J19 a removed member has no access within ${MAX_SECONDS} s although their token is valid; a later token works again`, async () => {
  const store = await graph.makeStore('leaver');
  const user = newUser();
  await tell('created', store, user);
  const token = graph.bearer({ ...store, role: 'member' }, user);
  expect(await codeOf(token, ORDERS)).toBeUndefined();

  await tell('deleted', store, user);
  expect(await secondsUntil('TENANT_REQUIRED', token, ORDERS)).toBeLessThan(MAX_SECONDS);
  const atTheStore = { ...token, ...store.visitor };
  expect(await codeOf(atTheStore, ORDERS)).toBe('FORBIDDEN');
  // Another member's token is not affected.
  expect(await codeOf(store.member, ORDERS)).toBeUndefined();

  await sleep(1_100 - (Date.now() % 1_000));
  expect(await codeOf(graph.bearer({ ...store, role: 'member' }, user), ORDERS)).toBeUndefined();
}, 60_000);

it(`J19 an admin who became a member is no admin any more within ${MAX_SECONDS} s`, async () => {
  const store = await graph.makeStore('demoted');
  const user = newUser();
  await tell('created', store, user, 'admin');
  const token = graph.bearer({ ...store, role: 'admin' }, user);
  expect(await codeOf(token, SETTINGS)).toBeUndefined();
  await tell('updated', store, user, 'member');
  expect(await secondsUntil('FORBIDDEN', token, SETTINGS)).toBeLessThan(MAX_SECONDS);
  expect(await codeOf(token, ORDERS)).toBeUndefined();
}, 60_000);
