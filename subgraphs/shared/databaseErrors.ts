/**
 * Prisma's codes for a database that can't be reached, closed the connection, has no free connection, or aborted a
 * transaction. https://www.prisma.io/docs/orm/reference/error-reference
 */
const UNAVAILABLE = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
/**
 * PostgreSQL's own codes: shutting down or starting up (57P), out of connections or memory (53), lock timeout (55P03), statement
 * timeout (57014), and a transaction that was rolled back because of another (40).
 */
const UNAVAILABLE_SQLSTATE = /^(?:57P|53|55P03|57014|40)/;
/** The driver adapter's names for a lost connection in raw SQL, for which Prisma has no code of its own. */
const UNAVAILABLE_KINDS = new Set(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout', 'TooManyConnections']);
/** PostgreSQL can't store a NUL character: its error codes for one in a text and in JSON. */
const UNSTORABLE_SQLSTATE = /^(?:22021|22P05)$/;

/** Whether a query failed because the database is unavailable, so that the same query may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (isAdapterError(error)) return UNAVAILABLE_KINDS.has(error.cause?.kind ?? '');
  if (!isPrismaError(error)) return false;
  const kind = error.meta?.driverAdapterError?.cause?.kind ?? '';
  return (
    UNAVAILABLE.has(error.code ?? '') || UNAVAILABLE_KINDS.has(kind) || UNAVAILABLE_SQLSTATE.test(sqlStateOf(error))
  );
}

/** Whether a query failed because the caller's text has a character that PostgreSQL can't store. */
export function isUnstorableText(error: unknown): boolean {
  return isPrismaError(error) && UNSTORABLE_SQLSTATE.test(sqlStateOf(error));
}

interface PrismaError extends Error {
  code?: string;
  meta?: { driverAdapterError?: { cause?: { kind?: string; originalCode?: string; code?: string } } };
}

/** A connection lost during COMMIT throws an error of the driver adapter, and not of Prisma. */
function isAdapterError(error: unknown): error is Error & { cause?: { kind?: string } } {
  return error instanceof Error && error.name === 'DriverAdapterError';
}

function isPrismaError(error: unknown): error is PrismaError {
  return error instanceof Error && error.name.startsWith('PrismaClient');
}

function sqlStateOf({ meta }: PrismaError): string {
  const { originalCode, code } = meta?.driverAdapterError?.cause ?? {};
  return originalCode ?? code ?? '';
}
