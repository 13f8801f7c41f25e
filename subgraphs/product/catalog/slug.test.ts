import { generatedSlug, isSlug, slugify } from './slug';

describe('slugify', () => {
  it.each([
    ["Air Max '90", 'air-max-90'],
    ['  Crème & Olé  ', 'creme-ole'],
    ['--A--', 'a'],
    ['Große Maße', 'grosse-masse'],
    ['Łódź, ærø, İstanbul', 'lodz-aero-istanbul'],
    ['Мужская обувь', 'muzhskaya-obuv'],
    ['Παπούτσια', 'papoytsia'],
    ['靴 42', 'xue-42'],
    ['!?', ''],
  ])('writes %p as %p', (name, slug) => {
    expect(slugify(name)).toBe(slug);
  });
});

describe('generatedSlug', () => {
  it('ends with the end of the id when the name’s slug is taken, or empty', () => {
    expect(generatedSlug('Air Max', 'prod_abcdef123456', false)).toBe('air-max');
    expect(generatedSlug('Air Max', 'prod_abcdef123456', true)).toBe('air-max-123456');
    expect(generatedSlug('!?', 'prod_abcdef123456', false)).toBe('prod-123456');
  });
});

it.each(['', 'A', 'a--b', '-a', 'a-', 'a b', 'a/b', 'a\u0000'])('isSlug refuses %p', (text) => {
  expect(isSlug(text)).toBe(false);
});
