import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductOption, ProductVariant } from '../generated/prisma/client';
import type { ProductErrorCode, ProductVariantInput, ProductVariantUpdateInput } from '../generated/resolvers';
import { imagesOf, MOST_IMAGES } from '../media/imageRows';
import { changeProduct, staleVersion } from './changeProduct';
import { count, inUse, invalid, notFound, refuse, required, taken } from './faults';
import { lockVariants } from './lockVariants';
import { MOST_METAFIELDS, metafieldFaults } from './metafieldInput';
import { writeMetafields } from './metafields';
import { movedTo } from './movedTo';
import { refreshPriceRange } from './priceRange';
import { isPriceChange, type PriceChange } from './productEvents';
import { asUserErrors } from './takenOrMissing';
import {
  combinationFaults,
  combinationOf,
  inOptionOrder,
  MOST_VARIANTS,
  newVariantFaults,
  type OptionValue,
  variantColumns,
  variantFieldFaults,
} from './variantInput';
import { writeVariantOrder } from './variantOrder';
import { insertVariants, newVariant } from './variantRows';

const INPUT = ['input'];

export function productVariantCreate(ctx: Context, productId: string, input: ProductVariantInput) {
  return payload<'productVariant', ProductVariant, ProductErrorCode>('productVariant', async () => {
    const { tenantId } = ctx;
    // Of no product yet: it tells what is no money before anything else.
    const { id } = newVariant(input, [], INPUT);
    refuse([
      ...variantFieldFaults(input, INPUT, input.price.currencyCode),
      ...newVariantFaults(input, INPUT, MOST_IMAGES),
    ]);

    const changed = { id: productId, idField: ['productId'], expectedVersion: null, versionField: [] };
    await withUserErrors(ctx, input.sku, () =>
      changeProduct(ctx, changed, async (tx) => {
        const { options, variants } = await familyOf(tx, tenantId, productId);
        if (variants.length >= MOST_VARIANTS) {
          throw new UserErrors(invalid(['productId'], `at most ${MOST_VARIANTS} variants of a product`));
        }
        const images = await imagesOf(tx, tenantId, productId);
        const imageIds = images.map((image) => image.id);
        refuse([
          ...newVariantFaults(input, INPUT, imageIds.length),
          ...variantFieldFaults({ price: input.price }, INPUT, variants[0]?.currencyCode),
          ...newCombinationFaults(input.optionValues, options, variants),
        ]);
        const position = Math.max(-1, ...variants.map((variant) => variant.position)) + 1;
        await insertVariants(ctx, tx, productId, [{ ...newVariant(input, options, INPUT, imageIds), id }], position);
        await refreshPriceRange(tx, tenantId, productId);
      }),
    );
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId, id } });
  });
}

export function productVariantUpdate(ctx: Context, id: string, input: ProductVariantUpdateInput) {
  return payload<'productVariant', ProductVariant, ProductErrorCode>('productVariant', async () => {
    const { tenantId } = ctx;
    const columns = variantColumns(input, INPUT);
    const metafields = input.metafields ?? [];
    const metafieldsToDelete = input.metafieldsToDelete ?? [];
    refuse([
      ...(['sku', 'price', 'optionValues', 'position'] as const)
        .filter((name) => input[name] === null)
        .map((name) => required([...INPUT, name], 'Can’t be taken away.')),
      ...variantFieldFaults(input, INPUT, undefined),
      ...(input.position != null && input.position < 0 ? [invalid([...INPUT, 'position'], '0 or more')] : []),
      ...metafieldFaults(metafields),
      ...count([...INPUT, 'metafieldsToDelete'], metafieldsToDelete, 0, MOST_METAFIELDS),
    ]);

    await changeVariant(ctx, id, input.sku, async (tx, before, { options, variants }, priceChanges) => {
      if (input.expectedVersion != null && input.expectedVersion !== before.version) {
        throw staleVersion(before, [...INPUT, 'expectedVersion']);
      }
      const others = variants.filter((variant) => variant.id !== id);
      const currencyCode = columns.currencyCode ?? before.currencyCode;
      refuse([
        ...variantFieldFaults(input, INPUT, others[0]?.currencyCode ?? currencyCode),
        ...(input.optionValues == null ? [] : newCombinationFaults(input.optionValues, options, others)),
      ]);
      await tx.productVariant.updateMany({
        where: { tenantId, id },
        data: {
          ...(currencyCode !== before.currencyCode && { compareAtPriceAmount: null, unitCostAmount: null }),
          ...columns,
          ...(input.optionValues != null && { optionValues: asJson(inOptionOrder(input.optionValues, options)) }),
          version: { increment: 1 },
        },
      });
      if (isPriceChange(before, columns)) {
        const priceAmount = columns.priceAmount ?? before.priceAmount;
        priceChanges.push({ before, version: before.version + 1, currencyCode, priceAmount });
      }
      if (input.position != null) {
        const ids = variants.map((variant) => variant.id);
        await writeVariantOrder(tx, tenantId, before.productId, movedTo(ids, id, input.position));
      }
      await writeMetafields(tx, { kind: 'variant', tenantId, id }, metafields, metafieldsToDelete);
      await refreshPriceRange(tx, tenantId, before.productId);
    });
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId, id } });
  });
}

export function productVariantDelete(ctx: Context, id: string) {
  return payload<'deletedProductVariantId', string, ProductErrorCode>('deletedProductVariantId', async () => {
    const { tenantId } = ctx;
    await changeVariant(ctx, id, null, async (tx, { productId }) => {
      const variants = await lockVariants(tx, tenantId, productId);
      if (variants.length === 1) throw new UserErrors(required(['id'], 'A product has at least one variant.'));
      const reserved = variants.find((variant) => variant.id === id)?.reserved ?? 0;
      if (reserved > 0) throw new UserErrors(inUse(['id'], `Orders hold ${reserved} of it.`));
      await tx.productVariant.deleteMany({ where: { tenantId, id } });
      await refreshPriceRange(tx, tenantId, productId);
    });
    return id;
  });
}

interface Family {
  options: ProductOption[];
  /** In the order they are shown. */
  variants: ProductVariant[];
}

async function familyOf(tx: Tx, tenantId: string, productId: string): Promise<Family> {
  const where = { tenantId, productId };
  const options = await tx.productOption.findMany({ where, orderBy: { position: 'asc' } });
  return { options, variants: await tx.productVariant.findMany({ where, orderBy: { position: 'asc' } }) };
}

/** Runs `work` under the lock of the variant's product, with the variant as it is then. @throws UserErrors NOT_FOUND. */
async function changeVariant(
  ctx: Context,
  id: string,
  sku: string | null | undefined,
  work: (tx: Tx, before: ProductVariant, family: Family, priceChanges: PriceChange[]) => Promise<void>,
): Promise<void> {
  const { tenantId } = ctx;
  const missing = () => new UserErrors<ProductErrorCode>(notFound(['id'], 'variant'));
  const variant = await ctx.db.productVariant.findFirst({ where: { tenantId, id }, select: { productId: true } });
  if (!variant) throw missing();
  const changed = { id: variant.productId, idField: ['id'], expectedVersion: null, versionField: [] };
  await withUserErrors(ctx, sku ?? '', () =>
    changeProduct(ctx, changed, async (tx, _product, priceChanges) => {
      const family = await familyOf(tx, tenantId, variant.productId);
      const before = family.variants.find((candidate) => candidate.id === id);
      if (!before) throw missing();
      await work(tx, before, family, priceChanges);
    }),
  );
}

async function withUserErrors(ctx: Context, sku: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw await asUserErrors(ctx, error, { skus: [{ sku, field: ['input', 'sku'] }] });
  }
}

function newCombinationFaults(given: OptionValue[], options: ProductOption[], others: ProductVariant[]) {
  const faults = combinationFaults(given, options, INPUT);
  if (faults.length > 0) return faults;
  const wanted = combinationOf(inOptionOrder(given, options));
  const has = (variant: ProductVariant) => combinationOf(variant.optionValues) === wanted;
  return others.some(has) ? [taken([...INPUT, 'optionValues'], 'Another variant has this combination.')] : [];
}

const asJson = (values: OptionValue[]) => values.map((value) => ({ ...value }));
