-- CreateTable
CREATE TABLE "impersonated_actions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "subject_ids" TEXT[],
    "actor_id" TEXT NOT NULL,
    "impersonator_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "impersonated_actions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "impersonated_actions_tenant_id_at_id_idx" ON "impersonated_actions"("tenant_id", "at", "id");

-- RowLevelSecurity
ALTER TABLE "impersonated_actions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "impersonated_actions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "impersonated_actions"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
