import { UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductOptionInput, ProductVariantInput } from '../generated/resolvers';
import { inUse, refuse } from './faults';
import { lockVariants } from './lockVariants';
import { writeOptions } from './option.service';
import { refreshPriceRange } from './priceRange';
import { isPriceChange, type PriceChange } from './productEvents';
import {
  combinationOf,
  inOptionOrder,
  type OptionValue,
  type VariantColumns,
  variantColumns,
  variantCountFaults,
  variantListFaults,
} from './variantInput';
import { writeVariantOrder } from './variantOrder';
import { insertVariants, newVariant } from './variantRows';

const fieldOf = (index: number) => ['input', 'variants', String(index)];

/**
 * Makes a locked product's options and variants what the lists say. A variant is the same one when it has the same SKU: it
 * keeps its id and its stock. One that is not in the list goes.
 */
export async function writeFamily(
  ctx: Context,
  tx: Tx,
  productId: string,
  options: ProductOptionInput[],
  inputs: ProductVariantInput[],
  priceChanges: PriceChange[],
): Promise<void> {
  const { tenantId } = ctx;
  const variants = inputs.map((input, index) => newVariant(input, options, fieldOf(index)));
  const tooMany = variantCountFaults(options, inputs);
  refuse(tooMany.length > 0 ? tooMany : variantListFaults(options, inputs));

  const locked = await lockVariants(tx, tenantId, productId);
  const skus = new Set(variants.map(({ sku }) => sku));
  const gone = locked.filter(({ sku }) => !skus.has(sku));
  const held = gone.find(({ reserved }) => reserved > 0);
  if (held) throw new UserErrors(inUse(['input', 'variants'], `Orders hold stock of ${held.sku}.`));
  await tx.productVariant.deleteMany({ where: { tenantId, productId, id: { in: gone.map(({ id }) => id) } } });
  await writeOptions(tx, tenantId, productId, options);

  const kept = await tx.productVariant.findMany({ where: { tenantId, productId }, orderBy: { position: 'asc' } });
  const bySku = new Map(kept.map((variant) => [variant.sku, variant]));
  for (const [index, input] of inputs.entries()) {
    const before = bySku.get(input.sku);
    const columns = variantColumns(input, fieldOf(index));
    if (before) await writeVariant(tx, before, columns, inOptionOrder(input.optionValues, options));
    if (before && isPriceChange(before, columns)) {
      const { priceAmount = 0n, currencyCode = '' } = columns;
      priceChanges.push({ before, priceAmount, currencyCode });
    }
  }
  const added = variants.filter(({ sku }) => !bySku.has(sku));
  const last = kept.at(-1)?.position ?? -1;
  await insertVariants(ctx, tx, productId, added, last + 1);

  const wanted = variants.map(({ id, sku }) => bySku.get(sku)?.id ?? id);
  const present = [...kept, ...added].map(({ id }) => id);
  if (wanted.join() !== present.join()) await writeVariantOrder(tx, tenantId, productId, wanted);
  await refreshPriceRange(tx, tenantId, productId);
}

/** Only when something becomes different: who sends the same again makes no new version of the variant. */
async function writeVariant(
  tx: Tx,
  before: ProductVariant,
  columns: VariantColumns,
  optionValues: OptionValue[],
): Promise<void> {
  const { tenantId, id } = before;
  const isSame =
    Object.entries(columns).every(([name, value]) => before[name as keyof ProductVariant] === value) &&
    sameValues(before.optionValues as unknown as OptionValue[], optionValues);
  if (isSame) return;
  await tx.productVariant.updateMany({
    where: { tenantId, id },
    data: { ...columns, optionValues: optionValues.map((value) => ({ ...value })), version: { increment: 1 } },
  });
}

const sameValues = (a: OptionValue[], b: OptionValue[]) =>
  combinationOf(a) === combinationOf(b) && a.every(({ option }, index) => option === b[index]?.option);
