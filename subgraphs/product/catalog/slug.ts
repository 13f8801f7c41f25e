import { transliterate } from 'transliteration';
import { isUniqueViolation } from '../../shared/constraints';

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const SLUG_EXPECTED = 'lower-case letters, digits and single hyphens, 1 to 255 of them';

export const isSlug = (text: string): boolean => SLUG.test(text) && text.length <= 255;

/** "Air Max '90" to "air-max-90", "Größe" to "grosse", "Кроссовки" to "krossovki". Empty when the name has no letter and no digit. */
export function slugify(name: string): string {
  return transliterate(name.normalize('NFKC').replace(/['’]/g, ''))
    .toLowerCase()
    .replace(/'/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 200)
    .replace(/^-+|-+$/g, '');
}

/** A slug made from the name, for an input without one. With the end of the id when that is empty or taken. */
export function generatedSlug(name: string, id: string, taken: boolean): string {
  const slug = slugify(name);
  if (slug && !taken) return slug;
  const [prefix = ''] = id.split('_');
  return `${slug || prefix}-${id.slice(-6)}`;
}

/** Inserts with the given slug, or else with one made from the name; if that one is taken, with another. */
export async function insertWithSlug<Row>(
  { id, name, slug }: { id: string; name: string; slug: string | null | undefined },
  insert: (slug: string) => Promise<Row>,
): Promise<Row> {
  if (slug != null) return insert(slug);
  try {
    return await insert(generatedSlug(name, id, false));
  } catch (error) {
    if (!isUniqueViolation(error, 'slug')) throw error;
    return insert(generatedSlug(name, id, true));
  }
}
