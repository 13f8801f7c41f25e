-- AlterEnum
ALTER TYPE "CaptureMode" ADD VALUE 'ON_FULFILLMENT';

-- AlterEnum
ALTER TYPE "OrderFinancialStatus" ADD VALUE 'PARTIALLY_PAID';

-- AlterEnum
ALTER TYPE "PaymentStatus" ADD VALUE 'PARTIALLY_CAPTURED';
