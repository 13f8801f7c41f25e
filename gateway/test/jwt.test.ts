import { PERMISSIONS } from '../../subgraphs/shared/permissions';
import { bearer, ISSUER, SHOP_ORIGIN } from './clerkTokens';
import { type Graph, postTo } from './postToGraph';
import { startTestGraph } from './testGraph';
import { TokenGate } from './tokenGate';
import {
  ADMIN,
  ANN,
  AWAY,
  atNike,
  changesStore,
  DAY,
  edited,
  ended,
  forged,
  HELD_FOR_AN_HOUR,
  header,
  hs256,
  meantFor,
  NOT_SIGNED_IN,
  NOW,
  next,
  old,
  REFUSED,
  type Row,
  roleAndRights,
  rs512,
  sent,
  shopper,
  signedBy,
  staff,
  token,
  unsigned,
  valid,
  whileClerk,
  withKeySet,
} from './tokenRows';

/*
 * What a token makes of its bearer: a row for each way in which one can be wrong, or only just right. The ids are those of the
 * list of faults that this system is held against.
 */
const ROWS: Row[] = [
  ['J1', 'no token and no store', sent({}), NOT_SIGNED_IN],
  ['J1', 'Bearer without a token', sent({ authorization: 'Bearer ' }), NOT_SIGNED_IN],
  ['J1', 'Basic', sent({ authorization: 'Basic dXNlcjpwYXNz' }), NOT_SIGNED_IN],
  ['J1', 'two Authorization headers', sent({ authorization: [bearer(ADMIN), bearer(ADMIN)] }), NOT_SIGNED_IN],
  [
    'J1',
    'a token in the query string',
    sent({}, `/graphql?token=${valid()}&authorization=Bearer%20${valid()}`),
    NOT_SIGNED_IN,
  ],
  ['J1', 'a token in a cookie', sent({ cookie: `__session=${valid()}` }), NOT_SIGNED_IN],
  [
    'J1',
    'a forged token for a named store',
    sent({ authorization: 'Bearer a.b.c', 'x-store-domain': 'nike.localhost' }),
    NOT_SIGNED_IN,
  ],
  ['J1', 'an empty header', header(''), REFUSED],
  ['J1', 'Bearer alone', header('Bearer'), REFUSED],
  ['J1', 'a bare token', header(valid()), REFUSED],
  ['J1', 'two tokens in one header', header(`Bearer ${valid()} ${valid()}`), REFUSED],
  ['J1', 'two headers joined into one', header(`${bearer()}, ${bearer()}`), REFUSED],
  ['J1', 'no JWT', token('abc'), REFUSED],
  ['J1', 'three parts of no JSON', token('a.b.c'), REFUSED],
  ['J1', 'a payload of null', token(`${Buffer.from('{"alg":"RS256"}').toString('base64url')}.bnVsbA.x`), REFUSED],
  ['J1', 'no token, for a named store: a visitor', (it) => atNike(it).who(), 'VISITOR null in org_nike'],

  ['J2', 'alg none', token(unsigned('none')), REFUSED],
  ['J2', 'alg None', token(unsigned('None')), REFUSED],
  ['J2', 'an empty signature', token(unsigned('RS256')), REFUSED],
  ['J2', 'a payload that was changed', token(edited()), REFUSED],
  ['J3', 'HS256 with the public PEM', token(hs256()), REFUSED],
  ['J3', 'RS512, with the right key', token(rs512()), REFUSED],
  ['J4', 'another key under the same kid', token(forged()), REFUSED],
  ['J4', 'another key, which the token brings', token(forged({ jwk: { kty: 'RSA' } })), REFUSED],
  ['J4', 'another key under a kid of the key set', withKeySet((it) => it.who(signedBy(next, 'ins_old'))), REFUSED],
  [
    'J6',
    '1000 unknown keys: one question in the cool-down, and known ones count',
    withKeySet(async (it, keys) => {
      await it.who(signedBy(old, 'ins_old'));
      keys.later(11);
      const answers = await Promise.all(Array.from({ length: 1000 }, (_, n) => it.who(signedBy(old, `ins_${n}`))));
      return [...new Set(answers), keys.fetches, await it.who(signedBy(old, 'ins_old', { sid: 'sess_2' }))];
    }),
    [REFUSED, 2, ANN],
  ],
  ['J6', 'another kid, where the key is from the environment', shopper({}, { kid: 'another' }), ANN],

  ['J7', 'expired 6 s ago', shopper({ exp: NOW - 6, iat: NOW - 66 }), REFUSED],
  ['J7', 'expired 4 s ago', shopper({ exp: NOW - 4, iat: NOW - 64 }), ANN],
  ['J7', 'valid in 6 s', shopper({ nbf: NOW + 6 }), REFUSED],
  ['J7', 'valid in 4 s', shopper({ nbf: NOW + 4 }), ANN],
  ['J7', 'issued in 6 s', shopper({ iat: NOW + 6 }), REFUSED],
  ['J7', 'issued in 4 s', shopper({ iat: NOW + 4 }), ANN],
  ['J8', 'no exp', shopper({ exp: undefined }), REFUSED],
  ['J8', 'exp as text', shopper({ exp: String(NOW + 60) }), REFUSED],
  ['J8', 'exp with a fraction', shopper({ exp: NOW + 60.5 }), REFUSED],
  ['J8', 'exp in a hundred years', shopper({ exp: NOW + 100 * 365 * DAY }), REFUSED],
  ['J8', 'no iat, so no lifetime', shopper({ iat: undefined }), REFUSED],
  ['J8', 'a lifetime of a day and a second', shopper({ iat: NOW, exp: NOW + DAY + 1 }), REFUSED],
  ['J8', 'a lifetime of a day', shopper({ iat: NOW, exp: NOW + DAY }), ANN],
  ['J9', 'another azp', shopper({ azp: 'https://evil.example' }), REFUSED],
  ['J9', 'azp that only begins right', shopper({ azp: `${SHOP_ORIGIN}.evil.com` }), REFUSED],
  ['J9', 'no azp', shopper({ azp: undefined }), REFUSED],
  [
    'J9',
    'no azp, where no parties are named: development alone, see env.test.ts',
    (it) => {
      it.env.CLERK_AUTHORIZED_PARTIES = [];
      return shopper({ azp: undefined })(it);
    },
    ANN,
  ],
  ['J10', 'another issuer', shopper({ iss: 'https://other.clerk.accounts.dev' }), REFUSED],
  ['J10', 'the issuer with a slash', shopper({ iss: `${ISSUER}/` }), REFUSED],
  ['J10', 'no issuer', shopper({ iss: undefined }), REFUSED],
  ['J11', 'no aud, while an audience is configured', meantFor(undefined), REFUSED],
  ['J11', 'a foreign aud', meantFor('other-api'), REFUSED],
  ['J11', 'a list of foreign ones', meantFor(['other-api', 'third-api']), REFUSED],
  ['J11', 'an empty list', meantFor([]), REFUSED],
  ['J11', 'the configured one', meantFor('shop-api'), ANN],
  ['J11', 'a list that has it', meantFor(['other-api', 'shop-api']), ANN],
  ['J12', 'a pending session: a visitor', shopper({ sts: 'pending', ...ADMIN }), 'VISITOR null in org_nike'],
  ['J12', 'a pending session, and no store: signed out', staff({ sts: 'pending', ...ADMIN }), REFUSED],
  ['J12', 'an active session', shopper({ sts: 'active' }), ANN],
  ['J13', 'no organization and no store', sent({ authorization: bearer() }), '400 TENANT_REQUIRED, subgraph calls: 0'],
  ['J13', 'an organization that has no store', staff({ o: { id: 'org_new', rol: 'admin' } }), 'TENANT_REQUIRED'],
  ['J13', 'no user', shopper({ sub: undefined }), REFUSED],
  ['J13', 'a user id that is no header value', shopper({ sub: 'user_a\r\nx-user-role: ADMIN' }), REFUSED],
  ['J13', 'o as an array', staff({ o: [{ id: 'org_nike', rol: 'admin' }] }), REFUSED],
  ['J13', 'o as text', staff({ o: 'org_nike' }), REFUSED],
  ['J13', 'o as null', staff({ o: null }), REFUSED],
  ['J13', 'o without an id', staff({ o: { rol: 'admin' } }), REFUSED],
  ['J13', 'o.id that is no organization', staff({ o: { id: 'nike', rol: 'admin' } }), REFUSED],
  ['J13', 'o.id other than org_id', staff({ ...ADMIN, org_id: 'org_puma' }), REFUSED],
  ['J13', 'org_id that is no organization', staff({ org_id: 'nike', org_role: 'org:admin' }), REFUSED],
  [
    'J15',
    'an admin, version 1',
    roleAndRights({ v: undefined, org_id: 'org_nike', org_role: 'org:admin' }),
    ['ADMIN', PERMISSIONS],
  ],
  ['J15', 'an admin, version 2', roleAndRights(ADMIN), ['ADMIN', PERMISSIONS]],
  [
    'J15',
    'a role of the store’s own, version 1: what the token names',
    roleAndRights({
      v: undefined,
      org_id: 'org_nike',
      org_role: 'org:clerk',
      org_permissions: ['org:orders:manage', 'org:crm:read'],
    }),
    ['MEMBER', ['orders:read', 'orders:manage']],
  ],
  [
    'J15',
    'a role of the store’s own, version 2: the same',
    roleAndRights({
      fea: 'u:billing,o:crm,uo:orders',
      o: { id: 'org_nike', rol: 'clerk', per: 'read,manage', fpm: '1,2' },
    }),
    ['MEMBER', ['orders:read', 'orders:manage']],
  ],
  ['J17', 'extensions that must be understood', shopper({}, { crit: ['b64'], b64: true }), REFUSED],
  ['J17', 'typ at+jwt', shopper({}, { typ: 'at+jwt' }), REFUSED],
  ['J17', 'the cat of a machine token', shopper({}, { cat: 'cl_B7d4PD333AAA' }), REFUSED],
  ['J17', 'an unknown cat', shopper({}, { cat: 'cl_other' }), REFUSED],
  ['J17', 'a machine as the subject', shopper({ sub: 'mch_1' }), REFUSED],
  ['J17', 'the cat of a session', shopper({}, { cat: 'cl_B7d4PD111AAA' }), ANN],
  [
    'J19',
    'of someone who was removed since, for the store itself and for no named one',
    async (it) => {
      it.access = { ...ended, changedAt: NOW * 1000 };
      return [await staff(ADMIN)(it), await shopper(ADMIN)(it)];
    },
    ['TENANT_REQUIRED', ANN],
  ],
  [
    'J19',
    'of an admin who became a member since',
    (it) => {
      it.access = { isMember: true, isAdmin: false, permissions: ['orders:read'], changedAt: NOW * 1000 };
      return roleAndRights(ADMIN)(it);
    },
    ['MEMBER', ['orders:read']],
  ],
  [
    'J19',
    'issued after the removal: they are back',
    (it) => {
      it.access = { ...ended, changedAt: (NOW - 60) * 1000 };
      return staff(ADMIN)(it);
    },
    'ADMIN user_ann in org_nike',
  ],
  [
    'J20',
    'of a suspended store’s shopper',
    sent({ 'x-store-domain': 'closed.localhost', authorization: bearer() }),
    '403 STORE_UNAVAILABLE, subgraph calls: 1',
  ],
  [
    'J20',
    'of a suspended store’s admin, who may read',
    staff({ o: { id: 'org_closed', rol: 'admin' } }),
    'ADMIN user_ann in org_closed',
  ],
  ['J20', 'of a deleted store’s admin', staff({ o: { id: 'org_gone', rol: 'admin' } }), 'STORE_UNAVAILABLE'],
  ['J21', 'an admin, by an admin’s mutation', changesStore(ADMIN), 'ALLOWED'],
  ...['member', 'Admin', 'ADMIN', 'admin ', 'org:admin', 'owner', '', null, undefined].map(
    (rol): Row => [
      'J21',
      `the role ${JSON.stringify(rol)} of version 2`,
      changesStore({ o: { id: 'org_nike', rol } }),
      'FORBIDDEN',
    ],
  ),
  ['J21', 'o.rol as a list', staff({ o: { id: 'org_nike', rol: ['admin'] } }), REFUSED],
  ...['org:member', 'org:Admin', 'org:admin ', 'admin', 'org:owner', null, undefined].map(
    (org_role): Row => [
      'J21',
      `the role ${JSON.stringify(org_role)} of version 1`,
      changesStore({ org_id: 'org_nike', org_role }),
      'FORBIDDEN',
    ],
  ),
  ...[
    {},
    { per: 'manage', fpm: 'x' },
    { per: 'manage', fpm: '-1' },
    { per: 'manage', fpm: '6' },
    { per: 'manage' },
  ].map(
    (packed): Row => [
      'J21',
      `a role of the store’s own with ${JSON.stringify(packed)}`,
      roleAndRights({ fea: 'o:orders', o: { id: 'org_nike', rol: 'clerk', ...packed } }),
      ['MEMBER', []],
    ],
  ),
  [
    'J21',
    'a permission of the user, not of the organization',
    roleAndRights({ fea: 'u:orders', o: { id: 'org_nike', rol: 'clerk', per: 'manage', fpm: '1' } }),
    ['MEMBER', []],
  ],

  [
    'J22',
    'while Clerk’s keys are gone',
    whileClerk((keys) => keys.answersBy((response) => void response.destroy())),
    HELD_FOR_AN_HOUR,
  ],
  ['J22', 'while Clerk answers 500', whileClerk((keys) => keys.answersWith({ keys: [] }, 500)), HELD_FOR_AN_HOUR],
  ['J22', 'while Clerk answers a page', whileClerk((keys) => keys.answersWith('<html></html>')), HELD_FOR_AN_HOUR],
  ['J22', 'while Clerk answers an empty set', whileClerk((keys) => keys.answersWith({ keys: [] })), HELD_FOR_AN_HOUR],
  [
    'J22',
    'while Clerk answers keys of another kind',
    whileClerk((keys) => keys.answersWith({ keys: [{ kty: 'EC', kid: 'ins_old', crv: 'P-256', x: 'a', y: 'b' }] })),
    HELD_FOR_AN_HOUR,
  ],
  [
    'J22',
    'while Clerk answers without an end',
    whileClerk((keys) => keys.answersBy((response) => void response.writeHead(200).write(Buffer.alloc(200_000, ' ')))),
    HELD_FOR_AN_HOUR,
  ],
  [
    'J22',
    'while Clerk is silent: it is waited for 3 seconds',
    withKeySet((it, keys) => {
      keys.answersBy(() => {});
      return it.who(signedBy(old, 'ins_old'));
    }),
    AWAY,
  ],
  [
    'J23',
    'a key that is added counts at once; one that is taken back is refused within a minute, also for a token that is remembered',
    withKeySet(async (it, keys) => {
      const remembered = signedBy(old, 'ins_old');
      const first = await it.who(remembered);
      keys.holds({ ins_old: old, ins_new: next });
      keys.later(11);
      const both = [await it.who(signedBy(next, 'ins_new')), await it.who(remembered)];
      keys.holds({ ins_new: next });
      keys.later(61);
      const anew = signedBy(old, 'ins_old', { sid: 'sess_2' });
      return [first, both, await it.who(remembered), await it.who(anew), await it.who(signedBy(next, 'ins_new'))];
    }),
    [ANN, [ANN, ANN], REFUSED, REFUSED, ANN],
  ],
  [
    'J24',
    'who acts in another’s place is named beside them',
    async (it) => {
      const caller = await it.caller(bearer({ ...ADMIN, act: { sub: 'user_support' } }));
      return typeof caller === 'string' ? caller : [caller.userId, caller.impersonatorId];
    },
    ['user_ann', 'user_support'],
  ],
  ...['user_support', {}, { sub: '' }, { sub: 'user_a\r\nx: y' }, { sub: ['user_support'] }].map(
    (act): Row => ['J24', `act ${JSON.stringify(act)}, which names nobody`, staff({ ...ADMIN, act }), REFUSED],
  ),
];

let graph: Graph;
beforeAll(async () => {
  graph = await startTestGraph();
});
afterAll(() => graph.stop());

let gate: TokenGate;
beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
  gate = new TokenGate();
});
afterEach(async () => {
  await gate.keySet?.close();
  jest.restoreAllMocks();
});

test.each(ROWS)('%s %s', async (_id, _what, ask, answer) => expect(await ask(gate, graph)).toEqual(answer), 10_000);

test('each of the group has a row', () => {
  const ids = 'J1 J2 J3 J4 J6 J7 J8 J9 J10 J11 J12 J13 J15 J17 J19 J20 J21 J22 J23 J24'.split(' ');
  expect([...new Set(ROWS.map(([id]) => id))]).toEqual(ids);
});

test('the refusal is the same for all tokens, and says nothing of them', async () => {
  const tokens = [bearer({ exp: NOW - 60, iat: NOW - 120 }), bearer({ iss: 'https://evil.example' }), 'Bearer a.b.c'];
  const answers = await Promise.all(
    tokens.map((authorization) => postTo(graph, { query: '{ whoAmI }' }, { authorization })),
  );
  const messages = answers.map(({ json }) => json.errors[0].message);
  expect(new Set(messages)).toEqual(new Set(['The token is not valid. Sign in again.']));
});
