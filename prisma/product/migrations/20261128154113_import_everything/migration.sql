-- AlterTable
ALTER TABLE "product_bulk_jobs" ADD COLUMN     "permissions" TEXT[] DEFAULT ARRAY['inventory:read']::TEXT[];

-- AlterTable
ALTER TABLE "product_import_errors" ADD COLUMN     "column" TEXT;
