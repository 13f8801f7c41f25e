import { CurrencyCode, DateTime } from '../shared/scalars';
import type { Resolvers } from './generated/resolvers';
import { lifecycleResolvers } from './lifecycle/lifecycle.resolvers';
import { storeResolvers } from './store/store.resolvers';

export const resolvers: Resolvers = { ...storeResolvers, ...lifecycleResolvers, CurrencyCode, DateTime };
