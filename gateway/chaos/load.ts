import { setTimeout as sleep } from 'node:timers/promises';
import type { TestStore, TestSupergraph } from '../test/startSupergraph';
import type { Promised } from './invariants';
import { within } from './within';

const PLAN = 'mutation { tenantPlanChange(input: { plan: ENTERPRISE }) { userErrors { code } } }';
const PRODUCT = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { variants { nodes { id } } } userErrors { code message } } }`;
const METHOD = `mutation { paymentMethodCreate(input: { kind: TEST, name: "Test" }) {
  paymentMethod { id } userErrors { code } } }`;
const ORDER = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id status } userErrors { code } } }`;
const CANCEL = `mutation ($id: ID!, $input: OrderCancelInput!) { orderCancel(id: $id, input: $input) {
  order { id } userErrors { code } } }`;
const REFUND = `mutation ($id: ID!, $input: OrderRefundInput!) { orderRefund(id: $id, input: $input) {
  orderRefund { id } userErrors { code } } }`;
const ITEMS = 'query ($id: ID!) { order(id: $id) { items { id } } }';

/** What simulated buyers do repeatedly, so that at any time some order approaches each step, including compensation. */
const STORIES = ['buy', 'cancel', 'decline', 'buy', 'refund', 'twice', 'cancel', 'decline', 'sold out', 'buy'] as const;

const STOCK = 100_000;
const FEW = 40;
const REQUEST_MS = 12_000;
const PAUSE_MS = 400;
const LOOKS_ELSEWHERE_MS = 3_000;
const MAX_WATCHED = 100;
/** How long a failed request is repeated: longer than any process is down. */
const PATIENCE_MS = 90_000;

interface Answer {
  order?: { id: string; status: string } | null;
  items?: { id: string }[];
  userErrors: { code: string }[];
}

/** Simulated buyers. They repeat a request without an answer under the same idempotency key, as a client should. */
export class Load {
  readonly promised: Promised = { orders: [], canceled: [], stock: new Map() };
  /** Descriptions of answers that no client should ever get. */
  readonly complaints: string[] = [];
  #stories = 0;
  #ended = false;
  #buyers: Promise<void>[] = [];
  readonly #watching = new Set<Promise<void>>();

  private constructor(
    private readonly graph: TestSupergraph,
    private readonly store: TestStore,
    private readonly plenty: string[],
    private readonly few: string,
    private readonly paymentMethodId: string,
  ) {}

  static async on(graph: TestSupergraph): Promise<Load> {
    const store = await graph.makeStore('chaos');
    await graph.ask(store.admin, PLAN);
    const made = await Promise.all(
      [STOCK, STOCK, STOCK, FEW].map(async (stock, n) => {
        const variants = [
          { sku: `CHAOS-${n}`, price: { amount: '25.00', currencyCode: 'USD' }, quantityOnHand: stock },
        ];
        const { body } = await graph.ask(store.admin, PRODUCT, {
          input: { name: `Shoe ${n}`, status: 'ACTIVE', variants },
        });
        const [variant] = body.data.productCreate.product.variants.nodes;
        return { id: variant.id as string, stock };
      }),
    );
    const ids = made.map(({ id }) => id);
    const { body } = await graph.ask(store.admin, METHOD);
    const method = body.data.paymentMethodCreate.paymentMethod.id as string;
    const load = new Load(graph, store, ids.slice(0, 3), ids[3] ?? '', method);
    for (const { id, stock } of made) load.promised.stock.set(id, stock);
    return load;
  }

  start(buyers: number): void {
    this.#buyers = Array.from({ length: buyers }, async () => {
      while (!this.#ended) {
        await this.#play(this.#stories++);
        await sleep(PAUSE_MS);
      }
    });
  }

  /** Starts no new stories, and resolves when the current ones have been answered. */
  async stop(): Promise<void> {
    this.#ended = true;
    await within(PATIENCE_MS / 1_000 + 30, 'The last answers', Promise.all(this.#buyers));
    await within(PATIENCE_MS / 1_000 + 30, 'The last decisions', Promise.all(this.#watching));
  }

  async #play(n: number): Promise<void> {
    const story = STORIES[n % STORIES.length] ?? 'buy';
    const input = this.#orderOf(story, n);
    const answer = await this.#order(n, input);
    if (story === 'twice') {
      const again = await this.#order(n, input);
      if (again && answer && again.orderId !== answer.orderId)
        this.complaints.push(`${input.idempotencyKey} stands for two orders`);
    }
    if (answer?.status !== 'CONFIRMED') return;
    const reason = { reason: 'Changed my mind.', idempotencyKey: `${story}-${n}-of-chaos` };
    if (story === 'cancel') {
      const canceled = await this.#ask(this.store.admin, CANCEL, { id: answer.orderId, input: reason }, 'orderCancel');
      if (canceled?.order) this.promised.canceled.push(answer.orderId);
    }
    if (story === 'refund') await this.#refund(answer.orderId, reason);
  }

  #orderOf(story: (typeof STORIES)[number], n: number) {
    const [first, second] = [this.plenty[n % 3] ?? '', this.plenty[(n + 1 + (n % 2)) % 3] ?? ''];
    const lines =
      story === 'sold out'
        ? [
            { variantId: first, quantity: 1 },
            { variantId: this.few, quantity: 3 },
          ]
        : [first, second].map((variantId) => ({ variantId, quantity: 1 + (n % 3) }));
    return {
      lines,
      email: `buyer-${n % 50}@example.com`,
      shippingAddress: {
        name: 'Ada',
        line1: '1 Market Street',
        city: 'San Francisco',
        province: 'CA',
        countryCode: 'US',
      },
      paymentMethodId: this.paymentMethodId,
      idempotencyKey: `chaos-order-${n}`,
      ...(story === 'decline' && { paymentToken: 'tok_declined' }),
    };
  }

  /** @returns the answered order, which from now on must exist, in its latest known state; null when it was refused. */
  async #order(n: number, input: { idempotencyKey: string }) {
    const buyer = this.store.customer(`user_buyer_${n % 50}`);
    const { order } = (await this.#ask(buyer, ORDER, { input }, 'orderCreate')) ?? {};
    if (!order) return null;
    const promised = { key: input.idempotencyKey, orderId: order.id, status: order.status };
    this.promised.orders.push(promised);
    const decision = this.#decided(buyer, input, order).then((decided) => {
      promised.status = decided?.status ?? 'CANCELED';
    });
    this.#watching.add(decision);
    void decision.finally(() => this.#watching.delete(decision));
    // A buyer whose order stays PENDING continues with another story, up to a limit of unfinished orders.
    await Promise.race([decision, ...(this.#watching.size < MAX_WATCHED ? [sleep(LOOKS_ELSEWHERE_MS)] : [])]);
    return promised;
  }

  /** Repeats the request under the same key while the answer is PENDING, as a client does. @returns null when the order is refused. */
  async #decided(buyer: Record<string, string>, input: object, order: { id: string; status: string }) {
    const deadline = Date.now() + PATIENCE_MS;
    let latest: typeof order | null = order;
    while (latest?.status === 'PENDING' && Date.now() < deadline) {
      await sleep(PAUSE_MS);
      const answer = await this.#ask(buyer, ORDER, { input }, 'orderCreate');
      if (answer) latest = answer.order ?? null;
    }
    if (latest?.status === 'PENDING') this.complaints.push(`${order.id} was PENDING for too long`);
    return latest;
  }

  /** The payment is captured after the answer, so a refund that comes too early is repeated. */
  async #refund(id: string, reason: { reason: string; idempotencyKey: string }): Promise<void> {
    const bought = await this.#ask(this.store.admin, ITEMS, { id }, 'order');
    const input = { ...reason, restock: true, lines: [{ itemId: bought?.items?.[0]?.id ?? '', quantity: 1 }] };
    for (let tries = 0; tries < 40; tries += 1) {
      const answer = await this.#ask(this.store.admin, REFUND, { id, input }, 'orderRefund');
      if (answer?.userErrors[0]?.code !== 'NOT_CAPTURED') return;
      await sleep(250);
    }
  }

  /** @returns null when there was no answer within PATIENCE_MS, which is recorded as a complaint. */
  async #ask(
    headers: Record<string, string>,
    query: string,
    variables: Record<string, unknown>,
    field: string,
  ): Promise<Answer | null> {
    const deadline = Date.now() + PATIENCE_MS;
    let last = '';
    while (Date.now() < deadline) {
      const { answer, fault } = await this.#askOnce(headers, query, variables, field);
      if (answer) return answer;
      last = fault;
      if (fault.includes('INTERNAL_SERVER_ERROR')) this.complaints.push(`${field}: ${fault}`);
      await sleep(PAUSE_MS);
    }
    this.complaints.push(`${field} was not answered: ${last}`);
    return null;
  }

  async #askOnce(headers: Record<string, string>, query: string, variables: Record<string, unknown>, field: string) {
    try {
      const response = await fetch(`${this.graph.gatewayUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      const { data, errors } = (await response.json()) as { data?: Record<string, Answer | null>; errors?: unknown };
      const answer = errors ? null : (data?.[field] ?? null);
      return { answer, fault: JSON.stringify(errors ?? data) };
    } catch (error) {
      // A broken connection or a timeout: it is unknown whether the request took effect, so it is repeated under its key.
      return { answer: null, fault: String(error) };
    }
  }
}
