-- A discount has any number of codes, in rows of their own.

-- CreateTable
CREATE TABLE "discount_codes" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "discount_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "usage_limit" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "discount_codes_pkey" PRIMARY KEY ("tenant_id","id")
);

-- AlterTable
ALTER TABLE "discounts" ADD COLUMN     "is_automatic" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "discount_redemptions" ADD COLUMN     "code" TEXT NOT NULL DEFAULT '';

-- A forced policy applies to the table's owner, too: it is lifted within this transaction.
ALTER TABLE "discounts" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "discount_redemptions" NO FORCE ROW LEVEL SECURITY;

UPDATE "discounts" SET "is_automatic" = "code" IS NULL;
INSERT INTO "discount_codes" ("tenant_id", "id", "discount_id", "code", "uses", "created_at")
    SELECT "tenant_id", new_id('dcod'), "id", "code", "uses", "created_at" FROM "discounts" WHERE "code" IS NOT NULL;
UPDATE "discount_redemptions" AS used SET "code" = of."code" FROM "discounts" AS of
    WHERE of."tenant_id" = used."tenant_id" AND of."id" = used."discount_id" AND of."code" IS NOT NULL;

ALTER TABLE "discounts" FORCE ROW LEVEL SECURITY;
ALTER TABLE "discount_redemptions" FORCE ROW LEVEL SECURITY;

ALTER TABLE "discounts" ALTER COLUMN "is_automatic" DROP DEFAULT;
ALTER TABLE "discount_redemptions" ALTER COLUMN "code" DROP DEFAULT;

-- DropIndex
DROP INDEX "discounts_tenant_id_code_key";

-- AlterTable
ALTER TABLE "discounts"
    DROP CONSTRAINT "discounts_limit_check",
    DROP COLUMN "code",
    -- Only who names a code holds a use of it; what needs no code is not counted.
    ADD CONSTRAINT "discounts_limit_check" CHECK (
        "usage_limit" > 0 AND "usage_limit_per_customer" > 0
        AND (NOT "is_automatic" OR num_nonnulls("usage_limit", "usage_limit_per_customer") = 0));

-- CreateIndex
CREATE INDEX "discount_codes_tenant_id_discount_id_created_at_id_idx" ON "discount_codes"("tenant_id", "discount_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "discount_codes_tenant_id_code_key" ON "discount_codes"("tenant_id", "code");

-- CreateIndex
CREATE INDEX "discounts_tenant_id_is_automatic_idx" ON "discounts"("tenant_id", "is_automatic");

-- AddForeignKey
ALTER TABLE "discount_codes" ADD CONSTRAINT "discount_codes_tenant_id_discount_id_fkey" FOREIGN KEY ("tenant_id", "discount_id") REFERENCES "discounts"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "discount_codes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "discount_codes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "discount_codes"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "discount_codes"
    ADD CONSTRAINT "discount_codes_uses_check" CHECK ("uses" >= 0),
    ADD CONSTRAINT "discount_codes_limit_check" CHECK ("usage_limit" > 0);
