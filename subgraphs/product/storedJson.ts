import type { OptionValue } from './generated/resolvers';

declare global {
  /** What the Json columns of prisma/product/*.prisma hold: the generated client has these types. */
  namespace ProductJson {
    /** In the order of the product's options. */
    type OptionValues = OptionValue[];
  }
}
