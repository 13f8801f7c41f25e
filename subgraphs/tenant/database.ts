import { clientOptions, openDatabase, type TenantBound } from '../shared/database';
import { type Prisma, PrismaClient } from './generated/prisma/client';

export type Db = TenantBound<PrismaClient>;
/** What an interactive transaction is given. */
export type Tx = TenantBound<Prisma.TransactionClient>;

/** tenant_db, as its app role. @throws see openDatabase. */
export const openTenantDatabase = (url: string, poolSize = 10) =>
  openDatabase(url, poolSize, (adapter) => new PrismaClient({ adapter, ...clientOptions }));
