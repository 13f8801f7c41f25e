import { isIP } from 'node:net';
import type { EndpointRules } from '../dependencies';

const MAX_URL = 2_048;

/**
 * Reads where a store wants its events. A name is looked at when a connection is made, and not here, where it may still say
 * something else.
 * @returns the address as it is kept, or in words what was expected.
 */
export function readEndpointUrl(text: string, rules: EndpointRules): { url: string } | { expected: string } {
  if (text.length > MAX_URL) return { expected: `an address of at most ${MAX_URL} characters` };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !(url.protocol === 'https:' || (rules.allowHttp && url.protocol === 'http:'))) {
    return { expected: 'an https:// address' };
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return { expected: 'an address without a user, a password and a fragment' };
  }
  // However it is spelled, in decimal, octal or hexadecimal: URL has made it the one that would be connected to.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !rules.allowAddress(host)) return { expected: 'a public address' };
  return url.href.length > MAX_URL ? { expected: `an address of at most ${MAX_URL} characters` } : { url: url.href };
}
