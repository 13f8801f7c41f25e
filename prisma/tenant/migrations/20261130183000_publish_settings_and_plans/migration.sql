-- Backfill: publishes the settings of stores that changed any, and the plan of each store, for the subgraphs that store a row of each.
-- A forced policy applies to the tables' owner, too: it is lifted within this transaction.
ALTER TABLE "tenants" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_billing" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_settings" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "outbox_events" NO FORCE ROW LEVEL SECURITY;

-- With the version that the settings have, so that a later change stays the later one; where an event of an older release has this version
-- and lacks a setting, this one follows it. Without a previous version: a new consumer would wait for an event that it never gets.
INSERT INTO "outbox_events" ("tenant_id", "id", "type", "data_version", "data", "aggregate_type", "aggregate_id", "aggregate_version")
SELECT s."tenant_id", 'evt_' || replace(gen_random_uuid()::text, '-', ''), 'tenant.settings_changed', 1,
    jsonb_build_object('locale', s."locale", 'timeZone', s."time_zone", 'taxIncludedInPrices', s."tax_included_in_prices",
        'showExactStock', s."show_exact_stock", 'orderPrefix', s."order_prefix"),
    'settings', s."tenant_id", s."version"
FROM "tenant_settings" s
WHERE (s."version" > 1 OR s."locale" <> 'en-US' OR s."time_zone" <> 'UTC' OR s."tax_included_in_prices" OR NOT s."show_exact_stock"
    OR s."order_prefix" <> '#') AND NOT EXISTS (
    SELECT 1 FROM "outbox_events" told
    WHERE told."tenant_id" = s."tenant_id" AND told."type" = 'tenant.settings_changed' AND told."aggregate_version" = s."version"
        AND told."data" ? 'orderPrefix');

-- Of all stores, also those on the first plan: a new consumer then has a version of each store, and does not wait for earlier events. The
-- time is long ago, so that a change that was published by now stays the later one, and no merchant's webhook is sent.
INSERT INTO "outbox_events" ("tenant_id", "id", "type", "data_version", "data", "aggregate_type", "aggregate_id", "aggregate_version",
    "occurred_at")
SELECT b."tenant_id", 'evt_' || replace(gen_random_uuid()::text, '-', ''), 'tenant.plan_changed', 1,
    jsonb_build_object('plan', b."plan", 'previousPlan', b."plan", 'status', b."status"),
    'tenant', b."tenant_id", t."version", '2000-01-01'
FROM "tenant_billing" b JOIN "tenants" t ON t."tenant_id" = b."tenant_id"
WHERE t."erased_at" IS NULL AND NOT EXISTS (
    SELECT 1 FROM "outbox_events" told
    WHERE told."tenant_id" = b."tenant_id" AND told."type" = 'tenant.plan_changed' AND told."occurred_at" = '2000-01-01');

ALTER TABLE "outbox_events" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_settings" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_billing" FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenants" FORCE ROW LEVEL SECURITY;
