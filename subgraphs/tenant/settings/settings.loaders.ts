import DataLoader from 'dataloader';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { TenantSettings } from '../generated/prisma/client';

export interface SettingsLoaders {
  /** Null for a store that is erased. */
  settingsByTenantId: DataLoader<string, TenantSettings | null>;
}

/** For the gateway, which is no store's caller and asks for one store: its row is seen in its own scope alone. */
export const createSettingsLoaders = ({ db }: { db: Db }): SettingsLoaders => ({
  settingsByTenantId: new DataLoader((ids: readonly string[]) =>
    Promise.all(
      ids.map((tenantId) => runInScope({ tenantId }, () => db.tenantSettings.findFirst({ where: { tenantId } }))),
    ),
  ),
});
