import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { TenantSettings } from '../generated/prisma/client';
import { recordPartUpdated } from '../store/storeEvents';

/**
 * As {@link recordPartUpdated}, with what other services go by: a thing of its own with a version of its own, for who hears of it hears
 * nothing else of the store, and must know which change is the later one.
 */
export async function recordSettingsChanged(tx: Tx, settings: TenantSettings): Promise<void> {
  const { tenantId, version, locale, timeZone, taxIncludedInPrices, showExactStock } = settings;
  if (!(await recordPartUpdated(tx, tenantId))) return;
  const aggregate = { aggregateId: tenantId, aggregateVersion: version };
  const data = { locale, timeZone, taxIncludedInPrices, showExactStock };
  await recordEvent(tx, { type: 'tenant.settings_changed', ...aggregate, data });
}
