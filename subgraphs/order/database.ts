import { clientOptions, openDatabase, type TenantBound } from '../shared/database';
import { type Prisma, PrismaClient } from './generated/prisma/client';

export type Db = TenantBound<PrismaClient>;
/** The client of an interactive transaction. */
export type Tx = TenantBound<Prisma.TransactionClient>;

/** Connects to order_db as its app role. @throws see openDatabase. */
export const openOrderDatabase = (url: string, poolSize = 10) =>
  openDatabase('order', url, poolSize, (adapter) => new PrismaClient({ adapter, ...clientOptions }));
