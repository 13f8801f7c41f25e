import { domainToASCII, domainToUnicode } from 'node:url';
import { z } from 'zod';
import { cleanText } from './typedText';

const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** RFC 5321, section 4.5.3.1: what a mail server has to take. */
const MAX_LOCAL_PART = 64;
const MAX_DOMAIN = 255;

/** An e-mail address in the one form that is kept: see {@link canonicalEmail}. An empty one is INVALID. */
export const emailInput = z
  .string()
  .overwrite(canonicalEmail)
  .refine(isEmail, 'Expected an e-mail address, such as ann@example.com.');

/** An e-mail address for comparisons, regardless of case. */
export const emailKey = (email: string): string => canonicalEmail(email).toLowerCase();

/**
 * The domain in lower case and in ASCII, as mail servers look it up (RFC 5891): ann@Bücher.example is ann@xn--bcher-kva.example. What
 * is before the @ stays: its case is the receiving server's business.
 */
function canonicalEmail(given: string): string {
  const [local, domain] = halves(cleanText(given));
  // Of an ASCII domain Node's function makes an IP address where it can: "1.2" is "1.0.0.2" to it.
  const ascii = /^[\x20-\x7e]*$/.test(domain) ? domain.toLowerCase() : domainToASCII(domain) || domain;
  return domain === '' ? local : `${local}@${ascii}`;
}

/** As people write it, in the letters of its language: for those who search for it. */
export function readableEmail(email: string): string {
  const [local, domain] = halves(email);
  return domain.includes('xn--') ? `${local}@${domainToUnicode(domain) || domain}` : email;
}

function isEmail(email: string): boolean {
  const [local, domain] = halves(email);
  const fits = local.length <= MAX_LOCAL_PART && domain.length <= MAX_DOMAIN;
  return fits && LOCAL_PART.test(local) && DOMAIN.test(domain);
}

function halves(email: string): [string, string] {
  const at = email.lastIndexOf('@');
  return at < 0 ? [email, ''] : [email.slice(0, at), email.slice(at + 1)];
}
