import { isDeepStrictEqual } from 'node:util';
import { atVersion } from '../../shared/optimisticLocking';
import { runInScope } from '../../shared/scope';
import { invalid, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tenant, TenantSettings } from '../generated/prisma/client';
import type { TenantErrorCode, TenantSettingsUpdateInput } from '../generated/resolvers';
import { recordSettingsChanged } from './settingsEvents';
import { readSettingsChanges, type SettingsChanges } from './settingsInput';

export async function getSettings(ctx: Context, tenant: Tenant): Promise<TenantSettings> {
  return ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId: tenant.tenantId } });
}

export const showsExactStock = async (ctx: Context, tenant: Tenant): Promise<boolean> =>
  (await findSettings(ctx, tenant))?.showExactStock ?? false;

export const orderPrefix = async (ctx: Context, tenant: Tenant): Promise<string> =>
  (await findSettings(ctx, tenant))?.orderPrefix ?? '';

/** A store's settings. For the gateway, too, which needs them before it knows the caller. Null for an erased store. */
const findSettings = ({ db }: Context, { tenantId }: Tenant): Promise<TenantSettings | null> =>
  runInScope({ tenantId }, () => db.tenantSettings.findFirst({ where: { tenantId } }));

/** Changes the given fields by one conditional statement. Its condition and a CHECK constraint keep the default currency among the supported ones. */
export function tenantSettingsUpdate(ctx: Context, input: TenantSettingsUpdateInput) {
  return payload<'settings', TenantSettings, TenantErrorCode>('settings', async () => {
    const changes = readSettingsChanges(input);
    refuseUnsupportedDefault(changes);

    const { tenantId } = ctx;
    const before = await ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId } });
    if (changesNothing(before, changes)) {
      refuseStale(before, input);
      return before;
    }
    const changed = await ctx.db.$transaction(async (tx) => {
      const [settings] = await tx.tenantSettings.updateManyAndReturn({
        where: {
          tenantId,
          ...atVersion(input.expectedVersion),
          ...currenciesFit(changes),
        },
        data: { ...changes, version: { increment: 1 } },
      });
      if (settings) await recordSettingsChanged(tx, settings);
      return settings;
    });
    if (changed) return changed;

    refuseStale(await ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId } }), input);
    throw unsupportedDefault(changes);
  });
}

/** Whether the version stays, and no event is published. */
const changesNothing = (before: TenantSettings, changes: SettingsChanges): boolean =>
  Object.entries(changes).every(([name, value]) => isDeepStrictEqual(before[name as keyof SettingsChanges], value));

/** @throws StaleVersion */
function refuseStale(current: TenantSettings, { expectedVersion }: TenantSettingsUpdateInput): void {
  if (expectedVersion != null && current.version !== expectedVersion) throw staleVersion(current);
}

/** If only one of the two is given, the condition on the other one's stored value. */
function currenciesFit({ defaultCurrency, supportedCurrencies }: SettingsChanges) {
  if (defaultCurrency !== undefined && supportedCurrencies === undefined) {
    return { supportedCurrencies: { has: defaultCurrency } };
  }
  if (defaultCurrency === undefined && supportedCurrencies !== undefined) {
    return { defaultCurrency: { in: supportedCurrencies } };
  }
  return {};
}

/** Checks the default currency when both are given. @throws UserErrors */
function refuseUnsupportedDefault(changes: SettingsChanges): void {
  const { defaultCurrency, supportedCurrencies } = changes;
  if (defaultCurrency === undefined || supportedCurrencies === undefined) return;
  if (!supportedCurrencies.includes(defaultCurrency)) throw unsupportedDefault(changes);
}

const unsupportedDefault = ({ defaultCurrency }: SettingsChanges) =>
  new UserErrors(
    invalid(
      ['input', defaultCurrency === undefined ? 'supportedCurrencies' : 'defaultCurrency'],
      'the default currency to be one of the supported currencies',
    ),
  );
