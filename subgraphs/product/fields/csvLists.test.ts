import { cellOfList, listOfCell } from './csvLists';

it.each([
  [['a']],
  [['a', 'b c']],
  [['a;b', 'c\\', '\\;', ';']],
  [[' led', 'trailed ', '\nboth\t', ' ']],
  [['', 'a', '']],
  [['C:\\dir', '\\n']],
])('%j comes back from its cell as it was', (entries) => {
  expect(listOfCell(cellOfList(entries))).toEqual(entries);
});

it.each([
  ['new; red ;', ['new', 'red', '']],
  ['C:\\dir;x', ['C:\\dir', 'x']],
  ['a\\', ['a\\']],
  ['a\\;b', ['a;b']],
])('%j, as somebody writes it, is %j', (cell, entries) => {
  expect(listOfCell(cell)).toEqual(entries);
});

it('a long cell takes no longer than it is', () => {
  expect(listOfCell(`${'x'.repeat(1_000_000)};${'\\;'.repeat(500_000)}`).map(({ length }) => length)).toEqual([
    1_000_000, 500_000,
  ]);
});
