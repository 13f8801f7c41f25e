-- AlterTable
ALTER TABLE "tenant_billing" ADD COLUMN     "pending_plan" "Plan";

-- Indexes
CREATE INDEX "tenant_billing_pending_plan_idx" ON "tenant_billing"("tenant_id") WHERE "pending_plan" IS NOT NULL;

-- Tasks
-- Shows the task as well in which stores a payment is in doubt.
ALTER POLICY "billing_renewal" ON "tenant_billing"
    USING (("due_at" <= now() OR "pending_plan" IS NOT NULL) AND NULLIF(current_setting('app.task', true), '') = 'billing_renewal');
