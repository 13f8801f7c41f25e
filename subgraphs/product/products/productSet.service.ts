import { badUserInput } from '../../shared/errors';
import { notFound, payload, required, throwIfAny, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type {
  MutationProductSetArgs,
  ProductIdentifierInput,
  ProductImageInput,
  ProductSetImageInput,
  ProductSetInput,
  UserErrorCode,
} from '../generated/resolvers';
import { setImagesFaults } from '../media/imageInput';
import { createProduct } from './productCreate.service';
import { productSetFaults } from './productSetFaults';
import { setProduct } from './setProduct';

const MAX_ATTEMPTS = 3;

/** Changes the product that the identifier names, or creates it (upsert). */
export function productSet(ctx: Context, { identifier, input }: MutationProductSetArgs) {
  return payload<'product', Product, UserErrorCode>('product', async () => {
    const named = readIdentifier(identifier);
    for (let attempt = 1; ; attempt += 1) {
      const found = await ctx.db.product.findFirst({
        where: { tenantId: ctx.tenantId, ...named },
        select: { id: true },
      });
      if (found) {
        throwIfAny(productSetFaults(input));
        return await setProduct(ctx, { id: found.id, input }, ['identifier']);
      }
      if ('id' in named) throw new UserErrors(notFound('product', ['identifier', 'id']));
      try {
        return await createProduct(ctx, { ...asNewProduct(input), ...named });
      } catch (error) {
        // A concurrent request has created it between the query and the insert, so the next attempt changes it.
        if (attempt === MAX_ATTEMPTS || !isTaken(error, Object.keys(named))) throw error;
      }
    }
  });
}

/** @throws GraphQLError BAD_USER_INPUT for none and for more than one. */
function readIdentifier({ id, slug, externalReference }: ProductIdentifierInput) {
  const given = [
    ...(id == null ? [] : [{ id }]),
    ...(slug == null ? [] : [{ slug }]),
    ...(externalReference == null ? [] : [{ externalReference }]),
  ];
  const [named, ...others] = given;
  if (!named || others.length > 0) throw badUserInput('identifier', 'exactly one of id, slug and externalReference');
  return named;
}

const isTaken = (error: unknown, names: string[]) =>
  error instanceof UserErrors &&
  error.userErrors.some(({ code, field }) => code === 'TAKEN' && names.includes(field.at(-1) ?? ''));

/** Omitted fields get the defaults of productCreate. @throws UserErrors REQUIRED for a missing field that a new product needs, with all else that is wrong. */
function asNewProduct(input: ProductSetInput) {
  const { name, variants, status, ...others } = input;
  const missing = [
    ...(name == null ? [required(['input', 'name'], 'A new product needs a name.')] : []),
    ...(variants == null ? [required(['input', 'variants'], 'A new product needs at least one.')] : []),
  ];
  if (name == null || variants == null)
    throw new UserErrors(...missing, ...productSetFaults({ ...others, options: null }));
  return {
    ...others,
    name,
    variants,
    status: status ?? 'DRAFT',
    options: others.options ?? [],
    tags: others.tags ?? [],
    categoryIds: others.categoryIds ?? [],
    metafields: others.metafields ?? [],
    images: newImages(others.images ?? []),
  };
}

/** @throws UserErrors NOT_FOUND for an image named by id, since a new product has none. */
function newImages(images: readonly ProductSetImageInput[]): ProductImageInput[] {
  throwIfAny(setImagesFaults(images));
  throwIfAny(
    images.flatMap(({ url }, index) =>
      url == null ? [notFound('image of the product', ['input', 'images', String(index), 'id'])] : [],
    ),
  );
  return images.map(({ url, altText }) => ({ url: url ?? '', altText: altText ?? null }));
}
