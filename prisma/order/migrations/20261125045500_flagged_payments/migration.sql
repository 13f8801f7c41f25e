-- Indexes
-- A flag is rare: what has none is in no index.
CREATE INDEX "payments_flagged_idx" ON "payments"("tenant_id", "order_id") WHERE "flag" IS NOT NULL;
