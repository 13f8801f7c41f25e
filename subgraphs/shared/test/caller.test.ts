import { type Caller, CallerRefused, signCaller, verifyCaller } from '../caller';

const KEY = 'k'.repeat(32);
const BODY = '{"query":"{ products { nodes { id } } }"}';
const CALLER: Caller = {
  tenantId: 'org_a',
  userId: 'user_1',
  role: 'MEMBER',
  permissions: ['orders:read'],
  storeStatus: 'ACTIVE',
  requestId: 'req_1',
};

const signed = (caller = CALLER) => signCaller(caller, 'product', BODY, KEY);

describe('verifyCaller', () => {
  it.each([
    ['no headers at all', {}],
    ['without a signature', { ...signed(), 'x-caller-signature': undefined }],
    ['an empty signature', { ...signed(), 'x-caller-signature': '' }],
    ['another tenant', { ...signed(), 'x-tenant-id': 'org_b' }],
    ['no tenant where one was signed', { ...signed(), 'x-tenant-id': '' }],
    ['another user', { ...signed(), 'x-user-id': 'user_2' }],
    ['another role', { ...signed(), 'x-user-role': 'ADMIN' }],
    ['another permission', { ...signed(), 'x-user-permissions': 'orders:read store:manage' }],
    ['no permission where one was signed', { ...signed(), 'x-user-permissions': '' }],
    ['no word of permissions', { ...signed(), 'x-user-permissions': undefined }],
    ['another status of the store', { ...signed(), 'x-store-status': '' }],
    ['another request id', { ...signed(), 'x-request-id': 'req_2' }],
    ['a repeated header', { ...signed(), 'x-tenant-id': ['org_a', 'org_a'] }],
    ['a later expiry', { ...signed(), 'x-caller-signature': signed()['x-caller-signature']?.replace(/^\d/, '9') }],
    ['an expiry that is no number', { ...signed(), 'x-caller-signature': 'soon.abc' }],
  ])('refuses %s', (_name, headers) => {
    expect(() => verifyCaller(headers, 'product', BODY, KEY)).toThrow(CallerRefused);
  });

  it('refuses an envelope for another subgraph, another body and another key', () => {
    expect(() => verifyCaller(signed(), 'order', BODY, KEY)).toThrow(CallerRefused);
    expect(() => verifyCaller(signed(), 'product', `${BODY} `, KEY)).toThrow(CallerRefused);
    expect(() => verifyCaller(signed(), 'product', BODY, 'x'.repeat(32))).toThrow(CallerRefused);
  });

  it('refuses a role that does not exist, even well signed', () => {
    const headers = signed({ ...CALLER, role: 'OWNER' as Caller['role'] });
    expect(() => verifyCaller(headers, 'product', BODY, KEY)).toThrow(CallerRefused);
  });

  it.each([
    ['permission', { permissions: ['orders:all'] }],
    ['status of the store', { storeStatus: 'PAUSED' }],
  ])('refuses a %s that does not exist, even well signed', (_what, changes) => {
    expect(() => verifyCaller(signed({ ...CALLER, ...changes } as Caller), 'product', BODY, KEY)).toThrow(
      CallerRefused,
    );
  });

  it('refuses an envelope half a minute old', () => {
    const headers = signed();
    jest.useFakeTimers({ now: Date.now() + 31_000 });
    try {
      expect(() => verifyCaller(headers, 'product', BODY, KEY)).toThrow(CallerRefused);
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives back the caller that was signed, with or without a tenant and a user', () => {
    const visitor: Caller = {
      tenantId: null,
      userId: null,
      role: 'VISITOR',
      permissions: [],
      storeStatus: null,
      requestId: 'r',
    };
    expect(verifyCaller(signed(), 'product', BODY, KEY)).toEqual(CALLER);
    expect(verifyCaller(signed(visitor), 'product', BODY, KEY)).toEqual(visitor);
  });
});
