-- AlterTable
ALTER TABLE "stock_reservation_lines" ADD COLUMN     "category_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];
