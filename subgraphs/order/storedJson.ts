import type { RequestedLine } from './catalog/stockClient';
import type * as sdl from './generated/resolvers';
import type { RefundLine } from './payment/refundedQuantities';

declare global {
  /** What the Json columns of prisma/order/schema.prisma hold: the generated client has these types. */
  namespace OrderJson {
    type Attributes = Pick<sdl.Attribute, 'key' | 'value'>[];
    type RefundLines = RefundLine[];
    type Refusal = { field: string[]; message: string; code: sdl.OrderErrorCode }[];
    type RequestedLines = RequestedLine[];
    type SagaSteps = sdl.OrderSagaStep[];
    /** What a variant cost when its buyer looked last, by its id. */
    type SeenPrices = Record<string, { amount: string; currencyCode: string } | undefined>;
    type ShippingAddress = sdl.ShippingAddress;
  }
}
