import { z } from 'zod';
import { newId } from '../../shared/ids';
import { list, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { parseMoney } from '../../shared/money';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { invalid, limitReached, notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { ShippingRate } from '../generated/prisma/client';
import type { PricingErrorCode, ShippingRateCreateInput, ShippingRateUpdateInput } from '../generated/resolvers';
import { countryCodeInput } from '../input/countryCode';

const MAX_RATES = 100;

/** Enough for every country: there are some 250. */
const MAX_COUNTRIES = 250;

const rateInput = z.object({
  name: text(64),
  countryCodes: list(countryCodeInput, { max: MAX_COUNTRIES }).transform((codes) => [...new Set(codes)].sort()),
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
        throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_RATES}.`));
      }
      return tx.shippingRate.create({ data: { ...rate, tenantId, id: newId('srat') } });
    });
  });
}

/** Replaces all fields of the rate, because price and countries belong together. */
export function shippingRateUpdate({ db, tenantId }: Context, id: string, input: ShippingRateUpdateInput) {
  return payload<'shippingRate', ShippingRate, PricingErrorCode>('shippingRate', async () => {
    const rows = await db.shippingRate.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...readRate(input), version: { increment: 1 } },
    });
    return requireUpdated(rows, () => db.shippingRate.findFirst({ where: { tenantId, id } }), 'shipping rate');
  });
}

export function shippingRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedId', string, PricingErrorCode>('deletedId', async () => {
    const { count } = await db.shippingRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('shipping rate'));
    return id;
  });
}

function readRate(input: ShippingRateCreateInput | ShippingRateUpdateInput) {
  const price = parseMoney(input.price, 'input.price');
  const freeFrom = input.freeFrom == null ? null : parseMoney(input.freeFrom, 'input.freeFrom');
  const { name, countryCodes } = readInput(rateInput, input);
  if (freeFrom && freeFrom.currencyCode !== price.currencyCode) {
    const expected = `the currency of the price: ${price.currencyCode}`;
    throw new UserErrors(invalid(['input', 'freeFrom', 'currencyCode'], expected));
  }
  return {
    name,
    countryCodes,
    currencyCode: price.currencyCode,
    priceAmount: price.minorUnits,
    freeFromAmount: freeFrom?.minorUnits ?? null,
  };
}
