-- AlterTable
ALTER TABLE "products" ADD COLUMN     "is_announced" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "product_publications" (
    "tenant_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_publications_pkey" PRIMARY KEY ("tenant_id","product_id")
);

-- AddForeignKey
ALTER TABLE "product_publications" ADD CONSTRAINT "product_publications_tenant_id_product_id_fkey" FOREIGN KEY ("tenant_id", "product_id") REFERENCES "products"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "product_publications" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "product_publications" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "product_publications"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Task
-- Shows, to read, which publications are due and in which store; each is then told as the store itself.
CREATE POLICY "product_publication" ON "product_publications" FOR SELECT
    USING ("due_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'product_publication');

-- Across tenants on purpose: what is due is looked for in all stores.
CREATE INDEX "product_publications_due_at_idx" ON "product_publications"("due_at");

-- Backfill
-- What shoppers see already needs no telling; what they will see does. The owner, too, is held by a forced policy: lifted
-- within this transaction, for these rows.
ALTER TABLE "products" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_publications" NO FORCE ROW LEVEL SECURITY;
UPDATE "products" SET "is_announced" = true WHERE "status" = 'ACTIVE' AND "published_at" <= now();
INSERT INTO "product_publications" ("tenant_id", "product_id", "due_at")
SELECT "tenant_id", "id", "published_at" FROM "products" WHERE "status" = 'ACTIVE' AND "published_at" > now();
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
ALTER TABLE "product_publications" FORCE ROW LEVEL SECURITY;
