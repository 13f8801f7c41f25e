import { searchConditions, searchTerms } from './searchTerms';

it('has each word and its suffixes after punctuation marks, regardless of case', () => {
  expect(searchTerms(['Air Max', 'AIRMAX-40', null, 'ada@example.com'])).toEqual([
    'air',
    'max',
    'airmax-40',
    '40',
    'ada@example.com',
    'example.com',
    'com',
  ]);
  expect(searchTerms(['Żółć ＡＢＣ'])).toEqual(['żółć', 'abc']);
});

it('keeps punctuation marks that are words, and truncates long words', () => {
  expect(searchTerms(['100% _ &'])).toEqual(['100%', '_', '&']);
  expect(searchTerms(['x'.repeat(100)])).toEqual(['x'.repeat(64)]);
});

it('matches prefixes of all words, and "#1004" by its number', () => {
  expect(searchConditions('  #1004 Ada ')).toEqual([
    { gte: '1004', lt: '1004\u{10FFFF}' },
    { gte: 'ada', lt: 'ada\u{10FFFF}' },
  ]);
  expect(searchConditions(' ')).toEqual([]);
});

it.each([['x'.repeat(201)], ['a b c d e f g h i'], ['\u0000'], ['\uD800']])('refuses %j', (query) => {
  expect(() => searchConditions(query)).toThrow('query: expected at most');
});
