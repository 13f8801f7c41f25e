/**
 * Whether `error` is Prisma's for a unique constraint on a column named `column` (as the database spells it).
 * Source: P2002 of https://www.prisma.io/docs/orm/reference/error-reference, with what a driver adapter adds in meta.
 */
export function isUniqueViolation(error: unknown, column?: string): boolean {
  if (!isKnownRequestError(error)) return false;
  if (error.code !== 'P2002' && !isOfWrittenOut(error, 'UniqueConstraintViolation')) return false;
  return column === undefined || JSON.stringify(error.meta).includes(column);
}

/** Whether `error` is Prisma's for a foreign key that names no row. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  if (!isKnownRequestError(error)) return false;
  if (error.code !== 'P2003' && !isOfWrittenOut(error, 'ForeignKeyConstraintViolation')) return false;
  return constraint === undefined || JSON.stringify(error.meta).includes(constraint);
}

/** A statement that is written out fails with one code for all faults; what kind it is, the driver adapter says in meta. */
const isOfWrittenOut = ({ code, meta }: { code: string; meta?: unknown }, kind: string): boolean =>
  code === 'P2010' && JSON.stringify(meta).includes(`"${kind}"`);

function isKnownRequestError(error: unknown): error is Error & { code: string; meta?: unknown } {
  return error instanceof Error && error.name === 'PrismaClientKnownRequestError';
}
