-- Takes back what 0046 made. What was noted for notifications of the marketplace, nobody would take up.
DELETE FROM outbox WHERE consumer = 'notifications' AND kind = 'domain';
CREATE OR REPLACE FUNCTION workflow_tell(p_events jsonb) RETURNS void
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
