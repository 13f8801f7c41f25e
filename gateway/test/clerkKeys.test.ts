import { createPublicKey } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createLogger } from '../../subgraphs/shared/log';
import { createAuthenticator } from '../auth';
import { clerkKeys } from '../clerkKeys';
import { ISSUER, newKeyPair, SHOP_ORIGIN, sessionClaims, signToken } from './clerkTokens';
import { type HttpStub, startHttpStub } from './httpStub';

const [first, second] = [newKeyPair(), newKeyPair()];
const jwkOf = (kid: string, { publicPem }: { publicPem: string }) => ({
  ...createPublicKey(publicPem).export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'RS256',
});
const OLD = jwkOf('ins_old', first);
const NEW = jwkOf('ins_new', second);
const oldToken = () => signToken(sessionClaims(), { header: { kid: 'ins_old' }, key: first.privateKey });
const newToken = () => signToken(sessionClaims(), { header: { kid: 'ins_new' }, key: second.privateKey });

let clerk: HttpStub;
let answer: (response: ServerResponse) => void;
let clock: jest.SpyInstance;
let now: number;
const keySet = (...keys: object[]) => {
  answer = setOf(...keys);
};
const fetches = () => clerk.received.length;

beforeEach(async () => {
  clerk = await startHttpStub((_request, response) => answer(response));
  now = performance.now();
  clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(async () => {
  clock.mockRestore();
  await clerk.close();
});

function authenticator() {
  const env = { CLERK_ISSUERS: [ISSUER], CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN], CLERK_AUDIENCE: undefined };
  const keys = clerkKeys(
    { CLERK_JWT_KEY: undefined, CLERK_JWKS_URL: `${clerk.origin}/.well-known/jwks.json` },
    createLogger('gateway', 'silent'),
  );
  const authenticate = createAuthenticator(env, keys);
  return async (token: string): Promise<string> => {
    try {
      return (await authenticate({ authorization: [`Bearer ${token}`] }))?.userId ?? 'nobody';
    } catch (error) {
      return (error as { extensions: { code: string } }).extensions.code;
    }
  };
}

test('J4 another key under a known kid is refused', async () => {
  keySet(OLD);
  const ask = authenticator();
  expect(await ask(signToken(sessionClaims(), { header: { kid: 'ins_old' }, key: second.privateKey }))).toBe(
    'UNAUTHENTICATED',
  );
});

test('J6 1000 unknown keys are refused, and fetch the set once more in the cool-down', async () => {
  keySet(OLD);
  const ask = authenticator();
  expect(await ask(oldToken())).toBe('user_ann');
  now += 11_000;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, n) =>
      ask(signToken(sessionClaims(), { header: { kid: `ins_${n}` }, key: first.privateKey })),
    ),
  );
  expect(new Set(answers)).toEqual(new Set(['UNAUTHENTICATED']));
  expect(fetches()).toBe(2);
  expect(await ask(oldToken())).toBe('user_ann');
});

test('many tokens at once fetch the set once', async () => {
  keySet(OLD);
  const ask = authenticator();
  const tokens = Array.from({ length: 50 }, (_, n) =>
    signToken(sessionClaims({ sid: `sess_${n}` }), { header: { kid: 'ins_old' }, key: first.privateKey }),
  );
  expect(new Set(await Promise.all(tokens.map(ask)))).toEqual(new Set(['user_ann']));
  expect(fetches()).toBe(1);
});

test('J23 a key that is added counts at once, and one that is taken back is refused within a minute, also for a token that is remembered', async () => {
  keySet(OLD);
  const ask = authenticator();
  const old = oldToken();
  expect(await ask(old)).toBe('user_ann');
  keySet(OLD, NEW);
  now += 11_000;
  expect([await ask(newToken()), await ask(old)]).toEqual(['user_ann', 'user_ann']);
  keySet(NEW);
  now += 61_000;
  expect([await ask(old), await ask(oldToken()), await ask(newToken())]).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    'user_ann',
  ]);
});

const setOf =
  (...keys: object[]) =>
  (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));

describe.each<[string, (response: ServerResponse) => void]>([
  ['is gone', (response) => void response.destroy()],
  ['answers 500', (response) => void response.writeHead(500).end('{"keys":[]}')],
  ['answers a page', (response) => void response.writeHead(200).end('<html></html>')],
  ['answers an empty set', setOf()],
  ['answers keys of another kind', setOf({ kty: 'EC', kid: 'ins_old', crv: 'P-256', x: 'a', y: 'b' })],
  ['answers without an end', (response) => void response.writeHead(200).write(Buffer.alloc(200_000, ' '))],
])('J22 while Clerk %s', (_what, broken) => {
  const breakClerk = () => {
    answer = broken;
  };

  test('no token counts before any key was known: SERVICE_UNAVAILABLE, and no more than one question in the cool-down', async () => {
    breakClerk();
    const ask = authenticator();
    expect([await ask(oldToken()), await ask(oldToken()), await ask(newToken())]).toEqual([
      'SERVICE_UNAVAILABLE',
      'SERVICE_UNAVAILABLE',
      'SERVICE_UNAVAILABLE',
    ]);
    expect(fetches()).toBe(1);
  });

  test('keys that are known hold for an hour, and an unknown one may be new: SERVICE_UNAVAILABLE', async () => {
    keySet(OLD);
    const ask = authenticator();
    expect(await ask(oldToken())).toBe('user_ann');
    breakClerk();
    now += 59 * 60_000;
    expect([await ask(oldToken()), await ask(newToken())]).toEqual(['user_ann', 'SERVICE_UNAVAILABLE']);
    now += 2 * 60_000;
    expect(await ask(oldToken())).toBe('SERVICE_UNAVAILABLE');
    keySet(OLD);
    now += 11_000;
    expect(await ask(oldToken())).toBe('user_ann');
  });
});

test('J22 a slow Clerk is waited for 3 seconds, and then is away', async () => {
  answer = () => {};
  const ask = authenticator();
  expect(await ask(oldToken())).toBe('SERVICE_UNAVAILABLE');
}, 10_000);
