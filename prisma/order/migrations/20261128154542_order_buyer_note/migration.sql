-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "attributes" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "buyer_note" TEXT;
