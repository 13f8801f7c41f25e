import { badUserInput } from './errors';
import { MAX_PAGE_SIZE } from './limits';

const DEFAULT_PAGE = 20;

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** The order of a list: by `column`, then by id, which makes it unambiguous. */
export interface SortOrder {
  /** The client's sort key. Part of each cursor, so that a cursor of another order is refused. */
  key: string;
  column: string;
  kind: 'date' | 'text' | 'number' | 'bigint';
  reverse: boolean;
}

/** The arguments of Prisma's findMany for keyset pagination. `take` is one more than the page, to find out whether there is a next page. */
interface KeysetQuery {
  where: Record<string, unknown>;
  orderBy: Record<string, 'asc' | 'desc'>[];
  take: number;
}

/** The rows on one side of a cursor, by the sort column and the id. */
interface Bound {
  side: 'gt' | 'lt';
  value: unknown;
  id: string;
}

export interface Page {
  query: KeysetQuery;
  /** The same as `query`, for raw SQL. */
  bounds: Bound[];
  descending: boolean;
  limit: number;
  backwards: boolean;
  hasCursor: boolean;
  order: SortOrder;
}

/** Reads a connection's arguments. @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function readPage(args: PageArgs, order: SortOrder): Page {
  const { backwards, limit } = readPageSize(args);
  const descending = order.reverse !== backwards;
  const direction = descending ? 'desc' : 'asc';
  const bound = (cursor: string | null | undefined, argument: string, side: Bound['side']): Bound[] =>
    cursor == null ? [] : [{ side, ...readCursor(cursor, argument, order) }];
  const bounds = [
    ...bound(args.after, 'after', order.reverse ? 'lt' : 'gt'),
    ...bound(args.before, 'before', order.reverse ? 'gt' : 'lt'),
  ];

  return {
    query: {
      where: bounds.length > 0 ? { AND: bounds.map((one) => beyond(one, order)) } : {},
      orderBy: [{ [order.column]: direction }, { id: direction }],
      take: limit + 1,
    },
    bounds,
    descending,
    limit,
    backwards,
    hasCursor: bounds.length > 0,
    order,
  };
}

/** The part of a connection's arguments that says how many. @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function readPageSize({ first, last }: Pick<PageArgs, 'first' | 'last'>): Pick<Page, 'backwards' | 'limit'> {
  if (first != null && last != null) throw badUserInput('last', 'either first or last, not both');
  const backwards = last != null;
  const limit = last ?? first ?? DEFAULT_PAGE;
  if (limit < 1 || limit > MAX_PAGE_SIZE) throw badUserInput(backwards ? 'last' : 'first', `1 to ${MAX_PAGE_SIZE}`);
  return { backwards, limit };
}

/** The parent of the SDL's …Connection types. */
export interface Connection<Row> {
  nodes: Row[];
  edges: { node: Row; cursor: string }[];
  /** Counts only when the client asks for it. */
  totalCount: () => Promise<number>;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/** @param rows the result of `page.query`, or more. @param count runs only when the client asks for totalCount. */
export function toConnection<Row extends { id: string }>(
  rows: Row[],
  page: Page,
  count: () => Promise<number>,
): Connection<Row> {
  const more = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  const nodes = page.backwards ? shown.reverse() : shown;
  const cursorAt = (index: number) => {
    const node = nodes.at(index);
    return node ? cursorOf(node, page.order) : null;
  };
  // Getters, because most clients ask for only one cursor or none.
  return {
    nodes,
    get edges() {
      return nodes.map((node) => ({ node, cursor: cursorOf(node, page.order) }));
    },
    totalCount: count,
    pageInfo: {
      hasNextPage: page.backwards ? page.hasCursor : more,
      hasPreviousPage: page.backwards ? more : page.hasCursor,
      get startCursor() {
        return cursorAt(0);
      },
      get endCursor() {
        return cursorAt(-1);
      },
    },
  };
}

/** A page of a list in memory, which is already sorted by `order`. */
export function connectionOf<Row extends { id: string }>(
  rows: Row[],
  args: PageArgs,
  order: SortOrder,
): Connection<Row> {
  const page = readPage(args, order);
  const indexOf = (cursor: string | null | undefined, argument: string, otherwise: number) => {
    if (cursor == null) return otherwise;
    const { value } = readCursor(cursor, argument, order);
    const index = rows.findIndex((row) => keyOf(row, order) === value);
    if (index < 0) throw badUserInput(argument, 'a cursor of this list');
    return index;
  };
  const within = rows.slice(indexOf(args.after, 'after', -1) + 1, indexOf(args.before, 'before', rows.length));
  return toConnection(page.backwards ? within.reverse() : within, page, async () => rows.length);
}

/** Rows after (or before) a cursor. The second condition implies the first, which lets PostgreSQL start its index scan there. */
function beyond({ side, value, id }: Bound, order: SortOrder) {
  return {
    [order.column]: { [`${side}e`]: value },
    OR: [{ [order.column]: { [side]: value } }, { id: { [side]: id } }],
  };
}

/** The value that a row is sorted by. */
const keyOf = (row: object, { column }: SortOrder): unknown => Reflect.get(row, column);

function cursorOf(row: { id: string }, order: SortOrder): string {
  const value = keyOf(row, order);
  const written = typeof value === 'bigint' ? String(value) : value;
  return Buffer.from(JSON.stringify([order.key, written, row.id])).toString('base64url');
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
  const valid = key === order.key && typeof id === 'string' && isListed[order.kind](written);
  if (!valid || `${written}${id}`.includes('\u0000')) throw badUserInput(argument, expected);
  return { value: readAs[order.kind](written), id };
}

const readAs: Record<SortOrder['kind'], (written: unknown) => unknown> = {
  date: (written) => new Date(String(written)),
  bigint: (written) => BigInt(String(written)),
  text: (written) => written,
  number: (written) => written,
};

/** By kind: whether a cursor's value can come from cursorOf. */
const isListed: Record<SortOrder['kind'], (written: unknown) => boolean> = {
  date: isListedDate,
  bigint: (written) => typeof written === 'string' && /^-?\d{1,18}$/.test(written),
  text: (written) => typeof written === 'string',
  // A 32-bit integer.
  number: (written) => (Number(written) | 0) === written,
};

/** Accepts a date only as cursorOf writes it. PostgreSQL has no year 0; JavaScript writes years before 1 and after 9999 with a sign. */
function isListedDate(written: unknown): boolean {
  const text = String(written);
  return /^[1-9]/.test(text) && new Date(text).toJSON() === written;
}
