import { createLogger } from '../../subgraphs/shared/log';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Identity } from '../identity/auth';
import { createMemberAccess, type MemberAccessLookup, withCurrentAccess } from './memberAccess';

const ISSUED_AT = 1_800_000_000;
const ANN: Identity = {
  userId: 'user_ann',
  impersonatorId: null,
  sessionId: 'sess_1',
  organization: { id: 'org_nike', slug: 'nike', role: 'ADMIN', permissions: ['orders:read', 'store:manage'] },
  issuedAt: ISSUED_AT,
  expiresAt: ISSUED_AT + 60,
  onlyForStoreAt: null,
};
const at = (ms: number) => new Date(ISSUED_AT * 1000 + ms).toISOString();
const REMOVED = { isMember: false, isAdmin: false, permissions: [], changedAt: at(1) };
const away = () => {
  throw new SubgraphUnavailable('tenant', 'away');
};

let asked: string[];
let answer: () => object | null;
let members: MemberAccessLookup;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  // A time of 0 is none to the cache.
  jest.advanceTimersByTime(1);
  asked = [];
  const client: SubgraphClient = {
    execute: async ({ variables }, { tenantId }) => {
      asked.push(`${tenantId} ${variables?.userId}`);
      return { data: { access: answer() } } as never;
    },
    probe: async () => {},
    close: async () => {},
  };
  members = createMemberAccess(client, createLogger('test', 'silent'));
});
afterEach(() => jest.useRealTimers());

const find = (userId = 'user_ann') => members.find('org_nike', userId, 'request');

describe('while the tenant subgraph does not answer', () => {
  it('a member known to be removed stays removed, also after an invalidation, however long the outage lasts', async () => {
    answer = () => REMOVED;
    expect(await find()).toMatchObject({ isMember: false });
    answer = away;
    for (const ms of [4_100, 60_000, 60 * 60_000]) {
      jest.advanceTimersByTime(ms);
      members.invalidate();
      expect(await find()).toMatchObject({ isMember: false });
    }
    answer = () => ({ ...REMOVED, isMember: true });
    jest.advanceTimersByTime(4_100);
    expect(await find()).toMatchObject({ isMember: true });
  });

  it("the token's claims are used for someone whose membership was never fetched", async () => {
    answer = away;
    expect(await find()).toBeNull();
    answer = () => REMOVED;
    expect(await find()).toMatchObject({ isMember: false });
  });
});

it('fetches each membership once in four seconds, and again after an invalidation', async () => {
  answer = () => null;
  await Promise.all([find(), find(), find('user_bob')]);
  jest.advanceTimersByTime(3_900);
  await find();
  expect(asked).toEqual(['org_nike user_ann', 'org_nike user_bob']);
  jest.advanceTimersByTime(200);
  await find();
  members.invalidate();
  await find();
  await find();
  expect(asked).toHaveLength(4);
});

describe('withCurrentAccess', () => {
  const changed = (ms: number, isAdmin: boolean | null) => ({
    isMember: isAdmin !== null,
    isAdmin: isAdmin === true,
    permissions: ['orders:read' as const],
    changedAt: ISSUED_AT * 1000 + ms,
  });

  it.each([
    ['removed after the token was issued: no access', changed(1, null), { organization: null }],
    ['removed in the same millisecond: no access', changed(0, null), { organization: null }],
    ['removed before the token was issued, and so added again', changed(-1, null), ANN],
    [
      'made a member since: no longer an admin',
      changed(1, false),
      { organization: { role: 'MEMBER', permissions: ['orders:read'] } },
    ],
    ['membership unknown', null, ANN],
  ])('%s', (_what, access, expected) => {
    expect(withCurrentAccess(ANN, access)).toMatchObject(expected);
  });
});
