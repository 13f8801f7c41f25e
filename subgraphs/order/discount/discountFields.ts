import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { codeInput } from './codeInput';
import { buyXGetYInput, freeShippingInput, itemSelectionInput, quantity } from './discountParts';

const LIMIT = 'Expected 1 to 1,000,000,000.';
const limit = z.int().min(1, LIMIT).max(1_000_000_000, LIMIT).nullable();
const moment = z.coerce.date();
/** Read by its scalar, and by parseMoney. */
const money = z.object({ amount: z.string(), currencyCode: z.string() });

/** Fields that don't fit each other are told by conflictsOf. */
export const discountInput = z.object({
  title: text(255),
  isAutomatic: z.boolean(),
  code: codeInput.nullable(),
  basisPoints: z.int().min(1, 'Expected 1 to 10,000.').max(10_000, 'Expected 1 to 10,000.').nullable(),
  amount: money.nullable(),
  amountPerItem: z.boolean(),
  freeShipping: freeShippingInput.extend({ maximumPrice: money.nullish() }).nullable(),
  items: itemSelectionInput.nullable(),
  buyXGetY: buyXGetYInput.nullable(),
  minimumSubtotal: money.nullable(),
  minimumQuantity: quantity(0),
  startsAt: moment,
  endsAt: moment.nullable(),
  usageLimit: limit,
  usageLimitPerCustomer: limit,
  customerTags: list(text(64), { max: 100 }).transform((tags) => [...new Set(tags)]),
  // Each once, and always in the same order.
  combinesWith: z.array(z.enum(['ORDER', 'PRODUCT', 'SHIPPING'])).transform((classes) => [...new Set(classes)].sort()),
});

/** A discount as it is given, each field of it. */
export type DiscountFields = z.input<typeof discountInput>;
