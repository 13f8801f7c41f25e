import { inUse, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import type {
  MutationProductOptionDeleteArgs,
  ProductOptionCreateInput,
  ProductOptionUpdateInput,
  UserErrorCode,
} from '../generated/resolvers';
import { changeStored } from '../write/changeStored';
import { lockVariants } from '../write/lockVariants';
import { sameOptionValues } from '../write/optionValues';
import type { StoredProduct } from '../write/storedProducts';
import type { VariantsDifference } from '../write/variantRows';
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

/** Changes options and variants together under the product's lock, so that every variant has a value for each option. */
function changeShape(ctx: Context, { productId, ...version }: Changed, change: (shape: Shape) => ShapeChange) {
  return payload<'product', Product, UserErrorCode>('product', () =>
    changeStored(ctx, { id: productId, idField: ['productId'], ...version }, ['options', 'variants'], (stored, tx) =>
      decide(tx, stored, change(stored)),
    ),
  );
}

/** @throws UserErrors */
async function decide(tx: Tx, { product, variants }: StoredProduct, shapeChange: ShapeChange) {
  if ('faults' in shapeChange) throw new UserErrors(...shapeChange.faults);
  const { shape, dropped } = shapeChange;
  const valuesOf = new Map(shape.variants.map(({ id, optionValues }) => [id, optionValues]));
  const difference: VariantsDifference = {
    gone: variants.filter(({ id }) => dropped.includes(id)),
    changed: variants.flatMap((before) => {
      const optionValues = valuesOf.get(before.id) ?? before.optionValues;
      if (sameOptionValues(before.optionValues, optionValues)) return [];
      return [{ before, after: { ...before, optionValues }, metafields: null, isDifferent: true }];
    }),
    added: [],
    isMoved: false,
  };
  if (dropped.length > 0) await refuseHeld(tx, product, dropped);
  return { options: shape.options, variants: difference };
}

/** @throws UserErrors IN_USE when orders have reserved stock of a variant that would be deleted. */
async function refuseHeld(tx: Tx, { tenantId, id: productId }: Product, dropped: string[]): Promise<void> {
  const locked = await lockVariants(tx, tenantId, { ofProduct: productId });
  const held = locked.find(({ id, reserved }) => dropped.includes(id) && reserved > 0);
  if (held) throw new UserErrors(inUse(['option'], `Orders hold stock of ${held.sku}.`));
}
