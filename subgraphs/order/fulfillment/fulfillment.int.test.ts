import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let subgraph: OrderSubgraphUnderTest;
let store: string;
let orderId: string;
/** The ids of the order's items by their variants. */
let items: Record<string, string>;

beforeAll(async () => {
  subgraph = await startTestSubgraph();
});
afterAll(() => subgraph?.close());

/** Three units of one variant, and one of another. */
beforeEach(async () => {
  store = freshTenantId();
  const order = await place(store);
  orderId = order.id;
  const [a, b] = order.items;
  items = { pvar_a: a.id, pvar_b: b.id };
});

async function place(tenantId: string) {
  const lines = [
    { variantId: 'pvar_a', quantity: 3 },
    { variantId: 'pvar_b', quantity: 1 },
  ];
  const { order } = await orderCreate(subgraph, customer(tenantId, 'user_ada'), orderInput({ lines }));
  await finishedSagas(subgraph.ownerUrl, tenantId);
  return order;
}

const ORDER = `order {
  status fulfillmentStatus nextStatuses version
  items { variantId fulfilledQuantity }
  fulfillments { id tracking { number company url } canceledAt lines { quantity item { variantId } } } }
  userErrors { field code }`;
const FULFILL = `mutation ($id: ID!, $input: OrderFulfillInput) { result: orderFulfill(id: $id, input: $input) { ${ORDER} } }`;
const TRACK = `mutation ($id: ID!, $input: FulfillmentTrackingInput!) {
  result: orderFulfillmentTrackingUpdate(id: $id, input: $input) { ${ORDER} } }`;
const CANCEL_FULFILLMENT = `mutation ($id: ID!) { result: orderFulfillmentCancel(id: $id) { ${ORDER} } }`;
const CANCEL = `mutation ($id: ID!) { result: orderCancel(id: $id, input: { reason: "x" }) { order { status } userErrors { code } } }`;

async function send(mutation: string, variables: Record<string, unknown>, caller = member(store)) {
  const { data, errors } = await subgraph.ask(caller, mutation, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.result;
}

interface FulfillInput {
  lines?: { variantId: string; quantity: number }[];
  [name: string]: unknown;
}

/** `fulfill` replaces a variant by the order's item of it. */
const fulfillInput = (...lines: [string, number][]) => ({
  lines: lines.map(([variantId, quantity]) => ({ variantId, quantity })),
  idempotencyKey: randomUUID(),
});
const fulfill = ({ lines, ...input }: FulfillInput = {}, id = orderId) => {
  const named = lines?.map(({ variantId, quantity }) => ({ itemId: items[variantId] ?? variantId, quantity }));
  return send(FULFILL, { id, input: input.idempotencyKey ? { ...input, ...(named && { lines: named }) } : null });
};
const events = () =>
  asOwner<{ data: unknown; aggregate_version: string }>(
    subgraph.ownerUrl,
    store,
    `SELECT data, aggregate_version FROM outbox_events WHERE type = 'order.fulfilled' ORDER BY id`,
  );

describe('orderFulfill', () => {
  it.each<[string, FulfillInput, string]>([
    ['an item that is not in the order', fulfillInput(['pvar_z', 1]), 'input.lines.0.itemId NOT_FOUND'],
    ['more than was bought', fulfillInput(['pvar_a', 1], ['pvar_b', 2]), 'input.lines.1.quantity ALREADY_FULFILLED'],
    ['a quantity of 0', fulfillInput(['pvar_a', 0]), 'input.lines.0.quantity INVALID'],
    ['an item twice', fulfillInput(['pvar_a', 1], ['pvar_a', 1]), 'input.lines.1.itemId INVALID'],
    ['no items', fulfillInput(), 'input.lines REQUIRED'],
    ['a short key', { idempotencyKey: 'short' }, 'input.idempotencyKey INVALID'],
    [
      'a tracking address with a script',
      { ...fulfillInput(['pvar_a', 1]), tracking: { url: 'javascript:alert(1)' } },
      'input.tracking.url INVALID',
    ],
  ])('refuses %s, and changes nothing', async (_what, input, expected) => {
    await finishedSagas(subgraph.ownerUrl, store);
    const before = await checksumOfTenant(subgraph.ownerUrl, store);
    const { order, userErrors } = await fulfill(input);
    expect(order).toBeNull();
    expect(
      userErrors.map(({ field, code }: { field: string[]; code: string }) => `${field.join('.')} ${code}`),
    ).toEqual([expected]);
    expect(await checksumOfTenant(subgraph.ownerUrl, store)).toEqual(before);
  });

  it('refuses an item of another order', async () => {
    const other = await place(store);
    const lines = [{ variantId: other.items[0].id, quantity: 1 }];
    expect((await fulfill({ lines, idempotencyKey: randomUUID() })).userErrors).toEqual([
      { field: ['input', 'lines', '0', 'itemId'], code: 'NOT_FOUND' },
    ]);
  });

  it('refuses an order that was canceled', async () => {
    await send(CANCEL, { id: orderId });
    expect((await fulfill()).userErrors).toEqual([{ field: ['id'], code: 'INVALID_TRANSITION' }]);
  });

  it('fulfills a part, and then all remaining items: the order is FULFILLED with the last fulfillment', async () => {
    const tracking = { number: '1Z', company: 'UPS', url: 'https://ups.example/1Z' };
    const first = await fulfill({ ...fulfillInput(['pvar_a', 2]), tracking });
    expect(first.order).toMatchObject({
      status: 'CONFIRMED',
      fulfillmentStatus: 'PARTIALLY_FULFILLED',
      nextStatuses: ['FULFILLED'],
      items: [
        { variantId: 'pvar_a', fulfilledQuantity: 2 },
        { variantId: 'pvar_b', fulfilledQuantity: 0 },
      ],
      fulfillments: [
        {
          tracking: { number: '1Z', company: 'UPS', url: 'https://ups.example/1Z' },
          canceledAt: null,
          lines: [{ quantity: 2, item: { variantId: 'pvar_a' } }],
        },
      ],
    });
    const second = await fulfill(fulfillInput(['pvar_b', 1]));
    expect(second.order).toMatchObject({ status: 'CONFIRMED', fulfillmentStatus: 'PARTIALLY_FULFILLED' });
    const last = await fulfill();
    expect(last.order).toMatchObject({
      status: 'FULFILLED',
      fulfillmentStatus: 'FULFILLED',
      nextStatuses: ['CONFIRMED'],
    });
    expect(last.order.fulfillments[2].lines).toEqual([{ quantity: 1, item: { variantId: 'pvar_a' } }]);
    expect((await fulfill()).userErrors).toEqual([{ field: ['id'], code: 'INVALID_TRANSITION' }]);

    const published = await events();
    expect(published.map(({ data }) => data)).toMatchObject([
      { isComplete: false, lines: [{ variantId: 'pvar_a', productId: 'prod_a', quantity: 2 }] },
      { isComplete: false, lines: [{ variantId: 'pvar_b', quantity: 1 }] },
      { isComplete: true, lines: [{ variantId: 'pvar_a', quantity: 1 }] },
    ]);
    const versions = published.map(({ aggregate_version }) => Number(aggregate_version));
    expect(versions).toEqual([first.order.version, second.order.version, last.order.version]);
  });

  it('ten concurrent fulfillments of one unit each, of three bought: three are made, and seven refused', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fulfill(fulfillInput(['pvar_a', 1]))));
    expect(answers.filter(({ order }) => order)).toHaveLength(3);
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
      Array(7).fill({ field: ['input', 'lines', '0', 'quantity'], code: 'ALREADY_FULFILLED' }),
    );
  });

  it('ten concurrent requests for all remaining items make one fulfillment', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fulfill()));
    expect(answers.filter(({ order }) => order)).toHaveLength(1);
    const { order } = answers.find((answer) => answer.order) ?? {};
    expect(order.fulfillments).toHaveLength(1);
    expect(await events()).toHaveLength(1);
  });

  it('a cancellation and a fulfillment race: one of them succeeds', async () => {
    const [sent, canceled] = await Promise.all([fulfill(fulfillInput(['pvar_a', 1])), send(CANCEL, { id: orderId })]);
    expect([sent.order, canceled.order].filter(Boolean)).toHaveLength(1);
  });

  it('ten concurrent requests with one key make one fulfillment; with another input the key is a conflict', async () => {
    const input = fulfillInput(['pvar_a', 1]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => fulfill(input)));
    expect(answers.map(({ order }) => order.fulfillments.length)).toEqual(Array(10).fill(1));
    const { userErrors } = await fulfill({ ...input, lines: [{ variantId: 'pvar_a', quantity: 2 }] });
    expect(userErrors).toEqual([{ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT' }]);
    await fulfill();
    expect((await fulfill(input)).order.status).toBe('FULFILLED');
  });
});

describe('a fulfillment', () => {
  it('gets another tracking number; omitted fields stay, null removes them', async () => {
    const { order } = await fulfill({ ...fulfillInput(['pvar_a', 1]), tracking: { number: '1', company: 'UPS' } });
    const changed = await send(TRACK, { id: order.fulfillments[0].id, input: { number: '2' } });
    expect(changed.order.fulfillments[0]).toMatchObject({ tracking: { number: '2', company: 'UPS' } });
    expect(changed.order.version).toBe(order.version + 1);
    const none = await send(TRACK, { id: order.fulfillments[0].id, input: { number: null, company: null } });
    expect(none.order.fulfillments[0]).toMatchObject({ tracking: null });
  });

  it('can be canceled: the order is CONFIRMED again, and can be fulfilled or canceled', async () => {
    const { order } = await fulfill();
    const { id } = order.fulfillments[0];
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(CANCEL_FULFILLMENT, { id })));
    expect(answers.filter((answer) => answer.order)).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
      Array(4).fill({ field: ['id'], code: 'INVALID_TRANSITION' }),
    );
    const back = answers.find((answer) => answer.order)?.order;
    expect(back).toMatchObject({
      status: 'CONFIRMED',
      fulfillmentStatus: 'UNFULFILLED',
      nextStatuses: ['FULFILLED', 'CANCELED'],
      items: [{ fulfilledQuantity: 0 }, { fulfilledQuantity: 0 }],
      fulfillments: [{ canceledAt: expect.any(String) }],
    });
    expect((await send(TRACK, { id, input: { number: '2' } })).userErrors).toEqual([
      { field: ['id'], code: 'INVALID_TRANSITION' },
    ]);
    expect((await send(CANCEL, { id: orderId })).order.status).toBe('CANCELED');
  });
});

describe('another store’s', () => {
  it('order and fulfillment are answered like ones that do not exist, and are not changed', async () => {
    const victim = freshTenantId('victim');
    const { id: theirOrder, items: theirs } = await place(victim);
    const ofTheirs = { lines: [{ itemId: theirs[0].id, quantity: 1 }], idempotencyKey: randomUUID() };
    const answer = await send(FULFILL, { id: theirOrder, input: ofTheirs }, member(victim));
    const theirFulfillment = answer.order.fulfillments[0].id;
    await finishedSagas(subgraph.ownerUrl, victim);
    const before = await checksumOfTenant(subgraph.ownerUrl, victim);
    for (const [mutation, input, foreign, random] of [
      [FULFILL, ofTheirs, theirOrder, 'ord_none'],
      [FULFILL, undefined, theirOrder, 'ord_none'],
      [TRACK, { number: 'x' }, theirFulfillment, 'ful_none'],
      [CANCEL_FULFILLMENT, undefined, theirFulfillment, 'ful_none'],
    ] as const) {
      const expected = await send(mutation, { id: random, input }, admin(store));
      expect(expected.userErrors).toEqual([{ field: ['id'], code: 'NOT_FOUND' }]);
      expect(await send(mutation, { id: foreign, input }, admin(store))).toEqual(expected);
    }
    expect(await checksumOfTenant(subgraph.ownerUrl, victim)).toEqual(before);
  });

  it('and only staff may fulfill, track or cancel', async () => {
    for (const caller of [customer(store, 'user_ada'), visitor(store)]) {
      for (const [mutation, input] of [
        [FULFILL, undefined],
        [TRACK, {}],
        [CANCEL_FULFILLMENT, undefined],
      ] as const) {
        const { errors } = await subgraph.ask(caller, mutation, { id: orderId, input });
        expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
      }
    }
  });
});

describe('J24 impersonation', () => {
  const inPlaceOf = (caller: ReturnType<typeof member>) => ({ ...caller, impersonatorId: 'user_support' });
  const HISTORY = 'query ($id: ID!) { order(id: $id) { history { to actorId impersonatorId } } }';
  const historyFor = async (caller: ReturnType<typeof member>, id: string) =>
    (await subgraph.ask(caller, HISTORY, { id })).data.order.history;

  it('shows the impersonator in the history beside the actor, to staff only', async () => {
    const buyer = inPlaceOf(customer(store, 'user_bob'));
    const { order } = await orderCreate(subgraph, buyer, orderInput());
    await finishedSagas(subgraph.ownerUrl, store);
    await send(FULFILL, { id: order.id }, inPlaceOf(member(store)));
    const both = (actorId: string) => ({ actorId, impersonatorId: 'user_support' });
    const system = { actorId: null, impersonatorId: null };
    expect(await historyFor(member(store), order.id)).toEqual([
      { to: 'PENDING', ...both('user_bob') },
      { to: 'AUTHORIZED', ...system },
      { to: 'CONFIRMED', ...system },
      { to: 'PAID', ...system },
      { to: 'FULFILLED', ...both('user_member') },
      { to: 'FULFILLED', ...both('user_member') },
    ]);
    const seenByBuyer = await historyFor(customer(store, 'user_bob'), order.id);
    expect(new Set(seenByBuyer.map((line: object) => JSON.stringify({ ...line, to: '' })))).toEqual(
      new Set([JSON.stringify({ to: '', ...system })]),
    );
  });

  it('shows the impersonator beside the author of a note', async () => {
    const add = `mutation ($id: ID!) { orderNoteAdd(id: $id, input: { text: "x" }) { order { notes { actorId impersonatorId } } } }`;
    const { data } = await subgraph.ask(inPlaceOf(member(store)), add, { id: orderId });
    expect(data.orderNoteAdd.order.notes).toEqual([{ actorId: 'user_member', impersonatorId: 'user_support' }]);
  });

  it.each([
    ['orderCancel', 'orderCancel(id: $id, input: { reason: "x" })'],
    ['orderRefund', 'orderRefund(id: $id, input: { reason: "x", idempotencyKey: "k" })'],
    ['orderPaymentCapture', 'orderPaymentCapture(id: $id)'],
    ['customerErase', 'customerErase(id: $id)'],
  ])(
    'may not call %s, which moves money or erases data: FORBIDDEN, and nothing is written',
    async (_name, mutation) => {
      const before = await checksumOfTenant(subgraph.ownerUrl, store);
      const query = `mutation ($id: ID!) { ${mutation} { userErrors { code } } }`;
      const { errors } = await subgraph.ask(inPlaceOf(admin(store)), query, { id: orderId });
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
      expect(await checksumOfTenant(subgraph.ownerUrl, store)).toEqual(before);
    },
  );
});
