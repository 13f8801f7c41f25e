import type { OrderedLine } from './catalog/stockClient';
import type { HookAnswer as AnswerOfHook, HookAnswers as AnswersOfHooks } from './checkoutHook/applyHooks';
import type { CreditShare, WantedCredit as Wanted } from './credit/wantedCredit';
import type * as sdl from './generated/resolvers';
import type { RefundLine } from './orders/refundedQuantities';
import type { BuyXGetY as BuyAndGet, ItemSelection as Selection } from './pricing/discount';
import type { OrderError, SeenCost as SeenSums } from './pricing/priceChange';
import type { PickupLocation as Pickup } from './pricing/shipping';
import type { ZoneLocation } from './pricing/shippingZones';

declare global {
  /** The types of the Json columns in prisma/order, for the generated client. */
  namespace OrderJson {
    type Attributes = Pick<sdl.Attribute, 'key' | 'value'>[];
    type ItemImage = sdl.OrderItemImage;
    type OptionValues = Pick<sdl.OptionValue, 'option' | 'value'>[];
    type RefundLines = RefundLine[];
    type Refusal = OrderError[];
    type RequestedLines = OrderedLine[];
    type SagaSteps = sdl.OrderSagaStep[];
    /** The prices that the buyer was shown, by variant id. */
    type SeenPrices = Record<string, { amount: string; currencyCode: string } | undefined>;
    /** Of each rate: its name, ten-thousandths of a percent, and minor units. */
    type TaxLines = { name: string; rate: number; amount: string }[];
    /** `from` in minor units, grams or pieces; a tier without a price is where the rate is not offered any more. */
    type ShippingTiers = { from: string; price: string | null }[];
    type PickupLocation = Pickup;
    type ZoneLocations = ZoneLocation[];
    /** In rows from before there were billing addresses, with the VAT id. */
    type ShippingAddress = Omit<sdl.ShippingAddress, 'provinceCode' | '__typename'> & { vatId?: string | null };
    type BillingAddress = Omit<sdl.BillingAddress, 'provinceCode' | 'vatId' | '__typename'> & { vatId?: string | null };
    type SeenCost = SeenSums;
    type ItemSelection = Selection;
    type BuyXGetY = BuyAndGet;
    /** The amount in minor units. */
    type FreeShipping = { countryCodes: string[]; maximumPrice: string | null };
    type WantedCredit = Wanted;
    type CreditShares = CreditShare[];
    type HookAnswer = AnswerOfHook;
    type HookAnswers = AnswersOfHooks;
  }
}
