-- AlterTable
ALTER TABLE "tenant_members" ADD COLUMN "profile_at" TIMESTAMPTZ(3);

-- Backfill
ALTER TABLE "tenant_members" NO FORCE ROW LEVEL SECURITY;
UPDATE "tenant_members" SET "profile_at" = "source_updated_at";
ALTER TABLE "tenant_members" FORCE ROW LEVEL SECURITY;

ALTER TABLE "tenant_members" ALTER COLUMN "profile_at" SET NOT NULL;
