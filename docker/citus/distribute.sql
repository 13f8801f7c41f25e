-- Spreads one service's database over a Citus cluster, by tenant. On the coordinator, as the database's owner, after the migrations
-- and before there is data to wait for (with data it moves it); again after a migration that makes a table:
--
--   psql "$PRODUCT_MIGRATION_DATABASE_URL" --single-transaction --file docker/citus/distribute.sql
--
-- A store's rows of all tables lie on one node, so that what the services send (it always names the tenant) goes to one node,
-- foreign keys and transactions included. A table with a globally unique value, such as a store's address, is on every node.

DO $$
BEGIN
    -- set_tenant() runs SET LOCAL, which has to be propagated to the workers, so that row-level security applies there.
    EXECUTE format('ALTER DATABASE %I SET citus.propagate_set_commands = %L', current_database(), 'local');
    PERFORM set_config('citus.propagate_set_commands', 'local', true);
    -- Citus refuses triggers unless they are declared safe: a trigger here writes rows of the same store, which lie on the
    -- same node. docker/test/citus.int.test.ts has the list of them.
    EXECUTE format('ALTER DATABASE %I SET citus.enable_unsafe_triggers = on', current_database());
    PERFORM set_config('citus.enable_unsafe_triggers', 'on', true);
END
$$;

DO $$
DECLARE
    next_table regclass;
    is_of_the_world boolean;
BEGIN
    LOOP
        -- Parents before children: a table whose foreign keys all lead to tables that are done, or to itself.
        SELECT candidate.oid, EXISTS (
            SELECT 1 FROM pg_index
            WHERE indrelid = candidate.oid AND indisunique
              AND NOT (SELECT attnum FROM pg_attribute WHERE attrelid = candidate.oid AND attname = 'tenant_id') = ANY (indkey)
        )
        INTO next_table, is_of_the_world
        FROM pg_class AS candidate
        WHERE candidate.relnamespace = 'public'::regnamespace AND candidate.relkind IN ('r', 'p') AND NOT candidate.relispartition
          AND candidate.relname <> '_prisma_migrations'
          AND candidate.oid NOT IN (SELECT logicalrelid FROM pg_dist_partition)
          AND NOT EXISTS (
              SELECT 1 FROM pg_constraint
              WHERE conrelid = candidate.oid AND contype = 'f' AND confrelid <> candidate.oid
                AND confrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition)
          )
        ORDER BY candidate.relname
        LIMIT 1;
        EXIT WHEN next_table IS NULL;

        IF is_of_the_world THEN
            PERFORM create_reference_table(next_table);
        ELSE
            PERFORM create_distributed_table(next_table, 'tenant_id');
        END IF;
    END LOOP;
END
$$;
