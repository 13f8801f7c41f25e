-- AlterTable
ALTER TABLE "product_bulk_jobs" ADD COLUMN     "unchanged" INTEGER NOT NULL DEFAULT 0;
