import type { Caller, Role } from '../caller';
import { ROLES } from '../caller';
import { admin, type Guard, inStore, inStoreOrService, service, signedIn, staff } from '../guards';

const caller = (role: Role, tenantId: string | null = 'org_a'): Caller => ({
  tenantId,
  userId: null,
  role,
  requestId: 'r',
});
const code = (guard: Guard, who: Caller) => {
  const answer = guard(who);
  return answer === true ? true : answer.extensions.code;
};

const TABLE: [string, Guard, Record<Role, true | 'FORBIDDEN'>][] = [
  ['inStore', inStore, { VISITOR: true, CUSTOMER: true, MEMBER: true, ADMIN: true, SERVICE: true }],
  ['signedIn', signedIn, { VISITOR: 'FORBIDDEN', CUSTOMER: true, MEMBER: true, ADMIN: true, SERVICE: 'FORBIDDEN' }],
  ['staff', staff, { VISITOR: 'FORBIDDEN', CUSTOMER: 'FORBIDDEN', MEMBER: true, ADMIN: true, SERVICE: true }],
  [
    'admin',
    admin,
    { VISITOR: 'FORBIDDEN', CUSTOMER: 'FORBIDDEN', MEMBER: 'FORBIDDEN', ADMIN: true, SERVICE: 'FORBIDDEN' },
  ],
  [
    'service',
    service,
    { VISITOR: 'FORBIDDEN', CUSTOMER: 'FORBIDDEN', MEMBER: 'FORBIDDEN', ADMIN: 'FORBIDDEN', SERVICE: true },
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
