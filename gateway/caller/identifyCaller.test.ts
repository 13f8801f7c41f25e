import { createPublicKey } from 'node:crypto';
import { createAuthenticator } from '../identity/auth';
import { bearer, clerk, ISSUER, SHOP_ORIGIN } from '../test/clerkTokens';
import { createCallerIdentification } from './identifyCaller';
import type { FindStore } from './storeLookup';
import { createFindStoreOfOrigin } from './storeOrigin';

const store = (name: string) => ({
  id: `org_${name}`,
  slug: name,
  status: 'ACTIVE',
  limits: { requestCostPerMinute: 600_000 },
});
/** By their addresses, and by a verified domain. */
const STORES: Record<string, ReturnType<typeof store>> = {
  'nike.localhost': store('nike'),
  'shop.nike.example': store('nike'),
  'puma.localhost': store('puma'),
};
const findStore: FindStore = async (reference) =>
  ('domain' in reference ? STORES[reference.domain] : store(reference.organizationId.slice(4))) ?? null;

const key = createPublicKey(clerk.publicPem).export({ format: 'jwk' });
const refusals: unknown[] = [];
const identify = (isProduction: boolean) =>
  createCallerIdentification({
    authenticate: createAuthenticator(
      {
        CLERK_ISSUERS: [ISSUER],
        CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN],
        CLERK_ALLOW_MISSING_AZP: false,
        CLERK_AUDIENCE: undefined,
      },
      { find: async () => key },
    ),
    findStore,
    findStoreOfOrigin: createFindStoreOfOrigin(findStore, !isProduction),
    findMemberAccess: async () => null,
    findAppToken: async () => null,
    logRefusal: (error) => refusals.push((error as { extensions: { reason: string } }).extensions.reason),
    baseDomain: 'localhost',
  });

/** Whom a token of this party is taken for, at this address. */
async function who(azp: string, domain: string, isProduction = true): Promise<string> {
  const headers = { 'x-store-domain': [domain], authorization: [bearer({ azp })] };
  try {
    const { caller } = await identify(isProduction)({ headers, requestId: 'r', address: '203.0.113.7' });
    return `${caller.role} of ${caller.tenantId} at ${caller.clientAddress}`;
  } catch (error) {
    return (error as { extensions: { code: string } }).extensions.code;
  }
}

describe('a token of a party that the configuration does not name', () => {
  it.each([
    ['of nobody', 'https://evil.example'],
    ['of an app', 'com.example.app'],
    ['of a page with a path', 'https://shop.nike.example/cart'],
    ['of a page that came over http', 'http://shop.nike.example'],
    ['of another host', 'https://shop.nike.example.evil.example'],
  ])('is refused %s', async (_who, azp) => {
    refusals.length = 0;
    expect(await who(azp, 'nike.localhost')).toBe('UNAUTHENTICATED');
    expect(refusals).toEqual([`of the unknown party ${azp}`]);
  });

  it('is refused at any store but the one whose page it is', async () => {
    refusals.length = 0;
    expect(await who('https://shop.nike.example', 'puma.localhost')).toBe('UNAUTHENTICATED');
    expect(await who('https://shop.nike.example', 'nowhere.localhost')).toBe('UNAUTHENTICATED');
    expect(new Set(refusals)).toEqual(new Set(["of https://shop.nike.example, another store's page"]));
  });

  it('counts for the store at whose verified domain, or own address, it was issued', async () => {
    expect(await who('https://shop.nike.example', 'nike.localhost')).toBe('CUSTOMER of org_nike at 203.0.113.7');
    expect(await who('https://nike.localhost', 'shop.nike.example')).toBe('CUSTOMER of org_nike at 203.0.113.7');
  });

  it('may be of a page that came over http, outside of production', async () => {
    expect(await who('http://nike.localhost:5173', 'nike.localhost', false)).toBe(
      'CUSTOMER of org_nike at 203.0.113.7',
    );
  });
});
