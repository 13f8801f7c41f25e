import { Resolver } from 'node:dns/promises';
import type { VerifyDomain } from '../dependencies';

/** The name and the value of the TXT record that proves the ownership of a domain. */
export const recordNameOf = (host: string) => `_multistore-challenge.${host}`;
export const recordValueOf = (token: string) => `multistore-verification=${token}`;

const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** The DNS errors for a missing record. After any other error it is unknown whether the record exists. */
const NO_RECORD = new Set(['ENOTFOUND', 'ENODATA']);

/** @param servers the DNS servers to ask, such as `1.1.1.1` or `127.0.0.1:5353`; the machine's own when there are none. */
export function createDomainVerification(servers: string[]): VerifyDomain {
  return async (host, token) => {
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
    if (servers.length > 0) resolver.setServers(servers);
    try {
      const records = await resolver.resolveTxt(recordNameOf(host));
      // DNS splits a long TXT record into several strings.
      return records.some((pieces) => pieces.join('') === recordValueOf(token)) ? 'VERIFIED' : 'RECORD_MISSING';
    } catch (error) {
      return NO_RECORD.has((error as NodeJS.ErrnoException).code ?? '') ? 'RECORD_MISSING' : 'DNS_UNAVAILABLE';
    }
  };
}
