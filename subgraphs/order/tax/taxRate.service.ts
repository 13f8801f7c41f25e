import { z } from 'zod';
import { isUniqueViolation } from '../../shared/constraints';
import { newId } from '../../shared/ids';
import { list, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { omitUndefined } from '../../shared/omitUndefined';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { limitReached, notFound, payload, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { TaxRate, TaxSettings } from '../generated/prisma/client';
import type {
  TaxRateCreateInput,
  TaxRateUpdateInput,
  TaxSettingsUpdateInput,
  UserErrorCode,
} from '../generated/resolvers';
import { countryCodeInput } from '../input/countryCode';
import { postalCodePatternInput } from '../input/postalCodePattern';
import { provinceCode } from '../input/province';
import { taxPercentInput } from './taxPercent';

/** Enough for each province of each country that a store sells to: the United States have some 50, Canada 13. */
const MAX_RATES = 500;

const MAX_PRIORITY = 5;

const fields = {
  name: text(64),
  rate: taxPercentInput,
  compound: z.boolean(),
  appliesToShipping: z.boolean(),
};
/** Enough for the districts of a state that have a tax of their own. */
const MAX_POSTAL_CODES = 100;

const place = z.object({ countryCode: countryCodeInput, province: text(255).nullish() });
const createInput = z
  .object({
    ...fields,
    ...place.shape,
    postalCodes: list(postalCodePatternInput, { max: MAX_POSTAL_CODES }).transform((all) => [...new Set(all)].sort()),
    taxClass: z.enum(['STANDARD', 'REDUCED'], 'Expected STANDARD or REDUCED: other goods need no rates.'),
    priority: z.int().min(1, 'Expected 1 to 5.').max(MAX_PRIORITY, 'Expected 1 to 5.'),
  })
  .refine(({ countryCode, province }) => !province || provinceCode(countryCode, province) !== null, {
    path: ['province'],
    message: 'Expected a province or state of the country, by its code or name.',
    when: ({ value }) => place.safeParse(value).success,
  })
  .transform(({ province, compound, ...rate }) => ({
    ...rate,
    isCompound: compound,
    province: provinceCode(rate.countryCode, province) ?? '',
  }));
const updateInput = z
  .object(fields)
  .partial()
  .transform(({ compound, ...rate }) => ({ ...rate, isCompound: compound }));

const settingsInput = z.object({ countryCode: countryCodeInput.nullish() });

/** Without its rates, which are in a table of their own. */
export type TaxSettingsModel = Pick<TaxSettings, 'tenantId' | 'pricesIncludeTax' | 'rounding' | 'countryCode'>;

const newSettings = (tenantId: string): TaxSettingsModel => ({
  tenantId,
  pricesIncludeTax: false,
  rounding: 'LINE',
  countryCode: null,
});

/** The default adds tax to the prices. */
export async function findTaxSettings({ db, tenantId }: Context): Promise<TaxSettingsModel> {
  return (await db.taxSettings.findFirst({ where: { tenantId } })) ?? newSettings(tenantId);
}

export function listTaxRates({ db, tenantId }: Context): PromiseLike<TaxRate[]> {
  return db.taxRate.findMany({
    where: { tenantId },
    orderBy: [{ countryCode: 'asc' }, { province: 'asc' }, { priority: 'asc' }, { id: 'asc' }],
  });
}

export function taxSettingsUpdate({ db, tenantId }: Context, input: TaxSettingsUpdateInput) {
  return payload<'taxSettings', TaxSettingsModel, UserErrorCode>('taxSettings', async () => {
    const { countryCode } = readInput(settingsInput, input);
    const { pricesIncludeTax, rounding } = input;
    const given = {
      ...(pricesIncludeTax != null && { pricesIncludeTax }),
      ...(rounding != null && { rounding }),
      ...(countryCode !== undefined && { countryCode }),
    };
    return db.taxSettings.upsert({ where: { tenantId }, create: { tenantId, ...given }, update: given });
  });
}

export function taxRateCreate({ db, tenantId }: Context, input: TaxRateCreateInput) {
  return payload<'taxRate', TaxRate, UserErrorCode>('taxRate', async () => {
    const rate = readInput(createInput, input);
    try {
      return await db.$transaction(async (tx) => {
        await lockResource(tx, tenantId, 'tax rates');
        if ((await tx.taxRate.count({ where: { tenantId } })) >= MAX_RATES) {
          throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_RATES}.`));
        }
        return tx.taxRate.create({ data: { ...rate, tenantId, id: newId('trat') } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const field = ['input', rate.province ? 'province' : 'countryCode'];
      throw new UserErrors(
        taken(field, 'There is such a rate for this place and priority: change that one, or name another priority.'),
      );
    }
  });
}

export function taxRateUpdate({ db, tenantId }: Context, id: string, input: TaxRateUpdateInput) {
  return payload<'taxRate', TaxRate, UserErrorCode>('taxRate', async () => {
    const changes = omitUndefined(readInput(updateInput, input));
    const rows = await db.taxRate.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...changes, version: { increment: 1 } },
    });
    return requireUpdated(rows, () => db.taxRate.findFirst({ where: { tenantId, id } }), 'tax rate');
  });
}

export function taxRateDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedTaxRateId', string, UserErrorCode>('deletedTaxRateId', async () => {
    const { count } = await db.taxRate.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('tax rate'));
    return id;
  });
}
