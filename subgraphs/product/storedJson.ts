import type { OptionValue } from './generated/resolvers';

declare global {
  /** The types of the Json columns in prisma/product/*.prisma, which the generated client uses. */
  namespace ProductJson {
    /** In the order of the product's options. */
    type OptionValues = OptionValue[];
  }
}
