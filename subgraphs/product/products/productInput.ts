import { checkInput } from '../../shared/inputReader';
import { MAX_IMAGES } from '../../shared/limits';
import { count, type Fault, hasTooMany } from '../catalog/faults';
import { readerOf } from '../fields/field';
import { PRODUCT_FIELDS, type ProductFields } from '../fields/productFields';
import type { ProductCreateInput } from '../generated/resolvers';
import { setImagesFaults } from '../media/imageInput';
import { metafieldFaults } from '../metafield/metafieldInput';
import { variantCountFaults, variantListFaults } from '../variant/variantInput';

export const MAX_CATEGORIES = 100;

const productReader = readerOf(PRODUCT_FIELDS);

export const productFieldFaults = (input: ProductFields): Fault[] => checkInput(productReader, input).faults;

/** All errors of a new product's input that can be found without the database, each with its path. */
export function productCreateFaults(input: ProductCreateInput): Fault[] {
  const counted = [
    ...variantCountFaults(input.options, input.variants),
    ...count(['input', 'images'], input.images, 0, MAX_IMAGES),
    ...count(['input', 'categoryIds'], input.categoryIds, 0, MAX_CATEGORIES),
  ];
  if (hasTooMany(counted)) return counted;
  const { slug, ...withoutSlug } = input;
  return [
    ...counted,
    // A new product has a slug, whether the client gives one or not.
    ...productFieldFaults(slug == null ? withoutSlug : input),
    ...variantListFaults(input.options, input.variants, input.images.length),
    ...setImagesFaults(input.images),
    ...metafieldFaults(input.metafields),
  ];
}
