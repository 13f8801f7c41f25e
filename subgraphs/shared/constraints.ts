/**
 * Whether `error` is Prisma's error for a violated unique constraint. @param column one of its columns, as the database spells it.
 * Source: P2002 of https://www.prisma.io/docs/orm/reference/error-reference; a driver adapter adds the columns in `meta`.
 */
export function isUniqueViolation(error: unknown, column?: string): boolean {
  if (!isKnownRequestError(error)) return false;
  if (error.code !== 'P2002' && !isRawViolation(error, 'UniqueConstraintViolation')) return false;
  return column === undefined || JSON.stringify(error.meta).includes(column);
}

/** Whether `error` is Prisma's error for a violated foreign key. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  if (!isKnownRequestError(error)) return false;
  if (error.code !== 'P2003' && !isRawViolation(error, 'ForeignKeyConstraintViolation')) return false;
  return constraint === undefined || JSON.stringify(error.meta).includes(constraint);
}

/** Raw SQL fails with P2010 for every constraint; the driver adapter names the kind in `meta`. */
const isRawViolation = ({ code, meta }: { code: string; meta?: unknown }, kind: string): boolean =>
  code === 'P2010' && JSON.stringify(meta).includes(`"${kind}"`);

function isKnownRequestError(error: unknown): error is Error & { code: string; meta?: unknown } {
  return error instanceof Error && error.name === 'PrismaClientKnownRequestError';
}
