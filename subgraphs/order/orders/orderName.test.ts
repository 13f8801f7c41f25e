import { namePrefixes, orderName } from './orderName';
import { searchTerms } from './searchTerms';

it.each([
  ['#', '#1004'],
  ['NK-', 'NK-1004'],
  ['', '1004'],
])('with the prefix %j an order is named %s', (numberPrefix, name) => {
  expect(orderName({ numberPrefix, number: 1004 })).toBe(name);
});

it.each(['#', 'NK-', '', 'A1', 'x/y_', '-#-'])(
  'an order of a store with the prefix %j gets the terms of its name and number, before the number is known',
  (numberPrefix) => {
    const found = namePrefixes(numberPrefix).map((beginning) => `${beginning}1004`);
    const named = searchTerms(['1004', orderName({ numberPrefix, number: 1004 })]);
    expect(found.sort()).toEqual(named.sort());
  },
);
