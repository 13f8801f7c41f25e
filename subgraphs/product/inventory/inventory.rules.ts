import { can, type FeatureRules } from '../../shared/guards';

export const inventoryRules: FeatureRules = {
  Query: { lowStockVariants: can('inventory:read') },
  Mutation: {
    inventoryAdjust: can('inventory:manage'),
    inventorySet: can('inventory:manage'),
    inventoryPolicyUpdate: can('inventory:manage'),
  },
  fields: {
    ProductVariant: {
      quantityOnHand: can('inventory:read'),
      lowStockThreshold: can('inventory:read'),
      stockMovements: can('inventory:read'),
    },
  },
};
