import { can, type FeatureRules, inStore, staffOrService } from '../../shared/guards';

export const catalogRules: FeatureRules = {
  Query: { product: inStore },
  Mutation: {
    productCreate: can('products:manage'),
    productUpdate: can('products:manage'),
    productDelete: can('products:manage'),
  },
  entities: { Tenant: inStore, PlanUsage: staffOrService, Product: inStore },
  fields: { Product: { externalReference: can('products:read') } },
};
