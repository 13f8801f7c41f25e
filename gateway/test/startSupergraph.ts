import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase, type TestServer } from '../../prisma/testDatabase';
import { createStandInKey, STAND_IN_ISSUER, signSessionToken } from '../dev/clerkStandIn';
import { type ServiceProcess, startService } from '../dev/processes';
import { deliverWebhook, organizationData } from '../dev/webhook';

const AUTHORIZED_PARTY = 'http://localhost:3000';
export const CALLER_SIGNING_KEY = 'test-signing-key-of-32-characters';
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a webhook secret for tests').toString('base64')}`;
export const STRIPE_WEBHOOK_SECRET = 'whsec_of_stripe_for_tests_only';
const SERVICES = ['tenant', 'product', 'order', 'gateway'] as const;

type ServiceName = (typeof SERVICES)[number];

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
export type Answer = { status: number; body: any; requestId: string | null };

export interface TestStore {
  id: string;
  slug: string;
  /** Headers of someone who works there. */
  admin: Record<string, string>;
  member: Record<string, string>;
  /** Headers of someone who is signed in and shops there. */
  customer(userId?: string): Record<string, string>;
  /** Headers of someone who is not signed in. */
  visitor: Record<string, string>;
}

/** The whole graph: a gateway and three subgraphs as processes of their own, on free ports and databases of their own. */
export class TestSupergraph {
  #services = new Map<ServiceName, ServiceProcess>();
  /** What the services logged. */
  readonly lines: string[] = [];

  private constructor(
    private readonly ports: Record<ServiceName, number>,
    private readonly databases: Record<'tenant' | 'product' | 'order', TestDatabase>,
    private readonly key: { privateKey: string; publicKey: string },
    /** Where the product subgraph keeps files. */
    readonly mediaPath: string,
    private readonly more: Record<string, string>,
  ) {}

  /**
   * @param more settings beside those that every graph has.
   * @param server where its databases are, if not on the test run's.
   */
  static async start(more: Record<string, string> = {}, server?: TestServer): Promise<TestSupergraph> {
    const [tenant, product, order] = await Promise.all([
      createTestDatabase('tenant', 'migrated', server),
      createTestDatabase('product', 'migrated', server),
      createTestDatabase('order', 'migrated', server),
    ]);
    const [tenantPort, productPort, orderPort, gatewayPort] = await Promise.all(SERVICES.map(freePort));
    const ports = {
      tenant: tenantPort ?? 0,
      product: productPort ?? 0,
      order: orderPort ?? 0,
      gateway: gatewayPort ?? 0,
    };
    const mediaPath = await mkdtemp(join(tmpdir(), 'media-'));
    const graph = new TestSupergraph(ports, { tenant, product, order }, createStandInKey(), mediaPath, more);
    const starts = await Promise.allSettled(SERVICES.map((name) => graph.startService(name)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (!failed) return graph;
    // Otherwise the services that did start would run on, and Jest with them.
    await graph.stop();
    throw new Error([...graph.lines, failed.reason.message].join('\n'));
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.ports.gateway}`;
  }

  get webhookUrl(): string {
    return `${this.gatewayUrl}/api/webhooks/clerk`;
  }

  subgraphUrl(name: 'tenant' | 'product' | 'order'): string {
    return `http://127.0.0.1:${this.ports[name]}/graphql`;
  }

  ownerUrl(name: 'tenant' | 'product' | 'order'): string {
    return this.databases[name].ownerUrl;
  }

  /** A running one. @throws Error when it was killed. */
  service(name: ServiceName): ServiceProcess {
    const service = this.#services.get(name);
    if (!service) throw new Error(`The ${name} service does not run`);
    return service;
  }

  async startService(name: ServiceName): Promise<void> {
    const main = name === 'gateway' ? 'gateway/main.ts' : `subgraphs/${name}/main.ts`;
    const onLine = (line: string) => void this.lines.push(`${name} ${line}`);
    this.#services.set(name, await startService({ name, main, port: this.ports[name], env: this.env(), onLine }));
  }

  /** SIGKILL, as a crash. */
  async kill(name: ServiceName): Promise<void> {
    await this.#services.get(name)?.kill();
    this.#services.delete(name);
  }

  /** Ends them in order, and leaves the databases. */
  async stopServices(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
    this.#services.clear();
  }

  async stop(): Promise<void> {
    await this.stopServices();
    await Promise.all(Object.values(this.databases).map((database) => database.drop()));
    await rm(this.mediaPath, { recursive: true });
  }

  /** Sends GraphQL to the gateway. */
  async ask(headers: Record<string, string>, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const response = await fetch(`${this.gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: await response.json(), requestId: response.headers.get('x-request-id') };
  }

  /** Posts a delivery as Clerk's webhook would. */
  deliver(organization: { id: string; name: string; slug: string }, id?: string): Promise<Response> {
    return this.deliverEvent('organization.created', organizationData(organization), id);
  }

  /** Posts any delivery as Clerk's webhook would. */
  deliverEvent(type: string, data: Record<string, unknown>, id?: string, url = this.webhookUrl): Promise<Response> {
    return deliverWebhook(url, WEBHOOK_SECRET, { type, data, ...(id && { id }) });
  }

  /** A new store, made by Clerk's webhook. */
  async makeStore(name = 'store'): Promise<TestStore> {
    const suffix = randomUUID().slice(0, 8);
    const store = { id: `org_${name}_${suffix}`, slug: `${name}-${suffix}` };
    const answer = await this.deliver({ ...store, name });
    if (!answer.ok) throw new Error(`The webhook was refused: ${answer.status}`);
    const domain = { 'x-store-domain': `${store.slug}.localhost` };
    return {
      ...store,
      admin: this.bearer({ ...store, role: 'admin' }),
      member: this.bearer({ ...store, role: 'member' }),
      customer: (userId = 'user_customer') => ({ ...this.bearer(null, userId), ...domain }),
      visitor: domain,
    };
  }

  /** An Authorization header with a token of the stand-in for Clerk. */
  bearer(
    organization: { id: string; slug: string; role: 'admin' | 'member' } | null,
    userId = 'user_staff',
    version: 1 | 2 = 2,
    impersonatorId?: string,
  ) {
    const token = signSessionToken(
      {
        ...{ userId, organization, version, expiresInSeconds: 3600, authorizedParty: AUTHORIZED_PARTY },
        ...(impersonatorId && { impersonatorId }),
      },
      this.key.privateKey,
    );
    return { authorization: `Bearer ${token}` };
  }

  /** What every service is started with. */
  env(): Record<string, string> {
    const { ports, databases } = this;
    return {
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      GATEWAY_PORT: String(ports.gateway),
      TENANT_PORT: String(ports.tenant),
      PRODUCT_PORT: String(ports.product),
      ORDER_PORT: String(ports.order),
      TENANT_SUBGRAPH_URL: this.subgraphUrl('tenant'),
      PRODUCT_SUBGRAPH_URL: this.subgraphUrl('product'),
      ORDER_SUBGRAPH_URL: this.subgraphUrl('order'),
      TENANT_DATABASE_URL: databases.tenant.appUrl,
      PRODUCT_DATABASE_URL: databases.product.appUrl,
      ORDER_DATABASE_URL: databases.order.appUrl,
      EVENT_SUBSCRIBERS: SERVICES.map((name) => `${name}=http://127.0.0.1:${ports[name]}`).join(','),
      BASE_DOMAIN: 'localhost',
      MEDIA_PUBLIC_URL: this.gatewayUrl,
      MEDIA_DISK_PATH: this.mediaPath,
      CALLER_SIGNING_KEY,
      CLERK_JWT_KEY: this.key.publicKey,
      CLERK_ISSUERS: STAND_IN_ISSUER,
      CLERK_AUTHORIZED_PARTIES: AUTHORIZED_PARTY,
      CLERK_WEBHOOK_SIGNING_SECRET: WEBHOOK_SECRET,
      CALLER_COST_PER_MINUTE: '100000000',
      ...this.more,
    };
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
