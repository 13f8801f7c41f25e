import type { NewEvent } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Product, ProductVariant } from '../generated/prisma/client';

/** The fields of a product that its events carry. */
type PublishedFields = Pick<Product, 'id' | 'version' | 'name' | 'slug' | 'status'>;

export function productEvent(
  type: 'product.created' | 'product.updated' | 'product.published',
  { id, version, name, slug, status }: PublishedFields,
): NewEvent {
  return { type, aggregateId: id, aggregateVersion: version, data: { name, slug, status } };
}

/** The events of a product's creation or change. @param isPublished whether this change made it visible to shoppers. */
export const productEvents = (
  type: 'product.created' | 'product.updated',
  product: PublishedFields,
  isPublished: boolean,
): NewEvent[] => [productEvent(type, product), ...(isPublished ? [productEvent('product.published', product)] : [])];

/** The event of a changed price; none when the price is the same. @param version the variant's version after the change. */
export function priceEvents(before: ProductVariant, after: ProductVariant, version: number): NewEvent[] {
  const { id, productId, priceAmount, currencyCode } = after;
  if (priceAmount === before.priceAmount && currencyCode === before.currencyCode) return [];
  return [
    {
      type: 'variant.price_changed',
      aggregateId: id,
      aggregateVersion: version,
      data: {
        productId,
        sku: before.sku,
        price: formatMoney({ minorUnits: priceAmount, currencyCode }),
        previousPrice: formatMoney({ minorUnits: before.priceAmount, currencyCode: before.currencyCode }),
      },
    },
  ];
}
