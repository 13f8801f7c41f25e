import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const SECRET_KEY = 'sk_test_of_the_backend_api';

interface Answer {
  status: number;
  body: object;
}

interface Person {
  userId: string;
  role: string;
  updatedAt: number;
  firstName?: string;
}

/** A fake of Clerk's Backend API with the paths and shapes that are used. https://clerk.com/docs/reference/backend-api */
export class ClerkBackendApi {
  readonly organizations = new Map<string, { name: string; slug: string; updatedAt: number; people: Person[] }>();
  /** The requests: each path with its query. */
  readonly asked: string[] = [];
  /** Simulated errors: when it returns a status, the request is answered with it. */
  fault: (path: string, nth: number) => { status: number; retryAfter?: string } | null = () => null;

  /** Accepts requests and never responds. */
  isSilent = false;

  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<ClerkBackendApi> {
    const server = createServer((request, response) => api.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    };
    const api = new ClerkBackendApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, close);
    return api;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    this.asked.push(request.url ?? '');
    if (this.isSilent) return;
    const fault = this.fault(pathname, this.asked.length);
    if (fault?.retryAfter) response.setHeader('retry-after', fault.retryAfter);
    const { status, body } = this.isKnown(request)
      ? fault
        ? refusal(fault.status, fault.status === 429 ? 'rate_limit_exceeded' : 'internal_error')
        : this.find(pathname, searchParams)
      : refusal(401, 'authentication_invalid');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private isKnown({ headers }: IncomingMessage): boolean {
    return headers.authorization === `Bearer ${SECRET_KEY}`;
  }

  private find(path: string, query: URLSearchParams): Answer {
    const [, , , id, below] = path.split('/');
    if (!id)
      return {
        status: 200,
        body: page(
          [...this.organizations.keys()].map((key) => this.organization(key)),
          query,
        ),
      };
    const organization = this.organizations.get(id);
    if (!organization) return refusal(404, 'resource_not_found');
    if (below !== 'memberships') return { status: 200, body: this.organization(id) };
    const wanted = query.getAll('user_id');
    const people = organization.people.filter(({ userId }) => wanted.length === 0 || wanted.includes(userId));
    return {
      status: 200,
      body: page(
        people.map((person) => this.membership(id, person)),
        query,
      ),
    };
  }

  private organization(id: string) {
    const { name, slug, updatedAt } = this.organizations.get(id) ?? { name: '', slug: '', updatedAt: 0 };
    return {
      object: 'organization',
      id,
      name,
      slug,
      max_allowed_memberships: 5,
      admin_delete_enabled: true,
      public_metadata: {},
      private_metadata: {},
      created_at: Date.UTC(2026, 0, 1),
      updated_at: updatedAt,
    };
  }

  private membership(organizationId: string, { userId, role, updatedAt, firstName = 'Ada' }: Person) {
    return {
      object: 'organization_membership',
      id: `orgmem_${organizationId}_${userId}`,
      role,
      role_name: role,
      permissions: [],
      public_metadata: {},
      organization: this.organization(organizationId),
      public_user_data: {
        user_id: userId,
        first_name: firstName,
        last_name: null,
        image_url: 'https://img.clerk.test/ada',
        has_image: true,
        identifier: `${userId}@example.com`,
      },
      created_at: Date.UTC(2026, 0, 2),
      updated_at: updatedAt,
    };
  }
}

function page(all: object[], query: URLSearchParams) {
  const offset = Number(query.get('offset') ?? 0);
  return { data: all.slice(offset, offset + Number(query.get('limit') ?? 10)), total_count: all.length };
}

const refusal = (status: number, code: string): Answer => ({
  status,
  body: { errors: [{ code, message: code, long_message: code, meta: {} }], clerk_trace_id: 'trace' },
});
