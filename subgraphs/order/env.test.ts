import { COMMON_REFUSALS, DEVELOPMENT_KEY, faultsOfEnv, PRODUCTION_KEY } from '../shared/test/faultsOfEnv';
import { readEnv } from './env';

const PRODUCTION: NodeJS.ProcessEnv = {
  NODE_ENV: 'production',
  CALLER_SIGNING_KEY: PRODUCTION_KEY,
  ORDER_DATABASE_URL: 'postgresql://order_app@db.example.com/order_db',
  PRODUCT_SUBGRAPH_URL: 'http://127.0.0.1:3002/graphql',
};

describe('production refuses to start', () => {
  it.each([
    ...COMMON_REFUSALS,
    ['a port that is none', 'ORDER_PORT', '65536'],
    ['a port that is no number', 'ORDER_PORT', 'http'],
    ['another kind of database', 'ORDER_DATABASE_URL', 'mysql://order_app@db.example.com/order_db'],
    ['no database', 'ORDER_DATABASE_URL', ''],
    ['a catalog’s address without a scheme', 'PRODUCT_SUBGRAPH_URL', 'product:3002'],
    ['a catalog’s address of another scheme', 'PRODUCT_SUBGRAPH_URL', 'file:///graphql'],
    ['no catalog', 'PRODUCT_SUBGRAPH_URL', ''],
    ['orders held between two steps', 'SAGA_HOLD', 'by-parent'],
  ])('with %s', (_what, name, value) => {
    const faults = faultsOfEnv(readEnv, { ...PRODUCTION, [name]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
    if (value.length > 8) expect(faults.join()).not.toContain(value);
  });

  it('and names every fault at once, also those that only production has', () => {
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
    ]);
  });
});

it('an unknown NODE_ENV is refused, not taken for development', () => {
  expect(faultsOfEnv(readEnv, { ...PRODUCTION, NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

it('development takes a development key, and listens on this machine only', () => {
  const env = readEnv({ ...PRODUCTION, NODE_ENV: 'development', CALLER_SIGNING_KEY: DEVELOPMENT_KEY });
  expect(env).toMatchObject({ SUBGRAPH_HOST: '127.0.0.1', ORDER_PORT: 3003, LOG_LEVEL: 'info' });
});

it('production starts with what is its own', () => {
  expect(readEnv(PRODUCTION)).toMatchObject({ NODE_ENV: 'production', CALLER_SIGNING_KEY: PRODUCTION_KEY });
});
