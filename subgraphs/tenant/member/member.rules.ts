import { can, type FeatureRules, service } from '../../shared/guards';

export const memberRules: FeatureRules = {
  Query: { memberAccess: service },
  fields: {
    Tenant: { members: can('members:read') },
    TenantMember: { email: can('members:manage') },
  },
};
