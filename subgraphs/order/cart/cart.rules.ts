import { type FeatureRules, inStore, signedIn } from '../../shared/guards';

export const cartRules: FeatureRules = {
  Query: {
    cart: inStore,
    myCart: signedIn,
  },
  Mutation: {
    cartCreate: inStore,
    cartLinesAdd: inStore,
    cartLinesUpdate: inStore,
    cartLinesRemove: inStore,
    cartPricesConfirm: inStore,
    cartBuyerIdentityUpdate: inStore,
    cartShippingAddressUpdate: inStore,
    cartBillingAddressUpdate: inStore,
    cartShippingOptionSelect: inStore,
    cartBuyerNoteUpdate: inStore,
    cartAttributesUpdate: inStore,
    cartDiscountCodesUpdate: inStore,
    cartMerge: signedIn,
  },
  entities: { Cart: inStore },
};
