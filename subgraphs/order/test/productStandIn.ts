import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Caller, CallerRefused, verifyCaller } from '../../shared/caller';
import { SIGNING_KEY } from '../../shared/test/askSubgraph';

export type StockOperation = 'StockReserve' | 'StockCommit' | 'StockRelease' | 'StockReturn' | 'CartVariants';

/**
 * How one request fails. LOST: it takes effect, and the connection is closed before the answer. CUT: the connection is closed without
 * effect. A promise delays the answer until it resolves; a function answers instead.
 */
export type Fault = 'LOST' | 'CUT' | Promise<unknown> | ((response: ServerResponse) => void);

export interface StockRequest {
  operation: StockOperation;
  orderId: string;
  caller: Caller;
  at: number;
}

interface Line {
  variantId: string;
  quantity: number;
}

interface Reservation {
  status: 'RESERVED' | 'COMMITTED' | 'RELEASED';
  lines: Line[];
}

/**
 * A fake product subgraph over HTTP, for signed callers only and idempotent like the real one. Every variant costs 150.00 USD, except
 * one whose id names a currency (pvar_JPY) or an amount in cents (pvar_666601), and those with a price set by the test. Not available:
 * pvar_none, pvar_sold, and pvar_few, of which one is left. pvar_back is sold on backorder. pvar_plain has no options and no image. One
 * weighs 500 grams, pvar_heavy 10,000, and pvar_file is not shipped.
 */
export class ProductStandIn {
  /** The received requests with their callers, in order. */
  readonly requests: StockRequest[] = [];
  readonly #reservations = new Map<string, Reservation>();
  readonly #faults = new Map<string, Fault[]>();
  readonly #prices = new Map<string, string>();
  readonly #server = createServer((message, response) => {
    this.#handle(message, response).catch((error: unknown) => response.destroy(error as Error));
  });

  /** @param port 0 takes a free one. */
  static async start(port = 0): Promise<ProductStandIn> {
    const standIn = new ProductStandIn();
    standIn.#server.listen(port, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  /** Failures of a store's next requests of this operation, in order; later ones succeed. */
  fail(tenantId: string, operation: StockOperation, ...faults: Fault[]): void {
    this.#faults.set(`${tenantId} ${operation}`, faults);
  }

  /** Sets the price of a store's variant. */
  price(tenantId: string, variantId: string, amount: string): void {
    this.#prices.set(`${tenantId} ${variantId}`, amount);
  }

  /** The operations that were requested for an order. */
  asked(orderId: string): StockOperation[] {
    return this.requests.filter((request) => request.orderId === orderId).map(({ operation }) => operation);
  }

  /** The state of an order's reservation; undefined when there never was one. */
  statusOf(tenantId: string, orderId: string): Reservation['status'] | undefined {
    return this.#reservations.get(`${tenantId} ${orderId}`)?.status;
  }

  /** As if the reservation had expired and its stock were sold to others. */
  loseReservation(tenantId: string, orderId: string): void {
    this.#reservations.delete(`${tenantId} ${orderId}`);
  }

  /** Resolves when `times` requests of a store's operation have arrived, answered or not. */
  async arrival(tenantId: string, operation: StockOperation, times = 1): Promise<StockRequest> {
    for (let waited = 0; waited < 10_000; waited += 10) {
      const found = this.requests.filter((one) => one.caller.tenantId === tenantId && one.operation === operation);
      const last = found[times - 1];
      if (last) return last;
      await sleep(10);
    }
    throw new Error(`${operation} was not asked ${times} times`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    let caller: Caller;
    try {
      caller = verifyCaller(message.headers, 'product', body, SIGNING_KEY, () => false);
    } catch (error) {
      if (!(error instanceof CallerRefused)) throw error;
      response.writeHead(401).end();
      return;
    }
    const { query, variables } = JSON.parse(body);
    const operation = /^(?:mutation|query) (\w+)/.exec(query)?.[1] as StockOperation;
    this.requests.push({ operation, orderId: variables.orderId, caller, at: Date.now() });

    const fault = this.#faults.get(`${caller.tenantId} ${operation}`)?.shift();
    if (fault === 'CUT') return void response.destroy();
    if (typeof fault === 'function') return fault(response);
    const data =
      operation === 'CartVariants'
        ? this.#variants(caller.tenantId, variables.representations)
        : this.#answer(operation, `${caller.tenantId} ${variables.orderId}`, variables.lines);
    if (fault === 'LOST') return void response.destroy();
    await fault;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
  }

  #answer(operation: StockOperation, key: string, lines: Line[]) {
    if (operation === 'StockReserve') return { stockReserve: this.#reserve(key, lines) };
    if (operation === 'StockReturn') return { stockReturn: { userErrors: [] } };
    const earlier = this.#reservations.get(key);
    const status = operation === 'StockCommit' ? 'COMMITTED' : 'RELEASED';
    const changed = earlier !== undefined && earlier.status !== status && earlier.status !== 'RELEASED';
    if (changed) earlier.status = status;
    if (!earlier && status === 'RELEASED') this.#reservations.set(key, { status, lines: [] });
    if (operation === 'StockRelease') return { stockRelease: { changed } };
    const outcome = changed ? 'COMMITTED' : earlier?.status === 'COMMITTED' ? 'ALREADY' : (earlier?.status ?? 'LOST');
    return { stockCommit: { outcome } };
  }

  #reserve(key: string, lines: Line[]) {
    const refused = (code: string, ...field: string[]) => ({ lines: [], userErrors: [{ field, code, message: code }] });
    const earlier = this.#reservations.get(key);
    if (earlier?.status === 'RELEASED') return refused('RELEASED', 'orderId');
    if (!earlier) {
      for (const { variantId } of lines) {
        if (variantId === 'pvar_none') return refused('NOT_FOUND', 'lines', variantId);
        if (variantId === 'pvar_few') return refused('INSUFFICIENT_STOCK', 'lines', variantId);
      }
      this.#reservations.set(key, { status: 'RESERVED', lines });
    }
    const reserved = [...(earlier?.lines ?? lines)].reverse();
    const [tenantId = ''] = key.split(' ');
    return {
      lines: reserved.map((line) => priced(line, this.#prices.get(`${tenantId} ${line.variantId}`))),
      userErrors: [],
    };
  }

  #variants(tenantId: string | null, references: { id: string }[]) {
    const quantities: Record<string, number> = { pvar_few: 1, pvar_sold: 0, pvar_back: -5 };
    const variants = references.map(({ id }) => ({
      id,
      sku: `SKU of ${id}`,
      price: priced({ variantId: id, quantity: 1 }, this.#prices.get(`${tenantId} ${id}`)).unitPrice,
      ...shippedAs(id),
      availableForSale: id !== 'pvar_sold',
      quantityAvailable: quantities[id] ?? 1_000_000,
      inventoryPolicy: id === 'pvar_back' ? 'CONTINUE' : 'DENY',
      product: {
        id: id.replace('pvar_', 'prod_'),
        taxClass: taxClassOf(id),
        tags: tagsOf(id),
        categoryLineageIds: categoriesOf(id),
      },
    }));
    return { _entities: variants.map((variant) => (variant.id === 'pvar_none' ? null : variant)) };
  }
}

/** pvar_reduced, pvar_zero and pvar_exempt are of these classes. */
function taxClassOf(variantId: string): string {
  const name = variantId.slice('pvar_'.length).toUpperCase();
  return ['REDUCED', 'ZERO', 'EXEMPT'].includes(name) ? name : 'STANDARD';
}
/** pvar_sale has the tag "sale", and is in cat_shoes, as is pvar_shoe. */
const tagsOf = (variantId: string) => (variantId === 'pvar_sale' ? ['sale'] : []);
const categoriesOf = (variantId: string) =>
  variantId === 'pvar_sale' || variantId === 'pvar_shoe' ? ['cat_running', 'cat_shoes'] : [];
const shippedAs = (variantId: string) => ({
  weightGrams: variantId === 'pvar_heavy' ? 10_000 : 500,
  requiresShipping: variantId !== 'pvar_file',
});

function priced({ variantId, quantity }: Line, price?: string) {
  const currencyCode = /^pvar_([A-Z]{3})$/.exec(variantId)?.[1] ?? 'USD';
  const cents = /^pvar_(\d{3,})$/.exec(variantId)?.[1] ?? '15000';
  const inCents = currencyCode === 'JPY' ? '150' : `${cents.slice(0, -2)}.${cents.slice(-2)}`;
  const amount = price ?? inCents;
  const productId = variantId.replace('pvar_', 'prod_');
  return {
    variantId,
    productId,
    productName: `Name of ${productId}`,
    productSku: `SKU of ${variantId}`,
    optionValues:
      variantId === 'pvar_plain'
        ? []
        : [
            { option: 'Color', value: 'Black' },
            { option: 'Size', value: variantId.slice('pvar_'.length) },
          ],
    image: variantId === 'pvar_plain' ? null : { url: `https://images.example/${variantId}`, altText: null },
    ...shippedAs(variantId),
    quantity,
    taxClass: taxClassOf(variantId),
    tags: tagsOf(variantId),
    categoryIds: categoriesOf(variantId),
    unitPrice: { amount, currencyCode },
  };
}
