import type { Product } from '../generated/prisma/client';
import { StoredProduct } from './storedProducts';

const PRODUCT = { id: 'prod_1' } as Product;

describe('a stored product', () => {
  it.each(['options', 'variants', 'images', 'categoryIds', 'metafields'] as const)(
    'throws for %s that were not read, instead of an empty list',
    (part) => expect(() => new StoredProduct(PRODUCT, {})[part]).toThrow(`The ${part} of a product were not read`),
  );

  it('throws for variants’ metafields that were not read', () => {
    expect(() => new StoredProduct(PRODUCT, {}).metafieldsOfVariant('pvar_1')).toThrow('variantMetafields');
  });

  it('has the parts that were read, also empty ones', () => {
    const stored = new StoredProduct(PRODUCT, { categoryIds: ['cat_1'], images: [], variantMetafields: new Map() });
    expect([stored.categoryIds, stored.images, stored.metafieldsOfVariant('pvar_1')]).toEqual([['cat_1'], [], []]);
  });
});
