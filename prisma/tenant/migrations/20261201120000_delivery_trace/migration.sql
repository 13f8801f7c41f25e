-- AlterTable
ALTER TABLE "event_deliveries" ADD COLUMN     "trace_parent" TEXT;
