import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { finishedSagas, makeOrder, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let subgraph: OrderSubgraphUnderTest;
let store: string;
let id: string;
let version: number;

beforeAll(async () => {
  subgraph = await startTestSubgraph();
});
afterAll(() => subgraph?.close());

beforeEach(async () => {
  store = freshTenantId();
  ({ id } = await makeOrder(subgraph, customer(store, 'user_ada')));
  ({ version } = await read());
});

const UPDATE = `mutation ($id: ID!, $input: OrderUpdateInput!) { result: orderUpdate(id: $id, input: $input) {
  order { version email shippingAddress { name line1 city countryCode } } userErrors { field code } } }`;
const NOTE = `mutation ($id: ID!, $text: String!) { result: orderNoteAdd(id: $id, input: { text: $text }) {
  order { notes { id text actorId createdAt } } userErrors { field code } } }`;

async function send(mutation: string, variables: Record<string, unknown>, caller = member(store)) {
  const { data, errors } = await subgraph.ask(caller, mutation, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.result;
}
const update = (input: object) => send(UPDATE, { id, input: { expectedVersion: version, ...input } });
async function read(caller = member(store)) {
  const query = `{ order(id: "${id}") { version email notes { text } } }`;
  return (await subgraph.ask(caller, query)).data.order;
}

describe('orderUpdate', () => {
  it.each<[string, object, object]>([
    ['an invalid e-mail address', { email: 'nobody' }, { field: ['input', 'email'], code: 'INVALID' }],
    [
      'an address without a city',
      { shippingAddress: { ...shippingAddress, city: ' ' } },
      { field: ['input', 'shippingAddress', 'city'], code: 'REQUIRED' },
    ],
  ])('refuses %s', async (_what, input, expected) => {
    expect(await update(input)).toEqual({ order: null, userErrors: [expected] });
  });

  it('keeps shipping free that a discount has made free, also where it costs more', async () => {
    const rules = pricingRulesOf(subgraph, store);
    await rules.shippingRate();
    await rules.shippingRate({ countryCodes: ['DE'], price: { amount: '9.00', currencyCode: 'USD' } });
    await rules.discount({ basisPoints: null, freeShipping: {} });
    ({ id } = await makeOrder(subgraph, customer(store, 'user_ada')));
    ({ version } = await read());
    const moved = await update({ shippingAddress: { ...shippingAddress, countryCode: 'DE' } });
    expect(moved).toMatchObject({ order: { shippingAddress: { countryCode: 'DE' } }, userErrors: [] });
  });

  it('refuses a country that the store does not ship to, also where the sums are to be kept, and changes nothing', async () => {
    await pricingRulesOf(subgraph, store).shippingRate({ countryCodes: ['US', 'CA'] });
    const before = await checksumOfTenant(subgraph.ownerUrl, store);
    for (const keepSums of [false, true]) {
      const refused = await update({ shippingAddress: { ...shippingAddress, countryCode: 'DE' }, keepSums });
      expect(refused).toEqual({
        order: null,
        userErrors: [{ field: ['input', 'shippingAddress', 'countryCode'], code: 'SHIPPING_UNAVAILABLE' }],
      });
    }
    expect(await checksumOfTenant(subgraph.ownerUrl, store)).toEqual(before);
  });

  it('says what shipping and tax would be at another place, until the order’s own sums are to be kept', async () => {
    const rules = pricingRulesOf(subgraph, store);
    await rules.shippingRate({ countryCodes: ['US'], price: { amount: '0.00', currencyCode: 'USD' } });
    await rules.shippingRate({ countryCodes: ['DE'], price: { amount: '20.00', currencyCode: 'USD' } });
    await rules.taxRate({ countryCode: 'DE', appliesToShipping: false });
    const abroad = { ...shippingAddress, countryCode: 'DE' };
    const query = `mutation ($input: OrderUpdateInput!) { orderUpdate(id: "${id}", input: $input) { userErrors {
      field code priceChange { part shown { amount } current { amount } } } } }`;
    const input = { expectedVersion: version, shippingAddress: abroad };
    const { data } = await subgraph.ask(member(store), query, { input });
    expect(data.orderUpdate.userErrors).toEqual(
      [
        ['SHIPPING', '0.00', '20.00'],
        ['TAX', '0.00', '30.00'],
        ['TOTAL', '300.00', '350.00'],
      ].map(([part, shown, current]) => ({
        field: ['input', 'shippingAddress'],
        code: 'PRICE_CHANGED',
        priceChange: { part, shown: { amount: shown }, current: { amount: current } },
      })),
    );
    const { order, userErrors } = await update({ shippingAddress: abroad, keepSums: true });
    expect([userErrors, order.shippingAddress.countryCode]).toEqual([[], 'DE']);
    const total = `{ order(id: "${id}") { total { amount } } }`;
    expect((await subgraph.ask(member(store), total)).data.order.total).toEqual({ amount: '300.00' });
  });

  it('says that the order’s shipping option is not offered at another place, with the cheapest that is', async () => {
    const rules = pricingRulesOf(subgraph, store);
    const free = { amount: '0.00', currencyCode: 'USD' };
    const { shippingRate } = await rules.shippingRate({ name: 'Bike', countryCodes: ['US'], price: free });
    await rules.shippingRate({ name: 'Ship', countryCodes: ['DE'], price: free });
    const sql = `UPDATE orders SET shipping_option_id = $2, shipping_name = 'Bike' WHERE id = $1`;
    await asOwner(subgraph.ownerUrl, store, sql, [id, shippingRate.id]);
    const abroad = { ...shippingAddress, countryCode: 'DE' };
    const query = `mutation ($input: OrderUpdateInput!) { orderUpdate(id: "${id}", input: $input) {
      userErrors { field code message } } }`;
    const input = { expectedVersion: version, shippingAddress: abroad };
    expect((await subgraph.ask(member(store), query, { input })).data.orderUpdate.userErrors).toEqual([
      {
        field: ['input', 'shippingAddress'],
        code: 'SHIPPING_OPTION_UNAVAILABLE',
        message: 'Bike is not offered there. The cheapest there: Ship, 0.00 USD.',
      },
    ]);
    expect((await update({ shippingAddress: abroad, keepSums: true })).userErrors).toEqual([]);
  });

  it('changes whom it is billed to, and says what a VAT id would do to the tax', async () => {
    const rules = pricingRulesOf(subgraph, store);
    await rules.taxRate({ countryCode: 'FR', rate: '20' });
    await rules.taxSettings({ countryCode: 'DE' });
    const inFrance = { ...shippingAddress, countryCode: 'FR' };
    const moved = await update({ shippingAddress: inFrance, keepSums: true });
    const billing = `{ order(id: "${id}") { billingAddress { countryCode vatId } } }`;
    const billingAddress = async () => (await subgraph.ask(member(store), billing)).data.order.billingAddress;
    // An invoice names whom it named.
    expect(await billingAddress()).toEqual({ countryCode: 'US', vatId: null });
    version = moved.order.version;
    const company = { ...inFrance, vatId: 'FRXX999999999' };
    const sql = `UPDATE orders SET tax_amount = 60_00, total_amount = total_amount + 60_00 WHERE id = $1`;
    await asOwner(subgraph.ownerUrl, store, sql, [id]);
    expect((await update({ billingAddress: company })).userErrors).toEqual([
      { field: ['input', 'billingAddress'], code: 'PRICE_CHANGED' },
      { field: ['input', 'billingAddress'], code: 'PRICE_CHANGED' },
    ]);
    expect((await update({ billingAddress: company, keepSums: true })).userErrors).toEqual([]);
    expect(await billingAddress()).toEqual({ countryCode: 'FR', vatId: 'FRXX999999999' });
  });

  it('changes a street at any rules, which may have changed since the order', async () => {
    await pricingRulesOf(subgraph, store).taxRate();
    const { userErrors } = await update({ shippingAddress: { ...shippingAddress, line1: '2 Market Street' } });
    expect(userErrors).toEqual([]);
  });

  it('of an older version is refused, with the current order', async () => {
    await update({ email: 'new@example.com' });
    const { order, userErrors } = await update({ email: 'newer@example.com' });
    expect(userErrors).toEqual([{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }]);
    expect(order).toMatchObject({ email: 'new@example.com', version: version + 1 });
  });

  it('of one version by ten concurrent requests changes it once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => update({ email: `buyer${n}@example.com` })));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    expect((await read()).version).toBe(version + 1);
  });

  it('records each change in the history with who, why and when, and an event', async () => {
    const reason = 'She has moved.';
    await update({ email: 'new@example.com', shippingAddress, billingAddress: shippingAddress, reason });
    const query = `{ order(id: "${id}") { history { kind from to actorId reason createdAt } } }`;
    const { history } = (await subgraph.ask(member(store), query)).data.order;
    const line = (to: string) => ({
      kind: 'DETAILS',
      from: null,
      to,
      actorId: 'user_member',
      reason,
      createdAt: expect.any(String),
    });
    expect(history.slice(-3)).toEqual([line('EMAIL'), line('SHIPPING_ADDRESS'), line('BILLING_ADDRESS')]);
    const events = await asOwner(
      subgraph.ownerUrl,
      store,
      `SELECT data, aggregate_version::int AS version FROM outbox_events WHERE type = 'order.updated'`,
    );
    const data = { number: 1001, changed: ['EMAIL', 'SHIPPING_ADDRESS', 'BILLING_ADDRESS'] };
    expect(events).toEqual([{ data, version: version + 1 }]);
  });

  it('changes the shipping address until the order is fulfilled, and the e-mail address even then', async () => {
    const elsewhere = { ...shippingAddress, line1: '2 Market Street' };
    expect((await update({ shippingAddress: elsewhere })).order.shippingAddress).toEqual(elsewhere);
    await subgraph.ask(member(store), `mutation { orderFulfill(id: "${id}") { userErrors { code } } }`);
    ({ version } = await read());
    expect((await update({ shippingAddress })).userErrors).toEqual([
      { field: ['input', 'shippingAddress'], code: 'INVALID_TRANSITION' },
    ]);
    expect((await update({ email: 'later@example.com' })).order.email).toBe('later@example.com');
  });
});

describe('orderNoteAdd', () => {
  it('refuses an empty note', async () => {
    expect((await send(NOTE, { id, text: ' ' })).userErrors).toEqual([{ field: ['input', 'text'], code: 'REQUIRED' }]);
  });

  it('stores the note with its author, for staff only', async () => {
    await send(NOTE, { id, text: 'Called twice.' });
    const { order } = await send(NOTE, { id, text: '100 %_sure' }, admin(store));
    expect(order.notes).toMatchObject([
      { text: 'Called twice.', actorId: 'user_member' },
      { text: '100 %_sure', actorId: 'user_admin' },
    ]);
    expect((await read(customer(store, 'user_ada'))).notes).toBeNull();
  });
});

it('another store’s order is not changed by any of them, and answered like one that does not exist', async () => {
  const victim = freshTenantId('victim');
  const theirs = await makeOrder(subgraph, customer(victim));
  await finishedSagas(subgraph.ownerUrl, victim);
  const before = await checksumOfTenant(subgraph.ownerUrl, victim);
  for (const [mutation, variables] of [
    [UPDATE, { input: { expectedVersion: 1, email: 'x@example.com' } }],
    [NOTE, { text: 'x' }],
  ] as const) {
    const expected = { order: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] };
    expect(await send(mutation, { id: 'ord_none', ...variables }, admin(store))).toEqual(expected);
    expect(await send(mutation, { id: theirs.id, ...variables }, admin(store))).toEqual(expected);
    for (const caller of [customer(store, 'user_ada'), visitor(store)]) {
      const { errors } = await subgraph.ask(caller, mutation, { id, ...variables });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  }
  expect(await checksumOfTenant(subgraph.ownerUrl, victim)).toEqual(before);
});
