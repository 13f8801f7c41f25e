-- CreateEnum
CREATE TYPE "TaxClass" AS ENUM ('STANDARD', 'REDUCED', 'ZERO', 'EXEMPT');

-- AlterTable
ALTER TABLE "products" ADD COLUMN     "tax_class" "TaxClass" NOT NULL DEFAULT 'STANDARD';

-- AlterTable
ALTER TABLE "stock_reservation_lines" ADD COLUMN     "tax_class" "TaxClass" NOT NULL DEFAULT 'STANDARD';
