import type { Prisma } from '../generated/prisma/client';
import type { ProductCreateInput } from '../generated/resolvers';
import { count, type Fault, invalid, length, required } from './faults';
import { isSlug, SLUG_EXPECTED } from './slug';

/** What an input may say of a product itself. What is left out stays as it is; null takes away what can be taken away. */
export type ProductFields = {
  [Field in
    | 'name'
    | 'slug'
    | 'description'
    | 'vendor'
    | 'productType'
    | 'tags'
    | 'status'
    | 'publishedAt'
    | 'seo'
    | 'externalReference']?: ProductCreateInput[Field] | null;
};

export const MAX_CATEGORIES = 100;

export function productFieldFaults(input: ProductFields): Fault[] {
  const { name, slug, seo, externalReference, publishedAt } = input;
  return [
    ...(name == null ? [] : length(['input', 'name'], name.trim(), 1, 255)),
    ...(slug != null && !isSlug(slug) ? [invalid(['input', 'slug'], SLUG_EXPECTED)] : []),
    ...length(['input', 'description'], input.description ?? '', 0, 65_535),
    ...length(['input', 'vendor'], input.vendor ?? '', 0, 255),
    ...length(['input', 'productType'], input.productType ?? '', 0, 255),
    ...tagFaults(input.tags ?? []),
    ...length(['input', 'seo', 'title'], seo?.title ?? '', 0, 255),
    ...length(['input', 'seo', 'description'], seo?.description ?? '', 0, 1_000),
    ...(externalReference == null ? [] : length(['input', 'externalReference'], externalReference, 1, 255)),
    ...(publishedAt == null || isStorableDate(publishedAt)
      ? []
      : [invalid(['input', 'publishedAt'], 'a year from 1970 to 9999')]),
  ];
}

/** A field that a product can't be without was given as null. */
export function missingFieldFaults(input: ProductFields): Fault[] {
  const needed = ['name', 'slug', 'status'] as const;
  return needed.filter((name) => input[name] === null).map((name) => required(['input', name], 'Can’t be taken away.'));
}

/** The columns that the input changes, but for the slug, which may have to be made. */
export function productColumns(input: ProductFields) {
  const { name, description, vendor, productType, tags, status, publishedAt, seo, externalReference } = input;
  return {
    ...(name != null && { name: name.trim() }),
    ...(description !== undefined && { description: description ?? '' }),
    ...(vendor !== undefined && { vendor: vendor?.trim() ?? '' }),
    ...(productType !== undefined && { productType: productType?.trim() ?? '' }),
    ...(tags !== undefined && { tags: tagsOf(tags) }),
    ...(status != null && { status }),
    ...(publishedAt !== undefined && { publishedAt: publishedAt === null ? null : new Date(publishedAt) }),
    ...(seo?.title !== undefined && { seoTitle: seo.title || null }),
    ...(seo?.description !== undefined && { seoDescription: seo.description || null }),
    ...(seo === null && { seoTitle: null, seoDescription: null }),
    ...(externalReference !== undefined && { externalReference }),
  } satisfies Prisma.ProductUncheckedUpdateManyInput;
}

function tagFaults(tags: string[]): Fault[] {
  const tooMany = count(['input', 'tags'], tags, 0, 100);
  if (tooMany.length > 0) return tooMany;
  return tags.flatMap((tag, index) => length(['input', 'tags', String(index)], tag.trim(), 1, 64));
}

const tagsOf = (tags: string[] | null) => [...new Set((tags ?? []).map((tag) => tag.trim()))];

function isStorableDate(written: string): boolean {
  const year = new Date(written).getUTCFullYear();
  return year >= 1970 && year <= 9999;
}
