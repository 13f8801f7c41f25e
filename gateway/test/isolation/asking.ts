import type { Role } from '../../../subgraphs/shared/caller';
import type { SubgraphClient } from '../../../subgraphs/shared/subgraphClient';
import type { TestSupergraph } from '../startSupergraph';
import type { Names } from './argumentsOf';
import { callerOf } from './document';
import type { Operation, SubgraphName } from './operations';
import { selectionOf } from './selectionOf';
import type { FullStore } from './stores';

export type Straight = Record<SubgraphName, SubgraphClient>;

export function headersOf({ store }: FullStore, role: Role, user = 'user_ada'): Record<string, string> {
  if (role === 'VISITOR') return store.visitor;
  if (role === 'CUSTOMER') return store.customer(user);
  return role === 'MEMBER' ? store.member : store.admin;
}

export interface Asking {
  graph: TestSupergraph;
  straight: Straight;
}

/** Sends an operation as a client would; what clients don't see, and what services ask, straight to its subgraph. */
export async function send(
  { graph, straight }: Asking,
  operation: Operation,
  variables: Record<string, unknown>,
  asker: FullStore,
  role: Role,
  user?: string,
): Promise<string> {
  const { field, publicType, type, name, subgraph } = operation;
  const throughGateway = publicType !== null && role !== 'SERVICE';
  const args = field.args.filter((arg) => arg.name in variables);
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`);
  if (field.args.some((arg) => arg.name === 'first')) passed.push('first: 3');
  const list = passed.length > 0 ? `(${passed.join(', ')})` : '';
  const query = `${type.toLowerCase()} ${declared && `(${declared})`} { ${name}${list} ${selectionOf(throughGateway ? publicType : field.type)} }`;
  if (throughGateway) {
    const { status, body } = await graph.ask(headersOf(asker, role, user), query, variables);
    return readable({ status, body });
  }
  return readable(await straight[subgraph].execute({ query, variables }, callerOf(role, asker.store.id)));
}

/** An answer with what its cursors say in clear: they hold ids, too. */
const readable = (answer: unknown) =>
  JSON.stringify(answer).replace(
    /"(startCursor|endCursor)":"([\w-]+)"/g,
    (_all, name, cursor) => `"${name}":${Buffer.from(cursor, 'base64url').toString()}`,
  );

/** An answer without what is each store's own or new each time: its marks, the names that it has asked for, ids, times. */
export function alike(answer: string, asked: Names, { marks }: FullStore): string {
  const named = Object.entries(asked).reduce(
    (text, [kind, value]) => text.replaceAll(String(value), `•${kind}`),
    answer,
  );
  return marks
    .reduce((text, mark) => text.replaceAll(mark, 'own'), named)
    .replace(/\b[a-z]{2,5}_[0-7][0-9a-hjkmnp-tv-z]{25,}\b/g, 'id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid')
    .replace(/multistore-verification=[\w-]+/g, 'proof')
    .replace(/whsec_[\w+/=]+/g, 'secret')
    .replace(/text-[0-9a-f]{8}/g, 'text');
}
