import type { z } from 'zod';
import { type PricingRules, priceOrder } from '../pricing/pricing';
import type { ActiveHook, LoadedRules } from '../pricing/pricingRules';
import type { Basket } from './basket';
import { type AnsweredRate, shippingAnswer, shippingQuestion, toShippingRate } from './shippingQuestion';
import { type AnsweredTax, taxAnswer, taxedAmounts, taxQuestion, toAskedTaxes } from './taxQuestion';

/** An answer as it is stored. */
export type HookAnswer = { rates: AnsweredRate[] } | { tax: AnsweredTax };

/** What a store's hooks answered for an order, kept with it. */
export interface HookAnswers {
  /** The hooks that were switched on. */
  hooks: ActiveHook[];
  /** Each with its question's hash; `answer` is null where the hook failed. */
  answers: { hookId: string; question: string; answer: HookAnswer | null }[];
}

/** @returns the hook's answer; null when it does not answer. @param read checks what it answers, and makes it what is stored. */
export type AskHook = (hook: ActiveHook, question: string, read: z.ZodType<HookAnswer>) => Promise<HookAnswer | null>;

/**
 * A store's rules with what its hooks answer for a basket: first the rates, since tax may be on shipping. Nobody is asked without hooks,
 * for rates where nothing is sent or the address is not known, nor for a tax that the buyer owes.
 */
export async function applyHooks(
  tenantId: string,
  loaded: LoadedRules,
  basket: Basket,
  ask: AskHook,
): Promise<PricingRules> {
  const rates = loaded.hooks.find(({ kind }) => kind === 'SHIPPING_RATES');
  const tax = loaded.hooks.find(({ kind }) => kind === 'TAX');
  const withRates = rates ? await askRates(tenantId, rates, loaded, basket, ask) : loaded;
  return tax ? askTax(tenantId, tax, loaded, withRates, basket, ask) : withRates;
}

async function askRates(
  tenantId: string,
  hook: ActiveHook,
  rules: LoadedRules,
  basket: Basket,
  ask: AskHook,
): Promise<PricingRules> {
  const { lines, currencyCode } = basket;
  const { destination, fallbackRates } = rules;
  const own = rules.shippingRates ?? [];
  if (!destination || !lines.some(({ requiresShipping = true }) => requiresShipping)) {
    return { ...rules, shippingRates: own };
  }
  const question = shippingQuestion(tenantId, basket, destination, priceOrder(lines, currencyCode, rules));
  const read = shippingAnswer(currencyCode, hook.id).transform((rates): HookAnswer => ({ rates }));
  const answer = await ask(hook, question, read);
  const others =
    answer && 'rates' in answer ? answer.rates.map((rate) => toShippingRate(rate, currencyCode)) : fallbackRates;
  return { ...rules, shippingRates: [...own, ...others] };
}

async function askTax(
  tenantId: string,
  hook: ActiveHook,
  { taxedPlace, storeCountry }: LoadedRules,
  rules: PricingRules,
  basket: Basket,
  ask: AskHook,
): Promise<PricingRules> {
  if (!taxedPlace || rules.reverseCharge) return rules;
  const { lines, currencyCode } = basket;
  const taxed = taxedAmounts(priceOrder(lines, currencyCode, rules), currencyCode);
  const question = taxQuestion(tenantId, basket, taxed, taxedPlace, storeCountry);
  const read = taxAnswer(taxed).transform((tax): HookAnswer => ({ tax }));
  const answer = await ask(hook, question, read);
  if (answer && 'tax' in answer) return { ...rules, askedTaxes: toAskedTaxes(answer.tax), provinceFault: null };
  if (hook.whenUnavailable === 'USE_STORE_RATES') return rules;
  return { ...rules, askedTaxes: NO_TAXES(lines.length), isTaxUnavailable: true, provinceFault: null };
}

const NO_TAXES = (lines: number) => ({ lines: Array.from({ length: lines }, () => []), shipping: [] });
