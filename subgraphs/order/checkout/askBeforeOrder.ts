import { serviceUnavailable } from '../../shared/errors';
import { UserErrors } from '../../shared/userErrors';
import { variantsOrNull } from '../cart/cartLines';
import type { HookAnswers } from '../checkoutHook/applyHooks';
import { askHooks } from '../checkoutHook/askHooks';
import { mailboxKey } from '../discount/mailbox';
import { accountOf } from '../input/accountOf';
import { buyerKey } from '../input/buyerKey';
import { faultError } from '../pricing/faultErrors';
import { placesOf } from '../pricing/places';
import { loadPricingRules } from '../pricing/pricingRules';
import type { CheckoutContext } from './checkoutContext';
import type { CheckedOrder } from './orderInput';

/**
 * Asks the store's hooks about an order that is not written yet, at the prices in the catalog, so that it holds no stock, no row and no slot
 * while it waits. An order at other prices than these is refused later. @returns the answers, to be kept with the order.
 * @throws UserErrors TAX_UNAVAILABLE | GraphQLError SERVICE_UNAVAILABLE, THROTTLED
 */
export async function askBeforeOrder(ctx: CheckoutContext, input: CheckedOrder): Promise<HookAnswers> {
  const { db, tenantId, caller } = ctx;
  const { email, discountCodes: codes, shippingOptionId: optionId = null } = input;
  const variants = await variantsOrNull(
    ctx,
    input.lines.map(({ variantId }) => variantId),
  );
  if (!variants) throw serviceUnavailable();
  const lines = input.lines.flatMap(({ variantId, quantity }) => {
    const variant = variants.get(variantId);
    if (!variant) return [];
    const { price, weightGrams: grams, sku, ...of } = variant;
    return [{ ...of, currencyCode: price.currencyCode, unitPrice: price.minorUnits, grams, sku, variantId, quantity }];
  });
  const customerId = accountOf(caller);
  const addresses = { shippingAddress: input.shippingAddress ?? null, billingAddress: input.billingAddress ?? null };
  const loaded = await loadPricingRules(
    db,
    tenantId,
    { ...placesOf(addresses, lines), optionId },
    codes?.length ? { codes, email: mailboxKey(email), customerId } : null,
    buyerKey(customerId, email),
  );
  const [currencyCode = '', ...others] = new Set(lines.map((line) => line.currencyCode));
  // The reservation of the stock refuses it: nobody needs to be asked.
  if (lines.length < input.lines.length || others.length > 0) return { hooks: loaded.hooks, answers: [] };
  const { rules, answers } = await askHooks(ctx, loaded, { lines, currencyCode });
  if (rules.isTaxUnavailable) throw new UserErrors(faultError('TAX_UNAVAILABLE', addresses));
  return answers;
}
