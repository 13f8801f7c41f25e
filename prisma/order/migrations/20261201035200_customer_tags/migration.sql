-- AlterTable
ALTER TABLE "customers" ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "discounts" ADD COLUMN     "customer_tags" TEXT[] DEFAULT ARRAY[]::TEXT[];
