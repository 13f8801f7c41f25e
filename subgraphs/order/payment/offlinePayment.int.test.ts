import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { admin, customer, freshTenantId, member } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cancelOverdue } from '../cancellation/paymentExpiry';
import { methodsOf } from '../paymentMethod/test/methodsOf';
import { codesOf } from '../test/carts';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { type OrderProcess, startOrderProcess } from '../test/orderProcess';
import { Payments, usd } from '../test/payments';
import { ProductStandIn } from '../test/productStandIn';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const MARK = `mutation ($id: ID!, $input: OrderMarkAsPaidInput!) { orderMarkAsPaid(id: $id, input: $input) {
  order { status financialStatus } userErrors { field code } } }`;

async function onInvoice() {
  const tenantId = freshTenantId();
  const { paymentMethod } = await methodsOf(order, admin(tenantId)).create({ kind: 'INVOICE', holdHours: 48 });
  const input = { ...orderInput(), paymentMethodId: paymentMethod.id };
  const { order: made } = await orderCreate(order, customer(tenantId), input);
  await finishedSagas(order.ownerUrl, tenantId);
  const mark = async (changes: object = {}, caller = member(tenantId)) =>
    order.ask(caller, MARK, { id: made.id, input: changes });
  return { tenantId, id: made.id as string, mark };
}

describe('orderMarkAsPaid is refused', () => {
  it('to buyers, during impersonation, and like an unknown order in another store', async () => {
    const { tenantId, id, mark } = await onInvoice();
    for (const caller of [customer(tenantId), { ...admin(tenantId), impersonatorId: 'user_support' }]) {
      expect((await mark({}, caller)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    const foreign = await mark({}, admin(freshTenantId()));
    expect(codesOf(foreign.data.orderMarkAsPaid)).toEqual(['id NOT_FOUND']);
    expect((await new Payments(order).orderOf(tenantId, id)).financialStatus).toBe('PENDING');
  });

  it('for another sum than what is due', async () => {
    const { mark } = await onInvoice();
    for (const amount of [usd('299.99'), { amount: '300', currencyCode: 'JPY' }]) {
      expect(codesOf((await mark({ amount })).data.orderMarkAsPaid)).toEqual(['input.amount INVALID']);
    }
  });

  it('for an order that is paid, was canceled, or is paid by a provider', async () => {
    const paid = await onInvoice();
    await paid.mark();
    expect(codesOf((await paid.mark()).data.orderMarkAsPaid)).toEqual(['id INVALID_TRANSITION']);
    const canceled = await onInvoice();
    await new Payments(order).orderCancel(canceled.tenantId, canceled.id);
    expect(codesOf((await canceled.mark()).data.orderMarkAsPaid)).toEqual(['id INVALID_TRANSITION']);
  });
});

describe('an order on invoice', () => {
  it('is paid once staff say so: with who, how much and the event, and can be refunded then', async () => {
    const { tenantId, id, mark } = await onInvoice();
    const query = 'query ($id: ID!) { order(id: $id) { payment { dueAt } } }';
    const { data: before } = await order.ask(customer(tenantId), query, { id });
    const hours = (Date.parse(before.order.payment.dueAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(47);
    const { data } = await mark({ amount: usd('300.00'), reference: ' RF18 ' });
    expect(data.orderMarkAsPaid).toEqual({ order: { status: 'CONFIRMED', financialStatus: 'PAID' }, userErrors: [] });
    const read = `query ($id: ID!) { order(id: $id) { history { kind to actorId } payment { status dueAt
      capturedAmount { amount } transactions { kind actorId reference amount { amount } } } } }`;
    const { data: after } = await order.ask(admin(tenantId), read, { id });
    expect(after.order.history.at(-1)).toEqual({
      kind: 'FINANCIAL_STATUS',
      to: 'PAID',
      actorId: member(tenantId).userId,
    });
    expect(after.order.payment).toEqual({
      status: 'CAPTURED',
      dueAt: null,
      capturedAmount: { amount: '300.00' },
      transactions: [
        { kind: 'CAPTURE', actorId: member(tenantId).userId, reference: 'RF18', amount: { amount: '300.00' } },
      ],
    });
    const told = `SELECT data FROM outbox_events WHERE type = 'payment.captured'`;
    expect(await asOwner(order.ownerUrl, tenantId, told)).toEqual([{ data: { orderId: id, amount: usd('300.00') } }]);
    const refund = await new Payments(order).orderRefund(tenantId, id, { amount: usd('10.00') });
    expect(refund).toMatchObject({ orderRefund: { status: 'SUCCEEDED' }, userErrors: [] });
  });

  it('that is canceled was never paid: its payment is voided', async () => {
    const { tenantId, id } = await onInvoice();
    await new Payments(order).orderCancel(tenantId, id);
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await new Payments(order).orderOf(tenantId, id)).toMatchObject({
      status: 'CANCELED',
      financialStatus: 'VOIDED',
      payment: { status: 'VOIDED', transactions: [] },
    });
  });
});

describe('an order whose money is overdue', () => {
  let database: TestDatabase;
  let product: ProductStandIn;
  let one: OrderProcess;

  beforeAll(async () => {
    database = await createTestDatabase('order');
    product = await ProductStandIn.start();
    one = await startOrderProcess(database.appUrl, product.url);
  });
  afterAll(async () => {
    await one?.close();
    await product?.close();
    await database?.drop();
  });

  const place = async () => {
    const tenantId = freshTenantId();
    await asOwner(
      database.ownerUrl,
      tenantId,
      `INSERT INTO payment_methods (tenant_id, id, kind, name, position, hold_hours, updated_at)
       VALUES ($1, $2, 'BANK_TRANSFER', 'Bank', 0, 1, now())`,
      [tenantId, TEST_METHOD],
    );
    const id = await one.place(customer(tenantId));
    await one.saga.settled();
    return { tenantId, id };
  };
  const sqlIn = (tenantId: string, sql: string) => asOwner<{ status: string }>(database.ownerUrl, tenantId, sql);
  const LATER = `UPDATE payments SET due_at = now() - interval '1 second'`;
  const STATUS = 'SELECT o.status, p.status AS payment FROM orders o JOIN payments p ON p.order_id = o.id';

  it('is canceled, its stock is released and its payment is voided; others stay', async () => {
    const [overdue, due, paid, sent] = [await place(), await place(), await place(), await place()];
    for (const { tenantId } of [overdue, paid, sent]) await sqlIn(tenantId, LATER);
    await sqlIn(
      paid.tenantId,
      `UPDATE payments SET status = 'CAPTURED', authorized_amount = amount, captured_amount = amount`,
    );
    await sqlIn(sent.tenantId, `UPDATE orders SET fulfillment_status = 'PARTIALLY_FULFILLED'`);
    expect(await cancelOverdue(one.db, one.saga)).toBe(2);
    await one.saga.settled();
    expect(await sqlIn(overdue.tenantId, STATUS)).toEqual([{ status: 'CANCELED', payment: 'VOIDED' }]);
    expect(product.statusOf(overdue.tenantId, overdue.id)).toBe('RELEASED');
    for (const { tenantId } of [due, sent]) {
      expect(await sqlIn(tenantId, STATUS)).toEqual([{ status: 'CONFIRMED', payment: 'PENDING' }]);
    }
    expect(await sqlIn(paid.tenantId, STATUS)).toEqual([{ status: 'CONFIRMED', payment: 'CAPTURED' }]);
    expect(await cancelOverdue(one.db, one.saga)).toBe(0);
  });
});
