-- Tells what no event has told: the settings of stores that chose them before there was an event of their change. Settings that
-- are as a store begins with say nothing, and what was told before is left alone: it has its effect again, where its event is gone
-- from here by now, and that is the same. The version is the settings' own, so that a later change stays the later one.
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "tenant_settings" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "outbox_events" NO FORCE ROW LEVEL SECURITY;
INSERT INTO "outbox_events" ("tenant_id", "id", "type", "data_version", "data", "aggregate_type", "aggregate_id", "aggregate_version",
    "previous_version")
SELECT s."tenant_id", 'evt_' || replace(gen_random_uuid()::text, '-', ''), 'tenant.settings_changed', 1,
    jsonb_build_object('locale', s."locale", 'timeZone', s."time_zone", 'taxIncludedInPrices', s."tax_included_in_prices",
        'showExactStock', s."show_exact_stock"),
    'settings', s."tenant_id", s."version", told."version"
FROM "tenant_settings" s
LEFT JOIN (
    SELECT "tenant_id", max("aggregate_version") AS "version" FROM "outbox_events"
    WHERE "aggregate_type" = 'settings' AND "aggregate_id" = "tenant_id" GROUP BY "tenant_id"
) told ON told."tenant_id" = s."tenant_id"
WHERE (s."version" > 1 OR s."locale" <> 'en-US') AND (told."version" IS NULL OR told."version" < s."version");
ALTER TABLE "outbox_events" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_settings" FORCE ROW LEVEL SECURITY;
