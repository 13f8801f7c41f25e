-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "number_prefix" TEXT NOT NULL DEFAULT '#';
