import { Prisma, type Product } from '../generated/prisma/client';

/** A row of products as Prisma gives it. Typed by Prisma's own, so that a new column is missed here by the compiler. */
const COLUMNS: Record<keyof Product, string> = {
  tenantId: 'tenant_id',
  id: 'id',
  name: 'name',
  slug: 'slug',
  description: 'description',
  vendor: 'vendor',
  productType: 'product_type',
  tags: 'tags',
  status: 'status',
  publishedAt: 'published_at',
  seoTitle: 'seo_title',
  seoDescription: 'seo_description',
  externalReference: 'external_reference',
  minPriceAmount: 'min_price_amount',
  maxPriceAmount: 'max_price_amount',
  currencyCode: 'currency_code',
  version: 'version',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};

/** Of the product `p`. Made of the names above alone. */
export const PRODUCT_COLUMNS = Prisma.raw(
  Object.entries(COLUMNS)
    .map(([field, column]) => `p.${column} AS "${field}"`)
    .join(', '),
);
