import { setTimeout as sleep } from 'node:timers/promises';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { finishedSagas, historyOf, orderCreate, orderInput, sagasOf } from '../test/factories';
import type { Fault } from '../test/productStandIn';
import { type OrderSubgraphUnderTest, startOwnSubgraph, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const CONFIRMED = [
  [null, 'PENDING'],
  ['PENDING', 'CONFIRMED'],
];
const CANCELED = [
  [null, 'PENDING'],
  ['PENDING', 'CANCELED'],
];

async function statusOf(tenantId: string, id: string): Promise<string> {
  const { data } = await order.ask(admin(tenantId), 'query ($id: ID!) { order(id: $id) { status } }', { id });
  return data.order.status;
}

it('a suspended store refuses orders with STORE_SUSPENDED, except a repeat of one that was placed before', async () => {
  const tenantId = freshTenantId();
  const placed = orderInput();
  const { order: made } = await orderCreate(order, admin(tenantId), placed);
  const suspended = { ...admin(tenantId), storeStatus: 'SUSPENDED' } as const;
  expect(await orderCreate(order, suspended)).toMatchObject({
    order: null,
    userErrors: [{ field: ['input'], code: 'STORE_SUSPENDED' }],
  });
  expect((await orderCreate(order, suspended, placed)).order.id).toBe(made.id);
  expect(await sagasOf(order.ownerUrl, tenantId)).toHaveLength(1);
});

describe('an order that the catalog refuses', () => {
  it.each([
    ['NOT_FOUND', 'pvar_none', 'variantId'],
    ['INSUFFICIENT_STOCK', 'pvar_few', 'quantity'],
  ])(
    'answers %s for its line, is CANCELED, and a repeat under its key gets the same errors',
    async (code, variantId, at) => {
      const tenantId = freshTenantId();
      const input = orderInput({
        lines: [
          { variantId: 'pvar_1', quantity: 1 },
          { variantId, quantity: 1 },
        ],
      });
      const first = await orderCreate(order, customer(tenantId), input);
      expect(first).toEqual({ order: null, userErrors: [{ field: ['input', 'lines', '1', at], code, message: code }] });
      const [saga] = await finishedSagas(order.ownerUrl, tenantId);
      expect(await orderCreate(order, customer(tenantId), input)).toEqual(first);
      expect(order.product.asked(saga?.order_id ?? '')).toEqual(['StockReserve', 'StockRelease']);
      expect(await historyOf(order.ownerUrl, tenantId)).toEqual(CANCELED);
    },
  );

  it('for prices in two currencies releases the stock', async () => {
    const tenantId = freshTenantId();
    const lines = ['pvar_USD', 'pvar_JPY'].map((variantId) => ({ variantId, quantity: 1 }));
    const { userErrors } = await orderCreate(order, visitor(tenantId), orderInput({ lines }));
    expect(userErrors).toMatchObject([{ field: ['input', 'lines'], code: 'CURRENCY_MISMATCH' }]);
    const [saga] = await finishedSagas(order.ownerUrl, tenantId);
    expect(order.product.statusOf(tenantId, saga?.order_id ?? '')).toBe('RELEASED');
  });

  it('releases its stock also when the first answer to the release is lost', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'StockRelease', 'LOST', 'CUT');
    const lines = ['pvar_USD', 'pvar_JPY'].map((variantId) => ({ variantId, quantity: 1 }));
    await orderCreate(order, visitor(tenantId), orderInput({ lines }));
    const [saga] = await finishedSagas(order.ownerUrl, tenantId);
    const asked = ['StockReserve', 'StockRelease', 'StockRelease', 'StockRelease'];
    expect(order.product.asked(saga?.order_id ?? '')).toEqual(asked);
    expect(order.product.statusOf(tenantId, saga?.order_id ?? '')).toBe('RELEASED');
    expect(await historyOf(order.ownerUrl, tenantId)).toEqual(CANCELED);
  });
});

describe('an order', () => {
  it('asks the catalog as a service, on behalf of its own store', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId));
    await finishedSagas(order.ownerUrl, tenantId);
    const callers = order.product.requests.filter(({ orderId }) => orderId === made.id).map(({ caller }) => caller);
    expect(callers).toHaveLength(2);
    for (const caller of callers) expect(caller).toMatchObject({ tenantId, role: 'SERVICE', userId: null });
  });

  it('has its lines in the requested order, and their sums', async () => {
    const lines = [3, 1, 2].map((quantity) => ({ variantId: `pvar_${quantity}`, quantity }));
    const { order: made, userErrors } = await orderCreate(order, visitor(freshTenantId()), orderInput({ lines }));
    expect(userErrors).toEqual([]);
    expect(made).toMatchObject({
      number: 1001,
      status: 'CONFIRMED',
      total: { amount: '900.00', currencyCode: 'USD' },
      items: [3, 1, 2].map((quantity) => ({ productId: `prod_${quantity}`, quantity })),
    });
  });

  const html: Fault = (response) =>
    void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
  const json =
    (status: number, body: unknown): Fault =>
    (response) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it.each<[string, Fault]>([
    ['the answer is lost', 'LOST'],
    ['the connection is cut', 'CUT'],
    ['the catalog answers 500', json(500, { errors: [{ message: 'x' }] })],
    ['the catalog answers an error', json(200, { errors: [{ message: 'x' }], data: null })],
    ['the catalog refuses the caller', json(401, {})],
    ['a proxy answers a page', html],
    ['the answer has other lines', json(200, { data: { stockReserve: { lines: [], userErrors: [] } } })],
    ['the answer has no lines at all', json(200, { data: { stockReserve: null } })],
  ])(
    'stays PENDING when %s, and is confirmed in the background by a retry with the same order id',
    async (_what, fault) => {
      const tenantId = freshTenantId();
      order.product.fail(tenantId, 'StockReserve', fault);
      const { order: made, userErrors } = await orderCreate(order, customer(tenantId));
      expect([made?.status, made?.items, userErrors]).toEqual(['PENDING', [], []]);
      const [saga] = await finishedSagas(order.ownerUrl, tenantId);
      expect(saga).toMatchObject({ order_id: made.id, step: 'DONE', last_error: null });
      expect(order.product.asked(made.id)).toEqual(['StockReserve', 'StockReserve', 'StockCommit']);
      expect(order.product.statusOf(tenantId, made.id)).toBe('COMMITTED');
      expect(await historyOf(order.ownerUrl, tenantId)).toEqual(CONFIRMED);
    },
  );

  it('stays PENDING when the catalog does not answer, and the caller gets it within the gateway’s timeout of 10 s', async () => {
    const tenantId = freshTenantId();
    const late = sleep(9_500);
    order.product.fail(tenantId, 'StockReserve', late);
    const began = Date.now();
    const { order: made } = await orderCreate(order, customer(tenantId));
    expect(made.status).toBe('PENDING');
    expect(Date.now() - began).toBeLessThan(9_500);
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await statusOf(tenantId, made.id)).toBe('CONFIRMED');
    await late;
    expect(await historyOf(order.ownerUrl, tenantId)).toEqual(CONFIRMED);
  });

  it('is CONFIRMED when the answer to its commit is lost: the commit is repeated', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'StockCommit', 'LOST', 'CUT');
    const { order: made } = await orderCreate(order, customer(tenantId));
    expect(made.status).toBe('CONFIRMED');
    await finishedSagas(order.ownerUrl, tenantId);
    expect(order.product.asked(made.id)).toEqual(['StockReserve', 'StockCommit', 'StockCommit', 'StockCommit']);
    expect(order.product.statusOf(tenantId, made.id)).toBe('COMMITTED');
    expect(await historyOf(order.ownerUrl, tenantId)).toEqual(CONFIRMED);
  });

  it('canceled during its commit has its stock released, whichever answer comes first', async () => {
    const tenantId = freshTenantId();
    const answer = sleep(500);
    order.product.fail(tenantId, 'StockCommit', answer);
    const { order: made } = await orderCreate(order, customer(tenantId));
    await order.product.arrival(tenantId, 'StockCommit');
    const cancel = `mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "Changed my mind" }) { order { status } userErrors { code } } }`;
    const { data } = await order.ask(admin(tenantId), cancel, { id: made.id });
    expect(data.orderCancel).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
    await answer;
    await finishedSagas(order.ownerUrl, tenantId);
    expect(order.product.statusOf(tenantId, made.id)).toBe('RELEASED');
    expect(await historyOf(order.ownerUrl, tenantId)).toEqual([...CONFIRMED, ['CONFIRMED', 'CANCELED']]);
  });

  it('requested ten times at once under one key is placed once, with ten equal answers', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'StockReserve', sleep(300));
    const input = orderInput();
    const answers = await Promise.all(Array.from({ length: 10 }, () => orderCreate(order, customer(tenantId), input)));
    expect(answers[0].order.status).toBe('CONFIRMED');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    await finishedSagas(order.ownerUrl, tenantId);
    expect(order.product.asked(answers[0].order.id)).toEqual(['StockReserve', 'StockCommit']);
  });

  it('with a lone surrogate in its address is refused, not answered with a server error', async () => {
    const tenantId = freshTenantId();
    const address = { name: 'Ada', line1: '\ud800', city: 'Berlin', countryCode: 'DE' };
    const query = 'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } } }';
    const { errors } = await order.ask(visitor(tenantId), query, { input: orderInput({ shippingAddress: address }) });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(await asOwner(order.ownerUrl, tenantId, 'SELECT id FROM orders')).toEqual([]);
  });
});

describe('a subgraph that receives SIGTERM', () => {
  it('answers the order that is being placed, and finishes its saga before it exits', async () => {
    const stopping = await startOwnSubgraph();
    try {
      const tenantId = freshTenantId();
      stopping.product.fail(tenantId, 'StockReserve', sleep(500));
      stopping.product.fail(tenantId, 'StockCommit', sleep(500));
      const placing = orderCreate(stopping, customer(tenantId));
      await stopping.product.arrival(tenantId, 'StockReserve');
      await stopping.stop();
      expect(await sagasOf(stopping.ownerUrl, tenantId)).toMatchObject([{ step: 'DONE', finished: true }]);
      expect((await placing).order.status).toBe('CONFIRMED');
    } finally {
      await stopping.close();
    }
  });
});
