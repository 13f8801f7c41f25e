-- Tasks
-- What a consumer may have missed, whose queue was lost, is looked for in all stores: when it last took events in, and in which
-- stores events were published since. It was the task of pruning that showed both.
CREATE POLICY "missed_events" ON "inbox_events" FOR SELECT
    USING ("status" = 'APPLIED' AND NULLIF(current_setting('app.task', true), '') = 'missed_events');

CREATE POLICY "missed_events" ON "outbox_events" FOR SELECT
    USING ("status" = 'PUBLISHED' AND NULLIF(current_setting('app.task', true), '') = 'missed_events');
