import { sign } from 'node:crypto';
import { createLogger } from '../../subgraphs/shared/log';
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
} from '../test/clerkTokens';
import { type AuthEnv, createAuthenticator } from './auth';
import { clerkKeys } from './clerkKeys';

// jwt.test.ts and its neighbours test the caller that a token leads to.

const ENV: AuthEnv = {
  CLERK_ISSUERS: [ISSUER],
  CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN],
  CLERK_ALLOW_MISSING_AZP: false,
  CLERK_AUDIENCE: undefined,
};

const log = createLogger('gateway', 'silent');
const newAuthenticator = (pem = clerk.publicPem) =>
  createAuthenticator(ENV, clerkKeys({ CLERK_JWT_KEY: pem, CLERK_JWKS_URL: undefined }, log));
const authenticate = (...authorization: string[]) => newAuthenticator()({ authorization });
const refused = { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } };

afterEach(() => jest.useRealTimers());

describe('an identity', () => {
  test('has the token’s person only when no organization is active', async () => {
    const iat = nowSeconds();
    const exp = iat + 60;
    await expect(authenticate(bearer({ iat, exp }))).resolves.toEqual({
      userId: 'user_ann',
      impersonatorId: null,
      sessionId: 'sess_1',
      organization: null,
      issuedAt: iat,
      expiresAt: exp,
      onlyForStoreAt: null,
    });
  });

  test('is for the store of its party alone where the configuration does not name that', async () => {
    const azp = `${SHOP_ORIGIN}.another`;
    expect(await authenticate(bearer({ azp }))).toMatchObject({ onlyForStoreAt: azp });
  });

  test('may be without a party where the configuration lets it', async () => {
    const keys = clerkKeys({ CLERK_JWT_KEY: clerk.publicPem, CLERK_JWKS_URL: undefined }, log);
    const lenient = createAuthenticator({ ...ENV, CLERK_ALLOW_MISSING_AZP: true }, keys);
    expect(await lenient({ authorization: [bearer({ azp: undefined })] })).toMatchObject({ onlyForStoreAt: null });
    const azp = `${SHOP_ORIGIN}.another`;
    expect(await lenient({ authorization: [bearer({ azp })] })).toMatchObject({ onlyForStoreAt: azp });
  });

  test('is the same from versions 1 and 2 of a token', async () => {
    const times = { iat: nowSeconds(), exp: nowSeconds() + 60 };
    const v1 = bearer({ ...times, v: undefined, org_id: 'org_nike', org_role: 'org:admin', org_slug: 'nike' });
    const v2 = bearer({ ...times, o: { id: 'org_nike', rol: 'admin', slg: 'nike', per: 'x', fpm: '3' } });
    const identity = await authenticate(v1);
    expect(await authenticate(v2)).toEqual(identity);
    expect(identity?.organization?.slug).toBe('nike');
  });

  test('is nobody without an Authorization header', async () => {
    await expect(newAuthenticator()({})).resolves.toBeNull();
  });

  test.each([[65_539], [3]])(
    "comes of a key of the exponent %i, too, such as the local stand-in's",
    async (exponent) => {
      const { publicPem, privateKey } = newKeyPair(exponent);
      const authorization = [`Bearer ${signToken(sessionClaims(), { key: privateKey })}`];
      await expect(newAuthenticator(publicPem)({ authorization })).resolves.not.toBeNull();
    },
  );
});

describe('a cached token', () => {
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

  test('is refused from the end of the allowed clock skew on', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'], now: nowSeconds() * 1000 });
    const remembering = newAuthenticator();
    const headers = { authorization: [bearer()] };
    const verified = await remembering(headers);
    jest.setSystemTime(Date.now() + 64_999);
    await expect(remembering(headers)).resolves.toEqual(verified);
    jest.setSystemTime(Date.now() + 1);
    await expect(remembering(headers)).rejects.toMatchObject({ extensions: { reason: 'expired' } });
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

describe('a token is refused', () => {
  const longId = 'x'.repeat(101);
  const day = 24 * 60 * 60;
  const lasting = (seconds: number) => ({ iat: nowSeconds(), exp: nowSeconds() + seconds });

  test.each<[string, () => Record<string, unknown>]>([
    ['without a person', () => ({ sub: undefined })],
    ['for something that is no person', () => ({ sub: 'org_nike' })],
    ['for a person with more before the id', () => ({ sub: ' user_ann' })],
    ['for a person with more behind the id', () => ({ sub: 'user_ann ' })],
    ['for a person without an id', () => ({ sub: 'user_' })],
    ['for a person with too long an id', () => ({ sub: `user_${longId}` })],
    ['with an impersonator that is no object', () => ({ act: 'user_support' })],
    ['with an impersonator without an id', () => ({ act: { sub: '' } })],
    ['with an impersonator with more before the id', () => ({ act: { sub: ' user_support' } })],
    ['with an impersonator with more behind the id', () => ({ act: { sub: 'user_support ' } })],
    ['with an impersonator with too long an id', () => ({ act: { sub: 'x'.repeat(129) } })],
    ['without an issuer', () => ({ iss: undefined })],
    ['of another issuer', () => ({ iss: `${ISSUER}.evil` })],
    ['of no party', () => ({ azp: undefined })],
    ['of a party that is no text', () => ({ azp: [SHOP_ORIGIN] })],
    ['without the time of its issue', () => ({ iat: undefined })],
    ['with a fraction as the time of its issue', () => ({ iat: nowSeconds() - 0.5 })],
    ['with a fraction as the time of its end', () => ({ exp: nowSeconds() + 60.5 })],
    ['that lives longer than a day', () => lasting(day + 1)],
    ['with a session that is no text', () => ({ sid: 7 })],
    ['with a status that is no text', () => ({ sts: 7 })],
    ['with an audience that is no text', () => ({ aud: 7 })],
    ['with an organization that is a list', () => ({ o: [] })],
    ['with an organization without an id', () => ({ o: {} })],
    ['with an organization with another kind of id', () => ({ o: { id: 'user_ann' } })],
    ['with an organization with more before the id', () => ({ o: { id: ' org_nike' } })],
    ['with an organization with more behind the id', () => ({ o: { id: 'org_nike ' } })],
    ['with an organization with too long an id', () => ({ o: { id: `org_${longId}` } })],
    ['with two organizations', () => ({ o: { id: 'org_nike' }, org_id: 'org_puma' })],
    ['with a role that is no text', () => ({ org_id: 'org_nike', org_role: 7 })],
    ['with permissions that are no list', () => ({ org_id: 'org_nike', org_permissions: 'org:orders:read' })],
  ])('%s', async (_title, claims) => {
    await expect(authenticate(bearer(claims()))).rejects.toMatchObject(refused);
  });

  test.each([
    ['names an extension', { crit: ['exp'] }],
    ['has an empty list of extensions', { crit: [] }],
    ['is a machine’s', { cat: 'cl_B7d4PD222AAA' }],
    ['has an empty category', { cat: '' }],
    ['names another algorithm', { alg: 'RS512' }],
  ])('with a header that %s', async (_title, header) => {
    await expect(authenticate(`Bearer ${signToken(sessionClaims(), { header })}`)).rejects.toMatchObject(refused);
  });

  test.each<[string, (token: string) => string[]]>([
    ['twice', (token) => [`Bearer ${token}`, `Bearer ${token}`]],
    ['with another beside it', (token) => [`Bearer ${token}`, '']],
    ['by another scheme', (token) => [`Basic ${token}`]],
    ['with a word before it', (token) => [`x Bearer ${token}`]],
    ['with a word behind it', (token) => [`Bearer ${token} x`]],
    ['without a space', (token) => [`Bearer${token}`]],
    ['with signs that no token has', (token) => [`Bearer ${token}!`]],
    ['of nothing', () => ['Bearer ']],
    ['of what is no JWT', () => ['Bearer abc']],
    ['as an empty header', () => ['']],
  ])('sent %s', async (_title, headers) => {
    await expect(authenticate(...headers(signToken(sessionClaims())))).rejects.toMatchObject(refused);
  });

  test('signed with RSA-SHA512, whatever its header says', async () => {
    const input = signingInput(sessionClaims(), { alg: 'RS512' });
    const signature = sign('RSA-SHA512', Buffer.from(input), clerk.privateKey).toString('base64url');
    await expect(authenticate(`Bearer ${input}.${signature}`)).rejects.toMatchObject(refused);
  });

  test.each<[string, () => string, RegExp]>([
    ['that no header can be read', () => 'Bearer abc', /JWT/],
    ['that it has expired', () => bearer({ iat: nowSeconds() - 66, nbf: undefined, exp: nowSeconds() - 6 }), /expired/],
    ['which claims are not as they should be', () => bearer({ sub: 'org_nike', sid: 7 }), /^claims: sub, sid$/],
    ['that its issuer is unknown', () => bearer({ iss: 'https://other.example' }), /^unknown issuer$/],
  ])('and the log says %s, the answer does not', async (_title, authorization, reason) => {
    const error = await authenticate(authorization()).catch((thrown) => thrown);
    expect(error.extensions.reason).toMatch(reason);
    expect(error.message).toBe('The token is not valid. Sign in again.');
  });

  test('before a key is looked up, where it is no JWT', async () => {
    const find = jest.fn(async () => null);
    await expect(createAuthenticator(ENV, { find })({ authorization: ['Bearer abc'] })).rejects.toMatchObject(refused);
    expect(find).not.toHaveBeenCalled();
  });

  test('signed with another key, and one signed with no known key', async () => {
    const { privateKey } = newKeyPair();
    await expect(authenticate(`Bearer ${signToken(sessionClaims(), { key: privateKey })}`)).rejects.toMatchObject(
      refused,
    );
    const nothing = createAuthenticator(ENV, { find: async () => null });
    await expect(nothing({ authorization: [bearer()] })).rejects.toMatchObject(refused);
  });

  test.each([
    ['for nobody', undefined],
    ['for another', 'https://other.example'],
    ['for others', ['https://other.example']],
  ])('meant %s, when an audience is configured', async (_title, aud) => {
    const keys = clerkKeys({ CLERK_JWT_KEY: clerk.publicPem, CLERK_JWKS_URL: undefined }, log);
    const configured = createAuthenticator({ ...ENV, CLERK_AUDIENCE: 'https://api.example' }, keys);
    await expect(configured({ authorization: [bearer({ aud })] })).rejects.toMatchObject(refused);
    await expect(configured({ authorization: [bearer({ aud: 'https://api.example' })] })).resolves.not.toBeNull();
    const among = ['https://other.example', 'https://api.example'];
    await expect(configured({ authorization: [bearer({ aud: among })] })).resolves.not.toBeNull();
  });

  test.each<[string, Record<string, unknown>]>([
    ['of a day', lasting(day)],
    ['of an id of 100 characters', { sub: `user_${'x'.repeat(100)}` }],
    ['of an audience that nobody asks for', { aud: ['a', 'b'] }],
    ['without a session', { sid: null }],
    ['of one organization, named twice', { o: { id: 'org_nike' }, org_id: 'org_nike' }],
    ['of an organization without a slug', { o: { id: 'org_nike', slg: null, rol: null, per: null, fpm: null } }],
  ])('… and one %s is not', async (_title, claims) => {
    await expect(authenticate(bearer(claims))).resolves.not.toBeNull();
  });

  test.each<[string, (now: number) => Record<string, unknown>]>([
    ['that expired three seconds ago', (now) => ({ iat: now - 63, exp: now - 3 })],
    ['that is not to be valid for three seconds', (now) => ({ nbf: now + 3 })],
  ])('… nor is one %s: clocks differ', async (_title, claims) => {
    await expect(authenticate(bearer(claims(nowSeconds())))).resolves.not.toBeNull();
  });

  test('… nor is one that Clerk’s category names a session’s, nor one with more spaces or in other letters', async () => {
    const token = signToken(sessionClaims(), { header: { cat: 'cl_B7d4PD111AAA' } });
    await expect(authenticate(`Bearer ${token}`)).resolves.not.toBeNull();
    await expect(authenticate(`bearer   ${token}`)).resolves.not.toBeNull();
  });
});

describe('of a token are taken', () => {
  const organizationIn = async (claims: Record<string, unknown>) => (await authenticate(bearer(claims)))?.organization;

  test.each<[unknown, boolean]>([
    ['pending', true],
    ['anything', true],
    ['active', false],
    ['', false],
    [null, false],
  ])('nobody where the status is %j: %s', async (sts, isNobody) => {
    expect((await authenticate(bearer({ sts }))) === null).toBe(isNobody);
  });

  test('the impersonator, and null for no session', async () => {
    const identity = await authenticate(bearer({ act: { sub: 'user_support' }, sid: undefined }));
    expect(identity).toMatchObject({ userId: 'user_ann', impersonatorId: 'user_support', sessionId: null });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['version 1’s admin', { org_id: 'org_nike', org_role: 'org:admin' }, 'ADMIN'],
    ['version 1’s member', { org_id: 'org_nike', org_role: 'org:member' }, 'MEMBER'],
    ['version 1’s role in other letters', { org_id: 'org_nike', org_role: 'org:Admin' }, 'MEMBER'],
    ['version 1’s without a role', { org_id: 'org_nike' }, 'MEMBER'],
    ['version 2’s admin', { o: { id: 'org_nike', rol: 'admin' } }, 'ADMIN'],
    ['version 2’s role with version 1’s prefix', { o: { id: 'org_nike', rol: 'org:admin' } }, 'MEMBER'],
    ['version 2’s without a role', { o: { id: 'org_nike' }, org_role: 'org:admin' }, 'MEMBER'],
  ])('%s', async (_title, claims, role) => {
    expect(await organizationIn(claims)).toMatchObject({ id: 'org_nike', role });
  });

  test('the slug of the organization’s own version, and null for none', async () => {
    expect(await organizationIn({ o: { id: 'org_nike', slg: 'two' }, org_slug: 'one' })).toMatchObject({ slug: 'two' });
    expect(await organizationIn({ o: { id: 'org_nike' }, org_slug: 'one' })).toMatchObject({ slug: null });
    expect(await organizationIn({ org_id: 'org_nike', org_slug: 'one' })).toMatchObject({ slug: 'one' });
    expect(await organizationIn({ org_id: 'org_nike' })).toMatchObject({ slug: null });
  });

  test('the permissions that it names, and none where its role has none', async () => {
    const custom = { org_id: 'org_nike', org_role: 'org:packer', org_permissions: ['org:orders:manage'] };
    expect(await organizationIn(custom)).toMatchObject({ permissions: ['orders:read', 'orders:manage'] });
    expect(await organizationIn({ org_id: 'org_nike', org_role: 'org:packer' })).toMatchObject({ permissions: [] });
  });
});

test('a cached token is refused and evicted once its key is revoked', async () => {
  const key =
    (await clerkKeys({ CLERK_JWT_KEY: clerk.publicPem, CLERK_JWKS_URL: undefined }, log).find('ins_1')) ?? null;
  const find = jest.fn(async (_kid: string) => key);
  const remembering = createAuthenticator(ENV, { find });
  const headers = { authorization: [bearer()] };
  await expect(remembering(headers)).resolves.not.toBeNull();
  find.mockResolvedValueOnce(null);
  await expect(remembering(headers)).rejects.toMatchObject(refused);
  await expect(remembering(headers)).resolves.not.toBeNull();
  expect(find.mock.calls).toEqual([['ins_1'], ['ins_1'], ['ins_1']]);
});

test('for a token without a key id, or with one that is no string, an empty key id is looked up', async () => {
  const find = jest.fn(async () => null);
  const authenticator = createAuthenticator(ENV, { find });
  for (const kid of [undefined, 7]) {
    const authorization = [`Bearer ${signToken(sessionClaims(), { header: { kid } })}`];
    await expect(authenticator({ authorization })).rejects.toMatchObject(refused);
  }
  expect(find.mock.calls).toEqual([[''], ['']]);
});
