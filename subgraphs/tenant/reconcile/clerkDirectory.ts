import { setTimeout as sleep } from 'node:timers/promises';
import { createClerkClient } from '@clerk/backend';
import { ClerkAPIResponseError } from '@clerk/backend/errors';
import type { z } from 'zod';
import { type Membership, membership, type Organization, organization } from '../webhook/clerkEvent';

/** What Clerk itself says of its organizations: what its webhooks would have said, had all of them come. */
export interface ClerkDirectory {
  organizations(): AsyncGenerator<Organization>;
  memberships(organizationId: string): AsyncGenerator<Membership>;
  /** Whether Clerk, asked for this one organization, does not know it. */
  isOrganizationGone(organizationId: string): Promise<boolean>;
  /** Whether Clerk, asked for this one person in this one organization, knows of no membership. */
  isMemberGone(organizationId: string, userId: string): Promise<boolean>;
}

const PAGE = 100;
const ATTEMPTS = 6;
const LONGEST_WAIT_MS = 60_000;

/**
 * Clerk's Backend API, page by page. Waits when Clerk asks to (429, by its Retry-After) and when it fails for a moment (5xx).
 * @param apiUrl Clerk's own when undefined. Throws ClerkAPIResponseError, and Error for an answer of another shape.
 */
export function clerkDirectory(secretKey: string, apiUrl?: string): ClerkDirectory {
  const { organizations } = createClerkClient({ secretKey, ...(apiUrl && { apiUrl }), telemetry: { disabled: true } });

  return {
    organizations: () =>
      pages(
        (offset) => organizations.getOrganizationList({ limit: PAGE, offset, orderBy: '+created_at' }),
        organization,
      ),
    memberships: (organizationId) =>
      pages(
        (offset) =>
          organizations.getOrganizationMembershipList({ organizationId, limit: PAGE, offset, orderBy: '+created_at' }),
        membership,
      ),
    isOrganizationGone: (organizationId) => isGone(() => organizations.getOrganization({ organizationId })),
    isMemberGone: (organizationId, userId) =>
      isGone(() => organizations.getOrganizationMembershipList({ organizationId, userId: [userId], limit: 1 })),
  };
}

interface PageOf<Resource> {
  data: Resource[];
  totalCount: number;
}

async function* pages<Schema extends z.ZodType, Resource extends { raw: unknown }>(
  getPage: (offset: number) => Promise<PageOf<Resource>>,
  schema: Schema,
): AsyncGenerator<z.output<Schema>> {
  for (let offset = 0; ; ) {
    const { data } = await patiently(() => getPage(offset));
    for (const { raw } of data) yield read(schema, raw);
    offset += data.length;
    if (data.length < PAGE) return;
  }
}

function read<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new Error(
    `Clerk answered in another shape: check ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  );
}

async function isGone(ask: () => Promise<object>): Promise<boolean> {
  try {
    const answer = await patiently(ask);
    return 'data' in answer && Array.isArray(answer.data) && answer.data.length === 0;
  } catch (error) {
    if (error instanceof ClerkAPIResponseError && error.status === 404) return true;
    throw error;
  }
}

async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ClerkAPIResponseError) || attempt === ATTEMPTS) throw error;
      if (error.status !== 429 && error.status < 500) throw error;
      const asked = error.retryAfter === undefined ? 250 * 2 ** attempt : error.retryAfter * 1_000;
      await sleep(Math.min(asked, LONGEST_WAIT_MS));
    }
  }
}
