import { newAppToken, readAppToken } from '../../subgraphs/shared/appToken';
import type { Caller } from '../../subgraphs/shared/caller';
import { TokenGate } from '../test/tokenGate';
import type { AppToken } from './appTokens';
import { limitedAddressOf } from './appTokens';

const PRIVATE = newAppToken('PRIVATE');
const STOREFRONT = newAppToken('STOREFRONT');
/** Accepted from the address of the storefront's server alone. */
const OF_SERVER = { allowedAddresses: ['203.0.113.7'] };

function gateWith(changes: Partial<AppToken> = {}) {
  const gate = new TokenGate();
  const token = { tenantId: 'org_nike', allowedAddresses: [], expiresAt: null, ...changes };
  const add = (text: string, more: Pick<AppToken, 'id' | 'kind' | 'permissions'>) =>
    gate.appTokens.set(readAppToken(text)?.hash ?? '', { ...more, ...token });
  add(PRIVATE, { id: 'apt_erp', kind: 'PRIVATE', permissions: ['orders:read'] });
  add(STOREFRONT, { id: 'apt_shop', kind: 'STOREFRONT', permissions: [] });
  return gate;
}

describe('an app’s token', () => {
  it.each([
    ['that nobody has', newAppToken('PRIVATE'), {}],
    ['that is not whole', PRIVATE.slice(0, -1), {}],
    ['of a storefront', STOREFRONT, {}],
  ])('%s is refused', async (_what, token) => {
    expect(await gateWith().caller(`Bearer ${token}`)).toBe('UNAUTHENTICATED');
  });

  it('is refused beside another token', async () => {
    expect(await gateWith().caller(`Bearer ${PRIVATE}`, `Bearer ${PRIVATE}`)).toBe('UNAUTHENTICATED');
  });

  it.each([
    [['203.0.113.8'], 'UNAUTHENTICATED'],
    [['2001:db8::/48'], 'UNAUTHENTICATED'],
    [['203.0.113.0/24'], 'APP'],
    [['198.51.100.1', '203.0.113.7'], 'APP'],
  ])('that is accepted from %j is taken from 203.0.113.7 as %s', async (allowedAddresses, expected) => {
    const outcome = await gateWith({ allowedAddresses }).caller(`Bearer ${PRIVATE}`);
    expect(typeof outcome === 'string' ? outcome : outcome.role).toBe(expected);
  });

  it('is staff of its own store, with its permissions, under its own id', async () => {
    expect(await gateWith().caller(`Bearer ${PRIVATE}`)).toMatchObject({
      tenantId: 'org_nike',
      userId: 'apt_erp',
      role: 'APP',
      permissions: ['orders:read'],
      impersonatorId: null,
      clientAddress: '203.0.113.7',
    } satisfies Partial<Caller>);
  });

  it('is refused at another store than its own, and taken at its own', async () => {
    const gate = gateWith();
    gate.headers = { 'x-store-domain': ['closed.localhost'] };
    await expect(gate.caller(`Bearer ${PRIVATE}`)).rejects.toThrow('Looked up a store for a refused token');
    gate.headers = { 'x-store-domain': ['nike.localhost'] };
    expect(await gate.caller(`Bearer ${PRIVATE}`)).toMatchObject({ tenantId: 'org_nike', role: 'APP' });
  });

  it('of a suspended store reads on, of a deleted one does not', async () => {
    expect(await gateWith({ tenantId: 'org_closed' }).caller(`Bearer ${PRIVATE}`)).toMatchObject({
      storeStatus: 'SUSPENDED',
    });
    expect(await gateWith({ tenantId: 'org_gone' }).caller(`Bearer ${PRIVATE}`)).toBe('STORE_UNAVAILABLE');
  });
});

describe('a storefront’s token', () => {
  const asStorefront = (more: NodeJS.Dict<string[]> = {}, changes: Partial<AppToken> = {}) => {
    const gate = gateWith(changes);
    gate.headers = { 'x-storefront-token': [STOREFRONT], ...more };
    return gate;
  };

  it('stands for the store’s address', async () => {
    const { role, tenantId } = (await asStorefront().visitor()) as Caller;
    expect([role, tenantId]).toEqual(['VISITOR', 'org_nike']);
  });

  it.each([
    ['a private one', PRIVATE],
    ['one of nobody’s', newAppToken('STOREFRONT')],
    ['a text', 'nike'],
  ])('is refused: %s', async (_what, token) => {
    expect(await asStorefront({ 'x-storefront-token': [token] }).visitor()).toBe('UNAUTHENTICATED');
  });

  it('names the buyer by the address that the storefront passes on', async () => {
    const passed = { 'x-buyer-address': ['198.51.100.9'] };
    expect(await asStorefront(passed, OF_SERVER).visitor()).toMatchObject({ clientAddress: '198.51.100.9' });
    expect(await asStorefront({ 'x-buyer-address': ['nobody'] }, OF_SERVER).visitor()).toBe('BAD_USER_INPUT');
  });

  it('that anybody may send names nobody by it', async () => {
    const passed = { 'x-buyer-address': ['198.51.100.9'] };
    expect(await asStorefront(passed).visitor()).toMatchObject({ clientAddress: '203.0.113.7' });
  });
});

describe('the address by which a request is limited', () => {
  const request = (headers: NodeJS.Dict<string[]>) => ({ headers, requestId: 'r', address: '203.0.113.7' });
  const findIn = (gate: TokenGate) => async (hash: string) => gate.appTokens.get(hash) ?? null;
  const find = findIn(gateWith(OF_SERVER));
  const buyer = { 'x-buyer-address': ['198.51.100.9'] };

  it('is the sender’s, whatever they say of a buyer without a storefront’s token', async () => {
    expect(await limitedAddressOf(request({}), find)).toBe('203.0.113.7');
    expect(await limitedAddressOf(request(buyer), find)).toBe('203.0.113.7');
    const unknown = { ...buyer, 'x-storefront-token': [newAppToken('STOREFRONT')] };
    await expect(limitedAddressOf(request(unknown), find)).rejects.toMatchObject({
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  it('is the buyer’s with one that only the storefront’s server may send', async () => {
    const known = { ...buyer, 'x-storefront-token': [STOREFRONT] };
    expect(await limitedAddressOf(request(known), find)).toBe('198.51.100.9');
    expect(await limitedAddressOf(request(known), findIn(gateWith()))).toBe('203.0.113.7');
  });
});
