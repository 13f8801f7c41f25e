import { checkInput } from '../../shared/inputReader';
import { type Money, parseMoney } from '../../shared/money';
import { throwIfAny } from '../../shared/userErrors';
import { type Discount, Prisma } from '../generated/prisma/client';
import type { DiscountCreateInput, DiscountUpdateInput, MoneyInput } from '../generated/resolvers';
import { conflictsOf } from './discountConflicts';
import { type DiscountFields, discountInput } from './discountFields';

/** Validates a new discount. @throws UserErrors with all errors at once. */
export const readNewDiscount = ({ combinesWithClasses: combinesWith, ...input }: DiscountCreateInput) =>
  columnsOf({
    ...input,
    combinesWith,
    isAutomatic: input.isAutomatic ?? input.code == null,
    code: input.code ?? null,
    basisPoints: input.basisPoints ?? null,
    amount: input.amount ?? null,
    freeShipping: input.freeShipping ?? null,
    items: input.items ?? null,
    buyXGetY: input.buyXGetY ?? null,
    minimumSubtotal: input.minimumSubtotal ?? null,
    startsAt: input.startsAt ?? new Date(),
    endsAt: input.endsAt ?? null,
    usageLimit: input.usageLimit ?? null,
    usageLimitPerCustomer: input.usageLimitPerCustomer ?? null,
  });

/** The discount after the changes: null removes a value, undefined keeps it. @throws as {@link readNewDiscount}. */
export function readChangedDiscount(
  input: DiscountUpdateInput,
  current: Discount,
  toMoney: (minor: bigint) => MoneyInput,
) {
  const orCurrent = <Value>(given: Value | undefined, present: Value) => (given === undefined ? present : given);
  const replacesValue = input.basisPoints != null || input.amount != null || input.freeShipping != null;
  const orReplaced = <Value>(given: Value | null | undefined, present: Value | null) =>
    replacesValue ? (given ?? null) : present;
  const { freeShipping, minimumSubtotalAmount } = current;
  const presentShipping = freeShipping && {
    ...freeShipping,
    maximumPrice: freeShipping.maximumPrice === null ? null : toMoney(BigInt(freeShipping.maximumPrice)),
  };
  const { code: _none, ...changed } = columnsOf({
    title: input.title ?? current.title,
    isAutomatic: current.isAutomatic,
    code: null,
    basisPoints: orReplaced(input.basisPoints, current.basisPoints),
    amount: orReplaced(input.amount, current.amount === null ? null : toMoney(current.amount)),
    amountPerItem: input.amountPerItem ?? (current.amountPerItem && (!replacesValue || input.amount != null)),
    freeShipping: orReplaced<DiscountFields['freeShipping']>(input.freeShipping, presentShipping),
    items: orCurrent<DiscountFields['items']>(input.items, current.items),
    buyXGetY: orCurrent<DiscountFields['buyXGetY']>(input.buyXGetY, current.buyXGetY),
    minimumSubtotal: orCurrent(
      input.minimumSubtotal,
      minimumSubtotalAmount > 0n ? toMoney(minimumSubtotalAmount) : null,
    ),
    minimumQuantity: input.minimumQuantity ?? current.minimumQuantity,
    startsAt: input.startsAt ?? current.startsAt,
    endsAt: orCurrent<Date | string | null>(input.endsAt, current.endsAt),
    usageLimit: orCurrent(input.usageLimit, current.usageLimit),
    usageLimitPerCustomer: orCurrent(input.usageLimitPerCustomer, current.usageLimitPerCustomer),
    customerTags: input.customerTags ?? current.customerTags,
    combinesWith: (input.combinesWithClasses ?? current.combinesWith) as DiscountFields['combinesWith'],
  });
  return changed;
}

/** The columns of a discount, for Prisma. */
function columnsOf(given: DiscountFields) {
  const moneyAt = (value: MoneyInput | null | undefined, field: string): Money | null =>
    value ? parseMoney(value, `input.${field}`) : null;
  const amounts = {
    amount: moneyAt(given.amount as MoneyInput | null, 'amount'),
    minimumSubtotal: moneyAt(given.minimumSubtotal as MoneyInput | null, 'minimumSubtotal'),
    maximumPrice: moneyAt(given.freeShipping?.maximumPrice as MoneyInput | null, 'freeShipping.maximumPrice'),
  };
  const { data, faults } = checkInput(discountInput, given);
  throwIfAny([...faults, ...conflictsOf(given, amounts)]);
  if (!data) throw new Error('An input without faults was read');
  const { amount, minimumSubtotal, maximumPrice } = amounts;
  const { freeShipping, items, buyXGetY, minimumSubtotal: _minimum, ...columns } = data;
  return {
    ...columns,
    amount: amount?.minorUnits ?? null,
    minimumSubtotalAmount: minimumSubtotal?.minorUnits ?? 0n,
    currencyCode: (amount ?? minimumSubtotal ?? maximumPrice)?.currencyCode ?? null,
    items: items ?? Prisma.DbNull,
    buyXGetY: buyXGetY ?? Prisma.DbNull,
    freeShipping: freeShipping
      ? { countryCodes: freeShipping.countryCodes, maximumPrice: maximumPrice?.minorUnits.toString() ?? null }
      : Prisma.DbNull,
  };
}
