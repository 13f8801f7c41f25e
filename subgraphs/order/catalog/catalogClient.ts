import { randomUUID } from 'node:crypto';
import { type Caller, serviceCaller } from '../../shared/caller';
import { type Money, parseMoney } from '../../shared/money';
import { type SubgraphClient, SubgraphUnavailable } from '../../shared/subgraphClient';

/** A variant as a shopper can buy it now. */
export interface LiveVariant {
  id: string;
  price: Money;
  /** Whether one can be had at all. */
  availableForSale: boolean;
  /** The most that can be had; null when it is sold beyond what is there. */
  most: number | null;
}

/** What the product subgraph sells. Throws SubgraphUnavailable. */
export interface CatalogClient {
  /** Those of `ids` that a shopper of the store can see, in one call. What is not on sale is missing. */
  variants(tenantId: string, ids: string[]): Promise<Map<string, LiveVariant>>;
}

const VARIANTS = `query CartVariants($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on ProductVariant { id price { amount currencyCode } availableForSale quantityAvailable inventoryPolicy }
  }
}`;

interface VariantsAnswer {
  _entities: ({
    id: string;
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

/** A service without permissions: it sees how many are left, and of the products those on sale, whoever looks at the cart. */
const shopperOf = (tenantId: string): Caller => ({ ...serviceCaller(tenantId, randomUUID()), permissions: [] });

const toLive = (variant: NonNullable<VariantsAnswer['_entities'][number]>): LiveVariant => ({
  id: variant.id,
  price: parseMoney(variant.price, 'price'),
  availableForSale: variant.availableForSale,
  most: variant.inventoryPolicy === 'CONTINUE' ? null : variant.quantityAvailable,
});
