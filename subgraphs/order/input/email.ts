import { z } from 'zod';

/** RFC 5321 allows 64 characters before the @ and 255 after it. */
const MAX_LENGTH = 320;

export const emailInput = z.email('Expected an e-mail address.').max(MAX_LENGTH);

/** An e-mail address for comparisons, regardless of case. */
export const emailKey = (email: string): string => email.trim().toLowerCase();
