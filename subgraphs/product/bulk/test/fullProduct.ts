import type { WholeRecord } from '../importRecord';

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

/** The slugs of the categories that it is in. */
export const FULL_CATEGORIES = ['running', 'sale'];

/** A product of which all is said that a file carries, in the order in which it is exported, and much of it hard to write as CSV. */
export const FULL: WholeRecord = {
  externalReference: 'erp-1',
  name: 'Air, "Max"',
  slug: 'air-max',
  description: 'Two\nlines, "quoted";\r\nand a third\\',
  vendor: 'Nike; Inc.',
  productType: 'Shoes',
  tags: ['a;b', 'c\\', 'plain'],
  taxClass: 'ZERO',
  status: 'ACTIVE',
  publishedAt: '2026-01-02T03:04:05.678Z',
  seo: { title: 'Buy it', description: 'Now,\nor never' },
  categories: FULL_CATEGORIES,
  metafields: [
    { namespace: 'Care', key: 'notes', type: 'MULTI_LINE_TEXT', value: '30°,\n"gentle"', isPublic: true },
    { namespace: 'care', key: 'iron', type: 'BOOLEAN', value: 'false', isPublic: false },
    { namespace: 'erp', key: 'raw', type: 'JSON', value: '{"a": [1, "x;y"]}', isPublic: false },
  ],
  options: [
    { name: 'Size', values: ['XL', 'M', 'S'] },
    { name: 'Color', values: ['blue, light', 'red'] },
  ],
  variants: [
    {
      sku: 'AM-M',
      price: usd('150.00'),
      compareAtPrice: usd('180.00'),
      unitCost: usd('70.50'),
      barcode: '0012345678905',
      weightGrams: 820,
      requiresShipping: true,
      optionValues: [
        { option: 'Size', value: 'M' },
        { option: 'Color', value: 'blue, light' },
      ],
      inventoryPolicy: 'CONTINUE',
      imagePosition: 1,
      quantityOnHand: 7,
      lowStockThreshold: 3,
      metafields: [
        { namespace: 'erp', key: 'bin', type: 'SINGLE_LINE_TEXT', value: 'A-12', isPublic: false },
        { namespace: 'erp', key: 'since', type: 'DATE', value: '2026-01-02', isPublic: true },
      ],
    },
    {
      sku: 'AM-S',
      price: usd('155.00'),
      compareAtPrice: null,
      unitCost: null,
      barcode: null,
      weightGrams: null,
      requiresShipping: false,
      optionValues: [
        { option: 'Size', value: 'S' },
        { option: 'Color', value: 'red' },
      ],
      inventoryPolicy: 'DENY',
      imagePosition: null,
      quantityOnHand: 0,
      lowStockThreshold: null,
      metafields: [],
    },
  ],
  images: [
    { url: 'https://images.example.com/a.jpg', altText: null },
    { url: 'https://images.example.com/b;c.jpg', altText: 'From the side; "in the rain"' },
  ],
};
