import { isDeepStrictEqual } from 'node:util';
import { payload, StaleVersion, UserErrors } from '../../shared/errors';
import { runInScope } from '../../shared/scope';
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

/** For the gateway, which asks for a store before it has a caller of that store. Null for a store whose data is erased. */
const findSettings = ({ db }: Context, { tenantId }: Tenant): Promise<TenantSettings | null> =>
  runInScope({ tenantId }, () => db.tenantSettings.findFirst({ where: { tenantId } }));

/** Changes what the client gave, by one conditional statement; the database holds that the default currency is supported. */
export function tenantSettingsUpdate(ctx: Context, input: TenantSettingsUpdateInput) {
  return payload<'settings', TenantSettings, TenantErrorCode>('settings', async () => {
    const { changes, faults } = readSettingsChanges(input);
    if (faults.length > 0) throw new UserErrors(...faults);
    refuseForeignDefault(changes);

    const { tenantId } = ctx;
    const before = await ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId } });
    if (isAsBefore(before, changes)) {
      refuseStale(before, input);
      return before;
    }
    const changed = await ctx.db.$transaction(async (tx) => {
      const [settings] = await tx.tenantSettings.updateManyAndReturn({
        where: {
          tenantId,
          ...(input.expectedVersion != null && { version: input.expectedVersion }),
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

/** What changes nothing counts no version, and is told to nobody. */
const isAsBefore = (before: TenantSettings, changes: SettingsChanges): boolean =>
  Object.entries(changes).every(([name, value]) => isDeepStrictEqual(before[name as keyof SettingsChanges], value));

/** @throws StaleVersion */
function refuseStale(current: TenantSettings, { expectedVersion }: TenantSettingsUpdateInput): void {
  if (expectedVersion == null || current.version === expectedVersion) return;
  throw new StaleVersion<TenantErrorCode>(current, {
    field: ['input', 'expectedVersion'],
    code: 'STALE_VERSION',
    message: `The settings are at version ${current.version}: look at what has changed, and send it again.`,
  });
}

/** Given one of the two, the other is the database's. */
function currenciesFit({ defaultCurrency, supportedCurrencies }: SettingsChanges) {
  if (defaultCurrency !== undefined && supportedCurrencies === undefined) {
    return { supportedCurrencies: { has: defaultCurrency } };
  }
  if (defaultCurrency === undefined && supportedCurrencies !== undefined) {
    return { defaultCurrency: { in: supportedCurrencies } };
  }
  return {};
}

function refuseForeignDefault(changes: SettingsChanges): void {
  const { defaultCurrency, supportedCurrencies } = changes;
  if (defaultCurrency === undefined || supportedCurrencies === undefined) return;
  if (!supportedCurrencies.includes(defaultCurrency)) throw unsupportedDefault(changes);
}

const unsupportedDefault = ({ defaultCurrency }: SettingsChanges) =>
  new UserErrors<TenantErrorCode>({
    field: ['input', defaultCurrency === undefined ? 'supportedCurrencies' : 'defaultCurrency'],
    code: 'INVALID',
    message: 'Expected the default currency to be one of the supported currencies.',
  });
