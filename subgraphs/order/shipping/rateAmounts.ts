import { MAX_QUANTITY } from '../../shared/limits';
import { formatMoney, type Money, parseMoney } from '../../shared/money';
import { invalid, limitReached, throwIfAny, type UserError } from '../../shared/userErrors';
import type { ShippingRate } from '../generated/prisma/client';
import type { MoneyInput, ShippingRateTierInput, UserErrorCode } from '../generated/resolvers';

const MAX_TIERS = 50;
const MAX_GRAMS = 1_000_000_000;

type Measure = NonNullable<ShippingRate['measure']>;

/** The columns of a rate's amounts, which are in one currency. */
export type RateAmounts = Pick<ShippingRate, 'currencyCode' | 'priceAmount' | 'freeFromAmount' | 'measure' | 'tiers'>;

/** What an input says about amounts; what is left out stays as it is. */
export interface GivenAmounts {
  price?: MoneyInput | null;
  freeFrom?: MoneyInput | null;
  tiers?: readonly ShippingRateTierInput[] | null;
}

/** @param current of a rate that is changed. @throws UserErrors | GraphQLError BAD_USER_INPUT for an amount that can't be read. */
export function readAmounts(input: GivenAmounts, current: RateAmounts | null): RateAmounts {
  const price = input.price
    ? parseMoney(input.price, 'input.price')
    : current && { currencyCode: current.currencyCode, minorUnits: current.priceAmount };
  if (!price) throw new Error('A new rate has a price');
  const { currencyCode, minorUnits: priceAmount } = price;
  const keepsCurrency = currencyCode === current?.currencyCode;
  const faults: UserError<UserErrorCode>[] = [];
  const refuseCurrency = (field: string[]) => faults.push(invalid(field, `the currency of the price: ${currencyCode}`));

  const freeFrom = input.freeFrom ? parseMoney(input.freeFrom, 'input.freeFrom') : null;
  if (freeFrom && freeFrom.currencyCode !== currencyCode) refuseCurrency(['input', 'freeFrom', 'currencyCode']);
  const keepsFreeFrom = input.freeFrom === undefined && current?.freeFromAmount != null;
  if (keepsFreeFrom && !keepsCurrency) refuseCurrency(['input', 'freeFrom', 'currencyCode']);

  const keepsTiers = input.tiers === undefined && current !== null && current.measure !== null;
  if (keepsTiers && !keepsCurrency) refuseCurrency(['input', 'tiers']);
  const tiers = keepsTiers ? current : readTiers(input.tiers ?? [], currencyCode, faults);
  throwIfAny(faults);
  return {
    currencyCode,
    priceAmount,
    freeFromAmount: keepsFreeFrom ? current.freeFromAmount : (freeFrom?.minorUnits ?? null),
    measure: tiers.measure,
    tiers: tiers.tiers,
  };
}

function readTiers(
  given: readonly ShippingRateTierInput[],
  currencyCode: string,
  faults: UserError<UserErrorCode>[],
): Pick<RateAmounts, 'measure' | 'tiers'> {
  if (given.length > MAX_TIERS) {
    faults.push(limitReached(['input', 'tiers'], `A rate has up to ${MAX_TIERS}.`));
    return { measure: null, tiers: [] };
  }
  const read = given.map((tier, index) => readTier(tier, ['input', 'tiers', String(index)], currencyCode, faults));
  const measure = read[0]?.measure ?? null;
  const seen = new Set<bigint>();
  for (const [index, tier] of read.entries()) {
    const at = ['input', 'tiers', String(index)];
    if (tier.measure && tier.measure !== measure) faults.push(invalid(at, 'all tiers by the same measure'));
    else if (seen.has(tier.from)) faults.push(invalid(at, 'each tier from another value on'));
    seen.add(tier.from);
  }
  const ascending = read.sort((one, other) => Number(one.from - other.from));
  return { measure, tiers: ascending.map(({ from, price }) => ({ from: String(from), price })) };
}

interface ReadTier {
  measure: Measure | null;
  from: bigint;
  price: string | null;
}

function readTier(
  tier: ShippingRateTierInput,
  at: string[],
  currencyCode: string,
  faults: UserError<UserErrorCode>[],
): ReadTier {
  const inCurrency = (money: MoneyInput | null | undefined, name: string): Money | null => {
    if (money == null) return null;
    const read = parseMoney(money, [...at, name].join('.'));
    if (read.currencyCode === currencyCode) return read;
    faults.push(invalid([...at, name, 'currencyCode'], `the currency of the price: ${currencyCode}`));
    return read;
  };
  const whole = (count: number | null | undefined, name: string, max: number): bigint | null => {
    if (count == null) return null;
    if (count < 0 || count > max) faults.push(invalid([...at, name], `0 to ${max}`));
    return BigInt(count);
  };
  const from: Record<Measure, bigint | null> = {
    SUBTOTAL: inCurrency(tier.fromSubtotal, 'fromSubtotal')?.minorUnits ?? null,
    WEIGHT: whole(tier.fromGrams, 'fromGrams', MAX_GRAMS),
    QUANTITY: whole(tier.fromQuantity, 'fromQuantity', MAX_QUANTITY),
  };
  const price = inCurrency(tier.price, 'price')?.minorUnits.toString() ?? null;
  const measures = (Object.keys(from) as Measure[]).filter((measure) => from[measure] !== null);
  const [measure] = measures;
  if (measure === undefined || measures.length > 1) {
    faults.push(invalid(at, 'one of fromSubtotal, fromGrams and fromQuantity'));
    return { measure: null, from: -1n, price };
  }
  return { measure, from: from[measure] ?? 0n, price };
}

/** A rate's tiers as the API has them. */
export function tiersOf({ measure, tiers, currencyCode }: ShippingRate) {
  const money = (minorUnits: string) => formatMoney({ minorUnits: BigInt(minorUnits), currencyCode });
  return tiers.map(({ from, price }) => ({
    fromSubtotal: measure === 'SUBTOTAL' ? money(from) : null,
    fromGrams: measure === 'WEIGHT' ? Number(from) : null,
    fromQuantity: measure === 'QUANTITY' ? Number(from) : null,
    price: price === null ? null : money(price),
  }));
}
