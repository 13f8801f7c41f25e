import { can, type FeatureRules, inStore } from '../../shared/guards';

export const giftCardRules: FeatureRules = {
  Query: {
    giftCard: can('orders:read'),
    giftCards: can('orders:read'),
  },
  Mutation: {
    giftCardCreate: can('orders:manage'),
    giftCardUpdate: can('orders:manage'),
    giftCardDisable: can('orders:manage'),
    giftCardEnable: can('orders:manage'),
    giftCardAdjust: can('orders:manage'),
    cartGiftCardApply: inStore,
    cartGiftCardRemove: inStore,
  },
  entities: { GiftCard: can('orders:read') },
  // A gift card is money.
  notWhileImpersonated: ['giftCardCreate', 'giftCardUpdate', 'giftCardDisable', 'giftCardEnable', 'giftCardAdjust'],
};
