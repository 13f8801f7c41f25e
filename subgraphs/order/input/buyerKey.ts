import { emailKey } from '../../shared/email';

/**
 * Identifies a customer of the store. Clerk verifies an account, but nobody verifies a guest's e-mail address: so a guest is never the
 * same customer as an account.
 */
export const buyerKey = (customerId: string | null, email: string) =>
  customerId === null ? `guest:${emailKey(email)}` : `user:${customerId}`;
