-- Domain events: one row an event, told in the order in which its row's root was locked.
-- Notes events for their audiences, in this order: each is {name, audience, resource, id, status, version, action,
-- actor_id}. Without an audience nothing is noted. A person named twice is told once.
CREATE FUNCTION workflow_tell(p_events jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, user_ids, data)
    SELECT 'domain', 'domain',
           ARRAY(SELECT DISTINCT a::uuid FROM jsonb_array_elements_text(e.value -> 'audience') a ORDER BY 1),
           e.value - 'audience'
    FROM jsonb_array_elements(p_events) WITH ORDINALITY e
    WHERE jsonb_array_length(e.value -> 'audience') > 0
    ORDER BY e.ordinality;
END $$;

-- Leases rows of a consumer in their order: the oldest due ones of the kinds named, to an owner for so many
-- seconds, and none behind a row that another living owner has. What the owner leased before is due: it takes
-- one batch at a time. Of calls at the same time one is served, and the others get nothing: rows are looked at
-- only when the turn is held, in statements of their own. Otherwise rows that another call has just leased
-- would be passed over, and newer ones taken. The columns are those of `lease` in outbox/leases.sql.
CREATE FUNCTION lease_in_order(
    p_consumer text, p_kinds text[], p_rows integer, p_refs integer, p_owner uuid, p_lease_s float8
) RETURNS TABLE (
    id bigint, kind text, conversation_ids uuid[], seqs bigint[], revs bigint[], user_ids uuid[], data jsonb,
    owner uuid, created_at timestamptz, tries smallint, age_s float8, fence bigint, leased_at bigint
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_alive bigint[];
    v_held_from bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('parley.order:' || p_consumer, 0)) THEN
        RETURN;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    v_now := clock_timestamp();
    v_alive := ARRAY(
        SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    );
    -- Rows that are held are not locked, or their owner would not find them when it deletes them.
    v_held_from := (
        SELECT min(o.id) FROM outbox o
        WHERE o.consumer = p_consumer AND o.owner <> p_owner AND o.available_at > v_now
          AND hashtextextended('parley.owner:' || o.owner, 0) = ANY (v_alive)
    );
    RETURN QUERY
    WITH seen AS MATERIALIZED (
        -- Waits for who is just deleting rows or renewing a lease, and then sees what that has left.
        SELECT o.*, coalesce(greatest(cardinality(o.conversation_ids), cardinality(o.user_ids)), 1) AS refs,
               o.owner IS DISTINCT FROM p_owner AND o.available_at > v_now
               AND hashtextextended('parley.owner:' || o.owner, 0) = ANY (v_alive) AS is_held
        FROM outbox o
        WHERE o.consumer = p_consumer AND o.kind = ANY (p_kinds)
          AND (v_held_from IS NULL OR o.id < v_held_from)
          -- Rows that have failed in themselves have no owner, and wait: they hold up nobody.
          AND (o.owner IS NOT NULL OR o.available_at <= v_now)
        ORDER BY o.id
        LIMIT p_rows
        FOR UPDATE
    ), taken AS MATERIALIZED (
        SELECT w.* FROM (
            SELECT s.*, sum(s.refs) OVER (ORDER BY s.id) - s.refs AS refs_before,
                   bool_or(coalesce(s.is_held, false)) OVER (ORDER BY s.id) AS is_behind
            FROM seen s
        ) w
        WHERE w.refs_before < p_refs AND NOT w.is_behind
    ), leased AS (
        UPDATE outbox SET owner = p_owner, available_at = v_now + make_interval(secs => p_lease_s)
        WHERE id = ANY (ARRAY(SELECT t.id FROM taken t))
    )
    SELECT t.id, t.kind, t.conversation_ids, t.seqs, t.revs, t.user_ids, t.data, t.owner, t.created_at,
           t.tries, extract(epoch FROM v_now - t.created_at)::float8,
           (extract(epoch FROM least(t.available_at, v_now)) * 1000000)::bigint - 1,
           (extract(epoch FROM v_now) * 1000000)::bigint
    FROM taken t
    ORDER BY t.id;
END $$;
