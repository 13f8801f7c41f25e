-- CreateTable
CREATE TABLE "clerk_organizations" (
    "tenant_id" TEXT NOT NULL,
    "slug" TEXT,
    "source_updated_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "clerk_organizations_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "tenant_members" (
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "membership_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "permissions" TEXT[],
    "name" TEXT,
    "email" TEXT,
    "image_url" TEXT,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    "source_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "tenant_members_pkey" PRIMARY KEY ("tenant_id","user_id")
);

-- CreateTable
CREATE TABLE "clerk_users" (
    "tenant_id" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "clerk_users_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "tenant_members_tenant_id_joined_at_user_id_idx" ON "tenant_members"("tenant_id", "joined_at", "user_id");

-- CreateIndex
CREATE INDEX "tenant_members_user_id_idx" ON "tenant_members"("user_id");

-- RowLevelSecurity
ALTER TABLE "clerk_organizations" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "clerk_organizations" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "clerk_organizations"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "tenant_members" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant_members" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "tenant_members"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "clerk_users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "clerk_users" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "clerk_users"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Functions
-- Finding one person's memberships in all stores, when Clerk says that the person is gone.
CREATE FUNCTION "set_member"("user_id" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.member_user_id = %L', user_id);
END
$$;

CREATE POLICY "member_lookup" ON "tenant_members" FOR SELECT
    USING ("user_id" = NULLIF(current_setting('app.member_user_id', true), ''));

-- Shows which organizations are not known to be deleted, when the transaction has named this task.
CREATE POLICY "reconciliation" ON "clerk_organizations" FOR SELECT
    USING ("deleted_at" IS NULL AND NULLIF(current_setting('app.task', true), '') = 'reconciliation');
