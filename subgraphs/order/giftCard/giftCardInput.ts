import { z } from 'zod';
import { emailInput } from '../../shared/email';
import { text } from '../../shared/inputReader';
import { invalid, UserErrors } from '../../shared/userErrors';

/** What staff may say of a card, when it is issued and later. */
export const giftCardInput = z.object({
  expiresAt: z.coerce.date().nullish(),
  recipientEmail: emailInput.nullish(),
  note: text({ max: 5_000, lines: true }).nullish(),
});

/** By this process's clock: a card that is issued to have expired already is a mistake. @throws UserErrors */
export function requireFuture(expiresAt: Date | null | undefined): void {
  if (expiresAt && expiresAt.getTime() <= Date.now()) {
    throw new UserErrors(invalid(['input', 'expiresAt'], 'a time that is still to come'));
  }
}
