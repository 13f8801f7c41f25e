import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../../subgraphs/shared/caller';
import type { SubgraphClient } from '../../../subgraphs/shared/subgraphClient';
import type { Answer, TestSupergraph } from '../startSupergraph';
import type { Names } from './argumentsOf';
import { callerOf } from './document';
import type { Operation, SubgraphName } from './operations';
import { selectionOf } from './selectionOf';
import type { FullStore } from './stores';

export type Straight = Record<SubgraphName, SubgraphClient>;

export function headersOf({ store, app }: FullStore, role: Role, user = 'user_ada'): Record<string, string> {
  if (role === 'VISITOR') return store.visitor;
  if (role === 'CUSTOMER') return store.customer(user);
  if (role === 'APP') return app;
  return role === 'MEMBER' ? store.member : store.admin;
}

export interface Answered {
  answer: string;
  /** By which what was sent to the databases for it is found. */
  requestId: string;
}

export interface Asking {
  graph: TestSupergraph;
  straight: Straight;
}

/**
 * Sends an operation as a client would; what clients don't see, and what services ask, straight to its subgraph. Of what is
 * `refused` nothing is selected: it costs as much as it would show.
 */
export async function send(
  { graph, straight }: Asking,
  operation: Operation,
  variables: Record<string, unknown>,
  asker: FullStore,
  role: Role,
  { user, refused = false }: { user?: string | undefined; refused?: boolean } = {},
): Promise<Answered> {
  const { field, publicType, type, name, subgraph } = operation;
  const throughGateway = publicType !== null && role !== 'SERVICE';
  const args = field.args.filter((arg) => arg.name in variables);
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`);
  if (field.args.some((arg) => arg.name === 'first')) passed.push('first: 3');
  const list = passed.length > 0 ? `(${passed.join(', ')})` : '';
  // Shoppers may ask for less at once than staff: limits/sizeLimit.ts.
  const isShopper = role === 'VISITOR' || role === 'CUSTOMER';
  const depth = type === 'Query' && !(throughGateway && isShopper) ? 4 : 2;
  const selection = selectionOf(throughGateway ? publicType : field.type, depth);
  const query = `${type.toLowerCase()} ${declared && `(${declared})`} { ${name}${list} ${refused && selection ? '{ __typename }' : selection} }`;
  const requestId = randomUUID();
  if (!throughGateway) {
    const caller = callerOf(role, asker.store.id, 'user_1', requestId);
    return { answer: readable(await straight[subgraph].execute({ query, variables }, caller), requestId), requestId };
  }
  const headers = { ...headersOf(asker, role, user), 'x-request-id': requestId };
  const { status, body } = await askPatiently(graph, headers, query, variables);
  return { answer: readable({ status, body }, requestId), requestId };
}

/** Asks again, after a while, when all that a store may ask for in a moment is used up. */
export async function askPatiently(
  graph: TestSupergraph,
  headers: Record<string, string>,
  query: string,
  variables: Record<string, unknown>,
): Promise<Answer> {
  for (;;) {
    const answer = await graph.ask(headers, query, variables);
    if (answer.status !== 429) return answer;
    await sleep(1_000 * answer.body.errors[0].extensions.retryAfter);
  }
}

/**
 * An answer with what its cursors say in clear, for they hold ids, too; the request's own id as in any other, and what is
 * wrong in the order of what it says: fields are refused in no order.
 */
export const readable = (answer: unknown, requestId: string) =>
  JSON.stringify(answer, (name, value) => (name === 'errors' && Array.isArray(value) ? sorted(value) : value))
    .replaceAll(requestId, 'request')
    .replace(
      /"(cursor|startCursor|endCursor)":"([\w-]+)"/g,
      (_all, name, cursor) => `"${name}":${Buffer.from(cursor, 'base64url').toString()}`,
    );

/** What is made of a name where no other slug is given. */
const slugOf = (name: string | number) => String(name).toLowerCase().replaceAll(' ', '-');

const sorted = (values: unknown[]) => values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** An answer without what is each store's own or new each time: its marks, the names that it has asked for, ids, times. */
export function alike(answer: string, asked: Names, { marks }: FullStore): string {
  const named = Object.entries(asked).reduce(
    (text, [kind, value]) => text.replaceAll(String(value), `•${kind}`).replaceAll(slugOf(value), `•${kind}`),
    answer,
  );
  return (
    marks
      .reduce((text, mark) => text.replaceAll(mark, 'own'), named)
      .replace(/\b[a-z]{2,5}_[0-7][0-9a-hjkmnp-tv-z]{25,}\b/g, 'id')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid')
      .replace(/multistore-verification=[\w-]+/g, 'proof')
      .replace(/whsec_[\w+/=]+/g, 'secret')
      .replace(/\/media\/(images|exports)\/[\w-]{43}\//g, '/media/$1/signature/')
      .replace(/([A-Z2-9]{4}-){3}[A-Z2-9]{4}/g, 'code')
      .replace(/"lastCharacters":"[A-Z2-9]{4}"/g, '"lastCharacters":"last"')
      .replace(/mst_(live|pub)_[…0-9A-Za-z]+/g, 'token')
      // To the minute, and by whoever came last.
      .replace(/"lastUsedAt":(null|"time")/g, '"lastUsedAt":"used"')
      .replace(/text-[0-9a-f]{8}/g, 'text')
      // What makes a slug differ from one that is taken.
      .replace(/(•text name)-[0-9a-z]{6}\b/g, '$1')
  );
}
