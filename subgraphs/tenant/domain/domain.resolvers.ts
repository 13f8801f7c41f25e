import type { Resolvers } from '../generated/resolvers';
import {
  domainId,
  listDomains,
  primaryHost,
  tenantDomainAdd,
  tenantDomainRemove,
  tenantDomainSetPrimary,
  tenantDomainVerify,
} from './domain.service';
import { recordNameOf, recordValueOf } from './domainVerification';
import { findTenantByDomain } from './tenantByDomain';

export const domainResolvers: Resolvers = {
  Query: {
    tenantByDomain: (_root, { domain }, ctx) => findTenantByDomain(ctx, domain),
  },
  Mutation: {
    tenantDomainAdd: (_root, { input }, ctx) => tenantDomainAdd(ctx, input.host),
    tenantDomainVerify: (_root, { host }, ctx) => tenantDomainVerify(ctx, host),
    tenantDomainSetPrimary: (_root, { host }, ctx) => tenantDomainSetPrimary(ctx, host),
    tenantDomainRemove: (_root, { host }, ctx) => tenantDomainRemove(ctx, host),
  },
  Tenant: {
    domains: (_tenant, _args, ctx) => listDomains(ctx),
    primaryHost: (tenant, _args, ctx) => primaryHost(ctx, tenant),
  },
  TenantDomain: {
    id: ({ host }) => domainId(host),
    verificationRecord: ({ host, token }) => ({ name: recordNameOf(host), value: recordValueOf(token) }),
  },
};
