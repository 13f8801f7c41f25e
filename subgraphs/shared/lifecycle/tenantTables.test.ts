import { parentsFirst } from './tenantTables';

describe('parentsFirst', () => {
  it('refuses tables that refer to each other in a cycle', () => {
    const references = [
      { child: 'a', parent: 'b' },
      { child: 'b', parent: 'a' },
    ];
    expect(() => parentsFirst(['a', 'b', 'c'], references)).toThrow('in a cycle: a, b');
  });

  it('sorts a table before those that refer to it, and allows references within a table', () => {
    const references = [
      { child: 'variants', parent: 'products' },
      { child: 'variants', parent: 'images' },
      { child: 'images', parent: 'products' },
      { child: 'categories', parent: 'categories' },
    ];
    expect(parentsFirst(['variants', 'products', 'images', 'categories'], references)).toEqual([
      'categories',
      'products',
      'images',
      'variants',
    ]);
  });
});
