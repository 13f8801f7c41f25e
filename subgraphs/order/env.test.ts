import { COMMON_REFUSALS, DEVELOPMENT_KEY, faultsOfEnv, PRODUCTION_KEY } from '../shared/test/faultsOfEnv';
import { readEnv } from './env';

const PRODUCTION: NodeJS.ProcessEnv = {
  NODE_ENV: 'production',
  CALLER_SIGNING_KEY: PRODUCTION_KEY,
  ORDER_DATABASE_URL: 'postgresql://order_app@db.example.com/order_db',
  WEBHOOK_SECRETS_KEY: 'w'.repeat(32),
  PRODUCT_SUBGRAPH_URL: 'http://127.0.0.1:3002/graphql',
};

describe('production refuses to start', () => {
  it.each([
    ...COMMON_REFUSALS,
    ['a port out of range', 'ORDER_PORT', '65536'],
    ['a port that is not a number', 'ORDER_PORT', 'http'],
    ['another kind of database', 'ORDER_DATABASE_URL', 'mysql://order_app@db.example.com/order_db'],
    ['no database', 'ORDER_DATABASE_URL', ''],
    ['a catalog’s address without a scheme', 'PRODUCT_SUBGRAPH_URL', 'product:3002'],
    ['a catalog’s address of another scheme', 'PRODUCT_SUBGRAPH_URL', 'file:///graphql'],
    ['no catalog', 'PRODUCT_SUBGRAPH_URL', ''],
    ['no key for the secrets of stores’ hooks', 'WEBHOOK_SECRETS_KEY', ''],
    ['every address open to stores’ hooks', 'WEBHOOKS_ALLOW_PRIVATE_ADDRESSES', 'true'],
    ['sagas that a parent process may stop', 'SAGA_HOLD', 'by-parent'],
    ['an invalid webhook secret', 'STRIPE_WEBHOOK_SIGNING_SECRET', 'whsec_short'],
    ['a Stripe API without TLS', 'STRIPE_API_URL', 'http://stripe.example.com'],
  ])('with %s', (_what, name, value) => {
    const faults = faultsOfEnv(readEnv, { ...PRODUCTION, [name]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
    if (value.length > 8) expect(faults.join()).not.toContain(value);
  });

  it('with all faults at once, including those specific to production', () => {
    const faults = faultsOfEnv(readEnv, {
      NODE_ENV: 'production',
      CALLER_SIGNING_KEY: DEVELOPMENT_KEY,
      LOG_LEVEL: 'loud',
      ORDER_PORT: '-1',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'CALLER_SIGNING_KEY',
      'LOG_LEVEL',
      'ORDER_DATABASE_URL',
      'ORDER_PORT',
      'PRODUCT_SUBGRAPH_URL',
      'WEBHOOK_SECRETS_KEY',
    ]);
  });
});

it('Stripe’s secret key without a signing secret is refused: webhooks could not be verified', () => {
  const stripe = { STRIPE_SECRET_KEY: 'sk_live_51abcdefghijklmnop' };
  expect(faultsOfEnv(readEnv, { ...PRODUCTION, ...stripe })).toEqual([
    expect.stringMatching(/^STRIPE_WEBHOOK_SIGNING_SECRET: is missing/),
  ]);
  expect(
    faultsOfEnv(readEnv, {
      ...PRODUCTION,
      STRIPE_SECRET_KEY: 'pk_live_51',
      STRIPE_WEBHOOK_SIGNING_SECRET: `whsec_${'a'.repeat(32)}`,
    }),
  ).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY: expected the secret/)]);
  const secrets = `whsec_${'a'.repeat(32)}, whsec_${'b'.repeat(32)}`;
  const env = readEnv({ ...PRODUCTION, ...stripe, STRIPE_WEBHOOK_SIGNING_SECRET: secrets });
  expect(env.STRIPE_WEBHOOK_SIGNING_SECRET).toEqual(secrets.split(', '));
});

it('an unknown NODE_ENV is refused, not treated as development', () => {
  expect(faultsOfEnv(readEnv, { ...PRODUCTION, NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

it('development accepts a development key, and listens on localhost only', () => {
  const env = readEnv({ ...PRODUCTION, NODE_ENV: 'development', CALLER_SIGNING_KEY: DEVELOPMENT_KEY });
  expect(env).toMatchObject({ SUBGRAPH_HOST: '127.0.0.1', ORDER_PORT: 3003, LOG_LEVEL: 'info' });
});

it('production starts with keys of its own', () => {
  expect(readEnv(PRODUCTION)).toMatchObject({ NODE_ENV: 'production', CALLER_SIGNING_KEY: [PRODUCTION_KEY] });
});
