import { setTimeout as sleep } from 'node:timers/promises';
import { createClerkClient } from '@clerk/backend';
import { ClerkAPIResponseError } from '@clerk/backend/errors';
import type { z } from 'zod';
import { type Membership, membership, type Organization, organization } from '../clerkWebhook/clerkEvent';

/** What Clerk itself says of its organizations: what its webhooks would have said, had all of them come. */
export interface ClerkDirectory {
  /** Page by page. Null stands for one that can't be read: the others can. */
  organizations(): AsyncGenerator<(Organization | null)[]>;
  memberships(organizationId: string): AsyncGenerator<(Membership | null)[]>;
  /** Whether Clerk, asked for this one organization, does not know it. */
  isOrganizationGone(organizationId: string): Promise<boolean>;
  /** Whether Clerk, asked for this one person in this one organization, knows of no membership. */
  isMemberGone(organizationId: string, userId: string): Promise<boolean>;
}

const PAGE = 100;
const ATTEMPTS = 6;
const MAX_WAIT_MS = 60_000;
/** Clerk's own client would wait for ever. */
const MAX_ANSWER_MS = 30_000;

interface DirectoryOptions {
  /** Clerk's own when undefined. */
  apiUrl?: string | undefined;
  /** Ends what is being asked, and every wait. */
  signal?: AbortSignal | undefined;
  longestAnswerMs?: number;
  attempts?: number;
}

/** Clerk did not answer in time. */
class NoAnswer extends Error {}

/**
 * Clerk's Backend API, page by page. Waits when Clerk asks to (429, by its Retry-After) and when it fails for a moment (5xx).
 * Its calls throw ClerkAPIResponseError, NoAnswer, or the signal's reason.
 */
export function clerkDirectory(
  secretKey: string,
  { apiUrl, signal, longestAnswerMs = MAX_ANSWER_MS, attempts = ATTEMPTS }: DirectoryOptions = {},
): ClerkDirectory {
  const { organizations } = createClerkClient({ secretKey, ...(apiUrl && { apiUrl }), telemetry: { disabled: true } });

  const patiently = <Answer>(ask: () => Promise<Answer>) => askPatiently(ask, { attempts, longestAnswerMs, signal });

  return {
    organizations: () =>
      pages(
        (offset) => patiently(() => organizations.getOrganizationList({ limit: PAGE, offset, orderBy: '+created_at' })),
        organization,
      ),
    memberships: (organizationId) =>
      pages(
        (offset) =>
          patiently(() =>
            organizations.getOrganizationMembershipList({
              organizationId,
              limit: PAGE,
              offset,
              orderBy: '+created_at',
            }),
          ),
        membership,
      ),
    isOrganizationGone: (organizationId) =>
      isGone(() => patiently(() => organizations.getOrganization({ organizationId }))),
    isMemberGone: (organizationId, userId) =>
      isGone(() =>
        patiently(() => organizations.getOrganizationMembershipList({ organizationId, userId: [userId], limit: 1 })),
      ),
  };
}

/** In a sentence, what of Clerk's ended a round; null for what is no fault of Clerk's, nor of the way to it. */
export function clerkFaultOf(error: unknown): string | null {
  if (error instanceof NoAnswer) return `${error.message}.`;
  if (!(error instanceof ClerkAPIResponseError)) return null;
  const { status, errors } = error;
  if (status === 401) return 'Clerk refuses CLERK_SECRET_KEY: expected the secret key of your Clerk instance, sk_…';
  // The client has no status where no answer came at all.
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
    if (data.length < PAGE) return;
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

async function askPatiently<Answer>(
  ask: () => Promise<Answer>,
  { attempts, longestAnswerMs, signal }: { attempts: number; longestAnswerMs: number; signal: AbortSignal | undefined },
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await inTime(ask, longestAnswerMs, signal);
    } catch (error) {
      const isRefused = error instanceof ClerkAPIResponseError && error.status !== 429 && error.status < 500;
      const isClerks = error instanceof ClerkAPIResponseError || error instanceof NoAnswer;
      if (!isClerks || isRefused || attempt === attempts) throw error;
      const retryAfter = error instanceof ClerkAPIResponseError ? error.retryAfter : undefined;
      const asked = retryAfter === undefined ? 250 * 2 ** attempt : retryAfter * 1_000;
      await sleep(Math.min(asked, MAX_WAIT_MS), undefined, signal ? { signal } : {});
    }
  }
}

/** The client can't be interrupted: whoever waits for it goes away instead. */
async function inTime<Answer>(
  ask: () => Promise<Answer>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const over = new AbortController();
  const ends = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const limit = sleep(ms, undefined, { signal: ends }).then(() => {
    throw new NoAnswer(`Clerk did not answer in ${ms} ms`);
  });
  try {
    return await Promise.race([ask(), limit]);
  } finally {
    // The loser of the race has nobody left to fail for.
    limit.catch(() => {});
    over.abort();
  }
}
