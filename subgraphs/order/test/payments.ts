import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { finishedSagas, orderCreate, orderInput } from './factories';
import type { OrderSubgraphUnderTest } from './startTestSubgraph';

const PAYMENT = `payment { status provider flag amount { amount } authorizedAmount { amount } capturedAmount { amount }
  refundedAmount { amount } failureCode providerAccount providerReference
  transactions { kind succeeded amount { amount } } } status financialStatus`;
const ORDER = `query ($id: ID!) { order(id: $id) { ${PAYMENT} refunds { status amount { amount } lines { item { id } quantity } }
  saga { state steps { name status attempts lastError } } } }`;
export const REFUND = `mutation ($id: ID!, $input: OrderRefundInput!) { orderRefund(id: $id, input: $input) {
  order { id } orderRefund { id status amount { amount } } userErrors { field code } } }`;
const CANCEL = `mutation ($id: ID!, $input: OrderCancelInput!) { orderCancel(id: $id, input: $input) {
  order { status } userErrors { field code } } }`;
const CAPTURE = `mutation ($id: ID!) { orderPaymentCapture(id: $id) { order { payment { status } } userErrors { code } } }`;
const SETTINGS = `mutation ($input: PaymentSettingsUpdateInput!) { paymentSettingsUpdate(input: $input) {
  paymentSettings { captureMode stripeAccountId } userErrors { field code } } }`;

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
export type Read = any;

export const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

export const refundInput = (changes: Record<string, unknown>) => ({
  reason: 'Too small',
  idempotencyKey: randomUUID(),
  ...changes,
});

/** Operations on payments and refunds, as a store's staff. */
export class Payments {
  constructor(private readonly order: OrderSubgraphUnderTest) {}

  async orderOf(tenantId: string, id: string): Promise<Read> {
    return (await this.#ask(tenantId, ORDER, { id })).order;
  }

  /** An order of one item, two at 150.00 each, captured. */
  async paidOrder(changes: Record<string, unknown> = {}): Promise<{ tenantId: string; id: string; itemId: string }> {
    const tenantId = freshTenantId();
    const made = await orderCreate(this.order, customer(tenantId), orderInput(changes));
    if (!made.order) throw new Error(JSON.stringify(made.userErrors));
    await finishedSagas(this.order.ownerUrl, tenantId);
    return { tenantId, id: made.order.id, itemId: made.order.items[0].id };
  }

  async orderRefund(tenantId: string, id: string, changes: Record<string, unknown>): Promise<Read> {
    return (await this.#ask(tenantId, REFUND, { id, input: refundInput(changes) })).orderRefund;
  }

  async orderCancel(tenantId: string, id: string, changes: Record<string, unknown> = {}): Promise<Read> {
    return (await this.#ask(tenantId, CANCEL, { id, input: { reason: 'Late', ...changes } })).orderCancel;
  }

  async orderPaymentCapture(tenantId: string, id: string): Promise<Read> {
    return (await this.#ask(tenantId, CAPTURE, { id })).orderPaymentCapture;
  }

  async settingsUpdate(tenantId: string, input: Record<string, unknown>): Promise<Read> {
    return (await this.#ask(tenantId, SETTINGS, { input })).paymentSettingsUpdate;
  }

  /** Waits until all refunds of a store are finished. */
  async finishedRefunds(tenantId: string): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      const sql = 'SELECT 1 FROM order_refunds WHERE finished_at IS NULL';
      if ((await asOwner(this.order.ownerUrl, tenantId, sql)).length === 0) return;
      await sleep(50);
    }
    throw new Error('A refund is not finished');
  }

  async #ask(tenantId: string, query: string, variables: Record<string, unknown>): Promise<Read> {
    const { data, errors } = await this.order.ask(admin(tenantId), query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
}
