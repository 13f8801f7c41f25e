/** Sends statements in the current scope: any subgraph's Prisma client or transaction. */
export interface Statements {
  $queryRaw<Rows>(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<Rows>;
  $executeRaw(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/** A subgraph's Prisma client, as far as events need it. */
export interface EventDatabase<Tx extends Statements = Statements> extends Statements {
  $transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
}
