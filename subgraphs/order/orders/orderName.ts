import type { Order } from '../generated/prisma/client';
import { searchTerms } from './searchTerms';

/** An order's name on invoices, such as "#1004" or "NK-1004". */
export const orderName = ({ numberPrefix, number }: Pick<Order, 'numberPrefix' | 'number'>) =>
  `${numberPrefix}${number}`;

/**
 * The search terms of an order's name without the number at their end: "nk-" and "" for "NK-1004". The statement that inserts an order
 * takes the next number and appends it.
 */
export const namePrefixes = (numberPrefix: string): string[] => {
  const anyNumber = '1';
  const terms = searchTerms([anyNumber, orderName({ numberPrefix, number: Number(anyNumber) })]);
  return terms.map((term) => term.slice(0, -anyNumber.length));
};
