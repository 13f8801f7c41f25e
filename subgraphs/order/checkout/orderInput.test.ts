import { UserErrors } from '../../shared/userErrors';
import type { OrderCreateInput } from '../generated/resolvers';
import { checkOrderCreate } from './orderInput';

const VALID = {
  lines: [{ variantId: 'pvar_1', quantity: 1 }],
  email: 'ada@example.com',
  shippingAddress: { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', countryCode: 'US' },
  paymentMethodId: 'pmth_1',
  idempotencyKey: '12345678',
} satisfies OrderCreateInput;
const BUYER = { userId: 'user_ada' };
const address = (changes: object) => ({ shippingAddress: { ...VALID.shippingAddress, ...changes } });
const lines = (...given: [string, number][]) => ({
  lines: given.map(([variantId, quantity]) => ({ variantId, quantity })),
});
const attributes = (...keys: string[]) => ({ attributes: keys.map((key) => ({ key, value: 'yes' })) });

/** Each fault as "field CODE". */
function faultsOf(changes: object): string[] {
  try {
    checkOrderCreate({ ...VALID, ...changes }, BUYER);
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return error.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);
  }
  return [];
}

describe('an order is refused', () => {
  it.each<[string, object, string[]]>([
    ['without lines', { lines: [] }, ['lines REQUIRED']],
    [
      'without a cart and the fields that it would provide',
      { lines: null, email: null },
      ['lines REQUIRED', 'email REQUIRED'],
    ],
    [
      'with 201 lines',
      lines(...Array.from({ length: 201 }, (_, n): [string, number] => [`v${n}`, 1])),
      ['lines TOO_MANY_LINES'],
    ],
    ['with an empty variant', lines(['', 1]), ['lines.0.variantId REQUIRED']],
    ['with a quantity of 0', lines(['a', 1], ['b', 0]), ['lines.1.quantity INVALID']],
    ['with a negative quantity', lines(['a', -5]), ['lines.0.quantity INVALID']],
    ['with a fractional quantity', lines(['a', 1.5]), ['lines.0.quantity INVALID']],
    ['with a quantity above a million', lines(['a', 1_000_001]), ['lines.0.quantity INVALID']],
    ['with a variant twice', lines(['a', 1], ['b', 1], ['a', 2]), ['lines.2.variantId INVALID']],
    ['without an e-mail address', { email: '' }, ['email INVALID']],
    ['with an e-mail address of no domain', { email: 'ada@' }, ['email INVALID']],
    ['with two e-mail addresses', { email: 'a@example.com, b@example.com' }, ['email INVALID']],
    ['with a line break in the e-mail address', { email: 'a@example.com\nBcc: b@example.com' }, ['email INVALID']],
    ['with an e-mail address of 321 characters', { email: `${'a'.repeat(309)}@example.com` }, ['email INVALID']],
    ['with a key of 7 characters', { idempotencyKey: '1234567' }, ['idempotencyKey INVALID']],
    ['with a key of 256 characters', { idempotencyKey: 'k'.repeat(256) }, ['idempotencyKey INVALID']],
    ['with a blank name', address({ name: ' \t' }), ['shippingAddress.name REQUIRED']],
    ['with an empty second line', address({ line2: '' }), ['shippingAddress.line2 REQUIRED']],
    ['with a street of 256 characters', address({ line1: 's'.repeat(256) }), ['shippingAddress.line1 INVALID']],
    [
      'with a postal code of 33 characters',
      address({ postalCode: '1'.repeat(33) }),
      ['shippingAddress.postalCode INVALID'],
    ],
    ['with an empty buyer note', { buyerNote: ' ' }, ['buyerNote REQUIRED']],
    ['with a buyer note of 5,001 characters', { buyerNote: 'w'.repeat(5_001) }, ['buyerNote INVALID']],
    ['with 21 attributes', attributes(...Array.from({ length: 21 }, (_, n) => `key ${n}`)), ['attributes INVALID']],
    ['with an attribute twice', attributes('gift', 'gift'), ['attributes INVALID']],
    ['with an attribute of no name', attributes('gift', ''), ['attributes.1.key REQUIRED']],
    ['with a lone surrogate', address({ city: '\udc00' }), ['shippingAddress.city INVALID']],
  ])('%s', (_what, changes, faults) => {
    expect(faultsOf(changes)).toEqual(faults);
  });

  it.each(['', 'us', 'USA', 'XX', 'ZZ', 'EU', 'UN', 'UK', 'SU', 'XA', 'U1', 'ＵＳ'])(
    'with the country %p',
    (countryCode) => {
      expect(faultsOf(address({ countryCode }))).toEqual(['shippingAddress.countryCode INVALID']);
    },
  );

  it('with all errors at once, each with its field', () => {
    const changes = {
      ...lines(['a', 0], ['a', 1]),
      email: 'x',
      idempotencyKey: '',
      ...address({ name: '', countryCode: 'X' }),
    };
    expect(faultsOf(changes)).toEqual([
      'lines.0.quantity INVALID',
      'email INVALID',
      'shippingAddress.name REQUIRED',
      'shippingAddress.countryCode INVALID',
      'idempotencyKey INVALID',
      'lines.1.variantId INVALID',
    ]);
  });
});

describe('an order is accepted', () => {
  it.each<[string, object]>([
    ['with required fields only', {}],
    ['with 200 lines', lines(...Array.from({ length: 200 }, (_, n): [string, number] => [`v${n}`, 1]))],
    ['of a million', lines(['a', 1_000_000])],
    ['with null for optional fields', address({ line2: null, province: null, postalCode: null, phone: null })],
    ['in any script', address({ name: '山田 太郎', line1: 'Straße 1', city: 'Łódź', countryCode: 'PL' })],
    ['to Kosovo', address({ countryCode: 'XK' })],
    ['with a key of 255 characters', { idempotencyKey: 'k'.repeat(255) }],
  ])('%s', (_what, changes) => {
    expect(faultsOf(changes)).toEqual([]);
  });

  it('with its texts trimmed, and white space within them kept', () => {
    const checked = checkOrderCreate({ ...VALID, ...address({ name: '  Ada  Lovelace \n', line2: null }) }, BUYER);
    expect(checked.shippingAddress).toEqual({ ...VALID.shippingAddress, name: 'Ada  Lovelace', line2: null });
  });

  it('without unknown fields', () => {
    const more = { ...VALID, tenantId: 'org_x', lines: [{ variantId: 'a', quantity: 1, price: '0.01' }] };
    expect(checkOrderCreate(more, BUYER)).toEqual({ ...VALID, lines: [{ variantId: 'a', quantity: 1 }] });
  });
});
