import { createLogger } from '../../shared/log';
import { admin, freshTenantId, member, service } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openProductDatabase } from '../database';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { expireReservations } from './reservationExpiry';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 4);
});
afterAll(async () => {
  await database?.close();
  await product?.close();
});

const expire = () => expireReservations(database.db, createLogger('product', 'silent'));

const RESERVE = `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) { stockReserve(orderId: $orderId, lines: $lines) {
  lines { variantId quantity productName unitPrice { amount } } userErrors { field code } } }`;
const COMMIT = 'mutation ($orderId: ID!) { stockCommit(orderId: $orderId) { outcome } }';
const RELEASE = 'mutation ($orderId: ID!) { stockRelease(orderId: $orderId) { changed } }';
const RETURN = `mutation ($orderId: ID!, $returnId: ID!, $lines: [StockReturnLine!]!) {
  stockReturn(orderId: $orderId, returnId: $returnId, lines: $lines) { changed userErrors { field code } } }`;

/** One row for each variant whose stock is not what its ledger adds up to. */
const LEDGER_FAULTS = `
  SELECT v.id FROM product_variants v LEFT JOIN stock_movements m ON m.tenant_id = v.tenant_id AND m.variant_id = v.id
  GROUP BY v.id, v.available, v.reserved
  HAVING v.available <> coalesce(sum(m.quantity) FILTER (WHERE m.kind <> 'SALE'), 0)
    OR v.available + v.reserved <> coalesce(sum(m.quantity) FILTER (WHERE m.kind IN ('ADJUSTMENT', 'SALE', 'RETURN')), 0)`;

/** The fields of all stock mutations' payloads; each has some of them. */
interface StockAnswer {
  outcome: string;
  changed: boolean;
  lines: unknown[];
  userErrors: { field: string[]; code: string }[];
}

async function store(stock = 10) {
  const tenantId = freshTenantId();
  const made = await makeProduct(product, admin(tenantId), {
    variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, quantityOnHand: stock }],
  });
  const run = async (query: string, variables: Record<string, unknown>) => {
    const { data, errors } = await product.ask(service(tenantId), query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    const [answer] = Object.values<StockAnswer>(data);
    if (!answer) throw new Error('No answer');
    return answer;
  };
  return {
    ...made,
    tenantId,
    reserve: (orderId: string, quantity: number, variantId = made.variantId) =>
      run(RESERVE, { orderId, lines: [{ variantId, quantity }] }),
    commit: (orderId: string) => run(COMMIT, { orderId }),
    release: (orderId: string) => run(RELEASE, { orderId }),
    giveBack: (orderId: string, returnId: string, quantity: number, variantId = made.variantId) =>
      run(RETURN, { orderId, returnId, lines: [{ variantId, quantity }] }),
    /** Moves all of the store's reservations 15 minutes into the past. */
    wait: () =>
      asOwner(product.ownerUrl, tenantId, "UPDATE stock_reservations SET expires_at = now() - interval '1 second'"),
    expiresIn: async () => {
      const sql = 'SELECT extract(epoch FROM expires_at - now())::int AS seconds FROM stock_reservations';
      return (await asOwner<{ seconds: number }>(product.ownerUrl, tenantId, sql)).map(({ seconds }) => seconds);
    },
    stock: async () => {
      const query = 'query ($id: ID!) { productVariant(id: $id) { quantityAvailable quantityOnHand } }';
      const { data } = await product.ask(admin(tenantId), query, { id: made.variantId });
      return [data.productVariant.quantityAvailable, data.productVariant.quantityOnHand];
    },
  };
}

describe('stockReserve', () => {
  it('is refused to everyone but a service', async () => {
    const { errors } = await product.ask(admin(freshTenantId()), RESERVE, { orderId: 'ord_1', lines: [] });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const staff = await product.ask(member(freshTenantId()), COMMIT, { orderId: 'ord_1' });
    expect(staff.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('reserves nothing when one of its lines has too little stock, or is not on sale', async () => {
    const { tenantId, variantId, stock } = await store();
    const draft = await makeProduct(product, admin(tenantId), { status: 'DRAFT' });
    for (const [other, code] of [
      [{ variantId: draft.variantId, quantity: 1 }, 'NOT_FOUND'],
      [{ variantId: 'pvar_none', quantity: 1 }, 'NOT_FOUND'],
    ] as const) {
      const lines = [{ variantId, quantity: 1 }, other];
      const { data } = await product.ask(service(tenantId), RESERVE, { orderId: `ord_${other.variantId}`, lines });
      expect(data.stockReserve).toEqual({ lines: [], userErrors: [{ field: ['lines', other.variantId], code }] });
    }
    expect(await stock()).toEqual([10, 10]);
  });

  it('names each line that can’t be reserved', async () => {
    const { tenantId, variantId } = await store(2);
    const few = await makeProduct(product, admin(tenantId), { name: 'Few' });
    const lines = [
      { variantId, quantity: 3 },
      { variantId: few.variantId, quantity: 10 },
      { variantId: 'pvar_none', quantity: 1 },
    ];
    const { data } = await product.ask(service(tenantId), RESERVE, { orderId: 'ord_1', lines });
    expect(data.stockReserve.userErrors).toEqual([
      { field: ['lines', variantId], code: 'INSUFFICIENT_STOCK' },
      { field: ['lines', 'pvar_none'], code: 'NOT_FOUND' },
    ]);
  });

  it('answers INSUFFICIENT_STOCK for more than is available', async () => {
    const { reserve, stock } = await store(2);
    expect((await reserve('ord_1', 3)).userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    expect(await stock()).toEqual([2, 2]);
  });

  it('answers a repeat, also ten concurrent ones, with the same lines, and reserves once', async () => {
    const { reserve, stock } = await store();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve('ord_1', 3)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ lines: [{ quantity: 3, unitPrice: { amount: '150.00' } }], userErrors: [] });
    expect(await stock()).toEqual([7, 10]);
  });

  it('sells the last 10 to exactly 10 of 50 concurrent requests', async () => {
    const { reserve, stock } = await store(10);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => reserve(`ord_${n}`, 1)));
    expect(answers.filter(({ lines }) => lines.length === 1)).toHaveLength(10);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'INSUFFICIENT_STOCK')).toHaveLength(40);
    expect(await stock()).toEqual([0, 10]);
  });
});

describe('a reservation', () => {
  it('is kept until it expires, then released once, by any number of processes', async () => {
    const { reserve, stock, wait } = await store();
    await reserve('ord_1', 4);
    await expire();
    expect(await stock()).toEqual([6, 10]);
    await wait();
    await Promise.all([expire(), expire(), expire()]);
    expect(await stock()).toEqual([10, 10]);
  });

  it('is extended by 15 minutes by a repeat', async () => {
    const { reserve, expiresIn, stock, tenantId } = await store();
    await reserve('ord_1', 4);
    await asOwner(product.ownerUrl, tenantId, "UPDATE stock_reservations SET expires_at = now() + interval '1 s'");
    await reserve('ord_1', 4);
    const [seconds = 0] = await expiresIn();
    expect(seconds).toBeGreaterThan(890);
    expect(await stock()).toEqual([6, 10]);
  });

  it('that has expired is made again by a repeat, at its former price, or else refused', async () => {
    const { reserve, stock, wait, release } = await store(5);
    const first = await reserve('ord_1', 4);
    await wait();
    await expire();
    await reserve('ord_2', 5);
    expect((await reserve('ord_1', 4)).userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    await release('ord_2');
    expect(await reserve('ord_1', 4)).toEqual(first);
    expect(await stock()).toEqual([1, 5]);
  });

  it('that has expired is committed once if its stock is still there, and else is LOST', async () => {
    const { reserve, commit, stock, wait, tenantId } = await store(5);
    await reserve('ord_1', 3);
    await reserve('ord_2', 2);
    await wait();
    await expire();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => commit('ord_1')));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([...Array(5).fill('ALREADY'), 'COMMITTED']);
    await reserve('ord_3', 1);
    expect((await commit('ord_2')).outcome).toBe('LOST');
    expect(await stock()).toEqual([1, 2]);
    expect((await commit('ord_never')).outcome).toBe('LOST');
    const faults = await asOwner(product.ownerUrl, tenantId, LEDGER_FAULTS);
    expect(faults).toEqual([]);
  });

  it('that has expired, but was not released yet, still belongs to the order', async () => {
    const { reserve, commit, wait, stock } = await store(4);
    await reserve('ord_1', 4);
    await wait();
    expect((await commit('ord_1')).outcome).toBe('COMMITTED');
    await expire();
    expect(await stock()).toEqual([0, 0]);
  });

  it('that has expired and was released is not released twice, nor committed', async () => {
    const { reserve, commit, release, wait, stock } = await store(4);
    await reserve('ord_1', 4);
    await wait();
    await expire();
    expect((await release('ord_1')).changed).toBe(false);
    expect((await commit('ord_1')).outcome).toBe('RELEASED');
    expect((await reserve('ord_1', 4)).userErrors).toMatchObject([{ code: 'RELEASED' }]);
    expect(await stock()).toEqual([4, 4]);
  });
});

describe('stockReturn', () => {
  it('is refused to everyone but a service', async () => {
    const variables = { orderId: 'ord_1', returnId: 'r', lines: [] };
    const { errors } = await product.ask(admin(freshTenantId()), RETURN, variables);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('answers NOT_SOLD for an order that has bought nothing or fewer, and returns nothing', async () => {
    const { reserve, commit, giveBack, stock, variantId } = await store();
    const refused = { changed: false, userErrors: [{ field: ['lines', variantId], code: 'NOT_SOLD' }] };
    expect(await giveBack('ord_1', 'r1', 1)).toEqual(refused);
    await reserve('ord_1', 4);
    expect((await giveBack('ord_1', 'r1', 1)).userErrors).toEqual([{ field: ['orderId'], code: 'NOT_SOLD' }]);
    await commit('ord_1');
    expect(await giveBack('ord_1', 'r1', 5)).toEqual(refused);
    expect(await giveBack('ord_1', 'r1', 0)).toEqual(refused);
    expect(await stock()).toEqual([6, 6]);
  });

  it('returns stock once for each returnId, never more than was sold, and a release returns the remainder', async () => {
    const { reserve, commit, giveBack, release, stock } = await store();
    await reserve('ord_1', 4);
    await commit('ord_1');
    const repeats = await Promise.all(Array.from({ length: 10 }, () => giveBack('ord_1', 'r1', 1)));
    expect(repeats.filter(({ changed }) => changed)).toHaveLength(1);
    expect(repeats.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(await stock()).toEqual([7, 7]);
    const others = await Promise.all(Array.from({ length: 6 }, (_, n) => giveBack('ord_1', `other_${n}`, 2)));
    expect(others.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await stock()).toEqual([9, 9]);
    expect((await release('ord_1')).changed).toBe(true);
    expect(await stock()).toEqual([10, 10]);
  });
});

describe('stockCommit and stockRelease', () => {
  it('commit takes effect once, and a release after it returns the stock once', async () => {
    const { reserve, commit, release, stock } = await store();
    await reserve('ord_1', 4);
    expect([(await commit('ord_1')).outcome, (await commit('ord_1')).outcome]).toEqual(['COMMITTED', 'ALREADY']);
    expect(await stock()).toEqual([6, 6]);
    expect([(await release('ord_1')).changed, (await release('ord_1')).changed]).toEqual([true, false]);
    expect(await stock()).toEqual([10, 10]);
  });

  it('a release before the commit gives the stock back, and the later commit does nothing', async () => {
    const { reserve, commit, release, stock } = await store();
    await reserve('ord_1', 4);
    expect((await release('ord_1')).changed).toBe(true);
    expect((await commit('ord_1')).outcome).toBe('RELEASED');
    expect(await stock()).toEqual([10, 10]);
  });

  it('a release before the reserve makes the later reserve fail', async () => {
    const { reserve, release, stock } = await store();
    expect((await release('ord_1')).changed).toBe(false);
    expect((await reserve('ord_1', 1)).userErrors).toMatchObject([{ code: 'RELEASED' }]);
    expect(await stock()).toEqual([10, 10]);
  });

  it('keep stock right when reserve, commit and release of many orders race', async () => {
    const { reserve, commit, release, stock } = await store(20);
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await Promise.all([reserve(`ord_${n}`, 1), ...(n % 3 === 0 ? [release(`ord_${n}`)] : [])]);
        await Promise.all([commit(`ord_${n}`), ...(n % 2 === 0 ? [release(`ord_${n}`)] : [])]);
      }),
    );
    const [available, onHand] = await stock();
    expect(available).toBe(onHand);
    // An order that was ever released has no stock; each of the others has sold one.
    const sold = Array.from({ length: 20 }, (_, n) => n).filter((n) => n % 3 !== 0 && n % 2 !== 0).length;
    expect(onHand).toBe(20 - sold);
  });
});
