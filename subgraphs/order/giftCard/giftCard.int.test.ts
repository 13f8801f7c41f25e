import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { codesOf } from '../test/carts';
import { usd } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { giftCardsOf } from './test/giftCardsOf';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const cards = (tenantId: string) => giftCardsOf(order, admin(tenantId));
const IN_A_YEAR = '2999-01-01T00:00:00.000Z';

describe('giftCardCreate', () => {
  it.each([
    ['worth nothing', { amount: usd('0') }, ['input.amount INVALID']],
    ['that has expired already', { expiresAt: '2020-01-01T00:00:00.000Z' }, ['input.expiresAt INVALID']],
    ['for nobody’s address', { recipientEmail: 'ada' }, ['input.recipientEmail INVALID']],
    ['under a short key', { idempotencyKey: 'short' }, ['input.idempotencyKey INVALID']],
  ])('%s is refused, and issues nothing', async (_which, input, codes) => {
    const tenantId = freshTenantId();
    expect(codesOf(await cards(tenantId).create(input))).toEqual(codes);
    expect((await cards(tenantId).find()).totalCount).toBe(0);
  });

  it('is refused to shoppers, to members without the permission, and during impersonation', async () => {
    const tenantId = freshTenantId();
    const mutation = `mutation { giftCardCreate(input: { amount: { amount: "5", currencyCode: USD }, idempotencyKey: "12345678" }) {
      userErrors { code } } }`;
    const callers = [visitor(tenantId), customer(tenantId), { ...member(tenantId), permissions: [] }];
    for (const caller of callers) {
      expect((await order.ask(caller, mutation)).errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
    const support = { ...admin(tenantId), impersonatorId: 'user_support' };
    expect((await order.ask(support, mutation)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('issues a card with its code, which is stored nowhere and in no event', async () => {
    const tenantId = freshTenantId();
    const given = { expiresAt: IN_A_YEAR, recipientEmail: 'ada@example.com', note: 'Birthday' };
    const { giftCard, code } = await cards(tenantId).create(given);
    expect(giftCard).toMatchObject({
      ...given,
      lastCharacters: code.slice(-4),
      initialAmount: usd('50.00'),
      balance: { amount: '50.00' },
      isActive: true,
      entries: [{ kind: 'ISSUE', direction: 'CREDIT', amount: { amount: '50.00' }, actorId: admin(tenantId).userId }],
    });
    const stored = `SELECT (SELECT string_agg(a::text, '') FROM credit_accounts a) || (SELECT string_agg(e::text, '') FROM credit_entries e)
      || (SELECT string_agg(o::text, '') FROM outbox_events o) AS text`;
    const [row] = await asOwner<{ text: string }>(order.ownerUrl, tenantId, stored);
    expect(row?.text).not.toContain(code);
    expect(row?.text).not.toContain(code.replaceAll('-', ''));
    const events = `SELECT type, aggregate_id AS id, data FROM outbox_events`;
    expect(await asOwner(order.ownerUrl, tenantId, events)).toEqual([
      {
        type: 'gift_card.created',
        id: giftCard.id,
        data: { lastCharacters: code.slice(-4), amount: usd('50.00'), expiresAt: IN_A_YEAR },
      },
    ]);
  });

  it('issues one card under a key, however often it is repeated, and shows its code once', async () => {
    const tenantId = freshTenantId();
    const idempotencyKey = 'the same key';
    const made = await Promise.all(Array.from({ length: 6 }, () => cards(tenantId).create({ idempotencyKey })));
    expect(new Set(made.map(({ giftCard }) => giftCard.id)).size).toBe(1);
    expect(made.filter(({ code }) => code !== null)).toHaveLength(1);
    expect(codesOf(await cards(tenantId).create({ idempotencyKey, amount: usd('51.00') }))).toEqual([
      'input.idempotencyKey IDEMPOTENCY_CONFLICT',
    ]);
    expect((await cards(tenantId).find()).totalCount).toBe(1);
  });
});

describe('gift cards', () => {
  it('of another store answer as unknown ones, and are not changed', async () => {
    const [mine, theirs] = [freshTenantId(), freshTenantId()];
    const { giftCard } = await cards(theirs).create();
    const before = await checksumOfTenant(order.ownerUrl, theirs);
    for (const id of [giftCard.id, 'gift_none']) {
      const { read, update, disable, enable, adjust } = cards(mine);
      expect(await read(id)).toBeNull();
      for (const payload of [
        await update(id, { note: 'x' }),
        await disable(id),
        await enable(id),
        await adjust(id, '5'),
      ]) {
        expect(codesOf(payload)).toEqual(['id NOT_FOUND']);
      }
    }
    expect((await cards(mine).find(giftCard.lastCharacters)).nodes).toEqual([]);
    expect(await checksumOfTenant(order.ownerUrl, theirs)).toEqual(before);
  });

  it('are found by the end of their code, in any case', async () => {
    const { create, find } = cards(freshTenantId());
    const { giftCard, code } = await create();
    await create();
    expect((await find(code.slice(-4).toLowerCase())).nodes).toContainEqual({ id: giftCard.id });
    expect((await find('0000')).nodes).toEqual([]);
    expect((await find()).totalCount).toBe(2);
  });

  it('change as given, at the version that was read; what is left out stays', async () => {
    const { create, update, disable, enable } = cards(freshTenantId());
    const { giftCard: made } = await create({ note: 'Birthday', recipientEmail: 'ada@example.com' });
    const { giftCard } = await update(made.id, { expiresAt: IN_A_YEAR, recipientEmail: null });
    expect(giftCard).toMatchObject({ expiresAt: IN_A_YEAR, recipientEmail: null, note: 'Birthday' });
    expect(codesOf(await update(made.id, { note: 'x', expectedVersion: made.version }))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
    expect((await disable(made.id)).giftCard).toMatchObject({ isActive: false, balance: { amount: '50.00' } });
    const off = await disable(made.id);
    expect((await enable(made.id)).giftCard).toMatchObject({ isActive: true, version: off.giftCard.version + 1 });
  });
});

describe('giftCardAdjust', () => {
  it.each([
    ['more than is left', '50.01', { direction: 'DEBIT' }, ['input.amount BALANCE_TOO_LOW']],
    ['nothing', '0', {}, ['input.amount INVALID']],
    ['without a reason', '5', { reason: ' ' }, ['input.reason REQUIRED']],
    ['in another currency', '5', { amount: { amount: '5', currencyCode: 'EUR' } }, ['input.amount CURRENCY_MISMATCH']],
  ])('%s is refused, and writes nothing', async (_what, amount, input, codes) => {
    const { create, adjust, read } = cards(freshTenantId());
    const { giftCard } = await create();
    expect(codesOf(await adjust(giftCard.id, amount, input))).toEqual(codes);
    expect(await read(giftCard.id)).toEqual(giftCard);
  });

  it('changes the balance once under a key, and its ledger says who and why', async () => {
    const tenantId = freshTenantId();
    const { create, adjust } = cards(tenantId);
    const { giftCard } = await create();
    const idempotencyKey = 'one adjustment';
    const answers = await Promise.all(Array.from({ length: 4 }, () => adjust(giftCard.id, '20', { idempotencyKey })));
    expect(answers.map((answer) => answer.giftCard.balance.amount)).toEqual(Array(4).fill('70.00'));
    expect(answers[0].giftCard.entries[0]).toEqual({
      kind: 'ADJUST',
      direction: 'CREDIT',
      amount: { amount: '20.00' },
      balance: { amount: '70.00' },
      orderId: null,
      actorId: admin(tenantId).userId,
      reason: 'Sorry',
    });
    expect(codesOf(await adjust(giftCard.id, '21', { idempotencyKey }))).toEqual([
      'input.idempotencyKey IDEMPOTENCY_CONFLICT',
    ]);
  });

  it('never takes more than there is, however many take at once, and the entries add up to the balance', async () => {
    const tenantId = freshTenantId();
    const { create, adjust } = cards(tenantId);
    const { giftCard } = await create();
    const taken = await Promise.all(Array.from({ length: 12 }, () => adjust(giftCard.id, '8', { direction: 'DEBIT' })));
    expect(taken.filter((answer) => answer.userErrors.length === 0)).toHaveLength(6);
    const sums = `SELECT balance::int, (SELECT sum(amount)::int FROM credit_entries) AS entries FROM credit_accounts`;
    expect(await asOwner(order.ownerUrl, tenantId, sums)).toEqual([{ balance: 200, entries: 200 }]);
  });
});
