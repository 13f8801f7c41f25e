-- A cart takes several discount codes.
ALTER TABLE "carts" ADD COLUMN "discount_codes" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- A forced policy applies to the table's owner, too: it is lifted within this transaction.
ALTER TABLE "carts" NO FORCE ROW LEVEL SECURITY;
UPDATE "carts" SET "discount_codes" = ARRAY["discount_code"] WHERE "discount_code" IS NOT NULL;
ALTER TABLE "carts" FORCE ROW LEVEL SECURITY;

ALTER TABLE "carts" DROP COLUMN "discount_code";
