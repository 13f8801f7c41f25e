import { z } from 'zod';
import { type UserError, UserErrors } from '../../shared/errors';
import { type Money, parseMoney } from '../../shared/money';
import type { Discount } from '../generated/prisma/client';
import type { DiscountCreateInput, DiscountUpdateInput, MoneyInput, PricingErrorCode } from '../generated/resolvers';
import { readInput, text } from '../input/readInput';

const LIMIT = 'Expected 1 to 1,000,000,000.';
const limit = z.int().min(1, LIMIT).max(1_000_000_000, LIMIT).nullable();
const moment = z.coerce.date();

const terms = z.object({
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

type Terms = z.output<typeof terms> & { amount: Money | null; minimumSubtotal: Money | null };
export type DiscountColumns = Omit<Discount, 'tenantId' | 'id' | 'uses' | 'version' | 'createdAt' | 'updatedAt'>;

/** A code as it is stored and compared: "summer 10" is not one, and "summer10" is "SUMMER10". */
export function codeKey(code: string): string {
  return code.trim().normalize('NFC').toUpperCase();
}

/** @throws UserErrors with everything that is wrong with a new discount. */
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

/** The discount as it would be with the changes. What is null is taken away; what was left out stays. @throws as above. */
export function readChangedDiscount(
  input: DiscountUpdateInput,
  current: Discount,
  money: (minor: bigint) => MoneyInput,
): DiscountColumns {
  const orCurrent = <Value>(given: Value | undefined, present: Value) => (given === undefined ? present : given);
  const takesOther = input.basisPoints != null || input.amount != null;
  const minimum = current.minimumSubtotalAmount > 0n ? money(current.minimumSubtotalAmount) : null;
  return columnsOf({
    title: input.title ?? current.title,
    code: current.code,
    basisPoints: takesOther ? (input.basisPoints ?? null) : current.basisPoints,
    amount: takesOther ? (input.amount ?? null) : current.amount === null ? null : money(current.amount),
    minimumSubtotal: orCurrent(input.minimumSubtotal, minimum),
    startsAt: input.startsAt ?? current.startsAt,
    endsAt: orCurrent<Date | string | null>(input.endsAt, current.endsAt),
    usageLimit: orCurrent(input.usageLimit, current.usageLimit),
    usageLimitPerCustomer: orCurrent(input.usageLimitPerCustomer, current.usageLimitPerCustomer),
    combines: input.combines ?? current.combines,
  });
}

interface GivenTerms {
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

function columnsOf(given: GivenTerms): DiscountColumns {
  const amount = given.amount && parseMoney(given.amount, 'input.amount');
  const minimumSubtotal = given.minimumSubtotal && parseMoney(given.minimumSubtotal, 'input.minimumSubtotal');
  const checked: Terms = { ...readInput(terms, given), amount, minimumSubtotal };
  const faults = faultsOf(checked);
  if (faults.length > 0) throw new UserErrors(...faults);
  const { amount: _amount, minimumSubtotal: _minimum, ...columns } = checked;
  return {
    ...columns,
    amount: amount?.minorUnits ?? null,
    minimumSubtotalAmount: minimumSubtotal?.minorUnits ?? 0n,
    currencyCode: amount?.currencyCode ?? minimumSubtotal?.currencyCode ?? null,
  };
}

function faultsOf(discount: Terms): UserError<PricingErrorCode>[] {
  const { code, basisPoints, amount, minimumSubtotal, startsAt, endsAt, usageLimit, usageLimitPerCustomer } = discount;
  const faults: UserError<PricingErrorCode>[] = [];
  const invalid = (name: string, message: string) => faults.push({ field: ['input', name], code: 'INVALID', message });
  if ((basisPoints === null) === (amount === null)) invalid('amount', 'Expected either basisPoints or an amount.');
  if (amount?.minorUnits === 0n) invalid('amount', 'Expected more than nothing.');
  if (amount && minimumSubtotal && amount.currencyCode !== minimumSubtotal.currencyCode) {
    invalid('minimumSubtotal', `Expected the currency of the amount: ${amount.currencyCode}.`);
  }
  if (endsAt && endsAt <= startsAt) invalid('endsAt', 'Expected a time after startsAt.');
  if (code === null && usageLimit !== null) invalid('usageLimit', COUNTED);
  if (code === null && usageLimitPerCustomer !== null) invalid('usageLimitPerCustomer', COUNTED);
  return faults;
}

const COUNTED = 'Only the uses of a code are counted: expected null, or a code.';
