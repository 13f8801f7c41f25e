import { can, type FeatureRules, inStore, staffOrService } from '../../shared/guards';

export const catalogRules: FeatureRules = {
  Query: { product: inStore },
  entities: { Tenant: inStore, PlanUsage: staffOrService, Product: inStore },
  fields: { Product: { externalReference: can('products:read') } },
};
