import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deliverWebhook, organizationData } from '../../gateway/dev/webhook';
import { bearer, clerk, ISSUER, SHOP_ORIGIN } from '../../gateway/test/clerkTokens';
import { databaseUrls } from '../../prisma/databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embeddedPostgres';
import { SERVICES } from '../services';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..');
const NAMES = Object.keys(SERVICES) as (keyof typeof SERVICES)[];
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * What the Dockerfile's last stage has, where there is no Docker: dist/ in a folder of its own, which its user can't write to,
 * with no packages above it and nothing in the environment but what the compose file gives.
 */
describe('what the image holds', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let environment: Record<string, string>;
  const containers: Record<string, { child: ChildProcess; ended: Promise<number | null>; said: string[] }> = {};
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;

  beforeAll(async () => {
    await run(process.execPath, ['--require', './gateway/dev/ts', 'docker/build.ts'], { cwd: ROOT });
    folder = await mkdtemp(join(tmpdir(), 'image-'));
    await cp(join(ROOT, 'dist'), join(folder, 'app'), { recursive: true, verbatimSymlinks: true });
    await chmod(folder, 0o755);
    server = await startEmbeddedPostgres({
      dataDirectory: join(folder, 'postgres'),
      port: 0,
      superuserPassword: 'admin',
      settings: { fsync: 'off' },
    });
    environment = await environmentOf(server, folder);
  }, 300_000);

  afterAll(async () => {
    for (const { child } of Object.values(containers)) child.kill('SIGKILL');
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  const inContainer = (script: string, env: Record<string, string> = {}) =>
    run(process.execPath, [script], { cwd: join(folder, 'app'), env: { ...environment, ...env }, ...asNobody });

  it('has the licences of its packages', async () => {
    const licenses = await readFile(join(folder, 'app', 'THIRD_PARTY_LICENSES'), 'utf8');
    expect(licenses).toMatch(/^@apollo\/query-planner \S+ \(Elastic-2\.0\)/m);
    expect(licenses).toMatch(/^@prisma\/schema-engine-wasm /m);
  });

  it('does not start as an unknown service', async () => {
    await expect(inContainer('docker/run.js', { SERVICE: 'warehouse' })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected one of gateway, tenant, product, order'),
    });
  });

  it('is not healthy while its service does not run', async () => {
    await expect(inContainer('docker/healthcheck.js', { SERVICE: 'product' })).rejects.toMatchObject({ code: 1 });
  });

  it('names every secret whose file can’t be read', async () => {
    const refused = inContainer('docker/run.js', { SERVICE: 'order', CALLER_SIGNING_KEY_FILE: '/run/secrets/none' });
    await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining('CALLER_SIGNING_KEY_FILE') });
  });

  it('prepares the databases, and a second time finds nothing to do', async () => {
    expect((await inContainer('docker/prepareDatabases.js')).stdout).toContain('order: applied');
    expect((await inContainer('docker/prepareDatabases.js')).stdout).toContain('order: nothing to apply');
  });

  it('is each of the services, healthy by its own check', async () => {
    for (const name of NAMES) containers[name] = start(name);
    for (const name of NAMES) await untilHealthy(name);
  }, 120_000);

  it('answers a query across the services, of a store that a webhook made', async () => {
    const gateway = `http://127.0.0.1:${environment.GATEWAY_PORT}`;
    const organization = organizationData({ id: 'org_image_1', name: 'Image', slug: 'image' });
    const delivery = { type: 'organization.created', data: organization };
    expect((await deliverWebhook(`${gateway}/api/webhooks/clerk`, webhookSecret, delivery)).status).toBe(200);

    const answer = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: bearer({ o: { id: 'org_image_1', rol: 'admin', slg: 'image' } }),
      },
      body: JSON.stringify({ query: '{ currentTenant { name } products { totalCount } orders { totalCount } }' }),
    });
    expect(await answer.json()).toMatchObject({
      data: { currentTenant: { name: 'Image' }, products: { totalCount: 0 }, orders: { totalCount: 0 } },
    });
  });

  it('ends in order when it is asked to', async () => {
    for (const { child } of Object.values(containers)) child.kill('SIGTERM');
    const codes = await Promise.all(Object.values(containers).map(({ ended }) => ended));
    expect(codes).toEqual(NAMES.map(() => 0));
  });

  function start(name: string) {
    const child = spawn(process.execPath, ['docker/run.js'], {
      cwd: join(folder, 'app'),
      env: { ...environment, SERVICE: name },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...asNobody,
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, ended, said };
  }

  async function untilHealthy(name: keyof typeof SERVICES): Promise<void> {
    const port = environment[SERVICES[name].portVariable];
    for (let attempt = 0; attempt < 1_000; attempt += 1) {
      if (containers[name]?.child.exitCode !== null) break;
      // The image's own check is a process, which costs more than to ask.
      const healthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return void (await inContainer('docker/healthcheck.js', { SERVICE: name }));
      await sleep(100);
    }
    throw new Error(`The ${name} is not healthy: ${containers[name]?.said.join('')}`);
  }

  async function environmentOf({ adminUrl, port }: EmbeddedPostgres, at: string): Promise<Record<string, string>> {
    const random = () => randomBytes(24).toString('base64url');
    const credentials = () => ({ ownerPassword: random(), appPassword: random() });
    const ports = await freePorts(NAMES.length);
    const keyFile = join(at, 'caller-signing-key');
    await writeFile(keyFile, `${random()}\n`);
    const [gatewayPort = 0, tenantPort = 0, productPort = 0, orderPort = 0] = ports;
    return {
      NODE_ENV: 'production',
      DRAIN_SECONDS: '0',
      ADMIN_DATABASE_URL: adminUrl,
      ...databaseUrls(
        { host: '127.0.0.1', port },
        { tenant: credentials(), product: credentials(), order: credentials() },
      ),
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_PORT: String(gatewayPort),
      TENANT_PORT: String(tenantPort),
      PRODUCT_PORT: String(productPort),
      ORDER_PORT: String(orderPort),
      TENANT_SUBGRAPH_URL: `http://127.0.0.1:${tenantPort}/graphql`,
      PRODUCT_SUBGRAPH_URL: `http://127.0.0.1:${productPort}/graphql`,
      ORDER_SUBGRAPH_URL: `http://127.0.0.1:${orderPort}/graphql`,
      BASE_DOMAIN: 'example.com',
      MEDIA_PUBLIC_URL: 'https://api.example.com',
      MEDIA_DISK_PATH: join(at, 'media'),
      CALLER_SIGNING_KEY_FILE: keyFile,
      CLERK_JWT_KEY: clerk.publicPem,
      CLERK_ISSUERS: ISSUER,
      CLERK_AUTHORIZED_PARTIES: SHOP_ORIGIN,
      CLERK_WEBHOOK_SIGNING_SECRET: webhookSecret,
      WEBHOOK_SECRETS_KEY: random(),
    };
  }
});

/** Ports that nothing listens on, all different. */
async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
      return probe;
    }),
  );
  const ports = probes.map((probe) => (probe.address() as { port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
