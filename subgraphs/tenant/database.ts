import { clientOptions, openDatabase, type TenantBound } from '../shared/database';
import { PrismaClient } from './generated/prisma/client';

export type Db = TenantBound<PrismaClient>;

/** tenant_db, as its app role. @throws see openDatabase. */
export const openTenantDatabase = (url: string, poolSize = 10) =>
  openDatabase(url, poolSize, (adapter) => new PrismaClient({ adapter, ...clientOptions }));
