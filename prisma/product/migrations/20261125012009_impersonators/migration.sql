-- AlterTable
ALTER TABLE "product_bulk_jobs" ADD COLUMN     "impersonator_id" TEXT;

-- AlterTable
ALTER TABLE "stock_movements" ADD COLUMN     "impersonator_id" TEXT;
