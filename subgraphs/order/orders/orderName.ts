import type { Order } from '../generated/prisma/client';
import { searchTerms } from './searchTerms';

/** What an order is called on an invoice, such as "#1004" or "NK-1004". */
export const orderName = ({ numberPrefix, number }: Pick<Order, 'numberPrefix' | 'number'>) =>
  `${numberPrefix}${number}`;

/**
 * The search terms of an order's name, each without the number at its end: "nk-" and "" for "NK-1004". For a statement that takes the
 * next number itself, and appends it.
 */
export const namePrefixes = (numberPrefix: string): string[] => {
  const anyNumber = '1';
  const terms = searchTerms([anyNumber, orderName({ numberPrefix, number: Number(anyNumber) })]);
  return terms.map((term) => term.slice(0, -anyNumber.length));
};
