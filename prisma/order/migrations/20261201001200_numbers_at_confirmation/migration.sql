-- AlterTable
ALTER TABLE "orders" ALTER COLUMN "number" DROP NOT NULL;

-- Checks
-- What was bought has a number, as an invoice needs it. What was refused before has one, too, and keeps it.
ALTER TABLE "orders"
    ADD CONSTRAINT "orders_confirmed_number_check" CHECK ("number" IS NOT NULL OR "status" IN ('PENDING', 'CANCELED'));

