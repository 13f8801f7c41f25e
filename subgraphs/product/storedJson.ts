import type { ProductImage } from './generated/prisma/client';
import type { OptionValue } from './generated/resolvers';

declare global {
  /** The types of the Json columns in prisma/product/*.prisma, which the generated client uses. */
  namespace ProductJson {
    /** In the order of the product's options. */
    type OptionValues = OptionValue[];
    /** The columns of a product_images row that its address is made of. */
    type ReservedImage = Pick<ProductImage, 'url' | 'fileId' | 'contentType' | 'width' | 'height' | 'altText'>;
  }
}
