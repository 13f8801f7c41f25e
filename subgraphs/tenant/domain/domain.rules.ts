import { can, type FeatureRules } from '../../shared/guards';

export const domainRules: FeatureRules = {
  Mutation: {
    tenantDomainAdd: can('store:manage'),
    tenantDomainVerify: can('store:manage'),
    tenantDomainSetPrimary: can('store:manage'),
    tenantDomainRemove: can('store:manage'),
  },
  fields: { Tenant: { domains: can('store:manage') } },
};
