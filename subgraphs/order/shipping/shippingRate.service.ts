import { newId } from '../../shared/ids';
import { readInput } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { omitUndefined } from '../../shared/omitUndefined';
import { requireUpdated } from '../../shared/optimisticLocking';
import { invalid, limitReached, notFound, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import type { ShippingRate } from '../generated/prisma/client';
import type { ShippingRateCreateInput, ShippingRateUpdateInput, UserErrorCode } from '../generated/resolvers';
import { readAmounts } from './rateAmounts';
import { rateCreateInput, rateUpdateInput, storedPickup } from './rateInput';
import { zoneOfCountries } from './shippingZone.service';

const MAX_RATES = 500;

export function listShippingRates({ db, tenantId }: Context): PromiseLike<ShippingRate[]> {
  return db.shippingRate.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
}

export function shippingRateCreate({ db, tenantId }: Context, input: ShippingRateCreateInput) {
  return payload<'shippingRate', ShippingRate, UserErrorCode>('shippingRate', async () => {
    const { name, zoneId, countryCodes, estimatedDays, pickupLocation, excludedProductIds, isFallback } = readInput(
      rateCreateInput,
      input,
    );
    const amounts = readAmounts(input, null);
    return db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'shipping rates');
      if ((await tx.shippingRate.count({ where: { tenantId } })) >= MAX_RATES) {
        throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_RATES} rates.`));
      }
      if (zoneId != null) await requireZone(tx, tenantId, zoneId);
      const place = pickupLocation
        ? { pickup: storedPickup(pickupLocation) }
        : { zoneId: zoneId ?? (await zoneOfCountries(tx, tenantId, countryCodes)) };
      const data = { name, excludedProductIds, isFallback, ...place, ...daysOf(estimatedDays ?? null), ...amounts };
      return tx.shippingRate.create({ data: { ...data, tenantId, id: newId('srat') } });
    });
  });
}

/** Optimistic locking: all amounts are in one currency, so they are validated with the row that was read, and written only at its version. */
export function shippingRateUpdate({ db, tenantId }: Context, id: string, input: ShippingRateUpdateInput) {
  return payload<'shippingRate', ShippingRate, UserErrorCode>('shippingRate', async () => {
    const given = readInput(rateUpdateInput, input);
    const { name, zoneId, estimatedDays, pickupLocation, excludedProductIds, isFallback } = given;
    const find = () => db.shippingRate.findFirst({ where: { tenantId, id } });
    const current = await find();
    if (!current) throw new UserErrors(notFound('shipping rate'));
    if (input.expectedVersion != null && input.expectedVersion !== current.version) throw staleVersion(current);
    const amounts = readAmounts(input, current);
    if (zoneId !== undefined && current.pickup) {
      throw new UserErrors(invalid(['input', 'zoneId'], 'no zone: whoever fetches it may live anywhere'));
    }
    if (pickupLocation !== undefined && !current.pickup) {
      throw new UserErrors(invalid(['input', 'pickupLocation'], 'none: this rate is of a zone'));
    }
    if (isFallback && current.pickup) throw new UserErrors(invalid(['input', 'isFallback'], 'false for a pickup'));
    if (zoneId !== undefined) await requireZone(db, tenantId, zoneId);
    const rows = await db.shippingRate.updateManyAndReturn({
      where: { tenantId, id, version: current.version },
      data: {
        ...omitUndefined({ name, zoneId, excludedProductIds, isFallback }),
        ...(pickupLocation !== undefined && { pickup: storedPickup(pickupLocation) }),
        ...(estimatedDays !== undefined && daysOf(estimatedDays)),
        ...amounts,
        version: { increment: 1 },
      },
    });
    return requireUpdated(rows, find, 'shipping rate');
  });
}

const daysOf = (given: { min: number; max: number } | null) => ({
  minDays: given?.min ?? null,
  maxDays: given?.max ?? null,
});

/** A zone that is deleted meanwhile is the foreign key's to refuse. @throws UserErrors */
async function requireZone(db: Db | Tx, tenantId: string, id: string): Promise<void> {
  const found = await db.shippingZone.findFirst({ where: { tenantId, id }, select: { id: true } });
  if (!found) throw new UserErrors(notFound('shipping zone', ['input', 'zoneId']));
}

export function shippingRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedShippingRateId', string, UserErrorCode>('deletedShippingRateId', async () => {
    const { count } = await db.shippingRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('shipping rate'));
    return id;
  });
}
