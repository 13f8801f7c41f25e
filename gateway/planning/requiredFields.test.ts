import { buildSchema } from 'graphql';
import { fieldsRequiredWithArguments } from './requiredFields';

const requiredBy = (fields: string) =>
  fieldsRequiredWithArguments(
    buildSchema(
      `directive @join__field(requires: String) repeatable on FIELD_DEFINITION type Query { a: Int } type Product { ${fields} }`,
    ),
  );

it('fields that are required without arguments meet nothing', () => {
  expect(requiredBy('weight: Int shipping: Int @join__field(requires: "weight size { height }")')).toEqual({
    names: new Set(),
    conflicts: [],
  });
});

it('two fields that require a field with the same arguments do not conflict', () => {
  const price = '@join__field(requires: "price(currency: \\"USD\\")")';
  expect(requiredBy(`price(currency: String!): Int shipping: Int ${price} isDear: Boolean ${price}`)).toEqual({
    names: new Set(['price']),
    conflicts: [],
  });
});

it('two fields that require a field with other arguments conflict', () => {
  const price = (currency: string) => `@join__field(requires: "price(currency: \\"${currency}\\")")`;
  expect(requiredBy(`shipping: Int ${price('USD')} shippingEUR: Int ${price('EUR')}`)).toEqual({
    names: new Set(['price']),
    conflicts: [['shipping', 'shippingEUR']],
  });
});
