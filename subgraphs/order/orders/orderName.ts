import type { Order } from '../generated/prisma/client';
import { searchTerms } from './searchTerms';

/** An order's name on invoices, such as "#1004" or "NK-1004"; null for one that has no number (yet). */
export const orderName = ({ numberPrefix, number }: Pick<Order, 'numberPrefix' | 'number'>): string | null =>
  number === null ? null : `${numberPrefix}${number}`;

/** The number of an order that was confirmed. @throws Error for another. */
export function numberOf({ number }: Pick<Order, 'number'>): number {
  if (number === null) throw new Error('Only a confirmed order has a number');
  return number;
}

/**
 * The search terms of an order's name without the number at their end: "nk-" and "" for "NK-1004". The statement that confirms an
 * order takes the next number and appends it.
 */
export const namePrefixes = (numberPrefix: string): string[] => {
  const anyNumber = '1';
  const terms = searchTerms([anyNumber, orderName({ numberPrefix, number: Number(anyNumber) })]);
  return terms.map((term) => term.slice(0, -anyNumber.length));
};
