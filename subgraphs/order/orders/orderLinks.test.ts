import { createOrderLinks } from './orderLinks';

const links = createOrderLinks('a secret of 32 characters or more');
const token = links.tokenFor('org_a', 'ord_1');

it.each<[string, string, string]>([
  ['another store', 'org_b', token],
  ['another order', 'org_a', token.replace('ord_1', 'ord_2')],
  ['a changed proof', 'org_a', `${token.slice(0, -2)}AA`],
  ['a shortened proof', 'org_a', token.slice(0, -4)],
  ['no proof', 'org_a', 'ord_1.'],
  ['an id alone', 'org_a', 'ord_1'],
  ['nothing', 'org_a', ''],
])('a token is not valid for %s', (_what, tenantId, given) => {
  expect(links.orderOf(tenantId, given)).toBeNull();
});

it('a token made with another secret is invalid', () => {
  expect(createOrderLinks('another secret of 32 characters…').orderOf('org_a', token)).toBeNull();
});

it('a token is valid for its order, is deterministic, and has 256 bits', () => {
  expect(links.orderOf('org_a', token)).toBe('ord_1');
  expect(links.tokenFor('org_a', 'ord_1')).toBe(token);
  expect(token).toMatch(/^ord_1\.[\w-]{43}$/);
});
