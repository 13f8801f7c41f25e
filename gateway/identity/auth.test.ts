import { createLogger } from '../../subgraphs/shared/log';
import {
  bearer,
  clerk,
  ISSUER,
  newKeyPair,
  nowSeconds,
  SHOP_ORIGIN,
  sessionClaims,
  signToken,
} from '../test/clerkTokens';
import { type AuthEnv, createAuthenticator } from './auth';
import { clerkKeys } from './clerkKeys';

// What a token makes of its bearer is in jwt.test.ts and its neighbours.

const ENV: AuthEnv = {
  CLERK_ISSUERS: [ISSUER],
  CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN],
  CLERK_AUDIENCE: undefined,
};

const log = createLogger('gateway', 'silent');
const newAuthenticator = (pem = clerk.publicPem) =>
  createAuthenticator(ENV, clerkKeys({ CLERK_JWT_KEY: pem, CLERK_JWKS_URL: undefined }, log));
const authenticate = (...authorization: string[]) => newAuthenticator()({ authorization });
const refused = { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } };

afterEach(() => jest.useRealTimers());

describe('an identity', () => {
  test('has what the token says of the person and of nothing else, where no organization is active', async () => {
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
