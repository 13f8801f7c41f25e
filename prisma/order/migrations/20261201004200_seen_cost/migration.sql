-- AlterTable
ALTER TABLE "carts" ADD COLUMN     "seen_cost" JSONB;

-- AlterTable
ALTER TABLE "order_quotes" ADD COLUMN     "seen_cost" JSONB;
