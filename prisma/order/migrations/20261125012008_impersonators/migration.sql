-- AlterTable
ALTER TABLE "order_status_history" ADD COLUMN     "impersonator_id" TEXT;

-- AlterTable
ALTER TABLE "order_notes" ADD COLUMN     "impersonator_id" TEXT;
