import { cellOfList, listOfCell } from './csvLists';

it.each([
  [['a']],
  [['a', 'b c']],
  [['a;b', 'c\\', '\\;', ';']],
  [[' led', 'trailed ', '\nboth\t', ' ']],
  [['', 'a', '']],
  [['C:\\dir', '\\n']],
])('%j is parsed from its cell unchanged', (entries) => {
  expect(listOfCell(cellOfList(entries))).toEqual(entries);
});

it.each([
  ['new; red ;', ['new', 'red', '']],
  ['C:\\dir;x', ['C:\\dir', 'x']],
  ['a\\', ['a\\']],
  ['a\\;b', ['a;b']],
])('%j, as people write it, is parsed as %j', (cell, entries) => {
  expect(listOfCell(cell)).toEqual(entries);
});

it('parsing takes time linear in the cell’s length', () => {
  expect(listOfCell(`${'x'.repeat(1_000_000)};${'\\;'.repeat(500_000)}`).map(({ length }) => length)).toEqual([
    1_000_000, 500_000,
  ]);
  expect(listOfCell(`a${' '.repeat(1_000_000)}b ;c`).map(({ length }) => length)).toEqual([1_000_002, 1]);
});
