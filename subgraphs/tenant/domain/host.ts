import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { SLUG } from '../store/slug';

const MAX_HOST = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;

/**
 * Normalizes "Bücher.Example.:443" to "xn--bcher-kva.example": lower case, ASCII, without port and trailing dot. Null for anything that
 * is no DNS name, such as an IP address, a URL or an empty label.
 */
export function normalizedHost(text: string): string | null {
  if (/[/\\?#@]/.test(text)) return null;
  const host = domainToASCII(text.trim().replace(/:\d{1,5}$/, '')).replace(/\.$/, '');
  if (host === '' || host.length > MAX_HOST || isIP(host) !== 0) return null;
  return host.split('.').every((label) => LABEL.test(label)) ? host : null;
}

/** Maps "Nike.Example.com.:3000" under "example.com" to "nike"; null unless it is exactly one label below `baseDomain`. */
export function slugOfDomain(domain: string, baseDomain: string): string | null {
  const host = normalizedHost(domain);
  const suffix = `.${baseDomain}`;
  if (!host?.endsWith(suffix)) return null;
  const label = host.slice(0, -suffix.length);
  return SLUG.test(label) ? label : null;
}

/** A domain that a store may add; null for a single label, the platform's own domains, and anything that is no domain. */
export function ownDomain(text: string, baseDomain: string): string | null {
  const host = normalizedHost(text);
  if (!host?.includes('.') || host.includes('_')) return null;
  const isWithin = (domain: string) => host === domain || host.endsWith(`.${domain}`);
  return isWithin(baseDomain) || isWithin('localhost') ? null : host;
}
