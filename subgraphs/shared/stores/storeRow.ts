import type { KnownEvent } from '../events/domainEvent';
import type { Statements } from '../events/eventDatabase';
import { type StoreSettings, storeSettings } from '../storeSettings';

/** Writes a store's settings into this subgraph's table `stores`. An event that arrives after a later one has no effect. */
export async function keepSettings(
  tx: Statements,
  { tenantId, aggregateVersion, data }: KnownEvent<'tenant.settings_changed'>,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO stores AS kept (tenant_id, settings, settings_version)
    VALUES (${tenantId}, ${JSON.stringify(data)}::jsonb, ${aggregateVersion}::bigint)
    ON CONFLICT (tenant_id) DO UPDATE SET settings = EXCLUDED.settings, settings_version = EXCLUDED.settings_version
    WHERE kept.settings_version IS NULL OR kept.settings_version <= EXCLUDED.settings_version`;
}

/** A store's settings; until the first event arrives, those of a new store. */
export async function getStoreSettings(db: Statements, tenantId: string): Promise<StoreSettings> {
  const [store] = await db.$queryRaw<{ settings: unknown }[]>`
    SELECT settings FROM stores WHERE tenant_id = ${tenantId}`;
  return storeSettings.parse(store?.settings ?? {});
}
