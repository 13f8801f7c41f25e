import { type Fault, invalid, length, required } from '../catalog/faults';
import { isSlug, SLUG_EXPECTED } from '../catalog/slug';
import type { CategoryUpdateInput } from '../generated/resolvers';

/** What an input may say of a category itself. What is left out stays as it is; null takes away what can be taken away. */
export type CategoryFields = { [Field in 'name' | 'slug' | 'description' | 'seo']?: CategoryUpdateInput[Field] };

export function categoryFieldFaults({ name, slug, description, seo }: CategoryFields): Fault[] {
  return [
    ...(name == null ? [] : length(['input', 'name'], name.trim(), 1, 255)),
    ...(slug != null && !isSlug(slug) ? [invalid(['input', 'slug'], SLUG_EXPECTED)] : []),
    ...length(['input', 'description'], description ?? '', 0, 65_535),
    ...length(['input', 'seo', 'title'], seo?.title ?? '', 0, 255),
    ...length(['input', 'seo', 'description'], seo?.description ?? '', 0, 1_000),
  ];
}

/** A field that a category can't be without was given as null. */
export const missingFieldFaults = (input: CategoryFields): Fault[] =>
  (['name', 'slug'] as const)
    .filter((name) => input[name] === null)
    .map((name) => required(['input', name], 'Can’t be taken away.'));

export const positionFaults = (position: number | null | undefined): Fault[] =>
  position != null && position < 0 ? [invalid(['input', 'position'], '0 or more')] : [];

/** The columns that the input changes, but for the slug, which may have to be made. */
export function categoryColumns({ name, description, seo }: CategoryFields) {
  return {
    ...(name != null && { name: name.trim() }),
    ...(description !== undefined && { description: description ?? '' }),
    ...(seo?.title !== undefined && { seoTitle: seo.title || null }),
    ...(seo?.description !== undefined && { seoDescription: seo.description || null }),
    ...(seo === null && { seoTitle: null, seoDescription: null }),
  };
}
