import { type Caller, CallerRefused, serviceCaller, signCaller, verifyCaller } from '../caller';
import { createNonceCache } from '../nonceCache';
import { SERVICE_PERMISSIONS } from '../permissions';

const KEY = 'k'.repeat(32);
const BODY = '{"query":"{ products { nodes { id } } }"}';
const CALLER: Caller = {
  tenantId: 'org_a',
  userId: 'user_1',
  impersonatorId: 'user_support',
  role: 'MEMBER',
  permissions: ['orders:read'],
  storeStatus: 'ACTIVE',
  requestId: 'req_1',
  clientAddress: '203.0.113.7',
};

const never = () => false;
const signed = (caller = CALLER) => signCaller(caller, 'product', BODY, KEY);
/** A signed caller whose JSON is replaced by another one. */
const edited = (changes: object) => ({ ...signed(), 'x-caller': JSON.stringify({ ...CALLER, ...changes }) });

describe('verifyCaller', () => {
  it.each([
    ['no headers at all', {}],
    ['without a signature', { ...signed(), 'x-caller-signature': undefined }],
    ['an empty signature', { ...signed(), 'x-caller-signature': '' }],
    ['another tenant', { ...signed(), 'x-tenant-id': 'org_b' }],
    ['no tenant where one was signed', { ...signed(), 'x-tenant-id': '' }],
    ['another user', { ...signed(), 'x-user-id': 'user_2' }],
    ['another role', { ...signed(), 'x-user-role': 'ADMIN' }],
    ['another request id', { ...signed(), 'x-request-id': 'req_2' }],
    ['no caller', { ...signed(), 'x-caller': undefined }],
    ['no user id beside the caller', { ...signed(), 'x-user-id': undefined }],
    ['another tenant in the caller', edited({ tenantId: 'org_b' })],
    ['no tenant in the caller where one was signed', edited({ tenantId: null })],
    ['another user in the caller', edited({ userId: 'user_2' })],
    ['another role in the caller', edited({ role: 'ADMIN' })],
    ['another permission', edited({ permissions: ['orders:read', 'store:manage'] })],
    ['no permission where one was signed', edited({ permissions: [] })],
    ['a missing list of permissions', edited({ permissions: undefined })],
    ['another status of the store', edited({ storeStatus: null })],
    ['a removed impersonator', edited({ impersonatorId: null })],
    ['another address of the client', edited({ clientAddress: '192.0.2.1' })],
    ['another request id in the caller', edited({ requestId: 'req_2' })],
    ['a caller that is no JSON', { ...signed(), 'x-caller': 'org_a' }],
    ['a repeated caller', { ...signed(), 'x-caller': [signed()['x-caller'] ?? '', signed()['x-caller'] ?? ''] }],
    ['a repeated header', { ...signed(), 'x-tenant-id': ['org_a', 'org_a'] }],
    ['a later expiry', { ...signed(), 'x-caller-signature': signed()['x-caller-signature']?.replace(/^\d/, '9') }],
    [
      'another nonce',
      { ...signed(), 'x-caller-signature': signed()['x-caller-signature']?.replace(/\.[^.]+\./, '.AAAA.') },
    ],
    ['no nonce', { ...signed(), 'x-caller-signature': signed()['x-caller-signature']?.replace(/\.[^.]+\./, '.') }],
    ['an expiry that is no number', { ...signed(), 'x-caller-signature': 'soon.abc' }],
  ])('refuses %s', (_name, headers) => {
    expect(() => verifyCaller(headers, 'product', BODY, KEY, never)).toThrow(CallerRefused);
  });

  it('refuses an envelope for another subgraph, another body and another key', () => {
    expect(() => verifyCaller(signed(), 'order', BODY, KEY, never)).toThrow(CallerRefused);
    expect(() => verifyCaller(signed(), 'product', `${BODY} `, KEY, never)).toThrow(CallerRefused);
    expect(() => verifyCaller(signed(), 'product', BODY, 'x'.repeat(32), never)).toThrow(CallerRefused);
  });

  it('refuses an unknown role, even with a valid signature', () => {
    const headers = signed({ ...CALLER, role: 'OWNER' as Caller['role'] });
    expect(() => verifyCaller(headers, 'product', BODY, KEY, never)).toThrow(CallerRefused);
  });

  it.each([
    ['permission', { permissions: ['orders:all'] }, 'permissions.0'],
    ['status of the store', { storeStatus: 'PAUSED' }, 'storeStatus'],
    ['field', { productLimit: 7 }, 'caller'],
    ['tenant, an empty one,', { tenantId: '' }, 'tenantId'],
    ['user, an empty one,', { userId: '' }, 'userId'],
    ['impersonator, an empty one,', { impersonatorId: '' }, 'impersonatorId'],
  ])('refuses an unknown %s, even with a valid signature, and names it', (_what, changes, unknown) => {
    const headers = signed({ ...CALLER, ...changes } as Caller);
    expect(() => verifyCaller(headers, 'product', BODY, KEY, never)).toThrow(new CallerRefused(`unknown ${unknown}`));
  });

  describe('at another time', () => {
    const SIGNED_AT = 1_800_000_000_000;
    const readAt = (ms: number) => {
      jest.useFakeTimers({ now: SIGNED_AT });
      const headers = signed();
      jest.setSystemTime(SIGNED_AT + ms);
      return () => verifyCaller(headers, 'product', BODY, KEY, never);
    };
    afterEach(() => jest.useRealTimers());

    it.each([
      ['that is 30 seconds old', 30_000],
      ['that is older', 31_000],
      ['that expires in more than 60 seconds', -30_001],
    ])('refuses an envelope %s', (_age, ms) => {
      expect(readAt(ms)).toThrow(new CallerRefused('expired'));
    });

    it.each([29_999, -30_000])('accepts an envelope that is %d ms old by the receiver’s clock', (ms) => {
      expect(readAt(ms)()).toEqual(CALLER);
    });
  });

  it('returns the signed caller, with or without a tenant and a user, in any script', () => {
    const visitor: Caller = {
      tenantId: null,
      userId: null,
      impersonatorId: null,
      role: 'VISITOR',
      permissions: [],
      storeStatus: null,
      requestId: 'r',
      clientAddress: null,
    };
    expect(verifyCaller(signed(), 'product', BODY, KEY, never)).toEqual(CALLER);
    const foreign = { ...CALLER, requestId: 'Größe 尺 👟' };
    const headers = signed(foreign)['x-caller'] ?? '';
    expect(headers).toMatch(/^[ -~]+$/);
    expect(JSON.parse(headers)).toEqual(foreign);
    expect(verifyCaller(signed(foreign), 'product', BODY, KEY, never)).toEqual(foreign);
    expect(verifyCaller(signed(visitor), 'product', BODY, KEY, never)).toEqual(visitor);
  });
});

describe('signCaller', () => {
  it('shows logs the tenant, the user, the role and the request by themselves', () => {
    expect(signed()).toMatchObject({
      'x-tenant-id': 'org_a',
      'x-user-id': 'user_1',
      'x-user-role': 'MEMBER',
      'x-request-id': 'req_1',
    });
    expect(signed({ ...CALLER, tenantId: null, userId: null })).toMatchObject({ 'x-tenant-id': '', 'x-user-id': '' });
  });
});

it.each([
  [null, []],
  ['org_a', SERVICE_PERMISSIONS],
])(
  'a service on behalf of the store %j has the permissions of services, and none without a store',
  (tenantId, permissions) => {
    expect(serviceCaller(tenantId, 'req_1')).toEqual({
      tenantId,
      userId: null,
      impersonatorId: null,
      clientAddress: null,
      role: 'SERVICE',
      permissions,
      storeStatus: null,
      requestId: 'req_1',
    });
  },
);

describe('a replayed envelope', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is refused, and another envelope of the same call is not', () => {
    const isReplay = createNonceCache();
    const headers = signed();
    expect(verifyCaller(headers, 'product', BODY, KEY, isReplay)).toEqual(CALLER);
    expect(() => verifyCaller(headers, 'product', BODY, KEY, isReplay)).toThrow(CallerRefused);
    expect(verifyCaller(signed(), 'product', BODY, KEY, isReplay)).toEqual(CALLER);
  });

  it('is remembered for a minute at least, and forgotten after two', () => {
    const start = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(start);
    const isReplay = createNonceCache();
    clock.mockReturnValue(start + 59_000);
    expect(isReplay('a')).toBe(false);
    clock.mockReturnValue(start + 118_000);
    expect(isReplay('a')).toBe(true);
    clock.mockReturnValue(start + 121_000);
    expect(isReplay('b')).toBe(false);
    clock.mockReturnValue(start + 182_000);
    expect(isReplay('a')).toBe(false);
  });

  it('is not remembered when it is invalid, so that forged ones fill no memory', () => {
    const isReplay = jest.fn(() => false);
    const headers = { ...signed(), 'x-user-role': 'ADMIN' };
    expect(() => verifyCaller(headers, 'product', BODY, KEY, isReplay)).toThrow(CallerRefused);
    expect(isReplay).not.toHaveBeenCalled();
  });
});
