-- CreateEnum
CREATE TYPE "OutboxStatus" AS ENUM ('PENDING', 'PUBLISHED');

-- CreateEnum
CREATE TYPE "InboxStatus" AS ENUM ('APPLIED', 'WAITING', 'PARKED', 'DEAD');

-- CreateTable
CREATE TABLE "outbox_events" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "data_version" INTEGER NOT NULL,
    "data" JSONB NOT NULL,
    "aggregate_type" TEXT NOT NULL,
    "aggregate_id" TEXT NOT NULL,
    "aggregate_version" BIGINT NOT NULL,
    "previous_version" BIGINT,
    "trace_parent" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" "OutboxStatus" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_events_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "outbox_leases" (
    "tenant_id" TEXT NOT NULL,
    "fence" INTEGER NOT NULL DEFAULT 1,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_leases_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "inbox_events" (
    "tenant_id" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" "InboxStatus" NOT NULL DEFAULT 'APPLIED',
    "event" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "due_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_events_pkey" PRIMARY KEY ("tenant_id","consumer","event_id")
);

-- CreateTable
CREATE TABLE "inbox_aggregates" (
    "tenant_id" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "aggregate_type" TEXT NOT NULL,
    "aggregate_id" TEXT NOT NULL,
    "version" BIGINT NOT NULL,

    CONSTRAINT "inbox_aggregates_pkey" PRIMARY KEY ("tenant_id","consumer","aggregate_type","aggregate_id")
);

-- CreateIndex
CREATE INDEX "outbox_events_tenant_id_aggregate_type_aggregate_id_aggrega_idx" ON "outbox_events"("tenant_id", "aggregate_type", "aggregate_id", "aggregate_version");

-- RowLevelSecurity
ALTER TABLE "outbox_events" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "outbox_events" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "outbox_events"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "outbox_leases" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "outbox_leases" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "outbox_leases"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "inbox_events" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "inbox_events" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "inbox_events"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "inbox_aggregates" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "inbox_aggregates" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "inbox_aggregates"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Indexes
-- The polls of the relay, of the retries and of the pruning read from these alone, whatever else the tables hold.
CREATE INDEX "outbox_events_pending_idx" ON "outbox_events"("tenant_id", "position") WHERE "status" = 'PENDING';
CREATE INDEX "outbox_events_due_idx" ON "outbox_events"("tenant_id", "due_at") INCLUDE ("status", "occurred_at")
    WHERE "status" = 'PENDING';
CREATE INDEX "outbox_events_failed_idx" ON "outbox_events"("tenant_id", "aggregate_type", "aggregate_id")
    WHERE "status" = 'PENDING' AND "attempts" > 0;
CREATE INDEX "outbox_events_published_idx" ON "outbox_events"("tenant_id", "published_at") INCLUDE ("status")
    WHERE "status" = 'PUBLISHED';
CREATE INDEX "inbox_events_unapplied_idx" ON "inbox_events"("tenant_id", "status", "due_at") WHERE "status" <> 'APPLIED';
CREATE INDEX "inbox_events_applied_idx" ON "inbox_events"("tenant_id", "received_at") INCLUDE ("status")
    WHERE "status" = 'APPLIED';

-- Functions
-- A task of the system's own, such as looking for the stores that have events to publish. The same in each database that has one.
CREATE OR REPLACE FUNCTION "set_task"("task" text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET LOCAL app.task = %L', task);
END
$$;

-- Tasks
-- Each shows, to read, in which stores there is something to do; it is then done as the store itself.
CREATE POLICY "event_relay" ON "outbox_events" FOR SELECT
    USING ("status" = 'PENDING' AND NULLIF(current_setting('app.task', true), '') = 'event_relay');

CREATE POLICY "event_retry" ON "inbox_events" FOR SELECT
    USING ("status" <> 'APPLIED' AND NULLIF(current_setting('app.task', true), '') = 'event_retry');

CREATE POLICY "event_prune" ON "outbox_events" FOR SELECT
    USING ("status" = 'PUBLISHED' AND NULLIF(current_setting('app.task', true), '') = 'event_prune');

CREATE POLICY "event_prune" ON "inbox_events" FOR SELECT
    USING ("status" = 'APPLIED' AND NULLIF(current_setting('app.task', true), '') = 'event_prune');

-- Checks
ALTER TABLE "outbox_events"
    ADD CONSTRAINT "outbox_events_published_at_check" CHECK (("status" = 'PUBLISHED') = ("published_at" IS NOT NULL)),
    ADD CONSTRAINT "outbox_events_aggregate_version_check" CHECK ("previous_version" <= "aggregate_version");

ALTER TABLE "inbox_events"
    ADD CONSTRAINT "inbox_events_event_check" CHECK (("status" = 'APPLIED') = ("event" IS NULL)),
    ADD CONSTRAINT "inbox_events_due_at_check" CHECK (("status" = 'WAITING') = ("due_at" IS NOT NULL));
