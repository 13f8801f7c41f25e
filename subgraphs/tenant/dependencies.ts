import type { Logger } from '../shared/log';
import type { Db } from './database';
import type { Plan } from './generated/prisma/client';

/**
 * What server.ts gives the features for as long as the process lives. Interfaces only: a feature that needs another one's work imports
 * this file instead of that feature's folder, and a test gives an implementation of its own.
 */
export interface Dependencies {
  db: Db;
  logger: Logger;
  /** Each store has a subdomain of it. */
  baseDomain: string;
  verifyDomain: VerifyDomain;
  billingProvider: BillingProvider;
  countProducts: CountProducts;
  webhooks: { secrets: SecretBox; endpoints: EndpointRules };
}

/** Looks up in the DNS whether a domain is the store's that `token` belongs to. */
export type VerifyDomain = (host: string, token: string) => Promise<DomainVerification>;

/** VERIFIED, or why not: the record is not there (yet), or the DNS does not answer. */
type DomainVerification = 'VERIFIED' | 'RECORD_MISSING' | 'DNS_UNAVAILABLE';

/** How many products a store has, by the product subgraph. @throws GraphQLError SERVICE_UNAVAILABLE */
export type CountProducts = (tenantId: string) => Promise<number>;

/** Takes the stores' payments for their plans. */
export interface BillingProvider {
  readonly name: string;
  /** @throws Error when it is not known whether the payment was made: the same charge is then sent again. */
  charge(charge: Charge): Promise<ChargeResult>;
}

/** What a store is to pay for one period. */
export interface Charge {
  /** Idempotency key: a repeated charge has the same one, and must not take money twice. */
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

/** `customerId` is kept for the next charge. */
interface ChargeResult {
  isPaid: boolean;
  customerId: string | null;
}

/** Encrypts the stores' webhook secrets, so that a reader of the database, or of a copy of it, can sign nothing. */
export interface SecretBox {
  /** @param owner what the secret belongs to: copied into another row, it can't be decrypted. */
  seal(secret: string, owner: SecretOwner): string;
  /** @throws Error when it was encrypted with a key that is not configured any more, for another owner, or was changed. */
  open(sealed: string, owner: SecretOwner): string;
}

export interface SecretOwner {
  tenantId: string;
  id: string;
}

/** Which addresses a store may choose for its webhooks. */
export interface EndpointRules {
  allowAddress: AllowAddress;
  /** Outside of production, where a developer's own machine has no certificate. */
  allowHttp: boolean;
}

/** Whether this system may connect to an IP address that a store has chosen. */
export type AllowAddress = (address: string) => boolean;
