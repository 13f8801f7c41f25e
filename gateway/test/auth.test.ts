import { createHmac, sign } from 'node:crypto';
import { createLogger } from '../../subgraphs/shared/log';
import { PERMISSIONS } from '../../subgraphs/shared/permissions';
import { type AuthEnv, createAuthenticator } from '../auth';
import { clerkKeys } from '../clerkKeys';
import {
  bearer,
  clerk,
  ISSUER,
  newKeyPair,
  nowSeconds,
  SHOP_ORIGIN,
  sessionClaims,
  signingInput,
  signToken,
} from './clerkTokens';

const ENV: AuthEnv = {
  CLERK_ISSUERS: [ISSUER],
  CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN],
  CLERK_AUDIENCE: undefined,
};
const DAY = 24 * 60 * 60;

const log = createLogger('gateway', 'silent');
const keysOf = (pem: string) => clerkKeys({ CLERK_JWT_KEY: pem, CLERK_JWKS_URL: undefined }, log);
const newAuthenticator = (env: Partial<AuthEnv> = {}, pem = clerk.publicPem) =>
  createAuthenticator({ ...ENV, ...env }, keysOf(pem));
const authenticateWith = (env: Partial<AuthEnv>, ...authorization: string[]) =>
  newAuthenticator(env)({ authorization });
const authenticate = (...authorization: string[]) => authenticateWith({}, ...authorization);
const refused = { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } };

afterEach(() => jest.useRealTimers());

/** The clock stands, so that a busy machine moves no token over an edge. */
const stopClockAt = (seconds: number) =>
  jest.useFakeTimers({ now: seconds * 1000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });

describe('what is not one Bearer token is refused', () => {
  const token = signToken(sessionClaims());
  test.each([
    ['J1 Bearer without a token', ['Bearer']],
    ['J1 Bearer and a space', ['Bearer ']],
    ['J1 Basic', ['Basic x']],
    ['J1 a bare token', [token]],
    ['J1 two tokens in one header', [`Bearer ${token} ${token}`]],
    ['J1 two headers joined into one', [`Bearer ${token}, Bearer ${token}`]],
    ['J1 two Authorization headers', [`Bearer ${token}`, `Bearer ${token}`]],
    ['an empty header', ['']],
    ['no JWT', ['Bearer abc']],
    ['three parts of no JSON', ['Bearer a.b.c']],
    ['a payload of null', [`Bearer ${Buffer.from('{"alg":"RS256"}').toString('base64url')}.bnVsbA.x`]],
  ])('%s', async (_title, headers) => {
    await expect(authenticate(...headers)).rejects.toMatchObject(refused);
  });
});

describe('a token that Clerk did not sign is refused', () => {
  const claims = sessionClaims();
  const unsigned = (alg: string) => `${signingInput(claims, { alg })}.`;
  const hs256 = signingInput(claims, { alg: 'HS256' });
  const valid = signToken(claims);

  test.each([
    ['J2 alg none', unsigned('none')],
    ['J2 alg None', unsigned('None')],
    ['J2 an empty signature', unsigned('RS256')],
    [
      'J3 HS256 with the public PEM',
      `${hs256}.${createHmac('sha256', clerk.publicPem).update(hs256).digest('base64url')}`,
    ],
    ['J4 another key under the same kid', signToken(claims, { key: newKeyPair().privateKey })],
    [
      'a payload changed afterwards',
      valid.replace(/\.[^.]+\./, `.${signingInput({ ...claims, sub: 'user_eve' }).split('.')[1]}.`),
    ],
    ['RS512, with the right key', rs512(claims)],
    ['an injected jwk', signToken(claims, { key: newKeyPair().privateKey, header: { jwk: { kty: 'RSA' } } })],
  ])('%s', async (_title, token) => {
    await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject(refused);
  });

  function rs512(payload: Record<string, unknown>): string {
    const input = signingInput(payload, { alg: 'RS512' });
    return `${input}.${sign('RSA-SHA512', Buffer.from(input), clerk.privateKey).toString('base64url')}`;
  }
});

describe('a token that Clerk signed is refused for its claims', () => {
  const now = nowSeconds();
  beforeEach(() => stopClockAt(now));
  test.each<[string, Record<string, unknown>]>([
    ['J7 expired 6 s ago', { exp: now - 6, iat: now - 66 }],
    ['J7 not valid for another 7 s', { nbf: now + 7 }],
    ['J7 issued in 7 s', { iat: now + 7 }],
    ['J8 no exp', { exp: undefined }],
    ['J8 exp as text', { exp: String(now + 60) }],
    ['J8 exp in a hundred years', { exp: now + 100 * 365 * DAY }],
    ['J8 a lifetime of a day and a second', { exp: now + DAY + 1, iat: now }],
    ['J8 no iat, so no lifetime', { iat: undefined }],
    ['J8 exp with a fraction', { exp: now + 60.5 }],
    ['J9 another azp', { azp: 'https://evil.example' }],
    ['J9 azp that only starts right', { azp: `${SHOP_ORIGIN}.evil.com` }],
    ['J9 no azp', { azp: undefined }],
    ['J10 another issuer', { iss: 'https://other.clerk.accounts.dev' }],
    ['J10 the issuer with a slash', { iss: `${ISSUER}/` }],
    ['J10 no issuer', { iss: undefined }],
    ['no user', { sub: undefined }],
    ['J17 a machine as the subject', { sub: 'mch_1' }],
    ['a user id that is no header value', { sub: 'user_a\r\nx-user-role: ADMIN' }],
    ['o as an array', { o: [{ id: 'org_nike', rol: 'admin' }] }],
    ['o as text', { o: 'org_nike' }],
    ['o as null', { o: null }],
    ['o without id', { o: { rol: 'admin' } }],
    ['o.id that is no organization', { o: { id: 'nike', rol: 'admin' } }],
    ['o.rol as a list', { o: { id: 'org_nike', rol: ['admin'] } }],
    ['o.id other than org_id', { o: { id: 'org_nike', rol: 'admin' }, org_id: 'org_puma' }],
    ['org_id that is no organization', { org_id: 'nike', org_role: 'org:admin' }],
  ])('%s', async (_title, claims) => {
    await expect(authenticate(bearer(claims))).rejects.toMatchObject(refused);
  });

  test.each([
    ['J17 typ at+jwt', { typ: 'at+jwt' }],
    ['J17 the cat of a machine token', { cat: 'cl_B7d4PD333AAA' }],
    ['J17 an unknown cat', { cat: 'cl_other' }],
  ])('%s', async (_title, header) => {
    await expect(authenticate(`Bearer ${signToken(sessionClaims(), { header })}`)).rejects.toMatchObject(refused);
  });

  test.each([
    ['J11 no aud', undefined],
    ['J11 a foreign aud', 'other-api'],
    ['J11 a list of foreign ones', ['other-api', 'third-api']],
    ['J11 an empty list', []],
  ])('%s, while an audience is configured', async (_title, aud) => {
    await expect(authenticateWith({ CLERK_AUDIENCE: 'shop-api' }, bearer({ aud }))).rejects.toMatchObject(refused);
  });

  test('the refusal is the same for all and says nothing of the token', async () => {
    const messages = await Promise.all(
      [bearer({ exp: nowSeconds() - 60 }), bearer({ iss: 'https://evil.example' }), 'Bearer a.b.c'].map((header) =>
        authenticate(header).catch((error: Error) => error.message),
      ),
    );
    expect(new Set(messages)).toEqual(new Set(['The token is not valid. Sign in again.']));
  });
});

describe('nobody is signed in', () => {
  test('without an Authorization header', async () => {
    await expect(newAuthenticator()({})).resolves.toBeNull();
  });

  test('J12 while Clerk calls the session pending', async () => {
    await expect(authenticate(bearer({ sts: 'pending', o: { id: 'org_nike', rol: 'admin' } }))).resolves.toBeNull();
  });
});

describe('a token that counts', () => {
  const now = nowSeconds();
  beforeEach(() => stopClockAt(now));
  test.each<[string, Record<string, unknown>]>([
    ['J7 expired 3 s ago', { exp: now - 3, iat: now - 63 }],
    ['J7 valid in 4 s', { nbf: now + 4 }],
    ['J7 issued in 4 s', { iat: now + 4 }],
    ['J8 a lifetime of a day', { iat: now, exp: now + DAY }],
    ['an active session', { sts: 'active' }],
  ])('%s', async (_title, claims) => {
    await expect(authenticate(bearer(claims))).resolves.toMatchObject({ userId: 'user_ann' });
  });

  test.each([['shop-api'], [['other-api', 'shop-api']]])('J11 the configured audience in %j', async (aud) => {
    await expect(authenticateWith({ CLERK_AUDIENCE: 'shop-api' }, bearer({ aud }))).resolves.not.toBeNull();
  });

  test('J13 without an active organization: a person, no store', async () => {
    const iat = nowSeconds();
    const exp = iat + 60;
    await expect(authenticate(bearer({ iat, exp }))).resolves.toEqual({
      userId: 'user_ann',
      impersonatorId: null,
      sessionId: 'sess_1',
      organization: null,
      issuedAt: iat,
      expiresAt: exp,
    });
  });

  test('J15 versions 1 and 2 give the same identity', async () => {
    const exp = nowSeconds() + 60;
    const v1 = await authenticate(
      bearer({ exp, v: undefined, org_id: 'org_nike', org_role: 'org:admin', org_slug: 'nike' }),
    );
    const v2 = await authenticate(
      bearer({ exp, o: { id: 'org_nike', rol: 'admin', slg: 'nike', per: 'x', fpm: '3' } }),
    );
    expect(v1).toEqual(v2);
    expect(v2?.organization).toEqual({ id: 'org_nike', slug: 'nike', role: 'ADMIN', permissions: PERMISSIONS });
  });

  test('J15 versions 1 and 2 give a custom role the permissions that the token names, and no others', async () => {
    const v1 = {
      v: undefined,
      org_id: 'org_nike',
      org_role: 'org:clerk',
      org_permissions: ['org:orders:manage', 'org:crm:read'],
    };
    const v2 = {
      fea: 'u:billing,o:crm,uo:orders',
      o: { id: 'org_nike', rol: 'clerk', per: 'read,manage', fpm: '1,2' },
    };
    for (const claims of [v1, v2]) {
      const identity = await authenticate(bearer(claims));
      expect(identity?.organization).toEqual({
        id: 'org_nike',
        slug: null,
        role: 'MEMBER',
        permissions: ['orders:read', 'orders:manage'],
      });
    }
  });

  test.each([
    ['no permissions', {}],
    ['a mask that is no number', { per: 'manage', fpm: 'x' }],
    ['a negative mask', { per: 'manage', fpm: '-1' }],
    ['a mask of bits without a permission', { per: 'manage', fpm: '6' }],
    ['a permission without a mask', { per: 'manage' }],
  ])('J21 a custom role with %s may do nothing', async (_title, packed) => {
    const identity = await authenticate(bearer({ fea: 'o:orders', o: { id: 'org_nike', rol: 'clerk', ...packed } }));
    expect(identity?.organization?.permissions).toEqual([]);
  });

  test('a permission of the user, not of the organization, counts for nothing', async () => {
    const claims = { fea: 'u:orders', o: { id: 'org_nike', rol: 'clerk', per: 'manage', fpm: '1' } };
    expect((await authenticate(bearer(claims)))?.organization?.permissions).toEqual([]);
  });

  test.each([['member'], ['Admin'], ['ADMIN'], ['admin '], ['org:admin'], ['owner'], [''], [null], [undefined]])(
    'J21 the role %j of version 2 is MEMBER',
    async (rol) => {
      const identity = await authenticate(bearer({ o: { id: 'org_nike', rol } }));
      expect(identity?.organization?.role).toBe('MEMBER');
      expect(identity?.organization?.permissions).not.toContain('store:manage');
    },
  );

  test.each([['org:member'], ['org:Admin'], ['org:admin '], ['admin'], ['org:owner'], [null], [undefined]])(
    'J21 the role %j of version 1 is MEMBER',
    async (org_role) => {
      const identity = await authenticate(bearer({ org_id: 'org_nike', org_role }));
      expect(identity?.organization?.role).toBe('MEMBER');
      expect(identity?.organization?.permissions).not.toContain('store:manage');
    },
  );

  test("of Clerk's session category", async () => {
    const token = signToken(sessionClaims(), { header: { cat: 'cl_B7d4PD111AAA' } });
    await expect(authenticate(`Bearer ${token}`)).resolves.not.toBeNull();
  });

  test('J6 under any kid: the key is ours, not the one the token names', async () => {
    const token = signToken(sessionClaims(), { header: { kid: 'another' } });
    await expect(authenticate(`Bearer ${token}`)).resolves.not.toBeNull();
  });

  test.each([[65_539], [3]])("with a key of the exponent %i, such as the local stand-in's", async (exponent) => {
    const { publicPem, privateKey } = newKeyPair(exponent);
    const token = signToken(sessionClaims(), { key: privateKey });
    const authorization = [`Bearer ${token}`];
    await expect(newAuthenticator({}, publicPem)({ authorization })).resolves.not.toBeNull();
  });

  test('without azp, where no authorized parties are configured', async () => {
    const identity = await authenticateWith({ CLERK_AUTHORIZED_PARTIES: [] }, bearer({ azp: undefined }));
    expect(identity).not.toBeNull();
  });
});

describe('a remembered token', () => {
  test('is refused once it has expired', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const remembering = newAuthenticator();
    const headers = { authorization: [bearer()] };
    await expect(remembering(headers)).resolves.not.toBeNull();
    jest.setSystemTime(Date.now() + 64_000);
    await expect(remembering(headers)).resolves.not.toBeNull();
    jest.setSystemTime(Date.now() + 2_000);
    await expect(remembering(headers)).rejects.toMatchObject(refused);
    await expect(remembering(headers)).rejects.toMatchObject(refused);
  });

  test('gives each token its own identity', async () => {
    const remembering = newAuthenticator();
    const [ann, bob] = [bearer(), bearer({ sub: 'user_bob' })];
    for (const _ of [1, 2]) {
      await expect(remembering({ authorization: [ann] })).resolves.toMatchObject({ userId: 'user_ann' });
      await expect(remembering({ authorization: [bob] })).resolves.toMatchObject({ userId: 'user_bob' });
    }
  });

  test('is verified once', async () => {
    const remembering = newAuthenticator();
    const headers = { authorization: [bearer()] };
    const verify = jest.spyOn(globalThis.crypto.subtle, 'verify');
    await remembering(headers);
    await remembering(headers);
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockRestore();
  });
});
