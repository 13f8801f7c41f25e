-- CreateEnum
CREATE TYPE "WebhookStatus" AS ENUM ('ACTIVE', 'PAUSED', 'DISABLED');

-- CreateEnum
CREATE TYPE "DeliveryStatus" AS ENUM ('PENDING', 'DELIVERED', 'FAILED');

-- CreateTable
CREATE TABLE "webhook_subscriptions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "topics" TEXT[],
    "status" "WebhookStatus" NOT NULL DEFAULT 'ACTIVE',
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_subscriptions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "event_deliveries" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "subscription_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "status" "DeliveryStatus" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_attempt_at" TIMESTAMPTZ(3),
    "response_status" INTEGER,
    "response_excerpt" TEXT,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "event_deliveries_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "webhook_subscriptions_tenant_id_created_at_id_idx" ON "webhook_subscriptions"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "event_deliveries_tenant_id_created_at_id_idx" ON "event_deliveries"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "event_deliveries_tenant_id_subscription_id_created_at_id_idx" ON "event_deliveries"("tenant_id", "subscription_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "event_deliveries_tenant_id_subscription_id_event_id_key" ON "event_deliveries"("tenant_id", "subscription_id", "event_id");

-- AddForeignKey
ALTER TABLE "webhook_subscriptions" ADD CONSTRAINT "webhook_subscriptions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_deliveries" ADD CONSTRAINT "event_deliveries_tenant_id_subscription_id_fkey" FOREIGN KEY ("tenant_id", "subscription_id") REFERENCES "webhook_subscriptions"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RowLevelSecurity
ALTER TABLE "webhook_subscriptions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_subscriptions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "webhook_subscriptions"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- RowLevelSecurity
ALTER TABLE "event_deliveries" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "event_deliveries" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "event_deliveries"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));

-- Indexes
-- The polls of the deliveries read from this alone, however long the log is.
CREATE INDEX "event_deliveries_due_idx" ON "event_deliveries"("tenant_id", "subscription_id", "due_at") INCLUDE ("status")
    WHERE "status" = 'PENDING';

-- Tasks
-- Each shows, to read, in which stores there is something to do; it is then done as the store itself.
CREATE POLICY "webhook_delivery" ON "event_deliveries" FOR SELECT
    USING ("status" = 'PENDING' AND NULLIF(current_setting('app.task', true), '') = 'webhook_delivery');

CREATE POLICY "webhook_prune" ON "event_deliveries" FOR SELECT
    USING ("status" <> 'PENDING' AND NULLIF(current_setting('app.task', true), '') = 'webhook_prune');

-- Checks
ALTER TABLE "webhook_subscriptions"
    ADD CONSTRAINT "webhook_subscriptions_disabled_at_check" CHECK (
        ("status" = 'DISABLED') = ("disabled_at" IS NOT NULL) AND ("status" = 'DISABLED') = ("disabled_reason" IS NOT NULL)),
    ADD CONSTRAINT "webhook_subscriptions_previous_secret_check" CHECK (
        ("previous_secret" IS NULL) = ("previous_secret_expires_at" IS NULL));

ALTER TABLE "event_deliveries"
    ADD CONSTRAINT "event_deliveries_delivered_at_check" CHECK (("status" = 'DELIVERED') = ("delivered_at" IS NOT NULL)),
    ADD CONSTRAINT "event_deliveries_response_excerpt_check" CHECK (length("response_excerpt") <= 1024);
