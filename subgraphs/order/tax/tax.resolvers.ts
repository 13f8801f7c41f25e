import type { Resolvers, TaxClass, TaxRounding } from '../generated/resolvers';
import { provinceCode } from '../input/province';
import { taxRateById } from './tax.loaders';
import { formatTaxPercent } from './taxPercent';
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
  TaxSettings: {
    id: ({ tenantId }) => tenantId,
    rounding: ({ rounding }) => rounding as TaxRounding,
    rates: async (_settings, _args, ctx) => listTaxRates(ctx),
  },
  TaxRate: {
    __resolveReference: ({ id }, ctx) => taxRateById(ctx).load(id),
    rate: ({ rate }) => formatTaxPercent(rate),
    taxClass: ({ taxClass }) => taxClass as TaxClass,
    compound: ({ isCompound }) => isCompound,
    // Rates that were made before provinces had codes have what was typed.
    province: ({ countryCode, province }) => provinceCode(countryCode, province) ?? (province || null),
  },
};
