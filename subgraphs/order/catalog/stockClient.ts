import { randomUUID } from 'node:crypto';
import { serviceCaller } from '../../shared/caller';
import { type Money, parseMoney } from '../../shared/money';
import { type SubgraphClient, SubgraphUnavailable } from '../../shared/subgraphClient';
import type { UserError } from '../../shared/userErrors';
import type { TaxClass } from '../generated/resolvers';

export interface RequestedLine {
  variantId: string;
  quantity: number;
}

/** A line of an order: stock is taken for the variant, whatever its attributes. */
export interface OrderedLine extends RequestedLine {
  attributes?: { key: string; value: string }[] | null | undefined;
}

/** A line with the price and names that the catalog answered when its stock was reserved. */
export interface ReservedLine extends OrderedLine {
  productId: string;
  productName: string;
  productSku: string;
  optionValues: { option: string; value: string }[];
  image: { url: string; altText: string | null } | null;
  /** Of one; null when it is not known. */
  weightGrams: number | null;
  requiresShipping: boolean;
  unitPrice: Money;
  taxClass: TaxClass;
  /** Of its product. */
  tags: string[];
  /** Of its product's categories and all above them. */
  categoryIds: string[];
}

export type StockErrorCode = 'NOT_FOUND' | 'INSUFFICIENT_STOCK' | 'RELEASED' | 'NOT_SOLD';

/**
 * The result of a commit. COMMITTED: the stock is committed now; ALREADY: it was committed before; RELEASED: the reservation was released,
 * because the order was canceled; LOST: there is no reservation (any more), and too little stock to do without.
 */
type CommitOutcome = 'COMMITTED' | 'ALREADY' | 'RELEASED' | 'LOST';

/** The product subgraph's stock, for one order at a time. Every call is idempotent. All throw SubgraphUnavailable. */
export interface StockClient {
  reserve(
    tenantId: string,
    orderId: string,
    lines: RequestedLine[],
  ): Promise<{ lines: ReservedLine[]; userErrors: UserError<StockErrorCode>[] }>;
  commit(tenantId: string, orderId: string): Promise<CommitOutcome>;
  release(tenantId: string, orderId: string): Promise<void>;
  /** Puts refunded items back into stock, once for each `returnId`. @returns the errors, such as that all of them were returned before. */
  returnStock(
    tenantId: string,
    orderId: string,
    returnId: string,
    lines: RequestedLine[],
  ): Promise<UserError<StockErrorCode>[]>;
}

const RESERVE = `mutation StockReserve($orderId: ID!, $lines: [StockReserveLine!]!) {
  stockReserve(orderId: $orderId, lines: $lines) {
    lines { variantId productId productName productSku optionValues { option value } image { url altText } weightGrams requiresShipping
      quantity taxClass tags categoryIds unitPrice { amount currencyCode } }
    userErrors { field message code }
  }
}`;
const COMMIT = 'mutation StockCommit($orderId: ID!) { stockCommit(orderId: $orderId) { outcome } }';
const RELEASE = 'mutation StockRelease($orderId: ID!) { stockRelease(orderId: $orderId) { changed } }';

const RETURN = `mutation StockReturn($orderId: ID!, $returnId: ID!, $lines: [StockReturnLine!]!) {
  stockReturn(orderId: $orderId, returnId: $returnId, lines: $lines) { userErrors { field message code } }
}`;

interface ReturnAnswer {
  stockReturn: { userErrors: UserError<StockErrorCode>[] };
}

interface ReserveAnswer {
  stockReserve: {
    lines: (Omit<ReservedLine, 'unitPrice'> & { unitPrice: { amount: string; currencyCode: string } })[];
    userErrors: UserError<StockErrorCode>[];
  };
}

interface CommitAnswer {
  stockCommit: { outcome: CommitOutcome };
}

export function stockClient(product: SubgraphClient): StockClient {
  async function ask<Data>(query: string, tenantId: string, variables: Record<string, unknown>): Promise<Data> {
    const caller = serviceCaller(tenantId, randomUUID());
    const { data, errors } = await product.execute<Data>({ query, variables }, caller);
    if (errors || !data) throw new SubgraphUnavailable('product', `${caller.requestId}: ${errors?.[0]?.message}`);
    return data;
  }
  return {
    async reserve(tenantId, orderId, lines) {
      const { stockReserve } = await ask<ReserveAnswer>(RESERVE, tenantId, { orderId, lines });
      return {
        lines: stockReserve.lines.map((line) => ({ ...line, unitPrice: parseMoney(line.unitPrice, 'unitPrice') })),
        userErrors: stockReserve.userErrors,
      };
    },
    async commit(tenantId, orderId) {
      const { stockCommit } = await ask<CommitAnswer>(COMMIT, tenantId, { orderId });
      return stockCommit.outcome;
    },
    release: async (tenantId, orderId) => void (await ask(RELEASE, tenantId, { orderId })),
    async returnStock(tenantId, orderId, returnId, lines) {
      const { stockReturn } = await ask<ReturnAnswer>(RETURN, tenantId, { orderId, returnId, lines });
      return stockReturn.userErrors;
    },
  };
}
