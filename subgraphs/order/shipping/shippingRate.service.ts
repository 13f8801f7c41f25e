import { z } from 'zod';
import { payload, type UserError, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { lockResource } from '../../shared/lockResource';
import { parseMoney } from '../../shared/money';
import type { Context } from '../context';
import type { ShippingRate } from '../generated/prisma/client';
import type {
  MoneyInput,
  PricingErrorCode,
  ShippingRateCreateInput,
  ShippingRateUpdateInput,
} from '../generated/resolvers';
import { isCountryCode } from '../input/countryCode';
import { readInput, text } from '../input/readInput';
import { atVersion, notFound, requireUpdated } from '../requireUpdated';

const MAX_RATES = 100;

const checked = z.object({
  name: text(64),
  countryCodes: z
    .array(z.string().refine(isCountryCode, 'Expected an ISO 3166-1 alpha-2 code, such as US.'))
    .max(250, 'Expected at most 250.')
    .transform((codes) => [...new Set(codes)].sort()),
});

export function listShippingRates({ db, tenantId }: Context): PromiseLike<ShippingRate[]> {
  return db.shippingRate.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
}

export function shippingRateCreate({ db, tenantId }: Context, input: ShippingRateCreateInput) {
  return payload<'shippingRate', ShippingRate, PricingErrorCode>('shippingRate', async () => {
    const rate = readRate(input);
    return db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'shipping rates');
      if ((await tx.shippingRate.count({ where: { tenantId } })) >= MAX_RATES) {
        throw new UserErrors({ field: ['input'], code: 'LIMIT_REACHED', message: `A store has up to ${MAX_RATES}.` });
      }
      return tx.shippingRate.create({ data: { ...rate, tenantId, id: newId('srat') } });
    });
  });
}

/** Puts `input` in the place of all that the rate was: what it costs and where it leads are one thing. */
export function shippingRateUpdate({ db, tenantId }: Context, id: string, input: ShippingRateUpdateInput) {
  return payload<'shippingRate', ShippingRate, PricingErrorCode>('shippingRate', async () => {
    const rows = await db.shippingRate.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...readRate(input), version: { increment: 1 } },
    });
    return requireUpdated(rows, () => db.shippingRate.findFirst({ where: { tenantId, id } }));
  });
}

export function shippingRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedId', string, PricingErrorCode>('deletedId', async () => {
    const { count } = await db.shippingRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw notFound();
    return id;
  });
}

function readRate(input: ShippingRateCreateInput | ShippingRateUpdateInput) {
  const price = parseMoney(input.price, 'input.price');
  const freeFrom = input.freeFrom == null ? null : parseMoney(input.freeFrom, 'input.freeFrom');
  const { name, countryCodes } = readInput(checked, input);
  if (freeFrom && freeFrom.currencyCode !== price.currencyCode) {
    throw new UserErrors(inOneCurrency('freeFrom', input.price));
  }
  return {
    name,
    countryCodes,
    currencyCode: price.currencyCode,
    priceAmount: price.minorUnits,
    freeFromAmount: freeFrom?.minorUnits ?? null,
  };
}

const inOneCurrency = (name: string, { currencyCode }: MoneyInput): UserError<PricingErrorCode> => ({
  field: ['input', name, 'currencyCode'],
  code: 'INVALID',
  message: `Expected the currency of the price: ${currencyCode}.`,
});
