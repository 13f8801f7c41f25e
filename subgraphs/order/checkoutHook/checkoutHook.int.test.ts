import { admin, freshTenantId, member } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { hooksOf } from './test/hooksOf';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const RATES = { kind: 'SHIPPING_RATES', url: 'https://rates.example.com/quote' };
const codesOf = ({ userErrors }: { userErrors: { field: string[]; code: string }[] }) =>
  userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);

describe('a checkout hook', () => {
  it.each([
    ['http to another machine', 'http://192.0.2.1/'],
    ['an address in a private network', 'https://10.0.0.7/'],
    ['the address of a cloud’s metadata', 'https://169.254.169.254/latest/'],
    ['an address with a password', 'https://me:pw@rates.example.com/'],
    ['no address', 'rates'],
  ])('is refused with %s', async (_what, url) => {
    const hooks = hooksOf(order, freshTenantId());
    expect(codesOf(await hooks.create({ ...RATES, url }))).toEqual(['input.url INVALID']);
    const { checkoutHook } = await hooks.create(RATES);
    expect(codesOf(await hooks.update(checkoutHook.id, { url }))).toEqual(['input.url INVALID']);
  });

  it('is for staff who manage the store, and not seen by another store', async () => {
    const tenantId = freshTenantId();
    const { checkoutHook } = await hooksOf(order, tenantId).create(RATES);
    await expect(hooksOf(order, tenantId, member(tenantId)).list()).rejects.toThrow('FORBIDDEN');
    const other = hooksOf(order, freshTenantId());
    expect(codesOf(await other.update(checkoutHook.id, { isActive: false }))).toEqual(['id NOT_FOUND']);
    expect(codesOf(await other.rotate(checkoutHook.id))).toEqual(['id NOT_FOUND']);
    expect(codesOf(await other.delete(checkoutHook.id))).toEqual(['id NOT_FOUND']);
    expect(await other.list()).toEqual([]);
  });

  it('is refused to a person who impersonates another', async () => {
    const tenantId = freshTenantId();
    const support = { ...admin(tenantId), impersonatorId: 'user_support' };
    await expect(hooksOf(order, tenantId, support).create(RATES)).rejects.toThrow('FORBIDDEN');
  });

  it('is one of its kind, and only one for taxes may refuse orders', async () => {
    const hooks = hooksOf(order, freshTenantId());
    await hooks.create(RATES);
    expect(codesOf(await hooks.create(RATES))).toEqual(['input.kind TAKEN']);
    const tax = { ...RATES, kind: 'TAX', whenUnavailable: 'REFUSE' };
    expect(codesOf(await hooks.create({ ...tax, kind: 'SHIPPING_RATES' }))).toEqual(['input.whenUnavailable INVALID']);
    expect((await hooks.create(tax)).checkoutHook).toMatchObject({ kind: 'TAX', whenUnavailable: 'REFUSE' });
    expect(await hooks.list()).toHaveLength(2);
  });

  it('shows its secret once, keeps it encrypted, and has two of them for a day after a rotation', async () => {
    const tenantId = freshTenantId();
    const hooks = hooksOf(order, tenantId);
    const { checkoutHook, secret } = await hooks.create(RATES);
    expect(secret).toMatch(/^whsec_/);
    const rows = await asOwner<{ secret: string }>(order.ownerUrl, tenantId, 'SELECT secret FROM checkout_hooks');
    expect(rows).toEqual([{ secret: expect.not.stringContaining(secret.slice(6, 20)) }]);
    const rotated = await hooks.rotate(checkoutHook.id);
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.checkoutHook).toMatchObject({ version: 2, previousSecretExpiresAt: expect.any(String) });
  });

  it('is changed at its version, switched off, and deleted', async () => {
    const hooks = hooksOf(order, freshTenantId());
    const { id } = (await hooks.create(RATES)).checkoutHook;
    expect(codesOf(await hooks.update(id, { url: null }))).toEqual(['input.url REQUIRED']);
    expect(codesOf(await hooks.update(id, { isActive: false, expectedVersion: 7 }))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
    const { checkoutHook } = await hooks.update(id, { isActive: false, expectedVersion: 1 });
    expect(checkoutHook).toMatchObject({ isActive: false, version: 2, url: RATES.url });
    expect(await hooks.delete(id)).toMatchObject({ deletedCheckoutHookId: id });
    expect(await hooks.list()).toEqual([]);
  });
});
