import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { finishedSagas, orderCreate, orderCreatePatiently, orderInput, shippingAddress } from '../test/factories';
import type { Read } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let store: string;
let ada: Caller;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());
beforeEach(() => {
  store = freshTenantId();
  ada = customer(store, 'user_ada');
});

async function ask(query: string, variables: Record<string, unknown> = {}, caller: Caller = ada): Promise<Read> {
  const { data, errors } = await order.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const sql = (statement: string) => asOwner<Read>(order.ownerUrl, store, statement);

/** Who has bought something, as the store's customer. */
async function customerOf(caller: Caller): Promise<string> {
  const { order: made } = await orderCreate(order, caller, orderInput());
  await finishedSagas(order.ownerUrl, store);
  await ask(`mutation { orderFulfill(id: "${made.id}") { userErrors { code } } }`, {}, admin(store));
  return (await ask(`{ order(id: "${made.id}") { customer { id } } }`, {}, admin(store))).order.customer.id;
}
const ADJUST = `mutation ($id: ID!, $input: CreditAdjustInput!) { storeCreditAdjust(customerId: $id, input: $input) {
  storeCreditAccount { balance { amount currencyCode } entries { kind direction amount { amount } reason actorId } } userErrors { field code } } }`;
const adjust = async (id: string, amount: string, changes: object = {}, caller = admin(store)): Promise<Read> => {
  const input = { amount: { amount, currencyCode: 'USD' }, reason: 'Sorry', idempotencyKey: randomUUID(), ...changes };
  return (await ask(ADJUST, { id, input }, caller)).storeCreditAdjust;
};
const OWN =
  '{ myStoreCredit: myStoreCreditAccounts { balance { amount currencyCode } entries { kind amount { amount } reason actorId orderId } } }';
const CART = 'id storeCredit { isUsed balance { amount } applied { amount } } cost { due { amount } }';
const select = async (id: string, isUsed = true, caller = ada): Promise<Read> => {
  const query = `mutation ($id: ID!, $isUsed: Boolean!) { cartStoreCreditSelect(id: $id, input: { isUsed: $isUsed }) { cart { ${CART} } userErrors { field code } } }`;
  return (await ask(query, { id, isUsed }, caller)).cartStoreCreditSelect;
};
const cart = async (caller = ada): Promise<string> => {
  const made = await cartsOf(order, caller).create({
    lines: [line('pvar_1')],
    email: 'ada@example.com',
    shippingAddress,
  });
  return made.cart.id;
};

describe('storeCreditAdjust', () => {
  it('is refused to shoppers, for guests, unknown and other stores’ customers, and of more than is left', async () => {
    const [id, guest] = [await customerOf(ada), await customerOf(visitor(store))];
    const { errors } = await order.ask(ada, ADJUST, {
      id,
      input: { amount: { amount: '5', currencyCode: 'USD' }, reason: 'x', idempotencyKey: '12345678' },
    });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(ada));
    expect(codesOf(await adjust(guest, '5'))).toEqual(['customerId INVALID']);
    expect(codesOf(await adjust('cust_none', '5'))).toEqual(['customerId NOT_FOUND']);
    expect(codesOf(await adjust(id, '5', {}, admin(freshTenantId())))).toEqual(['customerId NOT_FOUND']);
    expect(codesOf(await adjust(id, '5', { direction: 'DEBIT' }))).toEqual(['input.amount BALANCE_TOO_LOW']);
    expect(await sql('SELECT 1 FROM credit_accounts')).toEqual([]);
  });

  it('gives credit in each currency, which its customer sees without who gave it, and nobody else does', async () => {
    const id = await customerOf(ada);
    await adjust(id, '80');
    await adjust(id, '5', { amount: { amount: '5', currencyCode: 'EUR' } });
    const { storeCreditAccount } = await adjust(id, '30', { direction: 'DEBIT' });
    expect(storeCreditAccount).toMatchObject({
      balance: { amount: '50.00', currencyCode: 'USD' },
      entries: [
        { kind: 'ADJUST', direction: 'DEBIT', reason: 'Sorry', actorId: admin(store).userId },
        { direction: 'CREDIT' },
      ],
    });
    const { myStoreCredit } = await ask(OWN);
    expect(myStoreCredit.map(({ balance }: Read) => `${balance.amount} ${balance.currencyCode}`)).toEqual([
      '5.00 EUR',
      '50.00 USD',
    ]);
    expect(myStoreCredit[1].entries[0]).toEqual({
      kind: 'ADJUST',
      amount: { amount: '30.00' },
      reason: null,
      actorId: null,
      orderId: null,
    });
    expect((await ask(OWN, {}, customer(store, 'user_eve'))).myStoreCredit).toEqual([]);
    expect((await order.ask(visitor(store), OWN)).errors?.[0]?.extensions?.code).toBe(refusalOf(visitor(store)));
    const { customer: seen } = await ask(
      `{ customer(id: "${id}") { storeCreditAccounts { balance { amount } } } }`,
      {},
      admin(store),
    );
    expect(seen.storeCreditAccounts).toHaveLength(2);
  });
});

describe('store credit', () => {
  it('pays for its customer’s order after gift cards, where they say so, and the rest is due', async () => {
    await adjust(await customerOf(ada), '60');
    const id = await cart();
    expect((await select(id, false)).cart).toMatchObject({
      storeCredit: { isUsed: false, applied: { amount: '0.00' } },
      cost: { due: { amount: '150.00' } },
    });
    expect((await select(id)).cart).toMatchObject({
      storeCredit: { isUsed: true, balance: { amount: '60.00' }, applied: { amount: '60.00' } },
      cost: { due: { amount: '90.00' } },
    });
    const input = { ...orderInput(), lines: undefined, email: undefined, shippingAddress: undefined, cartId: id };
    const { order: made, userErrors } = await orderCreate(
      order,
      ada,
      input as unknown as ReturnType<typeof orderInput>,
    );
    expect(userErrors).toEqual([]);
    const paid = 'payment { amount { amount } } creditPayments { kind lastCharacters amount { amount } }';
    expect((await ask(`{ order(id: "${made.id}") { ${paid} } }`)).order).toEqual({
      payment: { amount: { amount: '90.00' } },
      creditPayments: [{ kind: 'STORE_CREDIT', lastCharacters: null, amount: { amount: '60.00' } }],
    });
    const { myStoreCredit } = await ask(OWN);
    expect(myStoreCredit[0]).toMatchObject({
      balance: { amount: '0.00' },
      entries: [{ kind: 'SPEND', orderId: made.id }, { kind: 'ADJUST' }],
    });
  });

  it('is spent once by twelve orders at once, and never falls below zero', async () => {
    await adjust(await customerOf(ada), '160');
    const ids = await Promise.all(Array.from({ length: 12 }, () => cart()));
    await sql(`UPDATE carts SET uses_store_credit = true, seen_cost = NULL`);
    const inputs = ids.map(
      (cartId) => ({ cartId, idempotencyKey: randomUUID() }) as unknown as ReturnType<typeof orderInput>,
    );
    await Promise.all(inputs.map((input) => orderCreatePatiently(order, ada, input)));
    await finishedSagas(order.ownerUrl, store);
    const sums = `SELECT balance::int, (SELECT count(*)::int FROM credit_entries WHERE kind = 'SPEND') AS spent,
      (SELECT sum(amount)::int FROM credit_entries) AS entries FROM credit_accounts`;
    expect(await sql(sums)).toEqual([{ balance: 1_000, spent: 1, entries: 1_000 }]);
  });

  it('is closed when its customer is erased, and its ledger does not name them', async () => {
    const id = await customerOf(ada);
    await adjust(id, '60');
    const erase = `mutation { customerErase(id: "${id}") { userErrors { code } } }`;
    expect((await ask(erase, {}, admin(store))).customerErase.userErrors).toEqual([]);
    expect((await ask(OWN)).myStoreCredit).toEqual([]);
    expect(await sql('SELECT balance::int, customer_id FROM credit_accounts')).toEqual([
      { balance: 0, customer_id: null },
    ]);
  });
});
