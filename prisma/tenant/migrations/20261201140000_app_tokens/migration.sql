-- CreateEnum
CREATE TYPE "AppTokenKind" AS ENUM ('PRIVATE', 'STOREFRONT');

-- CreateTable
CREATE TABLE "app_tokens" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "AppTokenKind" NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "permissions" TEXT[],
    "allowed_addresses" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_tokens_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "app_tokens_tenant_id_created_at_id_idx" ON "app_tokens"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "app_tokens_token_hash_idx" ON "app_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "app_tokens_tenant_id_token_hash_key" ON "app_tokens"("tenant_id", "token_hash");

-- AddForeignKey
ALTER TABLE "app_tokens" ADD CONSTRAINT "app_tokens_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "app_tokens" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "app_tokens" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "app_tokens"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Checks
ALTER TABLE "app_tokens"
    ADD CONSTRAINT "app_tokens_hash_check" CHECK ("token_hash" ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT "app_tokens_storefront_check" CHECK ("kind" <> 'STOREFRONT' OR cardinality("permissions") = 0);

-- Functions
-- Finding the token that a request sends, before anything is known of its store.
CREATE FUNCTION "set_app_token"("hash" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.token_hash = %L', hash);
END
$$;

CREATE POLICY "token_lookup" ON "app_tokens" FOR SELECT
    USING ("token_hash" = NULLIF(current_setting('app.token_hash', true), ''));
