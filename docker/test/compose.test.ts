import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Each variable of .env.example. */
const VARIABLES = [...read('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, { environment?: Record<string, string> }>;
};

/** The files in which a service declares its variables. */
const envFilesOf = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)(env|\w+Env)\.ts$/.test(file) && !file.includes('test/'))
    .map((file) => `${folder}/${file}`);

const SERVICES = {
  gateway: envFilesOf('gateway'),
  tenant: envFilesOf('subgraphs/tenant'),
  product: envFilesOf('subgraphs/product'),
  order: envFilesOf('subgraphs/order'),
};
const SHARED = envFilesOf('subgraphs/shared');

/** The shared files that declare variables of a service: those that its own import. */
const sharedBy = (files: string[]) =>
  SHARED.filter((shared) =>
    files.some((file) => read(file).includes(`/${shared.slice('subgraphs/'.length, -'.ts'.length)}'`)),
  );

/** Variables that compose itself decides, and why. */
const DECIDED: Record<string, string> = {
  NODE_ENV: 'the image is production',
  GATEWAY_PORT: 'which port of the host is published: inside it is 3000',
  GATEWAY_HOST: 'the image listens on all addresses of its container',
  SUBGRAPH_HOST: 'the image listens on all addresses of its container',
  TENANT_PORT: 'inside a container, nothing is in its way',
  PRODUCT_PORT: 'inside a container, nothing is in its way',
  ORDER_PORT: 'inside a container, nothing is in its way',
  EVENT_SUBSCRIBERS: 'RabbitMQ carries the events',
  TENANT_DATABASE_DIRECT_URL: 'there is no pooler',
  PRODUCT_DATABASE_DIRECT_URL: 'there is no pooler',
  ORDER_DATABASE_DIRECT_URL: 'there is no pooler',
  GATEWAY_EXECUTION: '@apollo/gateway is not in the image',
};

/** Which services read a variable. */
const readersOf = (variable: string) =>
  Object.entries(SERVICES)
    .filter(([, files]) =>
      [...files, ...sharedBy(files)].some((file) => new RegExp(`\\b${variable}:`).test(read(file))),
    )
    .map(([name]) => name);

const pairs = VARIABLES.filter((variable) => !DECIDED[variable]).flatMap((variable) =>
  readersOf(variable).map((service) => [service, variable] as const),
);

describe('docker-compose.yml', () => {
  it.each(pairs)('passes to %s its %s', (service, variable) => {
    expect(Object.keys(compose.services[service]?.environment ?? {})).toContain(variable);
  });

  it('has a use for every variable of .env.example', () => {
    const text = read('docker-compose.yml');
    // Of `npm start`, and of commands.
    const elsewhere = ['POSTGRES_PORT'];
    expect(
      VARIABLES.filter((variable) => !DECIDED[variable] && !elsewhere.includes(variable) && !text.includes(variable)),
    ).toEqual([]);
  });

  it('asks for no variable that .env.example does not name', () => {
    const asked = [...read('docker-compose.yml').matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name = '']) => name);
    expect([...new Set(asked)].filter((name) => !VARIABLES.includes(name))).toEqual([]);
  });
});
