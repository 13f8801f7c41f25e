import { z } from 'zod';
import { isUniqueViolation } from '../../shared/constraints';
import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { lockResource } from '../../shared/lockResource';
import type { Context } from '../context';
import type { TaxRate, TaxSettings } from '../generated/prisma/client';
import type {
  PricingErrorCode,
  TaxRateCreateInput,
  TaxRateUpdateInput,
  TaxSettingsUpdateInput,
} from '../generated/resolvers';
import { isCountryCode } from '../input/countryCode';
import { readInput, text } from '../input/readInput';
import { atVersion, notFound, omitUndefined, requireUpdated } from '../requireUpdated';

/** The United States have some 50, Canada 13: this is every province of every country that a store may deal with. */
const MAX_RATES = 500;

const fields = {
  name: text(64),
  basisPoints: z.int().min(0, 'Expected 0 to 10,000.').max(10_000, 'Expected 0 to 10,000.'),
  appliesToShipping: z.boolean(),
};
const created = z.object({
  ...fields,
  countryCode: z.string().refine(isCountryCode, 'Expected an ISO 3166-1 alpha-2 code, such as US.'),
  province: text(255).transform(provinceKey).nullish(),
});
const updated = z.object(fields).partial();

/** Upper case, as it is stored and compared: "ca" is "CA". */
export function provinceKey(province: string | null | undefined): string {
  return province?.trim().toUpperCase() ?? '';
}

/** As much of it as one row says. */
export type TaxSettingsModel = Pick<TaxSettings, 'pricesIncludeTax'>;

/** How the store's prices stand to tax; a store that never said so adds it. */
export async function findTaxSettings({ db, tenantId }: Context): Promise<TaxSettingsModel> {
  return (await db.taxSettings.findFirst({ where: { tenantId } })) ?? { pricesIncludeTax: false };
}

export function listTaxRates({ db, tenantId }: Context): PromiseLike<TaxRate[]> {
  return db.taxRate.findMany({ where: { tenantId }, orderBy: [{ countryCode: 'asc' }, { province: 'asc' }] });
}

export function taxSettingsUpdate({ db, tenantId }: Context, { pricesIncludeTax }: TaxSettingsUpdateInput) {
  return payload<'taxSettings', TaxSettingsModel, PricingErrorCode>('taxSettings', async () =>
    db.taxSettings.upsert({
      where: { tenantId },
      create: { tenantId, pricesIncludeTax },
      update: { pricesIncludeTax },
    }),
  );
}

export function taxRateCreate({ db, tenantId }: Context, input: TaxRateCreateInput) {
  return payload<'taxRate', TaxRate, PricingErrorCode>('taxRate', async () => {
    const { province, ...rate } = readInput(created, input);
    try {
      return await db.$transaction(async (tx) => {
        await lockResource(tx, tenantId, 'tax rates');
        if ((await tx.taxRate.count({ where: { tenantId } })) >= MAX_RATES) {
          throw new UserErrors({
            field: ['input'],
            code: 'LIMIT_REACHED',
            message: `A store has up to ${MAX_RATES}.`,
          });
        }
        return tx.taxRate.create({ data: { ...rate, tenantId, id: newId('trat'), province: province ?? '' } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const field = ['input', province ? 'province' : 'countryCode'];
      throw new UserErrors({ field, code: 'TAKEN', message: 'There is a rate for this place: change that one.' });
    }
  });
}

export function taxRateUpdate({ db, tenantId }: Context, id: string, input: TaxRateUpdateInput) {
  return payload<'taxRate', TaxRate, PricingErrorCode>('taxRate', async () => {
    const changes = omitUndefined(readInput(updated, input));
    const rows = await db.taxRate.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...changes, version: { increment: 1 } },
    });
    return requireUpdated(rows, () => db.taxRate.findFirst({ where: { tenantId, id } }));
  });
}

export function taxRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedId', string, PricingErrorCode>('deletedId', async () => {
    const { count } = await db.taxRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw notFound();
    return id;
  });
}
