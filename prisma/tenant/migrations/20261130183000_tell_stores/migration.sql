-- Tells what the subgraphs that keep a row of each store have not heard: the settings of stores that chose some, and the plan of each.
-- The owner, too, is held by a forced policy: lifted within this transaction, for these rows.
ALTER TABLE "tenants" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_billing" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "tenant_settings" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "outbox_events" NO FORCE ROW LEVEL SECURITY;

-- The version is the settings' own, so that a later change stays the later one, and an event of this very version that did not
-- tell all of them is followed by this one. No version before it: nobody waits for what was told before they heard of settings.
INSERT INTO "outbox_events" ("tenant_id", "id", "type", "data_version", "data", "aggregate_type", "aggregate_id", "aggregate_version")
SELECT s."tenant_id", 'evt_' || replace(gen_random_uuid()::text, '-', ''), 'tenant.settings_changed', 1,
    jsonb_build_object('locale', s."locale", 'timeZone', s."time_zone", 'taxIncludedInPrices', s."tax_included_in_prices",
        'showExactStock', s."show_exact_stock", 'orderPrefix', s."order_prefix"),
    'settings', s."tenant_id", s."version"
FROM "tenant_settings" s
WHERE s."version" > 1 AND NOT EXISTS (
    SELECT 1 FROM "outbox_events" told
    WHERE told."tenant_id" = s."tenant_id" AND told."type" = 'tenant.settings_changed' AND told."aggregate_version" = s."version"
        AND told."data" ? 'orderPrefix');

-- Of all stores, also of those on the first plan: whoever keeps it has then heard of the store, and waits for nothing before its
-- next change. It is said to be long ago, so that a change that was told by now stays the later one, and that no store's webhook is
-- told of it.
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
