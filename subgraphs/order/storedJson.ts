import type { OrderedLine } from './catalog/stockClient';
import type * as sdl from './generated/resolvers';
import type { RefundLine } from './orders/refundedQuantities';
import type { OrderError, SeenCost as SeenSums } from './pricing/priceChange';

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
    type ShippingAddress = Omit<sdl.ShippingAddress, 'provinceCode' | 'vatId'> & { vatId?: string | null };
    type SeenCost = SeenSums;
  }
}
