import { z } from 'zod';
import { isForeignKeyViolation } from '../../shared/constraints';
import { list, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { limitReached, notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { OptionSwatch } from '../generated/prisma/client';
import type { OptionSwatchInput, UserErrorCode } from '../generated/resolvers';
import { asKey, swatchKey } from './swatchKey';

const MAX_SWATCHES = 1_000;

const swatch = z.object({
  option: text(64),
  value: text(64),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'Expected a color such as #1a2b3c.')
    .nullish(),
  imageId: z.string().nullish(),
});
const swatches = list(swatch, { min: 1, max: 100 }).refine(
  (all) => new Set(all.map(swatchKey)).size === all.length,
  'Expected each value once.',
);
type Given = z.output<typeof swatch>;

export const listSwatches = ({ db, tenantId }: Pick<Context, 'tenantId'> & { db: Tx }): PromiseLike<OptionSwatch[]> =>
  db.optionSwatch.findMany({ where: { tenantId }, orderBy: [{ optionKey: 'asc' }, { valueKey: 'asc' }] });

/** All of them, or none. */
export function optionSwatchesSet(ctx: Context, given: OptionSwatchInput[]) {
  return payload<'optionSwatches', OptionSwatch[], UserErrorCode>('optionSwatches', async () => {
    const wanted = readInput(swatches, given, ['swatches']);
    const { tenantId } = ctx;
    return ctx.db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'option swatches');
      for (const [index, one] of wanted.entries()) await writeSwatch(tx, tenantId, one, index);
      if ((await tx.optionSwatch.count({ where: { tenantId } })) > MAX_SWATCHES) {
        throw new UserErrors(limitReached(['swatches'], `A store has at most ${MAX_SWATCHES} swatches.`));
      }
      return listSwatches({ db: tx, tenantId });
    });
  });
}

/** @throws UserErrors NOT_FOUND for another store's image as for none: the foreign key contains the tenant. */
async function writeSwatch(tx: Tx, tenantId: string, { option, value, color, imageId }: Given, index: number) {
  const key = { tenantId, optionKey: asKey(option), valueKey: asKey(value) };
  if (color == null && imageId == null) {
    await tx.optionSwatch.deleteMany({ where: key });
    return;
  }
  const looks = { option, value, color: color ?? null, imageId: imageId ?? null };
  try {
    await tx.optionSwatch.upsert({
      where: { tenantId_optionKey_valueKey: key },
      create: { ...key, ...looks },
      update: looks,
    });
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw new UserErrors(notFound('image', ['swatches', String(index), 'imageId']));
  }
}
