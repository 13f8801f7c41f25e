import { can, type FeatureRules, impersonator } from '../../shared/guards';

export const impersonationRules: FeatureRules = {
  Mutation: { impersonatedActionsRecord: impersonator },
  whileSuspended: ['impersonatedActionsRecord'],
  fields: { Tenant: { impersonatedActions: can('members:read') } },
};
