import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import { createProductLoaders, type ProductLoaders } from './catalog/product.loaders';
import { type CategoryLoaders, createCategoryLoaders } from './category/category.loaders';
import type { Db } from './database';
import type { Media } from './media/media';
import { createMetafieldLoaders, type MetafieldLoaders } from './metafield/metafield.loaders';
import { createVariantLoaders, type VariantLoaders } from './variant/variant.loaders';

type Loaders = ProductLoaders & VariantLoaders & MetafieldLoaders & CategoryLoaders;

export class Context extends CallerContext {
  private made?: Loaders;

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly media: Media,
  ) {
    super(caller);
  }

  /** Of this request alone: a loader remembers what its caller may see. */
  get loaders(): Loaders {
    this.made ??= {
      ...createProductLoaders(this),
      ...createVariantLoaders(this),
      ...createMetafieldLoaders(this),
      ...createCategoryLoaders(this),
    };
    return this.made;
  }

  /** After a change: what a request's next mutation answers with is read anew. */
  forgetLoaded(): void {
    delete this.made;
  }
}
