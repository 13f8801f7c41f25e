import type { DemoProduct, DemoStore } from './demoStores';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A demo product as `ProductCreateInput`, with a variant for each color and size. */
export function productInput(store: DemoStore, product: DemoProduct, categoryId: string | undefined) {
  const {
    name,
    description,
    productType,
    tags,
    taxClass,
    price,
    was,
    cost,
    sku,
    colors,
    sizes,
    quantityOnHand,
    inDays,
  } = product;
  const slug = slugOf(name);
  return {
    name,
    slug,
    description,
    vendor: store.name,
    productType,
    tags,
    taxClass: taxClass ?? 'STANDARD',
    status: 'ACTIVE',
    ...(inDays !== undefined && { publishedAt: new Date(Date.now() + inDays * DAY_MS).toISOString() }),
    seo: { title: `${store.name} ${name}`, description },
    externalReference: `erp-${sku.toLowerCase()}`,
    metafields: [
      { namespace: 'care', key: 'washing', type: 'SINGLE_LINE_TEXT', value: product.care, isPublic: true },
      { namespace: 'supplier', key: 'lead_time_days', type: 'NUMBER_INTEGER', value: '21' },
    ],
    categoryIds: categoryId ? [categoryId] : [],
    options: [
      { name: 'Color', values: colors },
      { name: 'Size', values: sizes },
    ],
    variants: colors.flatMap((color) =>
      sizes.map((size) => ({
        sku: `${sku}-${color}-${size}`.toUpperCase().replaceAll(' ', '-'),
        price: priceIn(store, price),
        compareAtPrice: was === undefined ? null : priceIn(store, was),
        unitCost: priceIn(store, cost),
        weightGrams: product.weightGrams,
        optionValues: [
          { option: 'Color', value: color },
          { option: 'Size', value: size },
        ],
        quantityOnHand,
      })),
    ),
    images: [{ url: `https://images.example.com/${store.slug}/${slug}.jpg`, altText: `${store.name} ${name}` }],
  };
}

/** What costs so many dollars, in the store's currency, rounded to its whole units. */
export function priceIn({ currencyCode, unitsPerDollar }: DemoStore, dollars: string) {
  return {
    amount: unitsPerDollar === 1 ? dollars : String(Math.round(Number(dollars) * unitsPerDollar)),
    currencyCode,
  };
}

export const slugOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
