import { PERMISSIONS } from '../../subgraphs/shared/permissions';
import { bearer } from '../test/clerkTokens';
import {
  ADMIN,
  ANN,
  changesStore,
  ended,
  NOW,
  REFUSED,
  type Row,
  roleAndRights,
  sent,
  shopper,
  staff,
} from '../test/tokenRows';
import { testRows } from '../test/tokenTable';

/*
 * Which of a token's organization, role and permissions apply, also after the membership has changed.
 */
const ROWS: Row[] = [
  [
    'J13',
    'no organization and no store',
    sent(() => ({ authorization: bearer() })),
    '400 TENANT_REQUIRED, subgraph calls: 0',
  ],
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
    sent(() => ({ 'x-store-domain': 'closed.localhost', authorization: bearer() })),
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
    'J24',
    'who impersonates someone is named beside them',
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

testRows(ROWS, 'J13 J15 J19 J20 J21 J24');
