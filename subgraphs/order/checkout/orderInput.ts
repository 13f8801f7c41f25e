import { z } from 'zod';
import type { Caller } from '../../shared/caller';
import { emailInput } from '../../shared/email';
import { checkInput, list, text } from '../../shared/inputReader';
import { MAX_LINES } from '../../shared/limits';
import { parseMoney } from '../../shared/money';
import { invalid, required, type UserError, UserErrors } from '../../shared/userErrors';
import { discountCodesInput } from '../discount/codeInput';
import type { OrderCreateInput, UserErrorCode } from '../generated/resolvers';
import { orderKeyFaults } from '../idempotency/keyOwner';
import { attributesInput, noteInput } from '../input/noteAndAttributes';
import { billingAddressInput, shippingAddressInput } from '../input/postalAddress';
import { attributesKey, variantLineInput } from '../input/variantLine';

export const orderLinesInput = list(variantLineInput, { min: 1, max: MAX_LINES, tooLong: 'TOO_MANY_LINES' });

const input = z.object({
  cartId: z.string().nullish(),
  lines: orderLinesInput,
  email: emailInput,
  shippingAddress: shippingAddressInput.nullish(),
  billingAddress: billingAddressInput.nullish(),
  shippingOptionId: text(255).nullish(),
  buyerNote: noteInput.optional(),
  attributes: attributesInput.nullish(),
  paymentMethodId: z.string().nullish(),
  discountCodes: discountCodesInput.nullish(),
  expectedTotal: z.object({ amount: z.string(), currencyCode: z.string() }).nullish(),
  paymentToken: text(255).nullish(),
  idempotencyKey: z.string(),
});

/** Optional when the input names a cart that has them. */
const FROM_CART = ['lines', 'email'] as const;

/** A validated order, with its texts trimmed. */
export type CheckedOrder = z.output<typeof input>;

/**
 * @param others what else is wrong with it.
 * @throws GraphQLError BAD_USER_INPUT for an amount of money that can't be read.
 * @throws UserErrors with all other errors that can be found without the catalog, each with its field.
 */
export function checkOrderCreate(
  order: OrderCreateInput,
  caller: Pick<Caller, 'userId'>,
  others: readonly UserError<UserErrorCode>[] = [],
): CheckedOrder {
  if (order.expectedTotal) parseMoney(order.expectedTotal, 'input.expectedTotal');
  const { data, faults } = checkInput<typeof input, UserErrorCode>(input, order);
  const missing = FROM_CART.filter((name) => order[name] == null);
  const all: UserError<UserErrorCode>[] = [
    ...missing.map((name) => required(['input', name], 'Must be given.')),
    ...faults.filter(({ field: [, name] }) => !missing.some((absent) => absent === name)),
    ...orderKeyFaults(caller, order.idempotencyKey),
    ...others,
  ];
  if (order.lines && order.lines.length <= MAX_LINES) all.push(...repeatedVariants(order.lines));
  if (!data || all.length > 0) throw new UserErrors(...all);
  return data;
}

function repeatedVariants(lines: NonNullable<OrderCreateInput['lines']>): UserError<UserErrorCode>[] {
  const seen = new Set<string>();
  return lines.flatMap(({ variantId, attributes }, index) => {
    const line = `${variantId} ${attributesKey(attributes)}`;
    const repeated = seen.has(line);
    seen.add(line);
    const field = ['input', 'lines', String(index), 'variantId'];
    return repeated ? [invalid(field, 'each variant once, or with other attributes: add up its quantities')] : [];
  });
}
