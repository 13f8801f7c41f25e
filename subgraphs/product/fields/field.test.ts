import type { Product } from '../generated/prisma/client';
import { changedColumns, exportedFields, newColumns } from './field';
import { PRODUCT_FIELDS } from './productFields';
import { VARIANT_FIELDS } from './variantFields';

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

describe('newColumns', () => {
  it('throws without a required field', () => {
    expect(() => newColumns(PRODUCT_FIELDS, { slug: 'air' }, ['input'])).toThrow('A new row needs a name');
  });

  it('has every column, also of fields that the input omits', () => {
    const columns = newColumns(PRODUCT_FIELDS, { name: 'Air', slug: 'air', status: 'DRAFT' }, ['input']);
    expect(columns).toMatchObject({
      name: 'Air',
      description: '',
      tags: [],
      externalReference: null,
      publishedAt: null,
    });
  });
});

describe('changedColumns', () => {
  it('throws BAD_USER_INPUT with the path of an invalid amount', () => {
    const change = () => changedColumns(VARIANT_FIELDS, { price: usd('-1') }, ['input', 'variants', '0']);
    expect(change).toThrow('input.variants.0.price.amount: expected');
  });

  it('has the columns of given fields only, and clears a field that is null', () => {
    expect(changedColumns(PRODUCT_FIELDS, { externalReference: null, tags: ['a', 'a'] }, ['input'])).toEqual({
      externalReference: null,
      tags: ['a'],
    });
    expect(changedColumns(VARIANT_FIELDS, { price: usd('1.50') }, ['input'])).toEqual({
      priceAmount: 150n,
      currencyCode: 'USD',
    });
  });
});

it('exportedFields omits a field that the file has to leave out, such as the date of an unpublished draft', () => {
  const row = { name: 'Air', publishedAt: null, status: 'DRAFT', tags: [] } as unknown as Product;
  expect(exportedFields(PRODUCT_FIELDS, row)).not.toHaveProperty('publishedAt');
});
