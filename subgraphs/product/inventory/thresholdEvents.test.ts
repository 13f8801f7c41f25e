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
    ['nothing of a sale that leaves some', change(10, 9), []],
    ['nothing of a variant that was and stays sold out', change(0, 0), []],
    ['nothing when it was low before', change(3, 2, { lowStockThreshold: 3 }), []],
    ['low, when it falls to the threshold', change(4, 3, { lowStockThreshold: 3 }), ['inventory.low']],
    ['out, with the last one', change(1, 0), ['inventory.out']],
    ['low and out, when both at once', change(9, 0, { lowStockThreshold: 3 }), ['inventory.low', 'inventory.out']],
    ['back in stock', change(0, 2, { lowStockThreshold: 3 }), ['inventory.back_in_stock']],
    ['back in stock, of what was owed before', change(-2, 1), ['inventory.back_in_stock']],
    ['no out of what is sold on backorder', change(1, -4, { inventoryPolicy: 'CONTINUE' }), []],
    [
      'low of what is sold on backorder',
      change(1, -4, { inventoryPolicy: 'CONTINUE', lowStockThreshold: 0 }),
      ['inventory.low'],
    ],
  ])('are %s', (_what, of, types) => {
    expect(thresholdEvents(of).map(({ type }) => type)).toEqual(types);
  });

  it('gives an event the version of the variant’s stock, and never a number below zero', () => {
    const [low] = thresholdEvents(change(1, -4, { inventoryPolicy: 'CONTINUE', lowStockThreshold: 0 }));
    expect(low).toMatchObject({ aggregateId: 'pvar_1', aggregateVersion: 7, data: { available: 0, threshold: 0 } });
  });
});
