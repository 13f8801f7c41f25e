import { isDeepStrictEqual } from 'node:util';
import { invalid, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tenant, TenantSettings } from '../generated/prisma/client';
import type { TenantSettingsUpdateInput, UserErrorCode } from '../generated/resolvers';
import { recordSettingsChanged } from './settingsEvents';
import { readSettingsChanges } from './settingsInput';

export async function getSettings(ctx: Context, tenant: Tenant): Promise<TenantSettings> {
  return ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId: tenant.tenantId } });
}

/** Changes the given fields under the row's lock: a theme is merged with the stored one, and the default currency must stay supported. */
export function tenantSettingsUpdate(ctx: Context, input: TenantSettingsUpdateInput) {
  return payload<'tenantSettings', TenantSettings, UserErrorCode>('tenantSettings', async () => {
    const { theme, ...given } = readSettingsChanges(input);
    const { tenantId } = ctx;
    return ctx.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM tenant_settings WHERE tenant_id = ${tenantId} FOR UPDATE`;
      const before = await tx.tenantSettings.findFirstOrThrow({ where: { tenantId } });
      if (input.expectedVersion != null && before.version !== input.expectedVersion) throw staleVersion(before);
      const changes = { ...given, ...(theme && { theme: withoutNulls({ ...(before.theme as object), ...theme }) }) };
      const { supportedCurrencies, defaultCurrency } = { ...before, ...changes };
      if (!supportedCurrencies.includes(defaultCurrency)) throw unsupportedDefault(changes);
      if (changesNothing(before, changes)) return before;
      const [settings] = await tx.tenantSettings.updateManyAndReturn({
        where: { tenantId },
        data: { ...changes, version: { increment: 1 } },
      });
      if (!settings) throw new Error('A locked row is gone');
      await recordSettingsChanged(tx, settings);
      return settings;
    });
  });
}

const withoutNulls = (theme: object) => Object.fromEntries(Object.entries(theme).filter(([, value]) => value !== null));

/** Then the version stays, and no event is published. */
const changesNothing = (before: TenantSettings, changes: Partial<TenantSettings>): boolean =>
  Object.entries(changes).every(([name, value]) => isDeepStrictEqual(before[name as keyof TenantSettings], value));

const unsupportedDefault = ({ defaultCurrency }: Partial<TenantSettings>) =>
  new UserErrors(
    invalid(
      ['input', defaultCurrency === undefined ? 'supportedCurrencies' : 'defaultCurrency'],
      'the default currency to be one of the supported currencies',
    ),
  );
