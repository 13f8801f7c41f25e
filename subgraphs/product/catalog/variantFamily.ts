import { groupByKey } from '../../shared/batches';
import { UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductVariant } from '../generated/prisma/client';
import type { MetafieldInput, ProductOptionInput, ProductVariantInput } from '../generated/resolvers';
import { inUse, refuse } from './faults';
import { lockVariants } from './lockVariants';
import { findMetafields, type MetafieldModel, replaceMetafields } from './metafields';
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

interface Family {
  options: ProductOptionInput[];
  variants: ProductVariantInput[];
  /** Of the product's pictures, in their order. */
  imageIds: string[];
}

/**
 * Makes a locked product's options and variants what the lists say. A variant is the same one when it has the same SKU: it
 * keeps its id and its stock. One that is not in the list goes.
 */
export async function writeFamily(
  ctx: Context,
  tx: Tx,
  productId: string,
  { options, variants: inputs, imageIds }: Family,
  priceChanges: PriceChange[],
): Promise<void> {
  const { tenantId } = ctx;
  const variants = inputs.map((input, index) => newVariant(input, options, fieldOf(index), imageIds));
  const tooMany = variantCountFaults(options, inputs);
  refuse(tooMany.length > 0 ? tooMany : variantListFaults(options, inputs, imageIds.length));

  const locked = await lockVariants(tx, tenantId, productId);
  const skus = new Set(variants.map(({ sku }) => sku));
  const gone = locked.filter(({ sku }) => !skus.has(sku));
  const held = gone.find(({ reserved }) => reserved > 0);
  if (held) throw new UserErrors(inUse(['input', 'variants'], `Orders hold stock of ${held.sku}.`));
  await tx.productVariant.deleteMany({ where: { tenantId, productId, id: { in: gone.map(({ id }) => id) } } });
  await writeOptions(tx, tenantId, productId, options);

  const kept = await tx.productVariant.findMany({ where: { tenantId, productId }, orderBy: { position: 'asc' } });
  const bySku = new Map(kept.map((variant) => [variant.sku, variant]));
  const metafields = await metafieldsOf(tx, tenantId, kept);
  for (const [index, input] of inputs.entries()) {
    const before = bySku.get(input.sku);
    const columns = variantColumns(input, fieldOf(index));
    const { imagePosition } = input;
    // Left out stays, as with the other columns.
    const image = imagePosition === undefined ? {} : { imageId: imageIds[imagePosition ?? -1] ?? null };
    if (before) {
      await writeVariant(tx, before, { ...columns, ...image }, inOptionOrder(input.optionValues, options), {
        before: metafields.get(before.id) ?? [],
        after: input.metafields,
      });
    }
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
  columns: VariantColumns & { imageId?: string | null },
  optionValues: OptionValue[],
  metafields: { before: MetafieldModel[]; after: readonly MetafieldInput[] | null | undefined },
): Promise<void> {
  const { tenantId, id } = before;
  const hasSameMetafields = metafields.after === undefined || sameMetafields(metafields.before, metafields.after ?? []);
  const isSame =
    hasSameMetafields &&
    Object.entries(columns).every(([name, value]) => before[name as keyof ProductVariant] === value) &&
    sameValues(before.optionValues, optionValues);
  if (isSame) return;
  if (!hasSameMetafields) await replaceMetafields(tx, { kind: 'variant', tenantId, id }, metafields.after ?? []);
  await tx.productVariant.updateMany({
    where: { tenantId, id },
    data: { ...columns, optionValues: optionValues.map((value) => ({ ...value })), version: { increment: 1 } },
  });
}

async function metafieldsOf(tx: Tx, tenantId: string, variants: ProductVariant[]) {
  const ids = variants.map(({ id }) => id);
  const found = await findMetafields(tx, { kind: 'variant', tenantId, ids }, true);
  return new Map(groupByKey(ids, found, ({ ownerId }) => ownerId).map((group, index) => [ids[index], group]));
}

function sameMetafields(before: readonly MetafieldInput[], after: readonly MetafieldInput[]): boolean {
  const written = ({ namespace, key, type, value, isPublic }: MetafieldInput) =>
    JSON.stringify([namespace, key, type, value, isPublic]);
  return before.map(written).sort().join() === after.map(written).sort().join();
}

const sameValues = (a: OptionValue[], b: OptionValue[]) =>
  combinationOf(a) === combinationOf(b) && a.every(({ option }, index) => option === b[index]?.option);
