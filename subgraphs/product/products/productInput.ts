import { count, type Fault, invalid, length } from '../catalog/faults';
import { MAX_CATEGORIES, productFieldFaults } from '../catalog/productFields';
import type { ProductCreateInput } from '../generated/resolvers';
import { isHttpsUrl } from '../media/imageRows';
import { metafieldFaults } from '../metafield/metafieldInput';
import { variantCountFaults, variantListFaults } from '../variant/variantInput';

/** Everything that is wrong with a new product that can be told without the database, each with its place in the input. */
export function productCreateFaults(input: ProductCreateInput): Fault[] {
  const tooMany = [
    ...variantCountFaults(input.options, input.variants),
    ...count(['input', 'images'], input.images, 0, 50),
    ...count(['input', 'categoryIds'], input.categoryIds, 0, MAX_CATEGORIES),
  ];
  if (tooMany.length > 0) return tooMany;
  return [
    ...productFieldFaults(input),
    ...variantListFaults(input.options, input.variants, input.images.length),
    ...input.images.flatMap(imageFaults),
    ...metafieldFaults(input.metafields),
  ];
}

function imageFaults({ url, altText }: ProductCreateInput['images'][number], index: number): Fault[] {
  const field = ['input', 'images', String(index)];
  return [
    ...(isHttpsUrl(url) ? [] : [invalid([...field, 'url'], 'an https address')]),
    ...length([...field, 'altText'], altText ?? '', 0, 512),
  ];
}
