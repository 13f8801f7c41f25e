import { movedTo, placesOf } from './places';

const address = (countryCode: string, vatId: string | null = null) => ({
  name: 'Ada',
  line1: '1 Market Street',
  line2: null,
  city: 'San Francisco',
  province: null,
  postalCode: '94105',
  countryCode,
  phone: null,
  vatId,
});
const place = (countryCode: string) => ({ countryCode, province: null, postalCode: '94105' });
const SENT = [{ requiresShipping: true }];
const NOT_SENT = [{ requiresShipping: false }];

it('what is sent is taxed nowhere while it is not known where to, whoever pays', () => {
  const billed = { shippingAddress: null, billingAddress: address('FR') };
  expect(placesOf(billed, SENT)).toEqual({ destination: null, taxed: null });
  expect(placesOf({ shippingAddress: null, billingAddress: null }, NOT_SENT)).toEqual({
    destination: null,
    taxed: null,
  });
});

it('what is not sent is taxed where it is billed to', () => {
  const billed = { shippingAddress: null, billingAddress: address('FR', 'FR1') };
  expect(placesOf(billed, NOT_SENT)).toEqual({ destination: null, taxed: { ...place('FR'), vatId: 'FR1' } });
});

it('what is sent is taxed where it is sent, with the VAT id of whom it is billed to', () => {
  const both = { shippingAddress: address('FR', 'DE1'), billingAddress: address('BE', 'BE1') };
  const places = placesOf(both, SENT);
  expect(places).toEqual({ destination: place('FR'), taxed: { ...place('FR'), vatId: 'BE1' } });
  expect(movedTo(place('IT'), places)).toEqual({ destination: place('IT'), taxed: { ...place('IT'), vatId: 'BE1' } });
});

it('without a billing address it is billed to the shipping address, with the VAT id that old rows have there', () => {
  const shipped = { shippingAddress: address('FR', 'FR1'), billingAddress: null };
  expect(placesOf(shipped, SENT).taxed).toEqual({ ...place('FR'), vatId: 'FR1' });
  expect(placesOf({ shippingAddress: address('FR'), billingAddress: null }, SENT).taxed?.vatId).toBeNull();
});
