import { COMMON_REFUSALS, DEVELOPMENT_KEY, faultsOfEnv, PRODUCTION_KEY } from '../shared/test/faultsOfEnv';
import { readEnv } from './env';

const PRODUCTION: NodeJS.ProcessEnv = {
  NODE_ENV: 'production',
  CALLER_SIGNING_KEY: PRODUCTION_KEY,
  PRODUCT_DATABASE_URL: 'postgresql://product_app@db.example.com/product_db',
  MEDIA_PUBLIC_URL: 'https://api.example.com',
  MEDIA_DISK_PATH: '/srv/media',
};

describe('production refuses to start', () => {
  it.each([
    ...COMMON_REFUSALS,
    ['a port out of range', 'PRODUCT_PORT', '65536'],
    ['a port that is no number', 'PRODUCT_PORT', 'http'],
    ['another kind of database', 'PRODUCT_DATABASE_URL', 'mysql://product_app@db.example.com/product_db'],
    ['no database', 'PRODUCT_DATABASE_URL', ''],
    ['no address for images', 'MEDIA_PUBLIC_URL', ''],
    ['an insecure address for images', 'MEDIA_PUBLIC_URL', 'http://api.example.com'],
    ['no place for files', 'MEDIA_DISK_PATH', ''],
    ['a development key for images', 'MEDIA_SIGNING_KEY', DEVELOPMENT_KEY],
    ['a short key for images', 'MEDIA_SIGNING_KEY', 'k'.repeat(31)],
    ['an invalid bucket name', 'MEDIA_S3_BUCKET', 'My Bucket'],
    ['an endpoint that is no URL', 'MEDIA_S3_ENDPOINT', 'minio:9000'],
    ['a cache size that is no number', 'MEDIA_CACHE_MAX_BYTES', 'large'],
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
      PRODUCT_PORT: '-1',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'CALLER_SIGNING_KEY',
      'LOG_LEVEL',
      'MEDIA_DISK_PATH',
      'MEDIA_PUBLIC_URL',
      'PRODUCT_DATABASE_URL',
      'PRODUCT_PORT',
    ]);
  });
});

it('an unknown NODE_ENV is refused, not treated as development', () => {
  expect(faultsOfEnv(readEnv, { ...PRODUCTION, NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

it('development accepts a development key, and listens on localhost only', () => {
  const env = readEnv({ ...PRODUCTION, NODE_ENV: 'development', CALLER_SIGNING_KEY: DEVELOPMENT_KEY });
  expect(env).toMatchObject({ SUBGRAPH_HOST: '127.0.0.1', PRODUCT_PORT: 3002, LOG_LEVEL: 'info' });
});

it('production starts with its own settings', () => {
  expect(readEnv(PRODUCTION)).toMatchObject({ NODE_ENV: 'production', CALLER_SIGNING_KEY: [PRODUCTION_KEY] });
});

it('files are in the bucket if one is set, and then need no folder', () => {
  const env = readEnv({ ...PRODUCTION, MEDIA_DISK_PATH: '', MEDIA_S3_BUCKET: 'multistore-media' });
  expect(env).toMatchObject({ MEDIA_S3_BUCKET: 'multistore-media', MEDIA_S3_REGION: 'us-east-1' });
});
