import { type AccessRules, inStore, service, staff } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    product: inStore,
    products: inStore,
    productVariant: inStore,
    category: inStore,
    categories: inStore,
  },
  Mutation: {
    productCreate: staff,
    categoryCreate: staff,
    stockReserve: service,
    stockCommit: service,
    stockRelease: service,
  },
  entities: { Tenant: inStore, Product: inStore, ProductVariant: inStore, Category: inStore },
  fields: { ProductVariant: { quantityOnHand: staff } },
};
