import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';
import type { Product, ProductVariant } from '../generated/prisma/client';
import { settlePublications } from './publication';

/** A variant before and after its price was changed. */
export interface PriceChange {
  before: ProductVariant;
  /** That the change gave it. */
  version: number;
  priceAmount: bigint;
  currencyCode: string;
}

/** Whether `columns` make something else of a variant's price. */
export const isPriceChange = (
  before: ProductVariant,
  {
    priceAmount = before.priceAmount,
    currencyCode = before.currencyCode,
  }: { priceAmount?: bigint; currencyCode?: string },
): boolean => priceAmount !== before.priceAmount || currencyCode !== before.currencyCode;

/** Tells the other services what became of a product, in the transaction of the change. */
export async function recordProductEvent(
  tx: Tx,
  type: 'product.created' | 'product.updated',
  product: Product,
  priceChanges: PriceChange[],
): Promise<void> {
  const published = await settlePublications(tx, product.tenantId, [product.id]);
  await recordEvents(tx, [
    productEvent(type, product),
    ...(published.has(product.id) ? [productEvent('product.published', product)] : []),
    ...priceChanges.map(priceEvent),
  ]);
}

/** As much of a product as is told of it. */
type ToldProduct = Pick<Product, 'id' | 'version' | 'name' | 'slug' | 'status'>;

export function productEvent(
  type: 'product.created' | 'product.updated' | 'product.published',
  { id, version, name, slug, status }: ToldProduct,
): NewEvent {
  return { type, aggregateId: id, aggregateVersion: version, data: { name, slug, status } };
}

export function priceEvent({ before, version, priceAmount, currencyCode }: PriceChange): NewEvent {
  const { id, productId, sku } = before;
  return {
    type: 'variant.price_changed',
    aggregateId: id,
    aggregateVersion: version,
    data: {
      productId,
      sku,
      price: formatMoney({ minorUnits: priceAmount, currencyCode }),
      previousPrice: formatMoney({ minorUnits: before.priceAmount, currencyCode: before.currencyCode }),
    },
  };
}
