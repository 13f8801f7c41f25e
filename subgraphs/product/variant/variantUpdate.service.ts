import { payload, StaleVersion, UserErrors } from '../../shared/errors';
import { changeProduct, staleVersion } from '../catalog/changeProduct';
import { asUserErrors } from '../catalog/constraintErrors';
import { count, type Fault, invalid, notFound, refuse, repeats, required } from '../catalog/faults';
import { moveItem } from '../catalog/moveItem';
import { isPriceChange, type PriceChange } from '../catalog/productEvents';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type {
  MutationProductVariantsBulkUpdateArgs,
  ProductErrorCode,
  ProductVariantUpdateInput,
} from '../generated/resolvers';
import { MAX_METAFIELDS, metafieldFaults } from '../metafield/metafieldInput';
import { writeMetafields } from '../metafield/metafields';
import { refreshPriceRange } from '../write/priceRange';
import { writeVariantOrder } from '../write/variantOrder';
import { changeVariant, type Family, familyOf, newCombinationFaults, skusOf } from './changeVariant';
import { inOptionOrder, MAX_VARIANTS, variantColumns, variantFieldFaults } from './variantInput';

interface Update {
  id: string;
  input: ProductVariantUpdateInput;
  /** Where the input is. */
  at: string[];
}

export function productVariantUpdate(ctx: Context, id: string, input: ProductVariantUpdateInput) {
  return payload<'productVariant', ProductVariant, ProductErrorCode>('productVariant', async () => {
    const { tenantId } = ctx;
    const update = { id, input, at: ['input'] };
    refuse(inputFaults(update));
    await changeVariant(ctx, id, skusOf([update]), async (tx, before, family, priceChanges) => {
      await writeUpdate(tx, update, before, family, priceChanges);
      await refreshPriceRange(tx, tenantId, before.productId);
    });
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId, id } });
  });
}

/** One after the other under the product's lock, all or none: each finds what those before it have left. */
export function productVariantsBulkUpdate(ctx: Context, args: MutationProductVariantsBulkUpdateArgs) {
  const { productId, variants } = args;
  return payload<'product', Product, ProductErrorCode>('product', async () => {
    const { tenantId, db } = ctx;
    refuse(count(['variants'], variants, 1, MAX_VARIANTS));
    const updates = variants.map(({ id, input }, index) => ({ id, input, at: ['variants', String(index), 'input'] }));
    const ids = variants.map(({ id }) => id);
    refuse([...repeats(['variants'], 'id', ids), ...updates.flatMap(inputFaults)]);
    const changed = { id: productId, idField: ['productId'], expectedVersion: null, versionField: [] };
    let written: Update[] = [];
    try {
      return await changeProduct(ctx, changed, async (tx, _product, priceChanges) => {
        let family = await familyOf(tx, tenantId, productId);
        const present = new Map(family.variants.map((variant) => [variant.id, variant]));
        const missing = ids.flatMap((id, index) => (present.has(id) ? [] : index));
        refuse(missing.map((index) => notFound(['variants', String(index), 'id'], 'variant')));
        for (const update of updates) {
          const before = present.get(update.id);
          written = [update];
          if (before) family = await writeUpdate(tx, update, before, family, priceChanges);
        }
        await refreshPriceRange(tx, tenantId, productId);
      });
    } catch (error) {
      // Of several, the constraint stopped the one that was being written.
      if (!(error instanceof StaleVersion)) throw await asUserErrors(ctx, error, { skus: skusOf(written) });
      // It is a variant that is stale: the payload has it within its product.
      const [fault] = error.userErrors as Fault[];
      const product = await db.product.findFirst({ where: { tenantId, id: productId } });
      throw fault && product ? new StaleVersion(product, fault) : new UserErrors(notFound(['productId'], 'product'));
    }
  });
}

/** What is wrong with an input whatever the variant is. @throws GraphQLError BAD_USER_INPUT for money that is none. */
function inputFaults({ input, at }: Update): Fault[] {
  variantColumns(input, at);
  return [
    ...(['sku', 'price', 'optionValues', 'position'] as const)
      .filter((name) => input[name] === null)
      .map((name) => required([...at, name], 'Can’t be taken away.')),
    ...variantFieldFaults(input, at, undefined),
    ...(input.position != null && input.position < 0 ? [invalid([...at, 'position'], '0 or more')] : []),
    ...metafieldFaults(input.metafields ?? [], [...at, 'metafields']),
    ...count([...at, 'metafieldsToDelete'], input.metafieldsToDelete ?? [], 0, MAX_METAFIELDS),
  ];
}

/** @returns the family as it is then. @throws StaleVersion with the variant as it is; UserErrors. */
async function writeUpdate(
  tx: Tx,
  { id, input, at }: Update,
  before: ProductVariant,
  { options, variants }: Family,
  priceChanges: PriceChange[],
): Promise<Family> {
  const { tenantId, productId } = before;
  if (input.expectedVersion != null && input.expectedVersion !== before.version) {
    throw staleVersion(before, [...at, 'expectedVersion']);
  }
  const columns = variantColumns(input, at);
  const others = variants.filter((variant) => variant.id !== id);
  const currencyCode = columns.currencyCode ?? before.currencyCode;
  refuse([
    ...variantFieldFaults(input, at, others[0]?.currencyCode ?? currencyCode),
    ...(input.optionValues == null ? [] : newCombinationFaults(input.optionValues, options, others, at)),
  ]);
  const optionValues = input.optionValues && inOptionOrder(input.optionValues, options);
  const [after] = await tx.productVariant.updateManyAndReturn({
    where: { tenantId, id },
    data: {
      ...(currencyCode !== before.currencyCode && { compareAtPriceAmount: null, unitCostAmount: null }),
      ...columns,
      ...(optionValues && { optionValues: optionValues.map((value) => ({ ...value })) }),
      version: { increment: 1 },
    },
  });
  if (!after) throw new Error('A variant of a locked product is gone');
  if (isPriceChange(before, columns)) {
    const priceAmount = columns.priceAmount ?? before.priceAmount;
    priceChanges.push({ before, version: before.version + 1, currencyCode, priceAmount });
  }
  const present = variants.map((variant) => (variant.id === id ? after : variant));
  const inOrder = input.position == null ? present : moveItem(present, after, input.position);
  if (inOrder !== present) {
    const ids = inOrder.map((variant) => variant.id);
    await writeVariantOrder(tx, tenantId, productId, ids);
  }
  const { metafields, metafieldsToDelete } = input;
  await writeMetafields(tx, { kind: 'variant', tenantId, id }, metafields ?? [], metafieldsToDelete ?? []);
  return { options, variants: inOrder };
}
