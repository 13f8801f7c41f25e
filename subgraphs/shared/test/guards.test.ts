import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { Caller, Role } from '../caller';
import { ROLES } from '../caller';
import { can, type Guard, guardSchema, inStore, inStoreOrService, service, signedIn } from '../guards';

const caller = (role: Role, tenantId: string | null = 'org_a'): Caller => ({
  tenantId,
  userId: null,
  impersonatorId: null,
  role,
  permissions: [],
  storeStatus: 'ACTIVE',
  productLimit: null,
  showsExactStock: true,
  orderPrefix: '#',
  requestId: 'r',
});
const code = (guard: Guard, who: Caller) => {
  const answer = guard(who);
  return answer === true ? true : answer.extensions.code;
};

const TABLE: [string, Guard, Record<Role, true | 'FORBIDDEN' | 'UNAUTHENTICATED'>][] = [
  ['inStore', inStore, { VISITOR: true, CUSTOMER: true, MEMBER: true, ADMIN: true, SERVICE: true }],
  [
    'signedIn',
    signedIn,
    { VISITOR: 'UNAUTHENTICATED', CUSTOMER: true, MEMBER: true, ADMIN: true, SERVICE: 'FORBIDDEN' },
  ],
  [
    'service',
    service,
    { VISITOR: 'UNAUTHENTICATED', CUSTOMER: 'FORBIDDEN', MEMBER: 'FORBIDDEN', ADMIN: 'FORBIDDEN', SERVICE: true },
  ],
];

describe.each(TABLE)('%s', (_name, guard, expected) => {
  it.each(ROLES)('answers %s as the table says', (role) => {
    expect(code(guard, caller(role))).toBe(expected[role]);
  });

  it.each(ROLES)('asks %s for a store when there is none', (role) => {
    expect(code(guard, caller(role, null))).toBe('TENANT_REQUIRED');
  });
});

it('inStoreOrService lets a service ask without a store, and nobody else', () => {
  expect(code(inStoreOrService, caller('SERVICE', null))).toBe(true);
  expect(code(inStoreOrService, caller('ADMIN', null))).toBe('TENANT_REQUIRED');
});

describe('can', () => {
  it.each(ROLES)('refuses a %s that does not hold the permission', (role) => {
    expect(code(can('orders:manage'), { ...caller(role), permissions: ['orders:read', 'products:manage'] })).toBe(
      role === 'VISITOR' ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    );
  });

  it('asks whoever has no store for one, whatever they hold', () => {
    const who: Caller = { ...caller('ADMIN', null), permissions: ['orders:manage'] };
    expect(code(can('orders:manage'), who)).toBe('TENANT_REQUIRED');
  });

  it('lets who holds the permission', () => {
    expect(code(can('orders:manage'), { ...caller('MEMBER'), permissions: ['orders:manage'] })).toBe(true);
  });
});

describe('J24 someone who acts in another’s place', () => {
  const schema = guardSchema(
    buildSubgraphSchema(
      parse('type Query { it: It } type It @key(fields: "id") { id: ID! } type Mutation { moves: Int changes: Int }'),
    ),
    {
      Query: {},
      Mutation: { moves: can('orders:manage'), changes: can('orders:manage') },
      notWhileImpersonated: ['moves'],
      entities: {},
    },
  );
  const codeOf = async (mutation: string, impersonatorId: string | null, permissions: Caller['permissions']) => {
    const contextValue = { caller: { ...caller('MEMBER'), permissions, impersonatorId } };
    const { errors } = await graphql({ schema, source: `mutation { ${mutation} }`, contextValue });
    return errors?.[0]?.extensions.code;
  };

  it('may not send what moves money, and everything else that whom they stand for may', async () => {
    expect(await codeOf('moves', 'user_support', ['orders:manage'])).toBe('FORBIDDEN');
    expect(await codeOf('changes', 'user_support', ['orders:manage'])).toBeUndefined();
    expect(await codeOf('changes', 'user_support', [])).toBe('FORBIDDEN');
    expect(await codeOf('moves', null, ['orders:manage'])).toBeUndefined();
  });
});

describe('a suspended store', () => {
  const suspended = (role: Role): Caller => ({
    ...caller(role),
    permissions: ['orders:read'],
    storeStatus: 'SUSPENDED',
  });

  it.each(['VISITOR', 'CUSTOMER'] as const)('is closed for a %s', (role) => {
    expect(code(inStore, suspended(role))).toBe('STORE_UNAVAILABLE');
    expect(code(can('orders:read'), suspended(role))).toBe('STORE_UNAVAILABLE');
  });

  it.each(['MEMBER', 'ADMIN', 'SERVICE'] as const)('is there to read for a %s', (role) => {
    expect(code(inStore, suspended(role))).toBe(true);
    expect(code(can('orders:read'), suspended(role))).toBe(true);
  });
});
