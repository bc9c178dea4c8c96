-- Takes back what 0002 made: the functions before it, and nothing that is stored changes.
DROP FUNCTION store_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                             uuid, bigint[], boolean, integer);
DROP FUNCTION fanout_at(text, timestamptz, timestamptz);

CREATE OR REPLACE FUNCTION create_conversation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_title text,
    p_job uuid,
    p_contract uuid,
    p_client uuid,
    p_hash bytea,
    p_max_participants integer,
    p_max_direct_a_day integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_direct_key text := CASE WHEN p_type = 'direct' THEN
        least(p_creator, p_others[1]) || ':' || greatest(p_creator, p_others[1]) END;
    v_result creation_result;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    -- One creation at a time of each creator, for the client_id and for the count of a day.
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.create:' || p_creator, 0));

    SELECT CASE WHEN c.request_hash = p_hash THEN 'repeat' ELSE 'mismatch' END, c.id, NULL
    INTO v_result
    FROM conversations c WHERE c.created_by = p_creator AND c.client_id = p_client;
    IF v_result.verdict IS NULL THEN
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
    END IF;
    IF v_result.verdict IS NULL THEN
        v_result := judge_creation(
            p_type, p_creator, p_others, p_max_participants, p_max_direct_a_day);
    END IF;
    IF v_result.verdict <> 'ok' THEN
        RETURN v_result;
    END IF;

    INSERT INTO conversations (type, title, job_id, contract_id, created_by, direct_key, client_id,
                               request_hash, participant_count, fanout, fanout_changed_at)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END,
           CASE WHEN n.people > p_max_user_fanout THEN clock_timestamp() END
    FROM (SELECT cardinality(p_others) + 1 AS people) n
    ON CONFLICT (direct_key) DO NOTHING
    RETURNING id INTO v_result.conversation_id;
    IF v_result.conversation_id IS NULL THEN
        -- The other one of the pair was faster; the next statement sees what was made.
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
        RETURN v_result;
    END IF;

    INSERT INTO conversation_participants (conversation_id, user_id, role)
    SELECT v_result.conversation_id, u, CASE WHEN u = p_creator THEN 'owner' ELSE 'member' END
    FROM unnest(p_others || p_creator) u
    ORDER BY u;
    PERFORM put_in_outbox('realtime', 'conversation.created', v_result.conversation_id, NULL, 1,
                          p_others || p_creator);
    IF p_type <> 'direct' THEN
        PERFORM put_in_outbox('notifications', 'conversation.created', v_result.conversation_id,
                              NULL, 1, p_others);
    END IF;
    RETURN v_result;
END $$;
