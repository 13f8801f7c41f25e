-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "due_at" TIMESTAMPTZ(3);
ALTER TABLE "payment_transactions" ADD COLUMN     "actor_id" TEXT,
ADD COLUMN     "note" TEXT;

-- Tasks
-- Across tenants on purpose: payments of all stores whose time is over are looked for by the task that cancels their orders.
CREATE INDEX "payments_due_at_idx" ON "payments"("due_at") WHERE "status" = 'PENDING';

CREATE POLICY "payment_expiry" ON "payments" FOR SELECT
    USING ("status" = 'PENDING' AND "due_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'payment_expiry');
