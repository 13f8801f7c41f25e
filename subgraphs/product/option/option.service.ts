import { payload, UserErrors } from '../../shared/errors';
import { changeProduct } from '../catalog/changeProduct';
import { inUse } from '../catalog/faults';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import type {
  MutationProductOptionDeleteArgs,
  ProductErrorCode,
  ProductOptionCreateInput,
  ProductOptionUpdateInput,
} from '../generated/resolvers';
import { lockVariants } from '../write/lockVariants';
import { refreshPriceRange } from '../write/priceRange';
import { type Shape, type ShapeChange, withChangedOption, withOption, withoutOption } from './optionChange';

export function productOptionCreate(ctx: Context, productId: string, input: ProductOptionCreateInput) {
  const changed = { productId, expectedVersion: input.expectedVersion, versionField: ['input', 'expectedVersion'] };
  return changeShape(ctx, changed, (shape) => withOption(shape, input));
}

export function productOptionUpdate(ctx: Context, productId: string, option: string, input: ProductOptionUpdateInput) {
  const changed = { productId, expectedVersion: input.expectedVersion, versionField: ['input', 'expectedVersion'] };
  return changeShape(ctx, changed, (shape) => withChangedOption(shape, option, input));
}

export function productOptionDelete(ctx: Context, args: MutationProductOptionDeleteArgs) {
  const { productId, option, whenVariantsCollide, expectedVersion } = args;
  return changeShape(ctx, { productId, expectedVersion, versionField: ['expectedVersion'] }, (shape) =>
    withoutOption(shape, option, whenVariantsCollide),
  );
}

interface Changed {
  productId: string;
  expectedVersion: number | null | undefined;
  versionField: string[];
}

/** Options and variants change together under the product's lock: no variant is ever without a value that it needs. */
function changeShape(ctx: Context, { productId, ...version }: Changed, change: (shape: Shape) => ShapeChange) {
  return payload<'product', Product, ProductErrorCode>('product', () =>
    changeProduct(ctx, { id: productId, idField: ['productId'], ...version }, async (tx) => {
      const { tenantId } = ctx;
      const before = await shapeOf(tx, tenantId, productId);
      const outcome = change(before);
      if ('faults' in outcome) throw new UserErrors(...outcome.faults);
      if (outcome.dropped.length > 0) await dropVariants(tx, tenantId, productId, outcome.dropped);
      await writeOptions(tx, tenantId, productId, outcome.shape.options);
      await writeOptionValues(tx, tenantId, outcome.shape.variants);
    }),
  );
}

async function shapeOf(tx: Tx, tenantId: string, productId: string): Promise<Shape> {
  const where = { tenantId, productId };
  const options = await tx.productOption.findMany({ where, orderBy: { position: 'asc' } });
  const variants = await tx.productVariant.findMany({ where, orderBy: { position: 'asc' } });
  return {
    options: options.map(({ name, values }) => ({ name, values })),
    variants: variants.map(({ id, optionValues }) => ({ id, optionValues })),
  };
}

async function dropVariants(tx: Tx, tenantId: string, productId: string, ids: string[]): Promise<void> {
  const locked = await lockVariants(tx, tenantId, { ofProduct: productId });
  const held = locked.find(({ id, reserved }) => ids.includes(id) && reserved > 0);
  if (held) throw new UserErrors(inUse(['option'], `Orders hold stock of ${held.sku}.`));
  await tx.productVariant.deleteMany({ where: { tenantId, productId, id: { in: ids } } });
  await refreshPriceRange(tx, tenantId, productId);
}

/** Nothing refers to these rows, so all of them are written anew. */
export async function writeOptions(tx: Tx, tenantId: string, productId: string, options: Shape['options']) {
  await tx.productOption.deleteMany({ where: { tenantId, productId } });
  await tx.productOption.createMany({
    data: options.map(({ name, values }, position) => ({ tenantId, productId, position, name, values })),
  });
}

/** Of all variants in one statement: the combinations are compared at the commit, so values can be exchanged. */
async function writeOptionValues(tx: Tx, tenantId: string, variants: Shape['variants']): Promise<void> {
  const ids = variants.map(({ id }) => id);
  const written = variants.map(({ optionValues }) => JSON.stringify(optionValues));
  await tx.$executeRaw`
    UPDATE product_variants
    SET option_values = written::jsonb, version = version + 1, updated_at = now()
    FROM unnest(${ids}::text[], ${written}::text[]) AS changed (variant_id, written)
    WHERE tenant_id = ${tenantId} AND id = variant_id AND option_values <> written::jsonb`;
}
