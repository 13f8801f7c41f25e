import { required } from '../../shared/userErrors';
import { count, type Fault } from '../catalog/faults';
import { setImagesFaults } from '../media/imageInput';
import { metafieldFaults } from '../metafield/metafieldInput';
import type { PartialProduct } from './partialProduct';
import { MAX_CATEGORIES, productFieldFaults } from './productInput';

/** All errors in an existing product's input that can be found without the stored product. */
export const productSetFaults = (input: PartialProduct): Fault[] => [
  ...productFieldFaults(input),
  ...count(['input', 'categoryIds'], input.categoryIds ?? [], 0, MAX_CATEGORIES),
  ...metafieldFaults(input.metafields ?? []),
  ...setImagesFaults(input.images ?? []),
  ...(input.options != null && input.variants == null
    ? [required(['input', 'variants'], 'Options come with the variants.')]
    : []),
];
