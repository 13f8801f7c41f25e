import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { TestStore, TestSupergraph } from '../test/startSupergraph';

const PRODUCT = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { variants { nodes { id } } } userErrors { code message } } }`;
const METHOD = `mutation { paymentMethodCreate(input: { kind: TEST, name: "Test" }) { paymentMethod { id } userErrors { code } } }`;
const PLAN = 'mutation { tenantPlanChange(input: { plan: ENTERPRISE }) { userErrors { code } } }';

/** What a store's shop and its staff ask: across all subgraphs, and one write in five. */
const QUERIES = [
  '{ currentTenant { name } products(first: 10) { nodes { name variants { nodes { sku price { amount } } } } } }',
  '{ products(first: 5, query: "Shoe") { nodes { name } totalCount } }',
  '{ orders(first: 10) { nodes { name status items { productName product { name } } } } }',
  '{ currentTenant { name orders(first: 3) { nodes { status } } } }',
] as const;
const ORDER = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id status } userErrors { code message } } }`;

/** Sends requests at a steady rate, whether or not those before are answered, and never one twice. */
export class Requests {
  readonly failures: string[] = [];
  sent = 0;
  answered = 0;
  orders = 0;
  pending = 0;
  slowestMs = 0;
  readonly #agent = new Agent({ connections: 64, keepAliveMaxTimeout: 4_000 });
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly graph: TestSupergraph,
    private readonly store: TestStore,
    private readonly variantId: string,
    private readonly paymentMethodId: string,
  ) {}

  static async to(graph: TestSupergraph): Promise<Requests> {
    const store = await graph.makeStore('rolling');
    await graph.ask(store.admin, PLAN);
    const variants = [{ sku: 'ROLL-1', price: { amount: '25.00', currencyCode: 'USD' }, quantityOnHand: 1_000_000 }];
    const made = await graph.ask(store.admin, PRODUCT, { input: { name: 'Shoe', status: 'ACTIVE', variants } });
    const method = await graph.ask(store.admin, METHOD);
    return new Requests(
      graph,
      store,
      made.body.data.productCreate.product.variants.nodes[0].id,
      method.body.data.paymentMethodCreate.paymentMethod.id,
    );
  }

  start(perSecond: number): void {
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - begun) / 1_000) * perSecond;
      while (this.sent < due) this.#send(this.sent++);
    }, 5);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    await this.#agent.close();
  }

  #send(n: number): void {
    const sending = this.#ask(n).catch((error: Error & { code?: string }) => {
      this.failures.push(`${new Date().toISOString()} ${error.code ?? error.name}: ${error.message}`);
    });
    this.#open.add(sending);
    void sending.finally(() => this.#open.delete(sending));
  }

  async #ask(n: number): Promise<void> {
    const buys = n % 5 === 0;
    const begun = performance.now();
    const { statusCode, body } = await request(`${this.graph.gatewayUrl}/graphql`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: {
        'content-type': 'application/json',
        ...(buys ? this.store.customer(`user_${n % 50}`) : this.store.admin),
      },
      body: JSON.stringify(
        buys ? { query: ORDER, variables: { input: this.#order(n) } } : { query: QUERIES[n % QUERIES.length] },
      ),
    });
    const answer = (await body.json()) as {
      errors?: { message: string; path?: unknown[]; extensions?: { code?: string } }[];
      data?: { orderCreate?: { order: { status: string } | null; userErrors: { code: string }[] } };
    };
    this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
    const [fault] = answer.errors ?? [];
    const [refusal] = answer.data?.orderCreate?.userErrors ?? [];
    if (statusCode !== 200 || fault || refusal)
      throw new Error(
        `${statusCode} ${fault?.extensions?.code ?? refusal?.code ?? ''} ${fault?.path?.join('.') ?? ''} ${fault?.message ?? ''}`,
      );
    this.answered++;
    if (buys) this.orders++;
    if (answer.data?.orderCreate?.order?.status === 'PENDING') this.pending++;
  }

  #order(n: number) {
    return {
      lines: [{ variantId: this.variantId, quantity: 1 }],
      email: `buyer-${n % 50}@example.com`,
      shippingAddress: {
        name: 'Ada',
        line1: '1 Market Street',
        city: 'San Francisco',
        province: 'CA',
        countryCode: 'US',
      },
      paymentMethodId: this.paymentMethodId,
      idempotencyKey: randomUUID(),
    };
  }
}
