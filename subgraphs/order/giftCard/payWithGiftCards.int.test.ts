import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { finishedSagas, orderCreatePatiently, type orderInput, shippingAddress } from '../test/factories';
import { Payments, type Read } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout, TEST_METHOD } from '../test/testMethod';
import { giftCardsOf } from './test/giftCardsOf';

let order: OrderSubgraphUnderTest;
let payments: Payments;
let store: string;
let ada: Caller;

beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());
beforeEach(async () => {
  store = freshTenantId();
  ada = customer(store, 'user_ada');
  await openCheckout(order.ownerUrl, store);
});

const CART = `id version giftCards { id lastCharacters balance { amount } applied { amount } } paymentMethods { id }
  cost { total { amount } due { amount } }`;
const ORDER = `query ($id: ID!) { order(id: $id) { status financialStatus total { amount } payment { status amount { amount } refundedAmount { amount } }
  creditPayments { kind lastCharacters amount { amount } refundedAmount { amount } giftCard { id } }
  refunds { status amount { amount } } saga { steps { name status } } } }`;
const CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id status } nextStep
  userErrors { field code priceChange { part shown { amount } current { amount } } } } }`;

async function ask(query: string, variables: Record<string, unknown>, caller: Caller = ada): Promise<Read> {
  const { data, errors } = await order.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const cards = () => giftCardsOf(order, admin(store));
const card = async (amount: string, currencyCode = 'USD') =>
  (await cards().create({ amount: { amount, currencyCode } })) as { code: string; giftCard: { id: string } };
const sql = (statement: string) => asOwner<Read>(order.ownerUrl, store, statement);

/** A cart of one unit at 150.00, with these cards on it. */
async function cartWith(...codes: string[]): Promise<string> {
  const { cart } = await cartsOf(order, ada).create({
    lines: [line('pvar_1')],
    email: 'ada@example.com',
    shippingAddress,
  });
  for (const code of codes) {
    const { userErrors } = await apply(cart.id, code);
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  }
  return cart.id;
}
const apply = async (id: string, code: string, caller = ada): Promise<Read> => {
  const query = `mutation ($id: ID!, $input: CartGiftCardApplyInput!) { cartGiftCardApply(id: $id, input: $input) { cart { ${CART} } userErrors { field code } } }`;
  return (await ask(query, { id, input: { code } }, caller)).cartGiftCardApply;
};
const remove = async (id: string, giftCardId: string): Promise<Read> => {
  const query = `mutation ($id: ID!, $input: CartGiftCardRemoveInput!) { cartGiftCardRemove(id: $id, input: $input) { cart { ${CART} } userErrors { field code } } }`;
  return (await ask(query, { id, input: { giftCardId } })).cartGiftCardRemove;
};
const show = async (id: string): Promise<Read> =>
  (await ask(`query ($id: ID!) { cart(id: $id) { ${CART} } }`, { id })).cart;
const buy = async (cartId: string, input: object = {}): Promise<Read> =>
  (await ask(CREATE, { input: { cartId, idempotencyKey: randomUUID(), ...input } })).orderCreate;
const read = async (id: string): Promise<Read> => {
  await finishedSagas(order.ownerUrl, store);
  await payments.finishedRefunds(store);
  return (await ask(ORDER, { id }, admin(store))).order;
};
const bought = async (cartId: string, input: object = {}): Promise<string> => {
  const { order: made, userErrors } = await buy(cartId, input);
  if (!made) throw new Error(JSON.stringify(userErrors));
  return made.id;
};
const balanceOf = async (id: string): Promise<string> => (await cards().read(id)).balance.amount;
const byTest = { paymentMethodId: TEST_METHOD };

describe('cartGiftCardApply', () => {
  it.each([
    ['that nobody has', async () => 'AAAA-BBBB-CCCC-DDDD', 'GIFT_CARD_NOT_USABLE'],
    [
      'of another store',
      async () => (await giftCardsOf(order, admin(freshTenantId())).create()).code,
      'GIFT_CARD_NOT_USABLE',
    ],
    [
      'that is switched off',
      async () => {
        const { code, giftCard } = await card('5');
        await cards().disable(giftCard.id);
        return code;
      },
      'GIFT_CARD_NOT_USABLE',
    ],
    [
      'that has expired',
      async () => {
        const { code } = await card('5');
        await sql(`UPDATE credit_accounts SET expires_at = now() - interval '1 day'`);
        return code;
      },
      'GIFT_CARD_NOT_USABLE',
    ],
    [
      'with nothing left',
      async () => {
        const { code, giftCard } = await card('5');
        await cards().adjust(giftCard.id, '5', { direction: 'DEBIT' });
        return code;
      },
      'GIFT_CARD_NOT_USABLE',
    ],
    ['in another currency', async () => (await card('5', 'EUR')).code, 'CURRENCY_MISMATCH'],
  ])('a code %s is refused, and the cart stays', async (_which, codeOf, refusal) => {
    const id = await cartWith();
    expect(codesOf(await apply(id, await codeOf()))).toEqual([`input.code ${refusal}`]);
    expect((await show(id)).giftCards).toEqual([]);
  });

  it('more than twenty wrong codes from one address are THROTTLED, and a right one among them', async () => {
    const id = await cartWith();
    const guesser = { ...ada, clientAddress: '203.0.113.77' };
    const { code } = await card('5');
    for (let tries = 0; tries < 20; tries += 1) await apply(id, `WRONG-${tries}`, guesser);
    await expect(apply(id, code, guesser)).rejects.toThrow('THROTTLED');
    expect(codesOf(await apply(id, code))).toEqual([]);
  });

  it('more than ten cards are LIMIT_REACHED', async () => {
    const id = await cartWith();
    await sql(`UPDATE carts SET gift_card_ids = array(SELECT 'gift_' || n FROM generate_series(1, 10) n)`);
    expect(codesOf(await apply(id, (await card('5')).code))).toEqual(['input.code LIMIT_REACHED']);
  });

  it('takes nothing from the cards, uses them in their order, and offers payment methods for what is due only', async () => {
    const [first, second, third] = [await card('100.00'), await card('60.00'), await card('7.00')];
    const id = await cartWith(first.code.toLowerCase(), second.code, third.code, first.code);
    const shown = await show(id);
    expect(shown.giftCards.map(({ applied, balance }: Read) => [balance.amount, applied.amount])).toEqual([
      ['100.00', '100.00'],
      ['60.00', '50.00'],
      ['7.00', '0.00'],
    ]);
    expect(shown).toMatchObject({ cost: { total: { amount: '150.00' }, due: { amount: '0.00' } }, paymentMethods: [] });
    const { cart } = await remove(id, second.giftCard.id);
    expect(cart).toMatchObject({ cost: { due: { amount: '43.00' } }, paymentMethods: [{ id: TEST_METHOD }] });
    expect(codesOf(await remove(id, second.giftCard.id))).toEqual(['input.giftCardId NOT_FOUND']);
    expect(await balanceOf(first.giftCard.id)).toBe('100.00');
  });
});

describe('an order that is paid with gift cards', () => {
  it('without a payment method for the rest is PAYMENT_METHOD_UNAVAILABLE, and takes nothing', async () => {
    const { code, giftCard } = await card('100.00');
    expect(codesOf(await buy(await cartWith(code)))).toEqual(['input.paymentMethodId PAYMENT_METHOD_UNAVAILABLE']);
    expect(await balanceOf(giftCard.id)).toBe('100.00');
  });

  it('is PRICE_CHANGED when less is on the card than its buyer was shown, and takes nothing', async () => {
    const { code, giftCard } = await card('200.00');
    const id = await cartWith(code);
    await show(id);
    await cards().adjust(giftCard.id, '90', { direction: 'DEBIT' });
    const { userErrors, nextStep } = await buy(id, byTest);
    const priceChange = { part: 'DUE', shown: { amount: '0.00' }, current: { amount: '40.00' } };
    expect([userErrors, nextStep]).toEqual([
      [{ field: ['input', 'cartId'], code: 'PRICE_CHANGED', priceChange }],
      'REVIEW_CART',
    ]);
    expect(await balanceOf(giftCard.id)).toBe('110.00');
    expect((await show(id)).cost.due.amount).toBe('40.00');
    expect(codesOf(await buy(id, byTest))).toEqual([]);
  });

  it('alone asks for no payment method, and is PAID without any payment', async () => {
    const { code, giftCard } = await card('200.00');
    const id = await bought(await cartWith(code));
    expect(await read(id)).toMatchObject({
      status: 'CONFIRMED',
      financialStatus: 'PAID',
      payment: null,
      creditPayments: [
        {
          kind: 'GIFT_CARD',
          lastCharacters: code.slice(-4),
          amount: { amount: '150.00' },
          giftCard: { id: giftCard.id },
        },
      ],
    });
    const { balance, entries } = await cards().read(giftCard.id);
    expect([balance.amount, entries[0]]).toEqual([
      '50.00',
      expect.objectContaining({
        kind: 'SPEND',
        direction: 'DEBIT',
        amount: { amount: '150.00' },
        orderId: id,
        actorId: null,
      }),
    ]);
    const types = (await sql('SELECT type FROM outbox_events ORDER BY id')).map(({ type }: Read) => type);
    expect(types).toEqual(expect.arrayContaining(['gift_card.balance_changed', 'order.confirmed']));
    expect(types).not.toContain('payment.captured');
  });

  it('in part pays only the rest by its payment method; both add up to its total', async () => {
    const { code, giftCard } = await card('100.00');
    const id = await bought(await cartWith(code), byTest);
    expect(await read(id)).toMatchObject({
      financialStatus: 'PAID',
      total: { amount: '150.00' },
      payment: { status: 'CAPTURED', amount: { amount: '50.00' } },
      creditPayments: [{ amount: { amount: '100.00' }, refundedAmount: { amount: '0.00' } }],
    });
    expect(await balanceOf(giftCard.id)).toBe('0.00');
    const own = await ask(
      `query ($id: ID!) { order(id: $id) { creditPayments { amount { amount } giftCard { id } } } }`,
      { id },
    );
    expect(own.order.creditPayments).toEqual([{ amount: { amount: '100.00' }, giftCard: null }]);
  });

  it('gets everything back when its payment is declined, and its cart is open with the card on it', async () => {
    const { code, giftCard } = await card('100.00');
    const id = await cartWith(code);
    expect(codesOf(await buy(id, { ...byTest, paymentToken: 'tok_declined' }))).toEqual([
      'input.paymentMethodId PAYMENT_DECLINED',
    ]);
    const { balance, entries } = await cards().read(giftCard.id);
    expect([balance.amount, entries.map(({ kind }: Read) => kind)]).toEqual(['100.00', ['REFUND', 'SPEND', 'ISSUE']]);
    expect((await show(id)).giftCards).toHaveLength(1);
    expect(codesOf(await buy(id, byTest))).toEqual([]);
  });

  it('takes it once when its first process is gone before it has a price, and gives it back when its stock is lost', async () => {
    const { code, giftCard } = await card('400.00');
    order.product.fail(store, 'StockReserve', 'CUT');
    const { order: late } = await buy(await cartWith(code));
    expect([late.status, await balanceOf(giftCard.id)]).toEqual(['PENDING', '400.00']);
    expect(await read(late.id)).toMatchObject({ status: 'CONFIRMED', financialStatus: 'PAID' });
    expect(await balanceOf(giftCard.id)).toBe('250.00');
    order.product.fail(store, 'StockCommit', 'CUT');
    const lost = await bought(await cartWith(code));
    order.product.loseReservation(store, lost);
    expect(await read(lost)).toMatchObject({ status: 'CANCELED', financialStatus: 'REFUNDED' });
    expect(await balanceOf(giftCard.id)).toBe('250.00');
  });

  it('a hundred at once spend the last balance exactly once, and none of them falls below zero', async () => {
    const { code, giftCard } = await card('350.00');
    const id = await cartWith(code);
    await sql(`INSERT INTO carts (tenant_id, id, customer_id, email, shipping_address, gift_card_ids, updated_at)
      SELECT tenant_id, 'cart_race' || n, customer_id, email, shipping_address, gift_card_ids, now() FROM carts, generate_series(1, 99) n`);
    await sql(`INSERT INTO cart_lines (tenant_id, cart_id, id, variant_id, quantity, seen_price_amount, seen_currency_code)
      SELECT tenant_id, 'cart_race' || n, 'clin_' || n, variant_id, quantity, seen_price_amount, seen_currency_code FROM cart_lines, generate_series(1, 99) n`);
    const ids = [id, ...Array.from({ length: 99 }, (_, n) => `cart_race${n + 1}`)];
    const inputs = ids.map(
      (cartId) => ({ cartId, idempotencyKey: randomUUID() }) as unknown as ReturnType<typeof orderInput>,
    );
    await Promise.all(inputs.map((input) => orderCreatePatiently(order, ada, input)));
    await finishedSagas(order.ownerUrl, store);
    expect(await sql(`SELECT status, count(*)::int AS orders FROM orders GROUP BY 1 ORDER BY 1`)).toEqual([
      { status: 'CONFIRMED', orders: 2 },
      { status: 'CANCELED', orders: 98 },
    ]);
    const sums = `SELECT balance::int, (SELECT sum(amount)::int FROM credit_entries) AS entries,
      (SELECT sum(amount - refunded_amount)::int FROM order_credits) AS paid FROM credit_accounts`;
    expect(await sql(sums)).toEqual([{ balance: 5_000, entries: 5_000, paid: 30_000 }]);
    expect(await balanceOf(giftCard.id)).toBe('50.00');
  });
});

describe('money for an order that was paid with a gift card', () => {
  it('goes back to the card when it is canceled, and stays where staff say so', async () => {
    const { code, giftCard } = await card('300.00');
    const [back, kept] = [await bought(await cartWith(code)), await bought(await cartWith(code))];
    await finishedSagas(order.ownerUrl, store);
    await payments.orderCancel(store, back);
    await payments.orderCancel(store, kept, { refund: false });
    expect(await read(back)).toMatchObject({
      status: 'CANCELED',
      financialStatus: 'REFUNDED',
      refunds: [{ status: 'SUCCEEDED', amount: { amount: '150.00' } }],
      creditPayments: [{ refundedAmount: { amount: '150.00' } }],
    });
    expect(await read(kept)).toMatchObject({ financialStatus: 'PAID', refunds: [] });
    expect(await balanceOf(giftCard.id)).toBe('150.00');
  });

  it('goes back in proportion to what was paid with what, and never more than that', async () => {
    const { code, giftCard } = await card('100.00');
    const id = await bought(await cartWith(code), byTest);
    await finishedSagas(order.ownerUrl, store);
    expect(
      codesOf(await payments.orderRefund(store, id, { amount: { amount: '150.01', currencyCode: 'USD' } })),
    ).toEqual(['input REFUND_TOO_LARGE']);
    await payments.orderRefund(store, id, { amount: { amount: '30.00', currencyCode: 'USD' } });
    expect(await read(id)).toMatchObject({
      financialStatus: 'PARTIALLY_REFUNDED',
      payment: { refundedAmount: { amount: '10.00' } },
      creditPayments: [{ refundedAmount: { amount: '20.00' } }],
    });
    await payments.orderCancel(store, id);
    expect(await read(id)).toMatchObject({
      financialStatus: 'REFUNDED',
      payment: { refundedAmount: { amount: '50.00' } },
      creditPayments: [{ refundedAmount: { amount: '100.00' } }],
    });
    expect(await balanceOf(giftCard.id)).toBe('100.00');
  });

  it('can be refunded again after the provider declined its part, and the card has got nothing until then', async () => {
    const { code, giftCard } = await card('100.00');
    const id = await bought(await cartWith(code), { ...byTest, paymentToken: 'tok_refund_declined' });
    await finishedSagas(order.ownerUrl, store);
    const whole = { amount: { amount: '150.00', currencyCode: 'USD' } };
    expect(codesOf(await payments.orderRefund(store, id, whole))).toEqual(['id REFUND_DECLINED']);
    expect(await balanceOf(giftCard.id)).toBe('0.00');
    expect(await read(id)).toMatchObject({ creditPayments: [{ refundedAmount: { amount: '0.00' } }] });
    expect(codesOf(await payments.orderRefund(store, id, { ...whole, to: 'STORE_CREDIT' }))).toEqual([]);
    expect(await read(id)).toMatchObject({
      financialStatus: 'REFUNDED',
      payment: { refundedAmount: { amount: '50.00' } },
    });
    const credit = `SELECT balance::int, customer_id FROM credit_accounts WHERE kind = 'STORE_CREDIT'`;
    expect(await sql(credit)).toEqual([{ balance: 15_000, customer_id: 'user_ada' }]);
    expect(await balanceOf(giftCard.id)).toBe('0.00');
  });

  it('goes to no store credit of a guest', async () => {
    ada = visitor(store);
    const id = await bought(await cartWith((await card('200.00')).code), { idempotencyKey: randomUUID() });
    await finishedSagas(order.ownerUrl, store);
    const refused = await payments.orderRefund(store, id, {
      amount: { amount: '5', currencyCode: 'USD' },
      to: 'STORE_CREDIT',
    });
    expect(codesOf(refused)).toEqual(['input.to INVALID']);
  });
});
