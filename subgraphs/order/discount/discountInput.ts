import { z } from 'zod';
import { checkInput, list, text } from '../../shared/inputReader';
import { type Money, parseMoney } from '../../shared/money';
import { cleanText } from '../../shared/typedText';
import { invalid, throwIfAny, type UserError } from '../../shared/userErrors';
import type { Discount } from '../generated/prisma/client';
import type { DiscountCreateInput, DiscountUpdateInput, MoneyInput, UserErrorCode } from '../generated/resolvers';

/** Of one cart or order; one request may try no more, see codeAttempts.ts. */
export const MAX_CODES = 5;

const LIMIT = 'Expected 1 to 1,000,000,000.';
const limit = z.int().min(1, LIMIT).max(1_000_000_000, LIMIT).nullable();
const moment = z.coerce.date();

const discountInput = z.object({
  title: text(255),
  code: z
    .string()
    .transform(codeKey)
    .refine((code) => /^[\p{L}\p{N}_.%-]{1,64}$/u.test(code), 'Expected 1 to 64 letters, digits or any of _ . % -')
    .nullable(),
  basisPoints: z.int().min(1, 'Expected 1 to 10,000.').max(10_000, 'Expected 1 to 10,000.').nullable(),
  startsAt: moment,
  endsAt: moment.nullable(),
  usageLimit: limit,
  usageLimitPerCustomer: limit,
  combines: z.boolean(),
});

export type DiscountColumns = Omit<Discount, 'tenantId' | 'id' | 'uses' | 'version' | 'createdAt' | 'updatedAt'>;

/** A code as it is stored and compared, in upper case: "summer10" is "SUMMER10". */
export function codeKey(code: string): string {
  return cleanText(code).toUpperCase();
}

/** The codes that a buyer names for one cart or order, as they are stored, each once. */
export const discountCodesInput = list(text(64).transform(codeKey), { max: MAX_CODES }).transform((codes) => [
  ...new Set(codes),
]);

/** Validates a new discount. @throws UserErrors with all errors at once. */
export function readNewDiscount(input: DiscountCreateInput): DiscountColumns {
  return columnsOf({
    title: input.title,
    code: input.code ?? null,
    basisPoints: input.basisPoints ?? null,
    amount: input.amount ?? null,
    minimumSubtotal: input.minimumSubtotal ?? null,
    startsAt: input.startsAt ?? new Date(),
    endsAt: input.endsAt ?? null,
    usageLimit: input.usageLimit ?? null,
    usageLimitPerCustomer: input.usageLimitPerCustomer ?? null,
    combines: input.combines,
  });
}

/** The discount after the changes: null removes a value, undefined keeps it. @throws as {@link readNewDiscount}. */
export function readChangedDiscount(
  input: DiscountUpdateInput,
  current: Discount,
  money: (minor: bigint) => MoneyInput,
): DiscountColumns {
  const orCurrent = <Value>(given: Value | undefined, present: Value) => (given === undefined ? present : given);
  const replacesValue = input.basisPoints != null || input.amount != null;
  const minimum = current.minimumSubtotalAmount > 0n ? money(current.minimumSubtotalAmount) : null;
  return columnsOf({
    title: input.title ?? current.title,
    code: current.code,
    basisPoints: replacesValue ? (input.basisPoints ?? null) : current.basisPoints,
    amount: replacesValue ? (input.amount ?? null) : current.amount === null ? null : money(current.amount),
    minimumSubtotal: orCurrent(input.minimumSubtotal, minimum),
    startsAt: input.startsAt ?? current.startsAt,
    endsAt: orCurrent<Date | string | null>(input.endsAt, current.endsAt),
    usageLimit: orCurrent(input.usageLimit, current.usageLimit),
    usageLimitPerCustomer: orCurrent(input.usageLimitPerCustomer, current.usageLimitPerCustomer),
    combines: input.combines ?? current.combines,
  });
}

interface DiscountFields {
  title: string;
  code: string | null;
  basisPoints: number | null;
  amount: MoneyInput | null;
  minimumSubtotal: MoneyInput | null;
  startsAt: Date | string;
  endsAt: Date | string | null;
  usageLimit: number | null;
  usageLimitPerCustomer: number | null;
  combines: boolean;
}

function columnsOf(given: DiscountFields): DiscountColumns {
  const amount = given.amount && parseMoney(given.amount, 'input.amount');
  const minimumSubtotal = given.minimumSubtotal && parseMoney(given.minimumSubtotal, 'input.minimumSubtotal');
  const { data, faults } = checkInput(discountInput, given);
  throwIfAny([...faults, ...faultsOf({ ...given, amount, minimumSubtotal })]);
  if (!data) throw new Error('An input without faults was read');
  return {
    ...data,
    amount: amount?.minorUnits ?? null,
    minimumSubtotalAmount: minimumSubtotal?.minorUnits ?? 0n,
    currencyCode: amount?.currencyCode ?? minimumSubtotal?.currencyCode ?? null,
  };
}

/** What is wrong with fields that do not fit each other. */
function faultsOf(
  discount: Omit<DiscountFields, 'amount' | 'minimumSubtotal'> & {
    amount: Money | null;
    minimumSubtotal: Money | null;
  },
): UserError<UserErrorCode>[] {
  const { code, basisPoints, amount, minimumSubtotal, startsAt, endsAt, usageLimit, usageLimitPerCustomer } = discount;
  const faults: UserError<UserErrorCode>[] = [];
  const expect = (name: string, expected: string) => faults.push(invalid(['input', name], expected));
  if ((basisPoints === null) === (amount === null)) expect('amount', 'either basisPoints or an amount');
  if (amount?.minorUnits === 0n) expect('amount', 'more than nothing');
  if (amount && minimumSubtotal && amount.currencyCode !== minimumSubtotal.currencyCode) {
    expect('minimumSubtotal', `the currency of the amount: ${amount.currencyCode}`);
  }
  if (endsAt && new Date(endsAt) <= new Date(startsAt)) expect('endsAt', 'a time after startsAt');
  if (code === null && usageLimit !== null) expect('usageLimit', ONLY_WITH_CODE);
  if (code === null && usageLimitPerCustomer !== null) expect('usageLimitPerCustomer', ONLY_WITH_CODE);
  return faults;
}

const ONLY_WITH_CODE = 'null, or a code: only the uses of a code are counted';
