import type { NewEvent } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Product, ProductVariant } from '../generated/prisma/client';

/** The part of a product that its events carry. */
type PublishedFields = Pick<Product, 'id' | 'version' | 'name' | 'slug' | 'status'>;

export function productEvent(
  type: 'product.created' | 'product.updated' | 'product.published',
  { id, version, name, slug, status }: PublishedFields,
): NewEvent {
  return { type, aggregateId: id, aggregateVersion: version, data: { name, slug, status } };
}

/** What is recorded with a new product or a change of one. @param isPublished whether shoppers see it only now. */
export const productEvents = (
  type: 'product.created' | 'product.updated',
  product: PublishedFields,
  isPublished: boolean,
): NewEvent[] => [productEvent(type, product), ...(isPublished ? [productEvent('product.published', product)] : [])];

/** The event of a variant whose price a change has made another one; none where it is the same. @param version that the change gave it. */
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
