import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedService } from '../../subgraphs/shared/test/sharedServices';
import { STAND_IN_ISSUER, signSessionToken } from '../dev/clerkStandIn';
import { deliverWebhook, organizationData } from '../dev/webhook';

/** Within the time that a test has. */
const MAX_DELIVERIES = 20;

const AUTHORIZED_PARTY = 'http://localhost:3000';
export const CALLER_SIGNING_KEY = 'test-signing-key-of-32-characters';
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a webhook secret for tests').toString('base64')}`;
export const STRIPE_WEBHOOK_SECRET = 'whsec_of_stripe_for_tests_only';
export const SERVICES = ['tenant', 'product', 'order', 'gateway'] as const;

export type ServiceName = (typeof SERVICES)[number];
type SubgraphName = Exclude<ServiceName, 'gateway'>;

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

/** Where a running graph is, and what it takes to speak to it. */
export interface RunningGraph {
  ports: Record<ServiceName, number>;
  databases: Record<SubgraphName, { appUrl: string; ownerUrl: string }>;
  key: { privateKey: string; publicKey: string };
  /** Where the product subgraph keeps files. */
  mediaPath: string;
  /** What the services log. */
  logFile: string;
}

/** The whole graph for tests: a gateway and three subgraphs in their own processes. */
export class TestSupergraph {
  protected constructor(readonly running: RunningGraph) {}

  /** The graph that all test files of a run share: a test has stores of its own in it. One that needs a setting, or kills a service, starts an `OwnSupergraph`. */
  static async start(): Promise<TestSupergraph> {
    return new TestSupergraph(await sharedService<RunningGraph>('graph'));
  }

  /** Releases the graph; the shared one keeps running until the end of the test run. */
  async stop(): Promise<void> {}

  /** What the services logged. */
  get lines(): string[] {
    return readFileSync(this.running.logFile, 'utf8').trimEnd().split('\n');
  }

  get mediaPath(): string {
    return this.running.mediaPath;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.running.ports.gateway}`;
  }

  get webhookUrl(): string {
    return `${this.gatewayUrl}/api/webhooks/clerk`;
  }

  subgraphUrl(name: SubgraphName): string {
    return `http://127.0.0.1:${this.running.ports[name]}/graphql`;
  }

  ownerUrl(name: SubgraphName): string {
    return this.running.databases[name].ownerUrl;
  }

  /** Sends GraphQL to the gateway. The answer is without its cost, which depends on what else was asked: operations.int.test.ts. */
  async ask(headers: Record<string, string>, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const response = await fetch(`${this.gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const { extensions, ...rest } = (await response.json()) as Answer['body'];
    const { cost: _, ...others } = extensions ?? {};
    const body = Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
    return { status: response.status, body, requestId: response.headers.get('x-request-id') };
  }

  /** As Svix does, which delivers Clerk's webhooks: services that have just started on a busy machine may be too slow for the first one. */
  async #deliverPatiently(organization: { id: string; name: string; slug: string }): Promise<Response> {
    const id = `msg_${randomUUID()}`;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.deliver(organization, id);
      if (answer.status !== 503 || tries === MAX_DELIVERIES) return answer;
      await sleep(1_000);
    }
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
    const answer = await this.#deliverPatiently({ ...store, name });
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
      this.running.key.privateKey,
    );
    return { authorization: `Bearer ${token}` };
  }

  /** What every service is started with. */
  env(): Record<string, string> {
    const { ports, databases } = this.running;
    return {
      NODE_ENV: 'test',
      LOG_LEVEL: 'debug',
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
      MEDIA_DISK_PATH: this.running.mediaPath,
      CALLER_SIGNING_KEY,
      CLERK_JWT_KEY: this.running.key.publicKey,
      CLERK_ISSUERS: STAND_IN_ISSUER,
      CLERK_AUTHORIZED_PARTIES: AUTHORIZED_PARTY,
      CLERK_WEBHOOK_SIGNING_SECRET: WEBHOOK_SECRET,
      CALLER_COST_PER_MINUTE: '100000000',
      // Stores' own servers are on this machine.
      WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
    };
  }
}
