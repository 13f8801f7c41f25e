import { setTimeout as sleep } from 'node:timers/promises';
import { createClerkClient } from '@clerk/backend';
import { ClerkAPIResponseError } from '@clerk/backend/errors';
import type { z } from 'zod';
import { type Membership, membership, type Organization, organization } from '../clerkWebhook/clerkEvent';

/** Clerk's current organizations and memberships: the state that all its webhooks together would have led to. */
export interface ClerkDirectory {
  /** All organizations, page by page. Null stands for one that can't be parsed. */
  organizations(): AsyncGenerator<(Organization | null)[]>;
  memberships(organizationId: string): AsyncGenerator<(Membership | null)[]>;
  /** Asks Clerk for this organization. @returns true when Clerk does not know it. */
  isOrganizationGone(organizationId: string): Promise<boolean>;
  /** Asks Clerk for this person's membership in this organization. @returns true when there is none. */
  isMemberGone(organizationId: string, userId: string): Promise<boolean>;
}

const PAGE_SIZE = 100;
const MAX_ATTEMPTS = 6;
const MAX_BACK_OFF_MS = 60_000;
/** Needed because Clerk's own client has no timeout. */
const TIMEOUT_MS = 30_000;

interface DirectoryOptions {
  /** Undefined for Clerk's own address. */
  apiUrl?: string | undefined;
  /** Ends the current request, and every wait. */
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  maxAttempts?: number;
}

/** Clerk did not answer in time. */
class ClerkTimeout extends Error {}

/**
 * Reads Clerk's Backend API page by page. Retries 429 (after its Retry-After), 5xx and timeouts with exponential backoff.
 * Its calls throw ClerkAPIResponseError, ClerkTimeout, or the signal's reason.
 */
export function clerkDirectory(
  secretKey: string,
  { apiUrl, signal, timeoutMs = TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS }: DirectoryOptions = {},
): ClerkDirectory {
  const { organizations } = createClerkClient({ secretKey, ...(apiUrl && { apiUrl }), telemetry: { disabled: true } });

  const retried = <Answer>(ask: () => Promise<Answer>) => withRetries(ask, { maxAttempts, timeoutMs, signal });

  return {
    organizations: () =>
      pages(
        (offset) =>
          retried(() => organizations.getOrganizationList({ limit: PAGE_SIZE, offset, orderBy: '+created_at' })),
        organization,
      ),
    memberships: (organizationId) =>
      pages(
        (offset) =>
          retried(() =>
            organizations.getOrganizationMembershipList({
              organizationId,
              limit: PAGE_SIZE,
              offset,
              orderBy: '+created_at',
            }),
          ),
        membership,
      ),
    isOrganizationGone: (organizationId) =>
      isGone(() => retried(() => organizations.getOrganization({ organizationId }))),
    isMemberGone: (organizationId, userId) =>
      isGone(() =>
        retried(() => organizations.getOrganizationMembershipList({ organizationId, userId: [userId], limit: 1 })),
      ),
  };
}

/** A sentence about an error of Clerk or of the connection to it; null for any other error. */
export function clerkFaultOf(error: unknown): string | null {
  if (error instanceof ClerkTimeout) return `${error.message}.`;
  if (!(error instanceof ClerkAPIResponseError)) return null;
  const { status, errors } = error;
  if (status === 401) return 'Clerk refuses CLERK_SECRET_KEY: expected the secret key of your Clerk instance, sk_…';
  // Clerk's client has no status when there was no response.
  if (!status) return "Clerk's Backend API can't be reached: does this machine reach CLERK_API_URL, or Clerk?";
  return `Clerk answered ${status}: ${errors.map(({ code, message }) => message || code).join(', ') || 'nothing more'}.`;
}

interface PageOf<Resource> {
  data: Resource[];
  totalCount: number;
}

async function* pages<Schema extends z.ZodType, Resource extends { raw: unknown }>(
  getPage: (offset: number) => Promise<PageOf<Resource>>,
  schema: Schema,
): AsyncGenerator<(z.output<Schema> | null)[]> {
  for (let offset = 0; ; ) {
    const { data } = await getPage(offset);
    yield data.map(({ raw }) => schema.safeParse(raw).data ?? null);
    offset += data.length;
    if (data.length < PAGE_SIZE) return;
  }
}

async function isGone(ask: () => Promise<object>): Promise<boolean> {
  try {
    const answer = await ask();
    return 'data' in answer && Array.isArray(answer.data) && answer.data.length === 0;
  } catch (error) {
    if (error instanceof ClerkAPIResponseError && error.status === 404) return true;
    throw error;
  }
}

async function withRetries<Answer>(
  ask: () => Promise<Answer>,
  { maxAttempts, timeoutMs, signal }: { maxAttempts: number; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await withTimeout(ask, timeoutMs, signal);
    } catch (error) {
      const isRefused = error instanceof ClerkAPIResponseError && error.status !== 429 && error.status < 500;
      const isClerks = error instanceof ClerkAPIResponseError || error instanceof ClerkTimeout;
      if (!isClerks || isRefused || attempt === maxAttempts) throw error;
      const retryAfter = error instanceof ClerkAPIResponseError ? error.retryAfter : undefined;
      const backOffMs = retryAfter === undefined ? 250 * 2 ** attempt : retryAfter * 1_000;
      await sleep(Math.min(backOffMs, MAX_BACK_OFF_MS), undefined, signal ? { signal } : {});
    }
  }
}

/** Clerk's client accepts no AbortSignal, so a timeout ends only the wait, and the request itself goes on. */
async function withTimeout<Answer>(
  ask: () => Promise<Answer>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const done = new AbortController();
  const ends = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  const timeout = sleep(ms, undefined, { signal: ends }).then(() => {
    throw new ClerkTimeout(`Clerk did not answer in ${ms} ms`);
  });
  try {
    return await Promise.race([ask(), timeout]);
  } finally {
    // The aborted timer rejects, but nothing awaits it any more.
    timeout.catch(() => {});
    done.abort();
  }
}
