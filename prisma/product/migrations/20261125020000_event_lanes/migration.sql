-- AlterTable
ALTER TABLE "outbox_events" ADD COLUMN     "taken_by" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "inbox_aggregates" ADD COLUMN     "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
-- A lease of before has no lane; it runs out.
ALTER TABLE "outbox_leases" DROP CONSTRAINT "outbox_leases_pkey",
ADD COLUMN     "lane" TEXT NOT NULL DEFAULT '';
ALTER TABLE "outbox_leases" ALTER COLUMN "lane" DROP DEFAULT,
ADD CONSTRAINT "outbox_leases_pkey" PRIMARY KEY ("tenant_id", "lane");

-- Indexes
-- The relay's polls read from this alone, as before: now with what waits for which lane.
DROP INDEX "outbox_events_due_idx";
CREATE INDEX "outbox_events_due_idx" ON "outbox_events"("tenant_id", "due_at") INCLUDE ("status", "occurred_at", "taken_by")
    WHERE "status" = 'PENDING';

-- Checks
ALTER TABLE "outbox_events" ADD CONSTRAINT "outbox_events_taken_by_check" CHECK ("taken_by" IS NOT NULL);
