import type { Order } from '../generated/prisma/client';
import { searchTerms } from './searchTerms';

/** What an order is called, on an invoice and in a talk: "#1004", "NK-1004". */
export const orderName = ({ numberPrefix, number }: Pick<Order, 'numberPrefix' | 'number'>) =>
  `${numberPrefix}${number}`;

/**
 * What stands in front of an order's number in each term that it is found by: "nk-1004" as well as "1004". For a statement that
 * gives the number out.
 */
export const beginningsOfName = (numberPrefix: string): string[] => {
  const anyNumber = '1';
  const terms = searchTerms([anyNumber, orderName({ numberPrefix, number: Number(anyNumber) })]);
  return terms.map((term) => term.slice(0, -anyNumber.length));
};
