import { serviceUnavailable } from '../../shared/errors';
import { checkInput } from '../../shared/inputReader';
import { required, type UserError } from '../../shared/userErrors';
import { variantsOrNull } from '../cart/cartLines';
import type { OrderCreateInput, UserErrorCode } from '../generated/resolvers';
import type { CheckoutContext } from './checkoutContext';
import { orderLinesInput } from './orderInput';

/**
 * What is wrong with an order that has no address, before anything is written: it needs one, unless it is fetched or nothing of it is sent.
 * The catalog is asked for such orders only. @throws GraphQLError SERVICE_UNAVAILABLE
 */
export async function addressFaults(
  ctx: CheckoutContext,
  order: OrderCreateInput,
): Promise<UserError<UserErrorCode>[]> {
  const { db, tenantId } = ctx;
  const { shippingAddress, shippingOptionId } = order;
  if (shippingAddress) return [];
  if (shippingOptionId) {
    const where = { tenantId, id: shippingOptionId };
    const option = await db.shippingRate.findFirst({ where, select: { pickup: true } });
    if (option?.pickup) return [];
  }
  const { data: lines } = checkInput(orderLinesInput, order.lines);
  if (!lines) return [];
  const variants = await variantsOrNull(
    ctx,
    lines.map(({ variantId }) => variantId),
  );
  if (!variants) throw serviceUnavailable();
  const isSent = [...variants.values()].some(({ requiresShipping }) => requiresShipping);
  return isSent ? [required(['input', 'shippingAddress'], 'Must be given.')] : [];
}
