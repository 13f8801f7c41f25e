import { CurrencyCode, DateTime } from '../shared/scalars';
import type { Resolvers } from './generated/resolvers';
import { lifecycleResolvers } from './lifecycle/lifecycle.resolvers';
import { memberResolvers } from './member/member.resolvers';
import { storeResolvers } from './store/store.resolvers';

export const resolvers: Resolvers = {
  Query: { ...storeResolvers.Query, ...memberResolvers.Query },
  Mutation: { ...lifecycleResolvers.Mutation },
  Tenant: { ...storeResolvers.Tenant, ...memberResolvers.Tenant },
  CurrencyCode,
  DateTime,
};
