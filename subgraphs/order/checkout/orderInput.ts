import { z } from 'zod';
import { type UserError, UserErrors } from '../../shared/errors';
import { parseMoney } from '../../shared/money';
import type { OrderCreateInput, OrderErrorCode } from '../generated/resolvers';
import { isCountryCode } from '../input/countryCode';
import { text } from '../input/readInput';

type Fault = UserError<OrderErrorCode>;

const MAX_LINES = 200;
const MAX_QUANTITY = 1_000_000;
const MAX_ATTRIBUTES = 20;

/** Where a parcel goes. */
export const shippingAddressInput = z.object({
  name: text(255),
  line1: text(255),
  line2: text(255).nullable().exactOptional(),
  city: text(255),
  province: text(255).nullable().exactOptional(),
  postalCode: text(32).nullable().exactOptional(),
  countryCode: z.string().refine(isCountryCode, 'Expected an ISO 3166-1 alpha-2 code, such as US.'),
  phone: text(64).nullable().exactOptional(),
});

export const emailInput = z.email('Expected an e-mail address.').max(320);

/** A buyer's word for the store. */
export const noteInput = text(5_000).nullable();

/** What a storefront keeps with a cart or an order. */
export const attributesInput = z
  .array(z.object({ key: text(64), value: text(255) }))
  .max(MAX_ATTRIBUTES, `Expected at most ${MAX_ATTRIBUTES}.`)
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'Expected each key once.');

const input = z.object({
  cartId: z.string().nullish(),
  lines: z
    .array(z.object({ variantId: text(255), quantity: z.int().min(1, tooMany()).max(MAX_QUANTITY, tooMany()) }))
    .min(1, 'Expected at least 1.')
    .max(MAX_LINES, `Expected at most ${MAX_LINES}.`),
  email: emailInput,
  shippingAddress: shippingAddressInput,
  buyerNote: noteInput.optional(),
  attributes: attributesInput.nullish(),
  paymentMethod: z.enum(['MANUAL', 'STRIPE']),
  discountCode: text(64).nullish(),
  expectedTotal: z.object({ amount: z.string(), currencyCode: z.string() }).nullish(),
  paymentToken: text(255).nullish(),
  idempotencyKey: z.string().min(8, 'Expected 8 to 255 characters.').max(255, 'Expected 8 to 255 characters.'),
});

/** What a client may leave out where it names a cart that has it. */
const OF_THE_CART = ['lines', 'email', 'shippingAddress'] as const;

/** An order as it is kept: without the white space around its texts. */
export type CheckedOrder = z.output<typeof input>;

/**
 * @throws GraphQLError BAD_USER_INPUT for money that is none.
 * @throws UserErrors with everything else that can be told to be wrong without the catalog, each with its place in the input.
 */
export function checkOrderCreate(order: OrderCreateInput): CheckedOrder {
  if (order.expectedTotal) parseMoney(order.expectedTotal, 'input.expectedTotal');
  const { data, error } = input.safeParse(order);
  const missing = OF_THE_CART.filter((name) => order[name] == null);
  const issues = (error?.issues ?? []).filter((issue) => !missing.some((name) => name === issue.path[0]));
  const faults: Fault[] = [
    ...missing.map((name) => ({ field: ['input', name], message: 'Must be given.', code: 'REQUIRED' as const })),
    ...issues.map((issue) => ({
      field: ['input', ...issue.path.map(String)],
      message: issue.message,
      code: codeOf(issue),
    })),
  ];
  if (order.lines && order.lines.length <= MAX_LINES) faults.push(...repeatedVariants(order.lines));
  if (!data || faults.length > 0) throw new UserErrors(...faults);
  return data;
}

function codeOf(issue: z.core.$ZodIssue): OrderErrorCode {
  if (issue.code === 'too_big' && issue.path.length === 1 && issue.path[0] === 'lines') return 'TOO_MANY_LINES';
  return isEmpty(issue) ? 'REQUIRED' : 'INVALID';
}

/** An empty text or list, where at least one character or entry is expected. */
function isEmpty(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'too_small' && issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array');
}

function repeatedVariants(lines: NonNullable<OrderCreateInput['lines']>): Fault[] {
  const seen = new Set<string>();
  return lines.flatMap(({ variantId }, index) => {
    const repeated = seen.has(variantId);
    seen.add(variantId);
    const field = ['input', 'lines', String(index), 'variantId'];
    return repeated
      ? [{ field, message: 'Expected each variant once: add up its quantities.', code: 'INVALID' as const }]
      : [];
  });
}

function tooMany(): string {
  return `Expected 1 to ${MAX_QUANTITY}.`;
}
