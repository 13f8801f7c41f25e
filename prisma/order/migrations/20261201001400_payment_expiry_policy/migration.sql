-- Tasks
-- The policies of a table are joined by OR, so a condition of this one that an index serves would make every list of payments read that index,
-- too, with other stores' rows in it. The cast keeps the planner from seeing that the policy implies the condition of payments_due_at_idx; the
-- task's own statement has it without a cast.
DROP POLICY "payment_expiry" ON "payments";

CREATE POLICY "payment_expiry" ON "payments" FOR SELECT
    USING ("status"::text = 'PENDING' AND "due_at" <= now() AND NULLIF(current_setting('app.task', true), '') = 'payment_expiry');
