-- What the workflows note, they note for notifications too: one row an execution, with all of its events.
-- Notes events for their audiences, in this order: each is {name, audience, resource, id, status, version, action,
-- actor_id}. Without an audience nothing is noted. A person named twice is told once. Each event is a row of its own
-- for those who are told of it at once; together they are one row for notifications, which are made of the whole.
CREATE OR REPLACE FUNCTION workflow_tell(p_events jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    WITH told AS MATERIALIZED (
        SELECT e.value, e.ordinality FROM jsonb_array_elements(p_events) WITH ORDINALITY e
        WHERE jsonb_array_length(e.value -> 'audience') > 0
    )
    INSERT INTO outbox (consumer, kind, user_ids, data)
    SELECT n.consumer, 'domain', n.user_ids, n.data
    FROM (
        SELECT 'domain' AS consumer, t.ordinality,
               ARRAY(SELECT DISTINCT a::uuid FROM jsonb_array_elements_text(t.value -> 'audience') a ORDER BY 1)
                   AS user_ids,
               t.value - 'audience' AS data
        FROM told t
        UNION ALL
        SELECT 'notifications', NULL, NULL, jsonb_build_object('events', jsonb_agg(t.value ORDER BY t.ordinality))
        FROM told t HAVING count(*) > 0
    ) n
    ORDER BY n.ordinality;
END $$;
