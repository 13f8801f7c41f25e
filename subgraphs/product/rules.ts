import { type AccessRules, can, inStore, service } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    product: inStore,
    products: inStore,
    productVariant: inStore,
    category: inStore,
    categories: inStore,
    lowStock: can('inventory:read'),
  },
  Mutation: {
    productCreate: can('products:manage'),
    productUpdate: can('products:manage'),
    productDelete: can('products:manage'),
    productVariantCreate: can('products:manage'),
    productVariantUpdate: can('products:manage'),
    productVariantDelete: can('products:manage'),
    productOptionCreate: can('products:manage'),
    productOptionUpdate: can('products:manage'),
    productOptionDelete: can('products:manage'),
    categoryCreate: can('products:manage'),
    inventoryAdjust: can('inventory:manage'),
    inventorySet: can('inventory:manage'),
    inventoryPolicyUpdate: can('inventory:manage'),
    stockReserve: service,
    stockCommit: service,
    stockRelease: service,
    stockReturn: service,
  },
  entities: { Tenant: inStore, Product: inStore, ProductVariant: inStore, Category: inStore },
  fields: {
    Product: { externalReference: can('products:read') },
    ProductVariant: {
      unitCost: can('products:read'),
      quantityOnHand: can('inventory:read'),
      lowStockThreshold: can('inventory:read'),
      stockMovements: can('inventory:read'),
    },
  },
};
