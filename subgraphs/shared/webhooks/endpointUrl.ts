import { isIP } from 'node:net';
import type { AllowAddress } from './publicAddress';

const MAX_URL = 2_048;

/** Which addresses a store may choose. */
export interface EndpointRules {
  allowAddress: AllowAddress;
  /** True outside production, since a developer's own machine has no TLS certificate. */
  allowHttp: boolean;
}

/**
 * Validates an address of a store's own server that this system is to post to. The IP address of a host name is checked later, for each connection,
 * because its DNS record may change at any time.
 * @returns the normalized address, or what was expected, as the end of the sentence "Expected …".
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
  // URL has normalized all spellings of an IP address (decimal, octal, hexadecimal) to the address that would be connected to.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !rules.allowAddress(host)) return { expected: 'a public address' };
  return url.href.length > MAX_URL ? { expected: `an address of at most ${MAX_URL} characters` } : { url: url.href };
}
