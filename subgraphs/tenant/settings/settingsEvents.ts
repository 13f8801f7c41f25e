import { recordEvent } from '../../shared/events/recordEvent';
import { type StoreSettings, storeSettings } from '../../shared/storeSettings';
import type { Tx } from '../database';
import type { TenantSettings } from '../generated/prisma/client';
import { lockAndRecordUpdated } from '../store/storeEvents';

/**
 * Records a change of the settings. They are an aggregate with its own version, because a service that subscribes to this event only
 * must be able to see which change is the later one.
 */
export async function recordSettingsChanged(tx: Tx, settings: TenantSettings): Promise<void> {
  const { tenantId, version } = settings;
  if (!(await lockAndRecordUpdated(tx, tenantId))) return;
  const aggregate = { aggregateId: tenantId, aggregateVersion: version };
  const shared: StoreSettings = settings;
  await recordEvent(tx, { type: 'tenant.settings_changed', ...aggregate, data: storeSettings.parse(shared) });
}
