import { z } from 'zod';
import { newId } from '../../shared/ids';
import { notNull, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { omitUndefined } from '../../shared/omitUndefined';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { limitReached, notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ShippingZone } from '../generated/prisma/client';
import type { ShippingZoneCreateInput, ShippingZoneUpdateInput, UserErrorCode } from '../generated/resolvers';
import type { ZoneLocation } from '../pricing/shippingZones';
import { zoneLocationsInput } from './zoneLocations';

const MAX_ZONES = 100;
const REST_OF_THE_WORLD = 'Rest of the world';

const fields = { name: text(64), locations: zoneLocationsInput };
const createInput = z.object(fields);
const updateInput = z.object({ name: notNull(fields.name), locations: notNull(fields.locations) });

export function listShippingZones({ db, tenantId }: Context): PromiseLike<ShippingZone[]> {
  return db.shippingZone.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
}

export function shippingZoneCreate({ db, tenantId }: Context, input: ShippingZoneCreateInput) {
  return payload<'shippingZone', ShippingZone, UserErrorCode>('shippingZone', async () => {
    const { name, locations } = readInput(createInput, input);
    return db.$transaction((tx) => insertZone(tx, tenantId, name, locations));
  });
}

/** The zone of exactly these countries, all of each; added when there is none. @throws UserErrors */
export async function zoneOfCountries(tx: Tx, tenantId: string, countryCodes: readonly string[]): Promise<string> {
  await lockZones(tx, tenantId);
  const locations = [...new Set(countryCodes)].sort().map(wholeCountry);
  const found = await tx.shippingZone.findFirst({
    where: { tenantId, locations: { equals: locations } },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
  if (found) return found.id;
  const name =
    locations
      .map(({ countryCode }) => countryCode)
      .join(', ')
      .slice(0, 64) || REST_OF_THE_WORLD;
  return (await insertZone(tx, tenantId, name, locations)).id;
}

const wholeCountry = (countryCode: string) => ({ countryCode, postalCodes: [], provinceCodes: [] });

async function insertZone(tx: Tx, tenantId: string, name: string, locations: ZoneLocation[]): Promise<ShippingZone> {
  await lockZones(tx, tenantId);
  if ((await tx.shippingZone.count({ where: { tenantId } })) >= MAX_ZONES) {
    throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_ZONES} zones.`));
  }
  return tx.shippingZone.create({ data: { tenantId, id: newId('szon'), name, locations } });
}

const lockZones = (tx: Tx, tenantId: string) => lockResource(tx, tenantId, 'shipping zones');

export function shippingZoneUpdate({ db, tenantId }: Context, id: string, input: ShippingZoneUpdateInput) {
  return payload<'shippingZone', ShippingZone, UserErrorCode>('shippingZone', async () => {
    const changes = omitUndefined(readInput(updateInput, input));
    const rows = await db.shippingZone.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...changes, version: { increment: 1 } },
    });
    return requireUpdated(rows, () => db.shippingZone.findFirst({ where: { tenantId, id } }), 'shipping zone');
  });
}

/** Its rates go with it, by the foreign key. */
export function shippingZoneDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedShippingZoneId', string, UserErrorCode>('deletedShippingZoneId', async () => {
    const { count } = await db.shippingZone.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('shipping zone'));
    return id;
  });
}
