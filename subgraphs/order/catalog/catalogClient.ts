import { randomUUID } from 'node:crypto';
import { type Caller, serviceCaller } from '../../shared/caller';
import { type Money, parseMoney } from '../../shared/money';
import { type SubgraphClient, SubgraphUnavailable } from '../../shared/subgraphClient';
import type { TaxClass } from '../generated/resolvers';

/** A variant as a shopper can buy it now. */
export interface LiveVariant {
  id: string;
  productId: string | null;
  sku: string;
  price: Money;
  taxClass: TaxClass;
  /** Of its product. */
  tags: string[];
  /** Of its product's categories and all above them. */
  categoryIds: string[];
  /** The weight of one with its packing; null when it is not known. */
  weightGrams: number | null;
  /** False for what is not sent, such as downloads. */
  requiresShipping: boolean;
  /** Whether at least one can be bought. */
  availableForSale: boolean;
  /** How many can be bought; null for a variant that is also sold without stock (backorder). */
  maxQuantity: number | null;
}

/** Reads the catalog of the product subgraph. Throws SubgraphUnavailable. */
export interface CatalogClient {
  /** Those of `ids` that are on sale in the store, in one call. */
  variants(tenantId: string, ids: string[]): Promise<Map<string, LiveVariant>>;
}

const VARIANTS = `query CartVariants($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on ProductVariant { id sku product { id taxClass tags categoryLineageIds } price { amount currencyCode } weightGrams requiresShipping availableForSale
      quantityAvailable inventoryPolicy }
  }
}`;

interface VariantsAnswer {
  _entities: ({
    id: string;
    sku: string;
    product: { id: string; taxClass: TaxClass; tags: string[]; categoryLineageIds: string[] } | null;
    weightGrams: number | null;
    requiresShipping: boolean;
    price: { amount: string; currencyCode: string };
    availableForSale: boolean;
    quantityAvailable: number;
    inventoryPolicy: 'DENY' | 'CONTINUE';
  } | null)[];
}

export function catalogClient(product: SubgraphClient): CatalogClient {
  return {
    async variants(tenantId, ids) {
      if (ids.length === 0) return new Map();
      const representations = ids.map((id) => ({ __typename: 'ProductVariant', id }));
      const caller = shopperOf(tenantId);
      const { data, errors } = await product.execute<VariantsAnswer>(
        { query: VARIANTS, variables: { representations } },
        caller,
      );
      if (errors || !data) throw new SubgraphUnavailable('product', `${caller.requestId}: ${errors?.[0]?.message}`);
      const found = data._entities.flatMap((variant) => (variant ? [toLive(variant)] : []));
      return new Map(found.map((variant) => [variant.id, variant]));
    },
  };
}

/** A service without permissions, also when staff ask: it sees exact stock, and only variants on sale. */
const shopperOf = (tenantId: string): Caller => ({ ...serviceCaller(tenantId, randomUUID()), permissions: [] });

const toLive = (variant: NonNullable<VariantsAnswer['_entities'][number]>): LiveVariant => ({
  id: variant.id,
  productId: variant.product?.id ?? null,
  sku: variant.sku,
  weightGrams: variant.weightGrams,
  requiresShipping: variant.requiresShipping,
  price: parseMoney(variant.price, 'price'),
  taxClass: variant.product?.taxClass ?? 'STANDARD',
  tags: variant.product?.tags ?? [],
  categoryIds: variant.product?.categoryLineageIds ?? [],
  availableForSale: variant.availableForSale,
  maxQuantity: variant.inventoryPolicy === 'CONTINUE' ? null : variant.quantityAvailable,
});
