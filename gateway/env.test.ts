import { EnvError } from '../subgraphs/shared/env';
import { readEnv } from './env';
import { newKeyPair } from './test/clerkTokens';

const clerkKey = newKeyPair();
const DEVELOPMENT: NodeJS.ProcessEnv = {
  TENANT_SUBGRAPH_URL: 'http://localhost:3001/graphql',
  PRODUCT_SUBGRAPH_URL: 'http://localhost:3002/graphql',
  ORDER_SUBGRAPH_URL: 'http://localhost:3003/graphql',
  CALLER_SIGNING_KEY: 'dev_0123456789abcdef0123456789abcdef',
  CLERK_JWT_KEY: clerkKey.publicPem,
  CLERK_ISSUERS: 'http://clerk.localhost:3010',
};
const PRODUCTION: NodeJS.ProcessEnv = {
  ...DEVELOPMENT,
  NODE_ENV: 'production',
  CALLER_SIGNING_KEY: '0123456789abcdef0123456789abcdef',
  CLERK_ISSUERS: 'https://clerk.example.com',
  CLERK_AUTHORIZED_PARTIES: 'https://shop.example.com',
};

function faultsOf(source: NodeJS.ProcessEnv): string[] {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof EnvError) return error.faults;
    throw error;
  }
  return [];
}

describe('H10 production refuses to start', () => {
  const standIn = newKeyPair(65_539);
  test.each<[string, string, string]>([
    ['with a development signing key', 'CALLER_SIGNING_KEY', `dev_${'x'.repeat(40)}`],
    ['with a short signing key', 'CALLER_SIGNING_KEY', 'x'.repeat(31)],
    ['without a signing key', 'CALLER_SIGNING_KEY', ''],
    ["with the local stand-in's key", 'CLERK_JWT_KEY', standIn.publicPem],
    ['with a private key', 'CLERK_JWT_KEY', clerkKey.privatePem],
    ['with text for a key', 'CLERK_JWT_KEY', 'pk_live_abc'],
    ['with a broken PEM', 'CLERK_JWT_KEY', '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----'],
    ['without a key', 'CLERK_JWT_KEY', ''],
    ['with an http issuer', 'CLERK_ISSUERS', 'http://clerk.example.com'],
    ['with a local issuer', 'CLERK_ISSUERS', 'https://clerk.example.com,https://clerk.localhost'],
    ['with localhost as the issuer', 'CLERK_ISSUERS', 'https://localhost:3010'],
    ['without issuers', 'CLERK_ISSUERS', ''],
    ['with a list of no issuer', 'CLERK_ISSUERS', ' , '],
    ['J9 without authorized parties', 'CLERK_AUTHORIZED_PARTIES', ''],
    ['J9 with a list of no party', 'CLERK_AUTHORIZED_PARTIES', ','],
    ['with an invalid subgraph URL', 'ORDER_SUBGRAPH_URL', 'order:3003'],
    ['without a subgraph URL', 'PRODUCT_SUBGRAPH_URL', ''],
    ['with any origin', 'CORS_ORIGINS', '*'],
    ['with an origin that has a path', 'CORS_ORIGINS', 'https://shop.example.com/'],
    ['with an origin of no scheme', 'CORS_ORIGINS', 'store.example.net'],
    ['with null for an origin', 'CORS_ORIGINS', 'null'],
    ['with a proxy by its name', 'TRUSTED_PROXIES', 'loadbalancer.example.com'],
    ['with an invalid network', 'TRUSTED_PROXIES', '10.0.0.0/8,10.0.0.0/99'],
    ['with a rate limit that lets no large operation through', 'CALLER_COST_PER_MINUTE', '100'],
    ['with an address that is no Redis URL', 'REDIS_URL', 'http://127.0.0.1:6379'],
    ['with a port out of range', 'GATEWAY_PORT', '70000'],
    ['with a base domain that has a port', 'BASE_DOMAIN', 'example.com:443'],
  ])('%s', (_title, name, value) => {
    const faults = faultsOf({ ...PRODUCTION, [name]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
    if (value.length > 12) expect(faults.join()).not.toContain(value);
  });

  test('and reports all errors together, also those of production only', () => {
    const faults = faultsOf({
      NODE_ENV: 'production',
      CALLER_SIGNING_KEY: `dev_${'x'.repeat(40)}`,
      CLERK_ISSUERS: 'http://clerk.localhost',
      CLERK_JWT_KEY: standIn.publicPem,
    });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'CALLER_SIGNING_KEY',
      'CLERK_AUTHORIZED_PARTIES',
      'CLERK_ISSUERS',
      'CLERK_JWT_KEY',
      'ORDER_SUBGRAPH_URL',
      'PRODUCT_SUBGRAPH_URL',
      'TENANT_SUBGRAPH_URL',
    ]);
  });
});

test('an unknown NODE_ENV is refused, not treated as development', () => {
  expect(faultsOf({ ...DEVELOPMENT, NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

test('development accepts the local stand-in, and listens on localhost only', () => {
  const env = readEnv({ ...DEVELOPMENT, CLERK_JWT_KEY: newKeyPair(65_539).publicPem });
  expect(env).toMatchObject({
    NODE_ENV: 'development',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: 3000,
    BASE_DOMAIN: 'localhost',
    CLERK_AUTHORIZED_PARTIES: [],
  });
});

test('production listens on every address', () => {
  expect(readEnv(PRODUCTION)).toMatchObject({ GATEWAY_HOST: '0.0.0.0', CLERK_ISSUERS: ['https://clerk.example.com'] });
});

test('a key with \\n instead of line breaks, as in an env file, is the same key', () => {
  const env = readEnv({ ...PRODUCTION, CLERK_JWT_KEY: clerkKey.publicPem.trim().replaceAll('\n', '\\n') });
  expect(env.CLERK_JWT_KEY).toBe(clerkKey.publicPem.trim());
});

test('keys are configured directly or by an address, but not both', () => {
  const jwksUrl = 'https://clerk.example.com/.well-known/jwks.json';
  expect(readEnv({ ...PRODUCTION, CLERK_JWT_KEY: '', CLERK_JWKS_URL: jwksUrl })).toMatchObject({
    CLERK_JWKS_URL: jwksUrl,
  });
  expect(faultsOf({ ...PRODUCTION, CLERK_JWKS_URL: jwksUrl })).toEqual([
    expect.stringMatching(/^CLERK_JWT_KEY: .*one of/),
  ]);
  const insecure = { ...PRODUCTION, CLERK_JWT_KEY: '', CLERK_JWKS_URL: 'http://clerk.example.com/jwks.json' };
  expect(faultsOf(insecure)).toEqual([expect.stringMatching(/^CLERK_JWKS_URL: /)]);
});

test('lists are parsed without blanks and empty entries', () => {
  const env = readEnv({ ...PRODUCTION, CLERK_AUTHORIZED_PARTIES: ' https://a.example , ,https://b.example' });
  expect(env.CLERK_AUTHORIZED_PARTIES).toEqual(['https://a.example', 'https://b.example']);
});
