import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { startOrderProcess } from '../test/orderProcess';
import { Payments, type Read, usd } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { TEST_METHOD } from '../test/testMethod';
import { methodsOf } from './test/methodsOf';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const methods = (tenantId: string) => methodsOf(order, admin(tenantId));
const place = (tenantId: string, paymentMethodId: string | null, changes: Record<string, unknown> = {}) =>
  orderCreate(order, customer(tenantId), { ...orderInput(changes), paymentMethodId } as ReturnType<typeof orderInput>);
const UNAVAILABLE = ['input.paymentMethodId PAYMENT_METHOD_UNAVAILABLE'];

describe('paymentMethodCreate', () => {
  it.each([
    ['without a name', { name: ' ' }, ['input.name REQUIRED']],
    ['with a control character in its instructions', { instructions: 'a\u0007' }, ['input.instructions INVALID']],
    ['for a country that there is not', { countryCodes: ['DE', 'XX'] }, ['input.countryCodes.1 INVALID']],
    ['that holds goods for no time', { holdHours: 0 }, ['input.holdHours INVALID']],
    ['that holds goods for more than a year', { holdHours: 8_761 }, ['input.holdHours INVALID']],
    ['by TEST that holds goods', { kind: 'TEST', holdHours: 5 }, ['input.holdHours INVALID']],
    [
      'whose largest total is below its smallest',
      { minimumTotal: usd('5'), maximumTotal: usd('4') },
      ['input.maximumTotal INVALID'],
    ],
    [
      'whose limits are in two currencies',
      { minimumTotal: usd('5'), maximumTotal: { amount: '9', currencyCode: 'JPY' } },
      ['input.maximumTotal.currencyCode INVALID'],
    ],
    [
      'with a limit in a currency that it does not take',
      { currencyCodes: ['EUR'], maximumTotal: usd('5') },
      ['input.maximumTotal.currencyCode INVALID'],
    ],
    ['by STRIPE, where nobody has its keys', { kind: 'STRIPE' }, ['input.kind PAYMENT_METHOD_UNAVAILABLE']],
  ])('%s is refused, and adds nothing', async (_which, input, codes) => {
    const tenantId = freshTenantId();
    expect(codesOf(await methods(tenantId).create(input))).toEqual(codes);
    expect(await methods(tenantId).list()).toEqual([]);
  });

  it('is refused to members without the permission, and during impersonation', async () => {
    const tenantId = freshTenantId();
    const mutation = 'mutation { paymentMethodCreate(input: { kind: INVOICE, name: "x" }) { userErrors { code } } }';
    for (const caller of [
      { ...member(tenantId), permissions: [] },
      customer(tenantId),
      { ...admin(tenantId), impersonatorId: 'user_support' },
    ]) {
      expect((await order.ask(caller, mutation)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });

  it('adds a clean method behind the others, and no more than fifty, however many are added at once', async () => {
    const tenantId = freshTenantId();
    const { paymentMethod } = await methods(tenantId).create({
      name: ' Bank transfer ',
      instructions: ' IBAN DE02\r\nin 3 days ',
      countryCodes: ['FR', 'DE', 'FR'],
      currencyCodes: ['EUR'],
      minimumTotal: { amount: '10.00', currencyCode: 'EUR' },
      holdHours: 72,
    });
    expect(paymentMethod).toMatchObject({
      name: 'Bank transfer',
      instructions: 'IBAN DE02\r\nin 3 days',
      isActive: true,
      countryCodes: ['DE', 'FR'],
      minimumTotal: { amount: '10.00', currencyCode: 'EUR' },
      maximumTotal: null,
      holdHours: 72,
      version: 1,
    });
    const added = await Promise.all(Array.from({ length: 60 }, () => methods(tenantId).create()));
    expect(added.filter((payload) => codesOf(payload)[0] === 'input LIMIT_REACHED')).toHaveLength(11);
    const listed = await methods(tenantId).list();
    expect([listed.length, listed[0].id]).toEqual([50, paymentMethod.id]);
  });
});

describe('payment methods', () => {
  it('of another store answer as unknown ones, and are not changed', async () => {
    const [mine, theirs] = [freshTenantId(), freshTenantId()];
    const { paymentMethod } = await methods(theirs).create();
    const before = await checksumOfTenant(order.ownerUrl, theirs);
    for (const id of [paymentMethod.id, 'pmth_none']) {
      expect(codesOf(await methods(mine).update(id, { name: 'x' }))).toEqual(['id NOT_FOUND']);
      expect(codesOf(await methods(mine).remove(id))).toEqual(['id NOT_FOUND']);
      expect(codesOf(await methods(mine).reorder([id]))).toEqual(['ids.0 NOT_FOUND']);
      expect(codesOf(await place(mine, id))).toEqual(UNAVAILABLE);
    }
    expect(await checksumOfTenant(order.ownerUrl, theirs)).toEqual(before);
  });

  it('change as given, at the version that was read; what is left out stays', async () => {
    const { create, update } = methods(freshTenantId());
    const { paymentMethod: made } = await create({ minimumTotal: usd('5.00'), holdHours: 24, instructions: 'Pay' });
    const { paymentMethod: changed } = await update(made.id, { isActive: false, holdHours: null, instructions: '' });
    expect(changed).toMatchObject({ ...made, isActive: false, holdHours: null, instructions: null, version: 2 });
    expect(codesOf(await update(made.id, { maximumTotal: usd('4.00') }))).toEqual(['input.maximumTotal INVALID']);
    expect(codesOf(await update(made.id, { name: 'x', expectedVersion: 1 }))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
  });

  it('are listed in the order that staff give them, which must name each once', async () => {
    const { create, list, reorder, remove } = methods(freshTenantId());
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await create({ name })).paymentMethod.id);
    const [a = '', b = '', c = ''] = ids;
    for (const wrong of [[a, b], [a, b, b], []]) expect(codesOf(await reorder(wrong))).toEqual(['ids INVALID']);
    const { paymentMethods } = await reorder([c, a, b]);
    expect(paymentMethods.map(({ name }: Read) => name)).toEqual(['c', 'a', 'b']);
    await remove(a);
    expect((await list()).map(({ name }: Read) => name)).toEqual(['c', 'b']);
  });
});

describe('an order is PAYMENT_METHOD_UNAVAILABLE, and nothing is reserved, numbered or paid', () => {
  const expectNothing = async (tenantId: string) => {
    const confirmed = `SELECT id FROM orders WHERE status <> 'CANCELED'`;
    expect(await asOwner(order.ownerUrl, tenantId, confirmed)).toEqual([]);
    expect(await asOwner(order.ownerUrl, tenantId, 'SELECT id FROM payments')).toEqual([]);
  };

  it('in a new store, which has no method, whatever the order names', async () => {
    const tenantId = freshTenantId();
    for (const id of ['pmth_none', null]) expect(codesOf(await place(tenantId, id))).toEqual(UNAVAILABLE);
    await expectNothing(tenantId);
  });

  it.each<[string, object]>([
    ['that is switched off', { isActive: false }],
    ['of other countries', { countryCodes: ['DE'] }],
    ['of other currencies', { currencyCodes: ['EUR'] }],
    ['of larger totals', { minimumTotal: usd('300.01') }],
    ['of smaller totals', { maximumTotal: usd('299.99') }],
  ])('by a method %s', async (_which, limits) => {
    const tenantId = freshTenantId();
    const { paymentMethod } = await methods(tenantId).create(limits);
    expect(codesOf(await place(tenantId, paymentMethod.id))).toEqual(UNAVAILABLE);
    await expectNothing(tenantId);
  });

  it.each<[string, object]>([
    ['of other currencies', { currencyCodes: ['EUR'] }],
    ['of larger totals', { minimumTotal: usd('300.01') }],
    ['of smaller totals', { maximumTotal: usd('299.99') }],
  ])(
    'by a method %s than the buyer was shown: no order is written, and another method can be tried under its key',
    async (_which, limits) => {
      const tenantId = freshTenantId();
      const { create } = methods(tenantId);
      const { paymentMethod } = await create(limits);
      const input = orderInput({ expectedTotal: usd('300.00') });
      expect(codesOf(await place(tenantId, paymentMethod.id, input))).toEqual(UNAVAILABLE);
      expect(await asOwner(order.ownerUrl, tenantId, 'SELECT id FROM orders')).toEqual([]);
      const other = await create();
      expect((await place(tenantId, other.paymentMethod.id, input)).order).toMatchObject({ status: 'CONFIRMED' });
    },
  );

  it('by TEST in production', async () => {
    const tenantId = freshTenantId();
    const production = await startOrderProcess(order.appUrl, order.product.url, true);
    await expect(production.place(customer(tenantId))).rejects.toThrow('PAYMENT_METHOD_UNAVAILABLE');
    await production.close();
    await expectNothing(tenantId);
  });
});

describe('an order', () => {
  it('is placed by a method whose limits it fits, and keeps what its buyer was shown when the method changes', async () => {
    const tenantId = freshTenantId();
    const { create, update, remove } = methods(tenantId);
    const limits = { countryCodes: ['US'], currencyCodes: ['USD'], minimumTotal: usd('300'), maximumTotal: usd('300') };
    const { paymentMethod } = await create({ kind: 'INVOICE', name: 'Invoice', instructions: 'In 14 days', ...limits });
    const { order: made } = await place(tenantId, paymentMethod.id);
    await update(paymentMethod.id, { name: 'Other', instructions: null });
    await remove(paymentMethod.id);
    const query = 'query ($id: ID!) { order(id: $id) { paymentMethod { methodId kind name instructions } } }';
    const { data } = await order.ask(customer(tenantId), query, { id: made.id });
    expect(data.order.paymentMethod).toEqual({
      methodId: paymentMethod.id,
      kind: 'INVOICE',
      name: 'Invoice',
      instructions: 'In 14 days',
    });
  });

  it('that costs nothing needs no method', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await place(tenantId, null, { lines: [{ variantId: 'pvar_000', quantity: 1 }] });
    expect(made).toMatchObject({ status: 'CONFIRMED', total: { amount: '0.00' } });
  });

  it.each(['BANK_TRANSFER', 'CASH_ON_DELIVERY', 'INVOICE'])(
    'by %s is confirmed, and neither it nor its payment is called paid: no event tells of money',
    async (kind) => {
      const tenantId = freshTenantId();
      const { paymentMethod } = await methods(tenantId).create({ kind });
      const { order: made } = await place(tenantId, paymentMethod.id);
      await order.product.arrival(tenantId, 'StockCommit');
      expect(await new Payments(order).orderOf(tenantId, made.id)).toMatchObject({
        status: 'CONFIRMED',
        financialStatus: 'PENDING',
        payment: { status: 'PENDING', provider: 'OFFLINE', capturedAmount: { amount: '0.00' }, transactions: [] },
      });
      const told = await asOwner(order.ownerUrl, tenantId, `SELECT 1 FROM outbox_events WHERE type LIKE 'payment.%'`);
      expect(told).toEqual([]);
    },
  );

  it('repeated after its method was switched off is answered as before', async () => {
    const tenantId = freshTenantId();
    const { create, update } = methods(tenantId);
    const { paymentMethod } = await create();
    const input = orderInput();
    const first = await place(tenantId, paymentMethod.id, input);
    await update(paymentMethod.id, { isActive: false });
    expect(await place(tenantId, paymentMethod.id, input)).toEqual(first);
  });
});

describe('a cart', () => {
  const offered = async (tenantId: string, input: object): Promise<string[]> => {
    const { cart } = await cartsOf(order, visitor(tenantId)).create(input);
    const query = 'query ($id: ID!) { cart(id: $id) { paymentMethods { id kind name instructions publishableKey } } }';
    const { data } = await order.ask(visitor(tenantId), query, { id: cart.id });
    return data.cart.paymentMethods.map(({ name }: Read) => name);
  };

  it('lists the methods that fit its country, currency and total, in their order', async () => {
    const tenantId = freshTenantId();
    const { create } = methods(tenantId);
    await create({ name: 'any' });
    await create({ name: 'off', isActive: false });
    await create({ name: 'DE', countryCodes: ['DE'] });
    await create({ name: 'US', countryCodes: ['US'] });
    await create({ name: 'EUR', currencyCodes: ['EUR'] });
    await create({ name: 'large', minimumTotal: usd('200.00') });
    const one = { lines: [line('pvar_1')] };
    expect(await offered(tenantId, { ...one, shippingAddress })).toEqual(['any', 'US']);
    expect(await offered(tenantId, { lines: [line('pvar_1', 2)], shippingAddress })).toEqual(['any', 'US', 'large']);
    expect(await offered(tenantId, one)).toEqual(['any', 'DE', 'US']);
    expect(await offered(tenantId, { lines: [line('pvar_000')], shippingAddress })).toEqual([]);
    expect(await offered(freshTenantId(), one)).toEqual([]);
  });

  it('does not list a method without an account or keys', async () => {
    const tenantId = freshTenantId();
    await asOwner(
      order.ownerUrl,
      tenantId,
      `INSERT INTO payment_methods (tenant_id, id, kind, name, position, updated_at) VALUES ($1, $2, 'STRIPE', 'Card', 0, now())`,
      [tenantId, TEST_METHOD],
    );
    expect(await offered(tenantId, { lines: [line('pvar_1')] })).toEqual([]);
  });
});
