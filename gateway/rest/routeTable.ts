/** One route of the REST API, as an operation of the graph. */
export interface RestRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Below /api/v1. A name in braces is that of an argument of the operation, or of a field of its `input`; in `{id=productId}` after the
   * sign, so that one address has one name.
   */
  path: string;
  /** `Query.product`, `Mutation.productCreate`; `Query.product.variants` for a list inside of what a query finds. */
  operation: string;
  /** Fields to answer that others are only asked for by `expand`. */
  with?: readonly string[];
  /** What a browser or a person reads above a group of routes. */
  tag: string;
}

type Row = [method: RestRoute['method'], path: string, operation: string, options?: Pick<RestRoute, 'with'>];

const STOCK = { with: ['quantityOnHand', 'lowStockThreshold'] };

const ROWS: Record<string, readonly Row[]> = {
  Store: [
    ['GET', '/tenant', 'Query.currentTenant'],
    ['PATCH', '/tenant', 'Mutation.tenantUpdate'],
    ['PATCH', '/tenant/settings', 'Mutation.tenantSettingsUpdate'],
    ['GET', '/tenant/members', 'Query.currentTenant.members'],
    ['GET', '/tenant/tax', 'Query.taxSettings'],
    ['PATCH', '/tenant/tax', 'Mutation.taxSettingsUpdate'],
    ['POST', '/tenant/domains', 'Mutation.tenantDomainAdd'],
    ['POST', '/tenant/domains/{host}/verify', 'Mutation.tenantDomainVerify'],
    ['POST', '/tenant/domains/{host}/primary', 'Mutation.tenantDomainSetPrimary'],
    ['DELETE', '/tenant/domains/{host}', 'Mutation.tenantDomainRemove'],
    ['GET', '/viewer', 'Query.viewer'],
  ],
  Products: [
    ['GET', '/products', 'Query.products'],
    ['POST', '/products', 'Mutation.productCreate'],
    ['GET', '/products/{id}', 'Query.product'],
    ['GET', '/products/by-reference/{externalReference}', 'Query.product'],
    ['GET', '/products/by-slug/{slug}', 'Query.product'],
    ['PATCH', '/products/{id}', 'Mutation.productUpdate'],
    ['DELETE', '/products/{id}', 'Mutation.productDelete'],
    ['GET', '/products/{id}/variants', 'Query.product.variants'],
    ['POST', '/products/{id=productId}/variants', 'Mutation.productVariantCreate'],
    ['PATCH', '/products/{id=productId}/variants', 'Mutation.productVariantsBulkUpdate'],
    ['POST', '/products/{id=productId}/options', 'Mutation.productOptionCreate'],
    ['PATCH', '/products/{id=productId}/options/{option}', 'Mutation.productOptionUpdate'],
    ['DELETE', '/products/{id=productId}/options/{option}', 'Mutation.productOptionDelete'],
    ['POST', '/products/{id=productId}/images', 'Mutation.productImageAdd'],
    ['PUT', '/products/{id=productId}/images/order', 'Mutation.productImageReorder'],
    ['PATCH', '/images/{id}', 'Mutation.productImageUpdate'],
    ['DELETE', '/images/{id}', 'Mutation.productImageRemove'],
    ['PUT', '/products', 'Mutation.productSet'],
    ['POST', '/products/export', 'Mutation.productsExport'],
    ['GET', '/products/exports/{id}', 'Query.productsExportJob'],
    ['POST', '/products/import', 'Mutation.productsImport'],
    ['GET', '/products/imports/{id}', 'Query.productsImportJob'],
    ['POST', '/uploads', 'Mutation.stagedUploadsCreate'],
  ],
  Variants: [
    ['GET', '/variants', 'Query.productVariants'],
    ['GET', '/variants/{id}', 'Query.productVariant'],
    ['GET', '/variants/by-sku/{sku}', 'Query.productVariant'],
    ['PATCH', '/variants/{id}', 'Mutation.productVariantUpdate'],
    ['DELETE', '/variants/{id}', 'Mutation.productVariantDelete'],
  ],
  Categories: [
    ['GET', '/categories', 'Query.categories'],
    ['POST', '/categories', 'Mutation.categoryCreate'],
    ['GET', '/categories/{id}', 'Query.category'],
    ['GET', '/categories/by-slug/{slug}', 'Query.category'],
    ['PATCH', '/categories/{id}', 'Mutation.categoryUpdate'],
    ['DELETE', '/categories/{id}', 'Mutation.categoryDelete'],
    ['POST', '/categories/{id}/move', 'Mutation.categoryMove'],
    ['GET', '/categories/{id}/products', 'Query.category.products'],
    ['POST', '/categories/{id}/products', 'Mutation.categoryProductsAdd'],
    ['DELETE', '/categories/{id}/products', 'Mutation.categoryProductsRemove'],
  ],
  Inventory: [
    ['GET', '/inventory', 'Query.productVariants', STOCK],
    ['GET', '/inventory/low', 'Query.lowStockVariants', STOCK],
    ['GET', '/inventory/{id}', 'Query.productVariant', STOCK],
    ['GET', '/inventory/{id}/movements', 'Query.productVariant.stockMovements'],
    ['PATCH', '/inventory/{id=variantId}', 'Mutation.inventoryPolicyUpdate', STOCK],
    ['POST', '/inventory/{id=variantId}/adjust', 'Mutation.inventoryAdjust', STOCK],
    ['POST', '/inventory/{id=variantId}/set', 'Mutation.inventorySet', STOCK],
  ],
  Orders: [
    ['GET', '/orders', 'Query.orders'],
    ['POST', '/orders', 'Mutation.orderCreate'],
    ['GET', '/orders/mine', 'Query.myOrders'],
    ['GET', '/orders/{id}', 'Query.order'],
    ['GET', '/orders/by-number/{number}', 'Query.order'],
    ['PATCH', '/orders/{id}', 'Mutation.orderUpdate'],
    ['POST', '/orders/{id}/fulfill', 'Mutation.orderFulfill'],
    ['POST', '/orders/{id}/cancel', 'Mutation.orderCancel'],
    ['POST', '/orders/{id}/refund', 'Mutation.orderRefund'],
    ['POST', '/orders/{id}/capture', 'Mutation.orderPaymentCapture'],
    ['POST', '/orders/{id}/mark-paid', 'Mutation.orderMarkAsPaid'],
    ['POST', '/orders/{id}/notes', 'Mutation.orderNoteAdd'],
    ['POST', '/orders/{id}/retry', 'Mutation.orderSagaRetry'],
    ['POST', '/fulfillments/{id}/cancel', 'Mutation.orderFulfillmentCancel'],
    ['PATCH', '/fulfillments/{id}/tracking', 'Mutation.orderFulfillmentTrackingUpdate'],
  ],
  Customers: [
    ['GET', '/customers', 'Query.customers'],
    ['GET', '/customers/{id}', 'Query.customer'],
    ['PATCH', '/customers/{id}', 'Mutation.customerUpdate'],
    ['GET', '/customers/{id}/orders', 'Query.customer.orders'],
    ['POST', '/customers/{id}/erase', 'Mutation.customerErase'],
    ['POST', '/customers/{id=customerId}/store-credit', 'Mutation.storeCreditAdjust'],
  ],
  Carts: [
    ['POST', '/carts', 'Mutation.cartCreate'],
    ['GET', '/carts/mine', 'Query.myCart'],
    ['GET', '/carts/{id}', 'Query.cart'],
    ['POST', '/carts/{id}/lines', 'Mutation.cartLinesAdd'],
    ['PATCH', '/carts/{id}/lines', 'Mutation.cartLinesUpdate'],
    ['DELETE', '/carts/{id}/lines', 'Mutation.cartLinesRemove'],
    ['PUT', '/carts/{id}/discount-codes', 'Mutation.cartDiscountCodesUpdate'],
    ['POST', '/carts/{id}/gift-cards', 'Mutation.cartGiftCardApply'],
    ['DELETE', '/carts/{id}/gift-cards', 'Mutation.cartGiftCardRemove'],
    ['PUT', '/carts/{id}/store-credit', 'Mutation.cartStoreCreditSelect'],
    ['PUT', '/carts/{id}/shipping-address', 'Mutation.cartShippingAddressUpdate'],
    ['PUT', '/carts/{id}/billing-address', 'Mutation.cartBillingAddressUpdate'],
    ['PUT', '/carts/{id}/shipping-option', 'Mutation.cartShippingOptionSelect'],
    ['PUT', '/carts/{id}/buyer', 'Mutation.cartBuyerIdentityUpdate'],
    ['PUT', '/carts/{id}/note', 'Mutation.cartBuyerNoteUpdate'],
    ['PUT', '/carts/{id}/attributes', 'Mutation.cartAttributesUpdate'],
    ['POST', '/carts/{id}/prices/confirm', 'Mutation.cartPricesConfirm'],
    ['POST', '/carts/{id}/merge', 'Mutation.cartMerge'],
    ['POST', '/carts/{id=cartId}/complete', 'Mutation.orderCreate'],
  ],
  Discounts: [
    ['GET', '/discounts', 'Query.discounts'],
    ['POST', '/discounts', 'Mutation.discountCreate'],
    ['GET', '/discounts/{id}', 'Query.discount'],
    ['PATCH', '/discounts/{id}', 'Mutation.discountUpdate'],
    ['DELETE', '/discounts/{id}', 'Mutation.discountDelete'],
    ['GET', '/discounts/{id}/codes', 'Query.discount.codes'],
    ['POST', '/discounts/{id}/codes', 'Mutation.discountCodesCreate'],
    ['DELETE', '/discounts/{id}/codes', 'Mutation.discountCodesDelete'],
    ['GET', '/gift-cards', 'Query.giftCards'],
    ['POST', '/gift-cards', 'Mutation.giftCardCreate'],
    ['GET', '/gift-cards/{id}', 'Query.giftCard'],
    ['PATCH', '/gift-cards/{id}', 'Mutation.giftCardUpdate'],
    ['POST', '/gift-cards/{id}/adjust', 'Mutation.giftCardAdjust'],
    ['POST', '/gift-cards/{id}/disable', 'Mutation.giftCardDisable'],
    ['POST', '/gift-cards/{id}/enable', 'Mutation.giftCardEnable'],
  ],
  Webhooks: [
    ['GET', '/webhooks', 'Query.webhookSubscriptions'],
    ['POST', '/webhooks', 'Mutation.webhookSubscriptionCreate'],
    ['GET', '/webhooks/deliveries', 'Query.eventDeliveries'],
    ['POST', '/webhooks/deliveries/{id}/retry', 'Mutation.eventDeliveryRetry'],
    ['GET', '/webhooks/{id}', 'Query.webhookSubscription'],
    ['PATCH', '/webhooks/{id}', 'Mutation.webhookSubscriptionUpdate'],
    ['DELETE', '/webhooks/{id}', 'Mutation.webhookSubscriptionDelete'],
    ['POST', '/webhooks/{id}/rotate-secret', 'Mutation.webhookSubscriptionRotateSecret'],
  ],
};

/** What `/api/v1` has, each route an operation of the graph: see compileRoute.ts for what follows from a row and the schema. */
export const REST_ROUTES: readonly RestRoute[] = Object.entries(ROWS).flatMap(([tag, rows]) =>
  rows.map(([method, path, operation, options]) => ({ method, path, operation, tag, ...options })),
);

export const API = '/api/v1';

/** Without the names of arguments: `/products/{id}/variants`. */
export const publicPathOf = ({ path }: Pick<RestRoute, 'path'>): string => path.replace(/=\w+/g, '');

/** Unversioned addresses of the same routes. */
const ALIASES: Record<string, string> = { tenant: '/api/tenants', products: '/api/products', orders: '/api/orders' };

/** The addresses of a route: below /api/v1, and the unversioned one where there is one. */
export function addressesOf(route: Pick<RestRoute, 'path'>): string[] {
  const path = publicPathOf(route);
  const [, resource = '', ...rest] = path.split('/');
  const alias = ALIASES[resource];
  return [`${API}${path}`, ...(alias ? [[alias, ...rest].join('/')] : [])];
}

/**
 * Fields that are answered when `expand` names them: what a caller needs a permission to read, by the rules of the subgraphs, and what
 * another subgraph or a lot of work is needed for. Objects with an id of their own, and lists with cursors, always are.
 */
export const NOT_BY_DEFAULT: Readonly<Record<string, readonly string[]>> = {
  Product: ['externalReference', 'sales', 'taxedPriceRange', 'metafields'],
  ProductVariant: [
    'unitCost',
    'quantityOnHand',
    'lowStockThreshold',
    'taxedPrice',
    'taxedCompareAtPrice',
    'metafields',
  ],
  Category: ['metafields'],
  Tenant: ['plan', 'billing', 'domains', 'suspension', 'eraseAfter'],
  TenantMember: ['email'],
  Order: ['saga', 'disputes', 'notes'],
  Customer: ['storeCreditAccounts'],
};

/** Objects with an id of their own that are answered all the same: what comes next can't be done without them. */
export const BY_DEFAULT: Readonly<Record<string, readonly string[]>> = { Cart: ['paymentMethods'] };

/** Objects of which an answer only names the id where they stand there: they are in it in full elsewhere. */
export const BY_ID: Readonly<Record<string, readonly string[]>> = {
  FulfillmentLine: ['item'],
  OrderRefundLine: ['item'],
};

/** The operations of the graph that no route is, and why. */
export const WITHOUT_ROUTE: Readonly<Record<string, string>> = {
  'Query.node': 'each kind of object has a route of its own',
  'Query.nodes': 'lists take ids',
  'Query.tenantByDomain': 'the request names the store by its address or X-Store-Domain: GET /tenant',
  'Query.guestOrder': 'its access token would be in an address, which is logged and kept in histories',
  'Query.myStoreCreditAccounts': 'for storefronts, which use GraphQL',
  'Query.optionSwatches': 'how a storefront looks',
  'Mutation.optionSwatchesSet': 'how a storefront looks',
  'Query.storeImages': 'how a storefront looks',
  'Mutation.storeImageCreate': 'how a storefront looks',
  'Mutation.storeImageDelete': 'how a storefront looks',
  'Query.appToken': 'a credential is handed out to a program by a person',
  'Query.appTokens': 'a credential is handed out to a program by a person',
  'Mutation.appTokenCreate': 'a credential is handed out to a program by a person',
  'Mutation.appTokenUpdate': 'a credential is handed out to a program by a person',
  'Mutation.appTokenRevoke': 'a credential is handed out to a program by a person',
  'Query.paymentMethods': 'set up once, by a person',
  'Query.paymentSettings': 'set up once, by a person',
  'Mutation.paymentMethodCreate': 'set up once, by a person',
  'Mutation.paymentMethodDelete': 'set up once, by a person',
  'Mutation.paymentMethodReorder': 'set up once, by a person',
  'Mutation.paymentMethodUpdate': 'set up once, by a person',
  'Mutation.paymentSettingsUpdate': 'set up once, by a person',
  'Query.shippingRates': 'set up once, by a person',
  'Query.shippingZones': 'set up once, by a person',
  'Mutation.shippingRateCreate': 'set up once, by a person',
  'Mutation.shippingRateDelete': 'set up once, by a person',
  'Mutation.shippingRateUpdate': 'set up once, by a person',
  'Mutation.shippingZoneCreate': 'set up once, by a person',
  'Mutation.shippingZoneDelete': 'set up once, by a person',
  'Mutation.shippingZoneUpdate': 'set up once, by a person',
  'Mutation.taxRateCreate': 'set up once, by a person',
  'Mutation.taxRateDelete': 'set up once, by a person',
  'Mutation.taxRateUpdate': 'set up once, by a person',
  'Query.checkoutHooks': 'set up once, by a person',
  'Mutation.checkoutHookCreate': 'set up once, by a person',
  'Mutation.checkoutHookDelete': 'set up once, by a person',
  'Mutation.checkoutHookRotateSecret': 'set up once, by a person',
  'Mutation.checkoutHookUpdate': 'set up once, by a person',
  'Mutation.tenantDelete': 'a decision of a person',
  'Mutation.tenantSuspend': 'a decision of a person',
  'Mutation.tenantResume': 'a decision of a person',
  'Mutation.tenantPlanChange': 'a decision of a person',
};
