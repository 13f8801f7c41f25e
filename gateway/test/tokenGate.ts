import { createPublicKey } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Caller } from '../../subgraphs/shared/caller';
import { createLogger } from '../../subgraphs/shared/log';
import type { AppToken } from '../caller/appTokens';
import { createCallerIdentification } from '../caller/identifyCaller';
import type { MemberAccess } from '../caller/memberAccess';
import type { Store } from '../caller/store';
import { type AuthEnv, createAuthenticator } from '../identity/auth';
import { type ClerkKeys, clerkKeys } from '../identity/clerkKeys';
import { clerk, ISSUER, type newKeyPair, SHOP_ORIGIN } from './clerkTokens';
import { type HttpStub, startHttpStub } from './httpStub';

const log = createLogger('gateway', 'silent');
const store = (name: string, status: string): Store => ({
  id: `org_${name}`,
  slug: name,
  status,
  limits: { requestCostPerMinute: 600_000 },
});
const STORES = [store('nike', 'ACTIVE'), store('closed', 'SUSPENDED'), store('gone', 'DELETED')];

type KeyPair = ReturnType<typeof newKeyPair>;
const publicKeyOf = ({ publicPem }: KeyPair) => createPublicKey(publicPem).export({ format: 'jwk' });

/** The gateway's authentication, with a test's own Clerk and three stores. */
export class TokenGate {
  /** The tenant subgraph's answer for every membership; null when it is unknown. */
  access: MemberAccess | null = null;
  /** The tenant subgraph's tokens, by their hashes. */
  readonly appTokens = new Map<string, AppToken>();
  /** Additional headers, such as one that names the store. */
  headers: NodeJS.Dict<string[]> = {};
  env: AuthEnv = {
    CLERK_ISSUERS: [ISSUER],
    CLERK_AUTHORIZED_PARTIES: [SHOP_ORIGIN],
    CLERK_ALLOW_MISSING_AZP: false,
    CLERK_AUDIENCE: undefined,
  };
  /** Clerk's set of keys; without one the key is from the environment. */
  keySet: KeySet | null = null;
  #keys: ClerkKeys = clerkKeys({ CLERK_JWT_KEY: clerk.publicPem, CLERK_JWKS_URL: undefined }, log);
  #identify: ReturnType<typeof createCallerIdentification> | null = null;
  #lookUps = 0;

  /** Replaces Clerk's key set by these keys. */
  async fetchKeys(keys: Record<string, KeyPair>): Promise<KeySet> {
    this.keySet = await KeySet.start();
    this.keySet.holds(keys);
    this.#keys = clerkKeys({ CLERK_JWT_KEY: undefined, CLERK_JWKS_URL: this.keySet.url }, log);
    return this.keySet;
  }

  /** Who the gateway takes the sender of these Authorization headers for: a role, a person and a store, or the refusal's code. */
  async who(...authorization: string[]): Promise<string> {
    const outcome = await this.caller(...authorization);
    if (typeof outcome === 'string') return outcome;
    return `${outcome.role} ${outcome.userId} in ${outcome.tenantId}`;
  }

  /** As {@link caller}, without a token in Authorization. */
  visitor(): Promise<Caller | string> {
    return this.caller();
  }

  /** @returns the caller, or the refusal's code. @throws when a token was refused only after something was looked up. */
  async caller(...authorization: string[]): Promise<Caller | string> {
    const before = this.#lookUps;
    try {
      const headers = { host: ['localhost'], ...this.headers, authorization };
      const { caller } = await this.#identification()({ headers, requestId: 'request-1', address: '203.0.113.7' });
      return caller;
    } catch (error) {
      const { code } = (error as { extensions: { code: string } }).extensions;
      if (code === 'UNAUTHENTICATED' && this.#lookUps > before)
        throw new Error('Looked up a store for a refused token');
      return code;
    }
  }

  #identification() {
    this.#identify ??= createCallerIdentification({
      authenticate: createAuthenticator(this.env, this.#keys),
      findStore: async (reference) => {
        this.#lookUps += 1;
        return (
          STORES.find(({ id, slug }) =>
            'domain' in reference ? `${slug}.localhost` === reference.domain : id === reference.organizationId,
          ) ?? null
        );
      },
      findStoreOfOrigin: async (origin) => STORES.find(({ slug }) => origin === `https://${slug}.example`) ?? null,
      findMemberAccess: async () => this.access,
      findAppToken: async (hash) => this.appTokens.get(hash) ?? null,
      logRefusal: () => {},
      baseDomain: 'localhost',
    });
    return this.#identify;
  }
}

/** A server with a key set, whose answers and clock the test sets. */
export class KeySet {
  #answer: (response: ServerResponse) => void = () => {};
  #now = performance.now();
  #clock = jest.spyOn(performance, 'now').mockImplementation(() => this.#now);

  private constructor(private readonly stub: HttpStub) {}

  static async start(): Promise<KeySet> {
    let answer = (_response: ServerResponse) => {};
    const set = new KeySet(await startHttpStub((_request, response) => answer(response)));
    answer = (response) => set.#answer(response);
    return set;
  }

  get url(): string {
    return `${this.stub.origin}/.well-known/jwks.json`;
  }
  /** How often it was asked. */
  get fetches(): number {
    return this.stub.received.length;
  }

  holds(keys: Record<string, KeyPair>): void {
    const set = Object.entries(keys).map(([kid, pair]) => ({ ...publicKeyOf(pair), kid, use: 'sig', alg: 'RS256' }));
    this.answersWith({ keys: set });
  }

  answersWith(body: unknown, status = 200): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.answersBy((response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(text));
  }

  answersBy(answer: (response: ServerResponse) => void): void {
    this.#answer = answer;
  }

  /** Lets time pass for the gateway's cache of keys. */
  later(seconds: number): void {
    this.#now += seconds * 1000;
  }

  async close(): Promise<void> {
    this.#clock.mockRestore();
    await this.stub.close();
  }
}
