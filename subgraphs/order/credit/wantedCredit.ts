/** The credit that a buyer wants to pay with. */
export interface WantedCredit {
  /** Gift cards, in the order in which they are used. */
  giftCardIds: string[];
  /** Clerk user id of whose store credit is used after them; null for none. */
  customerId: string | null;
}

/** What an account pays, or gets back, in minor units. */
export interface CreditShare {
  accountId: string;
  amount: string;
}

export const isWanted = ({ giftCardIds, customerId }: WantedCredit): boolean =>
  giftCardIds.length > 0 || customerId !== null;
