import { badUserInput } from './errors';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** The order of a list: by `column`, then by id, so that no two rows tie. */
export interface SortOrder {
  /** The name a client gave, kept in its cursors: a cursor of another order is refused. */
  key: string;
  column: string;
  kind: 'date' | 'text' | 'number';
  reverse: boolean;
}

/** What a keyset query needs of Prisma. `take` is one more than the page, to see whether there is a next one. */
export interface KeysetQuery {
  where: Record<string, unknown>;
  orderBy: Record<string, 'asc' | 'desc'>[];
  take: number;
}

export interface Page {
  query: KeysetQuery;
  limit: number;
  backwards: boolean;
  hasCursor: boolean;
  order: SortOrder;
}

/** Reads a connection's arguments. @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function readPage(args: PageArgs, order: SortOrder): Page {
  if (args.first != null && args.last != null) throw badUserInput('last', 'either first or last, not both');
  const backwards = args.last != null;
  const limit = args.last ?? args.first ?? DEFAULT_PAGE;
  if (limit < 1 || limit > MAX_PAGE) throw badUserInput(backwards ? 'last' : 'first', `1 to ${MAX_PAGE}`);

  const descending = order.reverse !== backwards;
  const direction = descending ? 'desc' : 'asc';
  const bounds = [
    args.after == null ? null : beyond(readCursor(args.after, 'after', order), order, order.reverse ? 'lt' : 'gt'),
    args.before == null ? null : beyond(readCursor(args.before, 'before', order), order, order.reverse ? 'gt' : 'lt'),
  ].filter((bound) => bound !== null);

  return {
    query: {
      where: bounds.length > 0 ? { AND: bounds } : {},
      orderBy: [{ [order.column]: direction }, { id: direction }],
      take: limit + 1,
    },
    limit,
    backwards,
    hasCursor: bounds.length > 0,
    order,
  };
}

/** What the SDL's …Connection types are resolved from. */
export interface Connection<Row> {
  nodes: Row[];
  edges: { node: Row; cursor: string }[];
  /** Runs only when the client asks for it. */
  totalCount: () => Promise<number>;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/** `rows` as the query of `page` gave them, to a connection. `count` runs only when the client asks for totalCount. */
export function toConnection<Row extends { id: string }>(
  rows: Row[],
  page: Page,
  count: () => Promise<number>,
): Connection<Row> {
  const more = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  const nodes = page.backwards ? shown.reverse() : shown;
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node, page.order) }));
  return {
    nodes,
    edges,
    totalCount: count,
    pageInfo: {
      hasNextPage: page.backwards ? page.hasCursor : more,
      hasPreviousPage: page.backwards ? more : page.hasCursor,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A page of `rows` that are all here already, in the order of `order`. */
export function connectionOf<Row extends { id: string }>(
  rows: Row[],
  args: PageArgs,
  order: SortOrder,
): Connection<Row> {
  const page = readPage(args, order);
  const keyOf = (row: Row) => (row as unknown as Record<string, unknown>)[order.column];
  const indexOf = (cursor: string | null | undefined, argument: string, otherwise: number) => {
    if (cursor == null) return otherwise;
    const { value } = readCursor(cursor, argument, order);
    const index = rows.findIndex((row) => keyOf(row) === value);
    if (index < 0) throw badUserInput(argument, 'a cursor of this list');
    return index;
  };
  const within = rows.slice(indexOf(args.after, 'after', -1) + 1, indexOf(args.before, 'before', rows.length));
  const nearest = page.backwards ? within.reverse() : within;
  return toConnection(nearest.slice(0, page.limit + 1), page, async () => rows.length);
}

/** Rows after (or before) a cursor. The first condition is implied by the second, and lets the index start there. */
function beyond(cursor: { value: unknown; id: string }, order: SortOrder, side: 'gt' | 'lt') {
  return {
    [order.column]: { [`${side}e`]: cursor.value },
    OR: [{ [order.column]: { [side]: cursor.value } }, { id: { [side]: cursor.id } }],
  };
}

function cursorOf(row: { id: string }, order: SortOrder): string {
  const value = (row as unknown as Record<string, unknown>)[order.column];
  return Buffer.from(JSON.stringify([order.key, value, row.id])).toString('base64url');
}

function readCursor(cursor: string, argument: string, order: SortOrder): { value: unknown; id: string } {
  const expected = `a cursor that this list gave, sorted by ${order.key}`;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badUserInput(argument, expected);
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw badUserInput(argument, expected);
  const [key, written, id] = parts;
  const value = order.kind === 'date' ? new Date(String(written)) : written;
  const valid =
    key === order.key &&
    typeof id === 'string' &&
    (order.kind === 'date' ? isListedDate(written) : typeof value === (order.kind === 'text' ? 'string' : 'number'));
  if (!valid || `${written}${id}`.includes('\u0000')) throw badUserInput(argument, expected);
  return { value, id };
}

/** A date as cursorOf writes it; not each date of JavaScript's is one of PostgreSQL's. */
function isListedDate(written: unknown): boolean {
  return (
    typeof written === 'string' && /^[1-9]\d{3}-\d\d-\d\dT[\d:.]+Z$/.test(written) && !Number.isNaN(Date.parse(written))
  );
}
