import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';

// Without checks of their own: references to these are for staff only, see shipping.rules.ts.

export const shippingRateById = loader(async ({ db, tenantId }, ids) => {
  const rates = await db.shippingRate.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, rates, (rate) => rate.id);
});

export const shippingZoneById = loader(async ({ db, tenantId }, ids) => {
  const zones = await db.shippingZone.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, zones, (zone) => zone.id);
});

export const shippingRatesByZoneId = loader(async ({ db, tenantId }, zoneIds) => {
  const rates = await db.shippingRate.findMany({
    where: { tenantId, zoneId: { in: [...zoneIds] } },
    orderBy: { id: 'asc' },
  });
  return groupByKey(zoneIds, rates, (rate) => rate.zoneId ?? '');
});
