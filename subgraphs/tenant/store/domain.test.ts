import { slugOfDomain } from './domain';

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
