import type { Caller } from '../shared/caller';
import type { GuessLimits } from '../shared/guessLimits';
import type { Logger } from '../shared/log';
import type { EndpointRules } from '../shared/webhooks/endpointUrl';
import type { SecretBox } from '../shared/webhooks/secretBox';
import type { Db } from './database';
import type { Plan } from './generated/prisma/client';

/**
 * The features' dependencies, which server.ts creates once per process (dependency injection). Interfaces only: a feature that needs
 * another one imports this file instead of that feature's folder, and tests can pass their own implementation.
 */
export interface Dependencies {
  db: Db;
  logger: Logger;
  /** The domain whose subdomains are the stores. */
  baseDomain: string;
  verifyDomain: VerifyDomain;
  guesses: GuessLimits;
  billingProvider: BillingProvider;
  countProducts: CountProducts;
  visibleEntities: VisibleEntities;
  webhooks: { secrets: SecretBox; endpoints: EndpointRules };
}

/** Looks up in the DNS whether a domain belongs to the store that has `token`. */
export type VerifyDomain = (host: string, token: string) => Promise<DomainVerification>;

/** VERIFIED, or why not: the record does not exist (yet), or the DNS does not answer. */
type DomainVerification = 'VERIFIED' | 'RECORD_MISSING' | 'DNS_UNAVAILABLE';

/** Asks the product subgraph how many products a store has. @throws GraphQLError SERVICE_UNAVAILABLE */
export type CountProducts = (tenantId: string) => Promise<number>;

/** The subgraphs that own the objects that this one only refers to. */
export type EntityOwner = 'product' | 'order';

/** Those of the ids whose objects the caller may see, by the subgraph that owns them. @throws GraphQLError SERVICE_UNAVAILABLE */
export type VisibleEntities = (
  owner: EntityOwner,
  type: string,
  ids: readonly string[],
  caller: Caller,
) => Promise<string[]>;

/** Charges the stores for their plans. */
export interface BillingProvider {
  readonly name: string;
  /** @throws Error when it is unknown whether the payment was made; then the same charge is sent again. */
  charge(charge: Charge): Promise<ChargeResult>;
}

/** A payment for one period of a plan. */
export interface Charge {
  /** Idempotency key: a repeated charge has the same key, and must not take money twice. */
  key: string;
  tenantId: string;
  /** The provider's id of the store; null before the first payment. */
  customerId: string | null;
  plan: Plan;
  periodStart: Date;
  periodEnd: Date;
  /** Whether an earlier payment is still missing. */
  isPastDue: boolean;
}

/** The result of a charge. `customerId` is stored for the next charge. */
interface ChargeResult {
  isPaid: boolean;
  customerId: string | null;
}
