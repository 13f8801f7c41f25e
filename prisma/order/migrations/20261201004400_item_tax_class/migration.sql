-- AlterTable
ALTER TABLE "order_items" ADD COLUMN     "tax_class" TEXT NOT NULL DEFAULT 'STANDARD';
