import { MAX_METAFIELDS, MAX_VARIANTS } from '../../shared/limits';
import { invalid, notFound, payload, required, StaleVersion, throwIfAny, UserErrors } from '../../shared/userErrors';
import { count, type Fault, repeats } from '../catalog/faults';
import type { Context } from '../context';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type {
  MutationProductVariantsBulkUpdateArgs,
  ProductVariantUpdateInput,
  UserErrorCode,
} from '../generated/resolvers';
import { metafieldFaults } from '../metafield/metafieldInput';
import { changeVariants, productIdOf, skusOf } from './changeVariants';
import { partsOf, updatedVariants, type VariantUpdate } from './updatedVariants';
import { requireMoney, variantFieldFaults } from './variantInput';

export function productVariantUpdate(ctx: Context, id: string, input: ProductVariantUpdateInput) {
  return payload<'productVariant', ProductVariant, UserErrorCode>('productVariant', async () => {
    const updates = [{ id, input, at: ['input'] }];
    throwIfAny(updates.flatMap(inputFaults));
    const productId = await productIdOf(ctx, id);
    await changeVariants(
      ctx,
      { productId, idField: ['id'], skus: skusOf(updates), parts: partsOf(updates) },
      (stored) => updatedVariants(stored, updates),
    );
    return ctx.db.productVariant.findFirstOrThrow({ where: { tenantId: ctx.tenantId, id } });
  });
}

/** Updates several variants of a product, all or none. */
export function productVariantsBulkUpdate(ctx: Context, args: MutationProductVariantsBulkUpdateArgs) {
  const { productId, variants } = args;
  return payload<'product', Product, UserErrorCode>('product', async () => {
    throwIfAny(count(['variants'], variants, 1, MAX_VARIANTS));
    const updates = variants.map(({ id, input }, index) => ({ id, input, at: ['variants', String(index), 'input'] }));
    const ids = variants.map(({ id }) => id);
    throwIfAny([...repeats(['variants'], ids, 'id'), ...updates.flatMap(inputFaults)]);
    try {
      return await changeVariants(
        ctx,
        { productId, idField: ['productId'], skus: skusOf(updates), parts: partsOf(updates) },
        (stored) => {
          const present = new Set(stored.variants.map(({ id }) => id));
          throwIfAny(
            ids.flatMap((id, index) => (present.has(id) ? [] : notFound('variant', ['variants', String(index), 'id']))),
          );
          return updatedVariants(stored, updates);
        },
      );
    } catch (error) {
      if (!(error instanceof StaleVersion)) throw error;
      // The stale object is a variant; the payload shows it within its product.
      const [fault] = error.userErrors as Fault[];
      const product = await ctx.db.product.findFirst({ where: { tenantId: ctx.tenantId, id: productId } });
      throw fault && product ? new StaleVersion(product, fault) : new UserErrors(notFound('product', ['productId']));
    }
  });
}

/** The errors of an input that can be found without the stored variant. @throws GraphQLError BAD_USER_INPUT for an invalid amount of money. */
function inputFaults({ input, at }: VariantUpdate): Fault[] {
  requireMoney(input, at);
  return [
    ...variantFieldFaults(input, at, undefined),
    ...(['optionValues', 'position'] as const)
      .filter((name) => input[name] === null)
      .map((name) => required([...at, name], 'Can’t be taken away.')),
    ...(input.position != null && input.position < 0 ? [invalid([...at, 'position'], '0 or more')] : []),
    ...metafieldFaults(input.metafields ?? [], [...at, 'metafields']),
    ...count([...at, 'metafieldsToDelete'], input.metafieldsToDelete ?? [], 0, MAX_METAFIELDS),
  ];
}
