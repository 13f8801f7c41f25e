import type { StockChange } from './stockStatements';
import { thresholdEvents } from './thresholdEvents';

const change = (before: number, after: number, others: Partial<StockChange> = {}): StockChange => ({
  variantId: 'pvar_1',
  productId: 'prod_1',
  sku: 'A',
  before,
  after,
  lowStockThreshold: null,
  inventoryPolicy: 'DENY',
  stockVersion: 7,
  ...others,
});

describe('thresholdEvents', () => {
  it.each<[string, StockChange, string[]]>([
    ['none for a sale that leaves some', change(10, 9), []],
    ['none for a variant that stays sold out', change(0, 0), []],
    ['none when it was low before', change(3, 2, { lowStockThreshold: 3 }), []],
    ['low when it falls to the threshold', change(4, 3, { lowStockThreshold: 3 }), ['inventory.low']],
    ['out with the last one', change(1, 0), ['inventory.out']],
    ['low and out when it crosses both', change(9, 0, { lowStockThreshold: 3 }), ['inventory.low', 'inventory.out']],
    ['back in stock', change(0, 2, { lowStockThreshold: 3 }), ['inventory.back_in_stock']],
    ['back in stock after a backorder', change(-2, 1), ['inventory.back_in_stock']],
    ['never out for a variant sold on backorder', change(1, -4, { inventoryPolicy: 'CONTINUE' }), []],
    [
      'low of what is sold on backorder',
      change(1, -4, { inventoryPolicy: 'CONTINUE', lowStockThreshold: 0 }),
      ['inventory.low'],
    ],
  ])('are %s', (_what, of, types) => {
    expect(thresholdEvents(of).map(({ type }) => type)).toEqual(types);
  });

  it('gives an event the version of the variant’s stock, and never a negative quantity', () => {
    const [low] = thresholdEvents(change(1, -4, { inventoryPolicy: 'CONTINUE', lowStockThreshold: 0 }));
    expect(low).toMatchObject({ aggregateId: 'pvar_1', aggregateVersion: 7, data: { available: 0, threshold: 0 } });
  });
});
