import { normalizedHost, ownDomain, slugOfDomain } from './host';

it.each([
  ['nike.localhost', 'nike'],
  ['NIKE.localhost:3000', 'nike'],
  ['nike.localhost.', 'nike'],
  ['localhost', null],
  ['.localhost', null],
  ['a.nike.localhost', null],
  ['nike.localhost.example.com', null],
  ['nikelocalhost', null],
  ['-nike.localhost', null],
  ['127.0.0.1', null],
  ['', null],
])('the address %p is of the store %p', (domain, slug) => {
  expect(slugOfDomain(domain, 'localhost')).toBe(slug);
});

it.each([
  ['Shop.Example.COM', 'shop.example.com'],
  [' shop.example.com. ', 'shop.example.com'],
  ['shop.example.com.:443', 'shop.example.com'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['', null],
  ['.', null],
  ['shop..example.com', null],
  ['-shop.example.com', null],
  ['shop-.example.com', null],
  ['https://shop.example.com', null],
  ['shop.example.com/path', null],
  ['shop example.com', null],
  ['*.example.com', null],
  ['127.0.0.1', null],
  ['0x7f.1', null],
  ['[::1]', null],
  [`${'a'.repeat(64)}.example.com`, null],
  [`${'a.'.repeat(127)}example.com`, null],
  ['a\u0000b.example.com', null],
])('the host %p is compared as %p', (text, host) => expect(normalizedHost(text)).toBe(host));

it.each([
  ['shop.example.com', 'shop.example.com'],
  ['example.com', 'example.com'],
  ['notshops.test.example', 'notshops.test.example'],
  ['com', null],
  ['localhost', null],
  ['shop.localhost', null],
  ['shops.test', null],
  ['nike.shops.test', null],
  ['a.nike.shops.test.', null],
  ['_dmarc.example.com', null],
  ['10.0.0.1', null],
])('the domain %p can be a store’s own as %p', (text, host) => expect(ownDomain(text, 'shops.test')).toBe(host));
