import type { Caller } from '../../shared/caller';
import { admin, customer, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { openStore } from '../test/webhookSubscriptions';

const RECORD = `mutation ($actions: [ImpersonatedActionInput!]!) { impersonatedActionsRecord(actions: $actions) }`;
const LIST = `query ($first: Int, $after: String) { currentTenant { impersonatedActions(first: $first, after: $after) {
  nodes { id mutation subjectIds actorId impersonatorId requestId createdAt } pageInfo { endCursor } totalCount } } }`;

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

const impersonating = (caller: Caller): Caller => ({ ...caller, impersonatorId: 'user_support' });
const record = (caller: Caller, ...mutations: string[]) =>
  tenant.ask(caller, RECORD, { actions: mutations.map((mutation) => ({ mutation, subjectIds: ['prod_1'] })) });
const list = async (caller: Caller, variables = {}) =>
  (await tenant.ask(caller, LIST, variables)).data.currentTenant.impersonatedActions;

it.each([visitor, customer, member, admin, service])(
  'is recorded for no caller who impersonates nobody',
  async (caller) => {
    const id = await openStore(tenant);
    const before = await checksumOfTenant(tenant.ownerUrl, id);
    expect((await record(caller(id), 'productUpdate')).errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
  },
);

it('is shown to staff who may see the members, and to nobody else', async () => {
  const id = await openStore(tenant);
  await record(impersonating(admin(id)), 'productUpdate');
  for (const caller of [visitor(id), customer(id), { ...member(id), permissions: ['orders:manage'] } as Caller]) {
    const { data, errors } = await tenant.ask(caller, LIST);
    expect([data.currentTenant?.impersonatedActions, errors?.[0]?.extensions?.code]).toEqual([null, refusalOf(caller)]);
  }
  expect((await list(member(id))).totalCount).toBe(1);
});

it('names both people, as the signed caller has them, and the ids of its arguments; the latest first', async () => {
  const [id, other] = [await openStore(tenant), await openStore(tenant)];
  expect((await record(impersonating(admin(id)), 'productCreate')).data).toEqual({ impersonatedActionsRecord: 1 });
  await record({ ...impersonating(member(id)), storeStatus: 'SUSPENDED' }, 'tenantResume', 'productUpdate');
  await record(impersonating(admin(other)), 'tenantUpdate');

  const first = await list(admin(id), { first: 2 });
  const second = await list(admin(id), { first: 2, after: first.pageInfo.endCursor });
  expect(first.totalCount).toBe(3);
  expect(first.nodes.map(({ mutation }: { mutation: string }) => mutation).sort()).toEqual([
    'productUpdate',
    'tenantResume',
  ]);
  expect(second.nodes).toEqual([
    {
      id: expect.stringMatching(/^impa_/),
      mutation: 'productCreate',
      subjectIds: ['prod_1'],
      actorId: 'user_admin',
      impersonatorId: 'user_support',
      requestId: 'test',
      createdAt: expect.stringMatching(/Z$/),
    },
  ]);
});
