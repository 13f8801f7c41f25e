/** One statement in the current scope, by any subgraph's Prisma client or transaction. */
export interface Statements {
  $queryRaw<Rows>(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<Rows>;
  $executeRaw(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/** A subgraph's database, by its Prisma client. */
export interface EventDatabase<Tx extends Statements = Statements> extends Statements {
  $transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
}
