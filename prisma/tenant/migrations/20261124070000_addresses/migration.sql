-- AlterTable
ALTER TABLE "tenant_settings" ADD COLUMN     "order_prefix" TEXT NOT NULL DEFAULT '#',
ADD COLUMN     "show_exact_stock" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "supported_currencies" TEXT[] DEFAULT ARRAY['USD']::TEXT[],
ADD COLUMN     "tax_included_in_prices" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "theme" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "tenant_slugs" (
    "tenant_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "tenant_slugs_pkey" PRIMARY KEY ("tenant_id","slug")
);

-- CreateTable
CREATE TABLE "tenant_domains" (
    "tenant_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "verified_at" TIMESTAMPTZ(3),
    "is_primary" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_domains_pkey" PRIMARY KEY ("tenant_id","host")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slugs_slug_key" ON "tenant_slugs"("slug");

-- AddForeignKey
ALTER TABLE "tenant_slugs" ADD CONSTRAINT "tenant_slugs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "tenant_slugs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant_slugs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tenant_slugs"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "tenant_domains" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant_domains" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tenant_domains"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Existing rows
ALTER TABLE "tenant_settings" NO FORCE ROW LEVEL SECURITY;
UPDATE "tenant_settings" SET "supported_currencies" = ARRAY["default_currency"];
ALTER TABLE "tenant_settings" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenants" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_slugs" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "tenant_slugs" ("tenant_id", "slug") SELECT "tenant_id", "slug" FROM "tenants" WHERE "erased_at" IS NULL;
ALTER TABLE "tenant_slugs" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenants" FORCE ROW LEVEL SECURITY;

-- Checks
ALTER TABLE "tenant_settings"
    ADD CONSTRAINT "tenant_settings_currencies_check" CHECK ("default_currency" = ANY ("supported_currencies"));
ALTER TABLE "tenant_domains"
    ADD CONSTRAINT "tenant_domains_primary_check" CHECK (NOT "is_primary" OR "verified_at" IS NOT NULL);

-- A domain is one store's in the world, once that is proven; a store has one that it goes by.
CREATE UNIQUE INDEX "tenant_domains_host_key" ON "tenant_domains"("host") WHERE "verified_at" IS NOT NULL;
CREATE UNIQUE INDEX "tenant_domains_primary_key" ON "tenant_domains"("tenant_id") WHERE "is_primary";

-- Functions
-- Finding the store that a domain of its own means, before anything is known of the caller.
CREATE FUNCTION "set_store_host"("host" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.store_host = %L', host);
END
$$;

CREATE POLICY "domain_lookup" ON "tenant_domains" FOR SELECT
    USING ("verified_at" IS NOT NULL AND "host" = NULLIF(current_setting('app.store_host', true), ''));

-- Shows the store that has or had the address asked for.
CREATE POLICY "slug_lookup" ON "tenant_slugs" FOR SELECT
    USING ("slug" = NULLIF(current_setting('app.store_slug', true), ''));

-- Lets go of addresses whose time is over, of all stores, when the transaction has named this task.
CREATE POLICY "slug_expiry" ON "tenant_slugs"
    USING ("expires_at" < now() AND NULLIF(current_setting('app.task', true), '') = 'slug_expiry')
    WITH CHECK (false);
