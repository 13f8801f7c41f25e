-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "buyer_id" TEXT,
ADD COLUMN     "erased_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "customers" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "buyer_key" TEXT NOT NULL,
    "user_id" TEXT,
    "email" TEXT,
    "name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "customers_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "order_search_terms" (
    "tenant_id" TEXT NOT NULL,
    "term" TEXT COLLATE "C" NOT NULL,
    "order_id" TEXT NOT NULL,

    CONSTRAINT "order_search_terms_pkey" PRIMARY KEY ("tenant_id","term","order_id")
);

-- CreateTable
CREATE TABLE "customer_search_terms" (
    "tenant_id" TEXT NOT NULL,
    "term" TEXT COLLATE "C" NOT NULL,
    "customer_id" TEXT NOT NULL,

    CONSTRAINT "customer_search_terms_pkey" PRIMARY KEY ("tenant_id","term","customer_id")
);

-- CreateIndex
CREATE INDEX "customers_tenant_id_created_at_id_idx" ON "customers"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "customers_tenant_id_buyer_key_key" ON "customers"("tenant_id", "buyer_key");

-- CreateIndex
CREATE INDEX "order_search_terms_tenant_id_order_id_idx" ON "order_search_terms"("tenant_id", "order_id");

-- CreateIndex
CREATE INDEX "customer_search_terms_tenant_id_customer_id_idx" ON "customer_search_terms"("tenant_id", "customer_id");

-- CreateIndex
CREATE INDEX "orders_tenant_id_buyer_id_created_at_id_idx" ON "orders"("tenant_id", "buyer_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "orders_tenant_id_updated_at_id_idx" ON "orders"("tenant_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "orders_tenant_id_total_amount_id_idx" ON "orders"("tenant_id", "total_amount", "id");

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_tenant_id_buyer_id_fkey" FOREIGN KEY ("tenant_id", "buyer_id") REFERENCES "customers"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_search_terms" ADD CONSTRAINT "order_search_terms_tenant_id_order_id_fkey" FOREIGN KEY ("tenant_id", "order_id") REFERENCES "orders"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_search_terms" ADD CONSTRAINT "customer_search_terms_tenant_id_customer_id_fkey" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "customers"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "customers" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "customers" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "customers"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "order_search_terms" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_search_terms" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "order_search_terms"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "customer_search_terms" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "customer_search_terms" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "customer_search_terms"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Backfill
-- Who has bought before is a customer, too, and what they have bought is found. The owner, too, is held by a forced policy:
-- lifted within this transaction, for these rows.
ALTER TABLE "orders" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "customers" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_search_terms" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "customer_search_terms" NO FORCE ROW LEVEL SECURITY;

CREATE TEMPORARY TABLE "buyers" ON COMMIT DROP AS
SELECT "tenant_id", "id" AS "order_id", "number", "customer_id", "email", "shipping_address"->>'name' AS "name", "created_at",
    coalesce('user:' || "customer_id", 'guest:' || lower("email")) AS "buyer_key"
FROM "orders"
WHERE "id" IN (SELECT "order_id" FROM "order_items" WHERE "order_items"."tenant_id" = "orders"."tenant_id");

INSERT INTO "customers" ("tenant_id", "id", "buyer_key", "user_id", "email", "name", "created_at")
SELECT DISTINCT ON ("tenant_id", "buyer_key") "tenant_id", 'cust_0' || left(md5("tenant_id" || "buyer_key"), 25), "buyer_key",
    "customer_id", "email", "name", min("created_at") OVER (PARTITION BY "tenant_id", "buyer_key")
FROM "buyers" ORDER BY "tenant_id", "buyer_key", "created_at" DESC;

UPDATE "orders" SET "buyer_id" = "customers"."id"
FROM "buyers" JOIN "customers" USING ("tenant_id", "buyer_key")
WHERE "orders"."tenant_id" = "buyers"."tenant_id" AND "orders"."id" = "buyers"."order_id";

CREATE TEMPORARY TABLE "said" ON COMMIT DROP AS
SELECT "tenant_id", "order_id", "buyer_key", lower("word") AS "word", "of_buyer"
FROM (
    SELECT "tenant_id", "order_id", "buyer_key", concat_ws(' ', "email", "name") AS "text", true AS "of_buyer" FROM "buyers"
    UNION ALL SELECT "tenant_id", "order_id", "buyer_key", "number"::text, false FROM "buyers"
    UNION ALL SELECT "tenant_id", "order_id", "buyer_key", concat_ws(' ', "product_name", "product_sku"), false
        FROM "buyers" JOIN "order_items" USING ("tenant_id", "order_id")
) AS "texts", regexp_split_to_table("text", '\s+') AS "word";
INSERT INTO "said"
SELECT "tenant_id", "order_id", "buyer_key", substr("word", "at"), "of_buyer"
FROM "said", generate_series(2, length("word")) AS "at"
WHERE substr("word", "at", 1) ~ '[[:alnum:]]' AND substr("word", "at" - 1, 1) !~ '[[:alnum:]]';

INSERT INTO "order_search_terms" ("tenant_id", "term", "order_id")
SELECT DISTINCT "tenant_id", left("word", 64), "order_id" FROM "said" WHERE "word" <> '';
INSERT INTO "customer_search_terms" ("tenant_id", "term", "customer_id")
SELECT DISTINCT "said"."tenant_id", left("word", 64), "customers"."id"
FROM "said" JOIN "customers" USING ("tenant_id", "buyer_key") WHERE "word" <> '' AND "of_buyer";

ALTER TABLE "orders" FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_items" FORCE ROW LEVEL SECURITY;
ALTER TABLE "customers" FORCE ROW LEVEL SECURITY;
ALTER TABLE "order_search_terms" FORCE ROW LEVEL SECURITY;
ALTER TABLE "customer_search_terms" FORCE ROW LEVEL SECURITY;
