import { mergeRules } from '../shared/mergeFeatures';
import { bulkRules } from './bulk/bulk.rules';
import { catalogRules } from './catalog/catalog.rules';
import { categoryRules } from './category/category.rules';
import { inventoryRules } from './inventory/inventory.rules';
import { stockRules } from './inventory/stock.rules';
import { listingRules } from './listing/listing.rules';
import { mediaRules } from './media/media.rules';
import { optionRules } from './option/option.rules';
import { productsRules } from './products/products.rules';
import { storeImageRules } from './storeImage/storeImage.rules';
import { swatchRules } from './swatch/swatch.rules';
import { variantRules } from './variant/variant.rules';

export const rules = mergeRules([
  catalogRules,
  productsRules,
  variantRules,
  optionRules,
  categoryRules,
  mediaRules,
  storeImageRules,
  swatchRules,
  inventoryRules,
  stockRules,
  listingRules,
  bulkRules,
]);
