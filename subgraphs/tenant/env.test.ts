import { COMMON_REFUSALS, DEVELOPMENT_KEY, faultsOfEnv, PRODUCTION_KEY } from '../shared/test/faultsOfEnv';
import { readEnv } from './env';

const webhookSecret = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`;
const OWN_SECRET = webhookSecret('0123456789abcdef01234567');
const DEVELOPMENT_SECRET = webhookSecret('dev_0123456789abcdef0123');

const PRODUCTION: NodeJS.ProcessEnv = {
  NODE_ENV: 'production',
  CALLER_SIGNING_KEY: PRODUCTION_KEY,
  TENANT_DATABASE_URL: 'postgresql://tenant_app@db.example.com/tenant_db',
  BASE_DOMAIN: 'example.com',
  PRODUCT_SUBGRAPH_URL: 'http://product:3002/graphql',
  ORDER_SUBGRAPH_URL: 'http://order:3003/graphql',
  CLERK_WEBHOOK_SIGNING_SECRET: OWN_SECRET,
  WEBHOOK_SECRETS_KEY: 'w'.repeat(32),
};

describe('production refuses to start', () => {
  it.each([
    ...COMMON_REFUSALS,
    ['a port out of range', 'TENANT_PORT', '65536'],
    ['another kind of database', 'TENANT_DATABASE_URL', 'mysql://tenant_app@db.example.com/tenant_db'],
    ['an address of another protocol', 'PRODUCT_SUBGRAPH_URL', 'ftp://product.example.com/graphql'],
    ['no address of the order subgraph', 'ORDER_SUBGRAPH_URL', ''],
    ['no database', 'TENANT_DATABASE_URL', ''],
    ['a base domain with a port', 'BASE_DOMAIN', 'example.com:443'],
    ['a base domain with a scheme', 'BASE_DOMAIN', 'https://example.com'],
    ['a development webhook secret', 'CLERK_WEBHOOK_SIGNING_SECRET', DEVELOPMENT_SECRET],
    [
      'a development webhook secret beside its own',
      'CLERK_WEBHOOK_SIGNING_SECRET',
      `${OWN_SECRET},${DEVELOPMENT_SECRET}`,
    ],
    ['a webhook secret of another kind', 'CLERK_WEBHOOK_SIGNING_SECRET', 'sk_live_0123456789abcdef'],
    ['a short webhook secret', 'CLERK_WEBHOOK_SIGNING_SECRET', 'whsec_abc'],
    ['a list that ends in a comma', 'CLERK_WEBHOOK_SIGNING_SECRET', `${OWN_SECRET},`],
    ['no webhook secret', 'CLERK_WEBHOOK_SIGNING_SECRET', ''],
    ['no key for stores’ webhook secrets', 'WEBHOOK_SECRETS_KEY', ''],
    ['a short key among those for stores’ webhook secrets', 'WEBHOOK_SECRETS_KEY', `${'w'.repeat(32)},short`],
    ['a development key for stores’ webhook secrets', 'WEBHOOK_SECRETS_KEY', DEVELOPMENT_KEY],
    ['every address open to stores’ webhooks', 'WEBHOOKS_ALLOW_PRIVATE_ADDRESSES', 'true'],
    ['an invalid network', 'WEBHOOKS_ALLOW_PRIVATE_ADDRESSES', '10.1.0.0'],
  ])('with %s', (_what, name, value) => {
    const faults = faultsOfEnv(readEnv, { ...PRODUCTION, [name]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
    if (value.length > 8) expect(faults.join()).not.toContain(value);
  });

  it('and reports all errors together, also those of production only', () => {
    const faults = faultsOfEnv(readEnv, {
      NODE_ENV: 'production',
      CALLER_SIGNING_KEY: DEVELOPMENT_KEY,
      LOG_LEVEL: 'loud',
      TENANT_PORT: '-1',
      BASE_DOMAIN: 'example.com/',
      CLERK_WEBHOOK_SIGNING_SECRET: DEVELOPMENT_SECRET,
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'BASE_DOMAIN',
      'CALLER_SIGNING_KEY',
      'CLERK_WEBHOOK_SIGNING_SECRET',
      'LOG_LEVEL',
      'ORDER_SUBGRAPH_URL',
      'PRODUCT_SUBGRAPH_URL',
      'TENANT_DATABASE_URL',
      'TENANT_PORT',
      'WEBHOOK_SECRETS_KEY',
    ]);
  });
});

it('an unknown NODE_ENV is refused, and does not count as development', () => {
  expect(faultsOfEnv(readEnv, { ...PRODUCTION, NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

it('development accepts development secrets, and listens on localhost only', () => {
  const env = readEnv({
    ...PRODUCTION,
    NODE_ENV: 'development',
    CALLER_SIGNING_KEY: DEVELOPMENT_KEY,
    BASE_DOMAIN: '',
    CLERK_WEBHOOK_SIGNING_SECRET: DEVELOPMENT_SECRET,
  });
  expect(env).toMatchObject({ SUBGRAPH_HOST: '127.0.0.1', TENANT_PORT: 3001, BASE_DOMAIN: 'localhost' });
});

it('production starts with secrets of its own', () => {
  expect(readEnv(PRODUCTION)).toMatchObject({ NODE_ENV: 'production', CLERK_WEBHOOK_SIGNING_SECRET: [OWN_SECRET] });
});

it('accepts several webhook secrets, with or without blanks, for a rotation', () => {
  const next = webhookSecret('another-secret-of-24-ch.');
  const env = readEnv({ ...PRODUCTION, CLERK_WEBHOOK_SIGNING_SECRET: `${OWN_SECRET} , ${next}` });
  expect(env.CLERK_WEBHOOK_SIGNING_SECRET).toEqual([OWN_SECRET, next]);
});
