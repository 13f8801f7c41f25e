import { seesExactStock } from '../catalog/visibility';
import type { StockMovement } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { canBeBought } from './availability';
import { availabilityByProductId } from './availability.loaders';
import { inventoryAdjust, inventorySet } from './inventoryChange.service';
import { listLowStock, listMovements } from './inventoryList.service';
import { inventoryPolicyUpdate } from './inventoryPolicy.service';

type Changed = Awaited<ReturnType<typeof inventoryAdjust>>;

const changedPayload = ({ changed, userErrors }: Changed) => ({
  productVariant: changed?.variant ?? null,
  stockMovement: changed?.movement ?? null,
  userErrors,
});

const changes = (kinds: StockMovement['kind'][]) => (movement: StockMovement) =>
  kinds.includes(movement.kind) ? movement.quantity : 0;

export const inventoryResolvers: Resolvers = {
  Query: {
    lowStockVariants: (_root, args, ctx) => listLowStock(ctx, args),
  },
  Mutation: {
    inventoryAdjust: async (_root, { input }, ctx) => changedPayload(await inventoryAdjust(ctx, input)),
    inventorySet: async (_root, { input }, ctx) => changedPayload(await inventorySet(ctx, input)),
    inventoryPolicyUpdate: (_root, { input }, ctx) => inventoryPolicyUpdate(ctx, input),
  },
  Product: {
    availableForSale: ({ id }, _args, ctx) => availabilityByProductId(ctx).load(id),
  },
  ProductVariant: {
    availableForSale: canBeBought,
    quantityAvailable: async ({ available }, _args, ctx) => ((await seesExactStock(ctx)) ? available : null),
    quantityOnHand: ({ available, reserved }) => available + reserved,
    stockMovements: ({ id }, args, ctx) => listMovements(ctx, id, args),
  },
  StockMovement: {
    onHandChange: changes(['ADJUSTMENT', 'SALE', 'RETURN']),
    availableChange: changes(['ADJUSTMENT', 'RESERVATION', 'RELEASE', 'RETURN']),
  },
};
