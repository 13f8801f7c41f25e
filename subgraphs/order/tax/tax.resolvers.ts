import type { Resolvers } from '../generated/resolvers';
import { taxRateById } from './tax.loaders';
import {
  findTaxSettings,
  listTaxRates,
  taxRateCreate,
  taxRateDelete,
  taxRateUpdate,
  taxSettingsUpdate,
} from './taxRate.service';

export const taxResolvers: Resolvers = {
  Query: { taxSettings: (_root, _args, ctx) => findTaxSettings(ctx) },
  Mutation: {
    taxSettingsUpdate: (_root, { input }, ctx) => taxSettingsUpdate(ctx, input),
    taxRateCreate: (_root, { input }, ctx) => taxRateCreate(ctx, input),
    taxRateUpdate: (_root, { id, input }, ctx) => taxRateUpdate(ctx, id, input),
    taxRateDelete: (_root, { id }, ctx) => taxRateDelete(ctx, id),
  },
  TaxSettings: { id: ({ tenantId }) => tenantId, rates: async (_settings, _args, ctx) => listTaxRates(ctx) },
  TaxRate: {
    __resolveReference: ({ id }, ctx) => taxRateById(ctx).load(id),
    province: ({ province }) => province || null,
  },
};
