import { emailKey } from '../../shared/email';

const GOOGLE = ['gmail.com', 'googlemail.com'];

/**
 * The mailbox of an e-mail address, to count the uses of a code by one customer. Most mail servers deliver "ann+sale@…" to "ann@…" (RFC
 * 5233), and Google's ignore dots: whoever writes their address in another way is no other customer. Everywhere else an address is kept
 * and compared as it was given, because what is before the @ is the receiving server's business.
 */
export function mailboxKey(email: string): string {
  const [local = '', domain = ''] = emailKey(email).split('@');
  const untagged = local.replace(/^([^+]+)\+.*$/, '$1');
  return GOOGLE.includes(domain) ? `${untagged.replaceAll('.', '')}@gmail.com` : `${untagged}@${domain}`;
}
