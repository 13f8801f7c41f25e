const scalars = {
  ID: 'string',
  DateTime: { input: 'string', output: 'Date | string' },
  Decimal: 'string',
  CurrencyCode: 'string',
};

interface ResolverTypes {
  subgraph: string;
  /** Of codegen's plugins `typescript` and `typescript-resolvers`. */
  config: Record<string, unknown>;
}

/** Resolver types of one subgraph. `mappers` name what a resolver of that type receives as its parent. */
const resolverTypes = (
  subgraph: string,
  mappers: Record<string, string>,
  contextType = '../context#Context',
): ResolverTypes => ({
  subgraph,
  config: {
    federation: true,
    importExtension: '',
    useTypeImports: true,
    enumsAsTypes: true,
    avoidOptionals: { defaultValue: true },
    scalars,
    contextType,
    mappers,
  },
});

/** What is written to `generated/resolvers.ts` of each subgraph. */
export const RESOLVER_TYPES: ResolverTypes[] = [
  // Prisma's rows and what all subgraphs share, no feature's types: features import the generated file, so it imports none of them.
  resolverTypes('tenant', {
    Tenant: './prisma/client#Tenant as TenantRow',
    TenantSettings: './prisma/client#TenantSettings as SettingsRow',
    TenantPlan: './prisma/client#TenantBilling as BillingRow',
    TenantBilling: './prisma/client#TenantBilling as BillingRow',
    PlanUsage: '{ id: string }',
    TenantDomain: './prisma/client#TenantDomain as DomainRow',
    AppToken: './prisma/client#AppToken as AppTokenRow',
    AuthenticatedAppToken: './prisma/client#AppToken as AppTokenRow',
    AppTokenConnection: '../../shared/pagination#Connection<AppTokenRow>',
    WebhookSubscription: './prisma/client#WebhookSubscription as WebhookRow',
    WebhookSubscriptionConnection: '../../shared/pagination#Connection<WebhookRow>',
    EventDelivery: './prisma/models#EventDeliveryGetPayload<{ include: { subscription: true } }>',
    EventDeliveryConnection: 'Connection<EventDeliveryGetPayload<{ include: { subscription: true } }>>',
    ImpersonatedAction: './prisma/client#ImpersonatedAction as ImpersonatedRow',
    ImpersonatedActionConnection: '../../shared/pagination#Connection<ImpersonatedRow>',
    TenantMember: './prisma/client#TenantMember as MemberRow',
    TenantMemberConnection: '../../shared/pagination#Connection<MemberRow>',
  }),
  resolverTypes('product', {
    Tenant: '../catalog/tenant.reference#TenantReference',
    PlanUsage: '../catalog/tenant.reference#TenantReference',
    ProductConnection: '../listing/productList.service#ProductConnection as ProductConnectionModel',
    ProductVariantConnection: '../variant/variant.service#VariantConnection as VariantConnectionModel',
    ProductFacets: '../listing/productFacets#Facets as FacetsModel',
    StockMovement: './prisma/client#StockMovement as MovementRow',
    StockMovementConnection: '../inventory/inventoryList.service#MovementConnection as MovementConnectionModel',
    Product: './prisma/client#Product as ProductRow',
    ProductVariant: './prisma/client#ProductVariant as VariantRow',
    ProductOption: './prisma/client#ProductOption as OptionRow',
    ProductOptionValue: '{ option: string; value: string; variants: VariantRow[] }',
    ProductsImportJob: './prisma/client#ProductBulkJob as ImportJobRow',
    ProductsImportError: './prisma/client#ProductImportError as ImportErrorRow',
    ProductsExportJob: './prisma/client#ProductBulkJob as ExportJobRow',
    ProductImage: './prisma/client#ProductImage as ImageRow',
    Metafield: '../metafield/metafields#MetafieldModel',
    Category: './prisma/client#Category as CategoryRow',
    StoreImage: './prisma/client#StoreImage as StoreImageRow',
    StoreImageConnection: '../../shared/pagination#Connection<StoreImageRow>',
    OptionSwatch: './prisma/client#OptionSwatch as SwatchRow',
    Swatch: '{ color: string | null; imageId: string | null }',
  }),
  resolverTypes(
    'order',
    {
      Tenant: '../orders/tenant.reference#TenantReference',
      OrderConnection: '../orders/order.service#OrderConnection as OrderConnectionModel',
      Order: './prisma/client#Order as OrderRow',
      ShippingAddress: 'OrderJson.ShippingAddress',
      OrderUserError: '../pricing/priceChange#OrderError',
      OrderItem: './prisma/client#OrderItem as ItemRow',
      OrderStatusChange: './prisma/client#OrderStatusHistory as HistoryRow',
      Customer: './prisma/client#Customer as CustomerRow',
      CustomerConnection: '../customer/customer.service#CustomerConnection as CustomerConnectionModel',
      Fulfillment: '../fulfillment/fulfillment.loaders#FulfillmentModel',
      FulfillmentLine: '../fulfillment/fulfillment.loaders#FulfillmentLineModel',
      OrderDispute: './prisma/client#OrderDispute as DisputeRow',
      OrderNote: './prisma/client#OrderNote as NoteRow',
      Cart: './prisma/client#Cart as CartRow',
      CartLine: '../cart/cart.resolvers#CartLineModel',
      CartCost: '../cart/cart.resolvers#CartCostModel',
      Discount: './prisma/client#Discount as DiscountRow',
      DiscountCode: './prisma/client#DiscountCode as DiscountCodeRow',
      DiscountCodeConnection: '../discount/discountCodes.service#DiscountCodeConnection as DiscountCodeConnectionModel',
      DiscountConnection: '../discount/discount.service#DiscountConnection as DiscountConnectionModel',
      GiftCard: './prisma/client#CreditAccount as CreditAccountRow',
      GiftCardConnection: '../giftCard/giftCard.service#GiftCardConnection as GiftCardConnectionModel',
      StoreCreditAccount: './prisma/client#CreditAccount as CreditAccountRow',
      CreditEntry: '../credit/credit.resolvers#CreditEntryModel',
      ShippingRate: './prisma/client#ShippingRate as ShippingRateRow',
      ShippingZone: './prisma/client#ShippingZone as ShippingZoneRow',
      ShippingOption: '../pricing/shipping#ShippingOption as ShippingOptionModel',
      TaxRate: './prisma/client#TaxRate as TaxRateRow',
      CheckoutHook: './prisma/client#CheckoutHook as CheckoutHookRow',
      // A reference that the gateway sends has what `@requires` names besides its id.
      Product: '{ id: string; taxClass?: TaxClass; priceRange?: PriceRange }',
      ProductVariant:
        '{ id: string; price?: Money; compareAtPrice?: Money | null; product?: { taxClass?: TaxClass } | null }',
      TaxSettings: '../tax/taxRate.service#TaxSettingsModel',
      OrderSaga: './prisma/client#OrderSaga as SagaRow',
      OrderRefund: './prisma/client#OrderRefund as RefundRow',
      Payment: './prisma/client#Payment as PaymentRow',
      PaymentMethod: './prisma/client#PaymentMethod as PaymentMethodRow',
      PaymentSettings: './prisma/client#PaymentSettings as PaymentSettingsRow',
    },
    '../resolverContext#ResolverContext',
  ),
];

/** What a client of the whole graph uses: the documents in its own files, typed by the API that the gateway shows. */
export const CLIENT_TYPES = {
  documents: ['gateway/test/client/storeClient.ts'],
  output: 'gateway/test/client/generated/',
  presetConfig: { fragmentMasking: false },
  config: { importExtension: '', useTypeImports: true, enumsAsTypes: true, scalars },
};
