import { clientOptions, openDatabase, type TenantBound } from '../shared/database';
import { type Prisma, PrismaClient } from './generated/prisma/client';

export type Db = TenantBound<PrismaClient>;
/** The client of an interactive transaction. */
export type Tx = TenantBound<Prisma.TransactionClient>;

/** Opens tenant_db as its application role. @throws as openDatabase. */
export const openTenantDatabase = (url: string, poolSize = 10) =>
  openDatabase('tenant', url, poolSize, (adapter) => new PrismaClient({ adapter, ...clientOptions }));
