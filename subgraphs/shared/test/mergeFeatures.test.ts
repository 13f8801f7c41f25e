import { GraphQLScalarType } from 'graphql';
import { inStore, staff } from '../guards';
import { mergeResolvers, mergeRules } from '../mergeFeatures';

describe('mergeResolvers', () => {
  it('refuses two features with the same field', () => {
    const feature = () => ({ Order: { number: () => 1 } });
    expect(() => mergeResolvers([feature(), feature()])).toThrow('Two features have Order.number');
  });

  it('refuses two features with the same scalar', () => {
    const scalar = new GraphQLScalarType({ name: 'Decimal' });
    expect(() => mergeResolvers([{ Decimal: scalar }, { Decimal: scalar }])).toThrow('Two features have Decimal.name');
  });

  it('gives a type the fields of each feature that extends it', () => {
    const [number, payments, id] = [() => 1, () => [], () => 'cart'];
    const merged = mergeResolvers<object>([{ Order: { number } }, { Order: { payments }, Cart: { id } }]);
    expect(merged).toEqual({ Order: { number, payments }, Cart: { id } });
  });
});

describe('mergeRules', () => {
  it.each(['Query', 'Mutation', 'entities'] as const)('refuses two rules for the same element of %s', (part) => {
    const feature = { [part]: { order: inStore } };
    expect(() => mergeRules([feature, feature])).toThrow(`Two features have ${part}.order`);
  });

  it('refuses two rules for the same field of a type', () => {
    const feature = { fields: { Order: { note: staff } } };
    expect(() => mergeRules([feature, feature])).toThrow('Two features have Order.note');
  });

  it('has the rules of every feature', () => {
    const merged = mergeRules([
      { Query: { order: inStore }, fields: { Order: { note: staff } }, notWhileImpersonated: ['orderCancel'] },
      { Mutation: { cartCreate: inStore }, entities: { Cart: inStore }, fields: { Order: { saga: staff } } },
      { whileSuspended: ['orderCreate'], notWhileImpersonated: ['orderRefund'] },
    ]);
    expect(merged).toEqual({
      Query: { order: inStore },
      Mutation: { cartCreate: inStore },
      entities: { Cart: inStore },
      fields: { Order: { note: staff, saga: staff } },
      whileSuspended: ['orderCreate'],
      notWhileImpersonated: ['orderCancel', 'orderRefund'],
    });
  });
});
