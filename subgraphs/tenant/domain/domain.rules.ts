import { can, type FeatureRules, inStoreOrService } from '../../shared/guards';

export const domainRules: FeatureRules = {
  Query: { tenantByDomain: inStoreOrService },
  Mutation: {
    tenantDomainAdd: can('store:manage'),
    tenantDomainVerify: can('store:manage'),
    tenantDomainSetPrimary: can('store:manage'),
    tenantDomainRemove: can('store:manage'),
  },
  fields: { Tenant: { domains: can('store:manage') } },
};
