import { z } from 'zod';
import { newId } from '../../shared/ids';
import { list, notNull, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { type Money, parseMoney } from '../../shared/money';
import { omitUndefined } from '../../shared/omitUndefined';
import { requireUpdated } from '../../shared/optimisticLocking';
import { invalid, limitReached, notFound, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { ShippingRate } from '../generated/prisma/client';
import type { ShippingRateCreateInput, ShippingRateUpdateInput, UserErrorCode } from '../generated/resolvers';
import { countryCodeInput } from '../input/countryCode';

const MAX_RATES = 100;

/** Enough for every country: there are some 250. */
const MAX_COUNTRIES = 250;

const fields = {
  name: text(64),
  countryCodes: list(countryCodeInput, { max: MAX_COUNTRIES }).transform((codes) => [...new Set(codes)].sort()),
};
const createInput = z.object(fields);
const updateInput = z.object({
  name: notNull(fields.name),
  countryCodes: notNull(fields.countryCodes),
  price: notNull(z.unknown()),
});

export function listShippingRates({ db, tenantId }: Context): PromiseLike<ShippingRate[]> {
  return db.shippingRate.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
}

export function shippingRateCreate({ db, tenantId }: Context, input: ShippingRateCreateInput) {
  return payload<'shippingRate', ShippingRate, UserErrorCode>('shippingRate', async () => {
    const price = parseMoney(input.price, 'input.price');
    const freeFrom = input.freeFrom == null ? null : parseMoney(input.freeFrom, 'input.freeFrom');
    const rate = { ...readInput(createInput, input), ...amounts(price, freeFrom) };
    return db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'shipping rates');
      if ((await tx.shippingRate.count({ where: { tenantId } })) >= MAX_RATES) {
        throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_RATES}.`));
      }
      return tx.shippingRate.create({ data: { ...rate, tenantId, id: newId('srat') } });
    });
  });
}

/** Optimistic locking: both amounts are in one currency, so they are validated with the row that was read, and written only at its version. */
export function shippingRateUpdate({ db, tenantId }: Context, id: string, input: ShippingRateUpdateInput) {
  return payload<'shippingRate', ShippingRate, UserErrorCode>('shippingRate', async () => {
    const { name, countryCodes } = readInput(updateInput, input);
    const price = input.price && parseMoney(input.price, 'input.price');
    const freeFrom = input.freeFrom && parseMoney(input.freeFrom, 'input.freeFrom');
    const find = () => db.shippingRate.findFirst({ where: { tenantId, id } });
    const current = await find();
    if (!current) throw new UserErrors(notFound('shipping rate'));
    if (input.expectedVersion != null && input.expectedVersion !== current.version) throw staleVersion(current);
    const { currencyCode, priceAmount, freeFromAmount } = current;
    const changed = amounts(
      price ?? { currencyCode, minorUnits: priceAmount },
      freeFrom === undefined && freeFromAmount !== null
        ? { currencyCode, minorUnits: freeFromAmount }
        : (freeFrom ?? null),
    );
    const rows = await db.shippingRate.updateManyAndReturn({
      where: { tenantId, id, version: current.version },
      data: { ...omitUndefined({ name, countryCodes }), ...changed, version: { increment: 1 } },
    });
    return requireUpdated(rows, find, 'shipping rate');
  });
}

export function shippingRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedShippingRateId', string, UserErrorCode>('deletedShippingRateId', async () => {
    const { count } = await db.shippingRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('shipping rate'));
    return id;
  });
}

/** The columns of both amounts. @throws UserErrors */
function amounts(price: Money, freeFrom: Money | null) {
  if (freeFrom && freeFrom.currencyCode !== price.currencyCode) {
    const expected = `the currency of the price: ${price.currencyCode}`;
    throw new UserErrors(invalid(['input', 'freeFrom', 'currencyCode'], expected));
  }
  return {
    currencyCode: price.currencyCode,
    priceAmount: price.minorUnits,
    freeFromAmount: freeFrom?.minorUnits ?? null,
  };
}
