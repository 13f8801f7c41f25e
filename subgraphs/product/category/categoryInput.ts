import { z } from 'zod';
import { checkInput, list, notNull, text } from '../../shared/inputReader';
import { MAX_METAFIELDS } from '../../shared/limits';
import { omitUndefined } from '../../shared/omitUndefined';
import type { UserError } from '../../shared/userErrors';
import { isSlug, SLUG_EXPECTED } from '../catalog/slug';
import type {
  CategoryCreateInput,
  CategoryMoveInput,
  CategoryUpdateInput,
  UserErrorCode,
} from '../generated/resolvers';
import { metafieldFaults } from '../metafield/metafieldInput';

const slug = z.string().refine(isSlug, `Expected ${SLUG_EXPECTED}.`);
const position = z.number().min(0, 'Expected 0 or more.').nullish();
const plainText = (max: number, lines: boolean) => text({ max, min: 0, lines }).nullish();
const described = {
  description: plainText(65_535, true),
  seo: z.object({ title: plainText(255, false), description: plainText(1_000, true) }).nullish(),
};
const created = z.object({ name: text(255), slug: slug.nullish(), ...described, position });
const updated = z.object({
  name: notNull(text(255)),
  slug: notNull(slug),
  ...described,
  metafieldsToDelete: list(z.unknown(), { max: MAX_METAFIELDS }).nullish(),
});
const moved = z.object({ position });

export const categoryCreateFaults = (input: CategoryCreateInput): UserError<UserErrorCode>[] => [
  ...checkInput(created, input).faults,
  ...metafieldFaults(input.metafields),
];

export const categoryUpdateFaults = (input: CategoryUpdateInput): UserError<UserErrorCode>[] => [
  ...checkInput(updated, input).faults,
  ...metafieldFaults(input.metafields ?? []),
];

export const categoryMoveFaults = (input: CategoryMoveInput) => checkInput(moved, input).faults;

/** The columns that the input changes, without the slug: a new category's may have to be made from its name. */
export const categoryColumns = ({
  name,
  description,
  seo,
  imageId,
}: Pick<CategoryUpdateInput, 'name' | 'description' | 'seo' | 'imageId'>) =>
  omitUndefined({
    imageId,
    name: name?.trim(),
    description: description === null ? '' : description,
    seoTitle: seo === null ? null : orNull(seo?.title),
    seoDescription: seo === null ? null : orNull(seo?.description),
  });

/** An empty text is stored as null; undefined leaves the column unchanged. */
const orNull = (given: string | null | undefined) => (given === undefined ? undefined : given || null);
