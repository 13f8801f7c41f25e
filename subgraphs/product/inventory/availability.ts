import { type InventoryPolicy, Prisma } from '../generated/prisma/client';

/** Whether at least one unit of a variant can be bought now. */
export const canBeBought = ({ available, inventoryPolicy }: { available: number; inventoryPolicy: InventoryPolicy }) =>
  available > 0 || inventoryPolicy === 'CONTINUE';

/** The same rule as SQL, for a variant `v`. */
export const CAN_BE_BOUGHT = Prisma.sql`(v.available > 0 OR v.inventory_policy = 'CONTINUE')`;
