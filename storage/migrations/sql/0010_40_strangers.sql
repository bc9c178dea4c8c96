-- Who may write to whom first, by one rule for each way into an inbox: a conversation of any type and a
-- person taken in. Strangers are those with whom one has no conversation; so many may be reached a day.

-- Strangers reached within a day, once for each conversation: the rows of whoever reaches more go first.
CREATE TABLE strangers_reached (
    user_id uuid NOT NULL,
    reached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stranger_id uuid NOT NULL
);
CREATE INDEX strangers_reached_lately ON strangers_reached (user_id, reached_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON strangers_reached TO parley_service;

-- Two commands of one person count one after the other.
CREATE FUNCTION lock_reaching(p_user uuid) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('parley.create:' || p_user, 0))
$$;

-- Those of some people with whom a person has a conversation: both are in it, and the other has written
-- there or it is not large. Not mutual is one that the person has made and the other has not answered.
-- Parties of a contract that was begun know each other.
CREATE FUNCTION acquaintances(p_user uuid, p_others uuid[])
RETURNS TABLE (user_id uuid, is_mutual boolean)
LANGUAGE sql STABLE AS $$
    SELECT k.user_id, bool_or(k.is_mutual)
    FROM (
        SELECT o.user_id, o.has_written OR c.created_by <> p_user AS is_mutual
        FROM conversation_participants me
        JOIN conversation_participants o
          ON o.conversation_id = me.conversation_id AND o.user_id <> p_user AND o.left_at IS NULL
        JOIN conversations c ON c.id = me.conversation_id
        WHERE me.user_id = p_user AND me.left_at IS NULL AND o.user_id = ANY (p_others)
          AND (o.has_written OR c.fanout = 'user')
        UNION ALL
        SELECT p.party, true
        FROM contracts t
        CROSS JOIN LATERAL (SELECT CASE p_user WHEN t.client_id THEN t.freelancer_id
                                               ELSE t.client_id END) p(party)
        WHERE (t.client_id = p_user OR t.freelancer_id = p_user) AND p.party = ANY (p_others)
          AND t.status NOT IN ('pending_payment', 'pending_acceptance', 'cancelled')
    ) k
    GROUP BY k.user_id
$$;

-- Those of some people whom a conversation of this type reaches as strangers. One more group with somebody
-- who has not answered the last one reaches a stranger again; a direct conversation there is but once.
CREATE FUNCTION strangers_among(p_user uuid, p_others uuid[], p_type text) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT o FROM unnest(p_others) o
        EXCEPT
        SELECT a.user_id FROM acquaintances(p_user, p_others) a
        WHERE a.is_mutual OR p_type = 'direct'
    )
$$;

-- Whether the people may be written to, and how long to wait where too many strangers were reached.
CREATE FUNCTION judge_reaching(p_user uuid, p_others uuid[], p_type text, p_max_strangers integer)
RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_strangers integer;
    v_reached integer;
    v_retry_after_s double precision;
BEGIN
    -- Support goes to staff or comes from them.
    IF p_type <> 'support' AND EXISTS (
        SELECT FROM users u
        WHERE u.id = ANY (p_others)
          AND (u.messages_from = 'nobody'
               OR u.messages_from = 'connected'
               AND u.id NOT IN (SELECT a.user_id FROM acquaintances(p_user, p_others) a))
    ) THEN
        RETURN ROW('blocked', NULL, NULL)::creation_result;
    END IF;
    IF EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.staff_role IS NOT NULL) THEN
        RETURN ROW('ok', NULL, NULL)::creation_result;
    END IF;
    v_strangers := cardinality(strangers_among(p_user, p_others, p_type));
    IF v_strangers = 0 THEN
        RETURN ROW('ok', NULL, NULL)::creation_result;
    ELSIF v_strangers > p_max_strangers THEN
        -- No waiting helps.
        RETURN ROW('too_many_strangers', NULL, NULL)::creation_result;
    END IF;
    SELECT count(*) INTO v_reached FROM strangers_reached r
    WHERE r.user_id = p_user AND r.reached_at > clock_timestamp() - interval '1 day';
    IF v_reached + v_strangers > p_max_strangers THEN
        -- So many have to be a day old before.
        SELECT extract(epoch FROM r.reached_at + interval '1 day' - clock_timestamp())
        INTO v_retry_after_s
        FROM strangers_reached r
        WHERE r.user_id = p_user AND r.reached_at > clock_timestamp() - interval '1 day'
        ORDER BY r.reached_at
        OFFSET v_reached + v_strangers - p_max_strangers - 1 LIMIT 1;
        RETURN ROW('rate_limited', NULL, greatest(v_retry_after_s, 0))::creation_result;
    END IF;
    RETURN ROW('ok', NULL, NULL)::creation_result;
END $$;

CREATE FUNCTION note_reached(p_user uuid, p_others uuid[], p_type text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    DELETE FROM strangers_reached r
    WHERE r.user_id = p_user AND r.reached_at <= clock_timestamp() - interval '1 day';
    INSERT INTO strangers_reached (user_id, stranger_id)
    SELECT p_user, s FROM unnest(strangers_among(p_user, p_others, p_type)) s
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.staff_role IS NOT NULL);
$$;

-- Whether a user may see a job, as the policies say it. The transaction goes on as who it was.
CREATE FUNCTION sees_job(p_user uuid, p_job uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_role text := current_setting('role');
    v_asker text := coalesce(current_setting('app.user_id', true), '');
    v_sees boolean;
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true);
    PERFORM set_config('role', 'parley_app', true);
    SELECT EXISTS (SELECT FROM jobs j WHERE j.id = p_job) INTO v_sees;
    PERFORM set_config('role', v_role, true);
    PERFORM set_config('app.user_id', v_asker, true);
    RETURN v_sees;
END $$;

-- Whether a conversation is what its type, job and contract say, with these people in it.
CREATE FUNCTION judge_purpose(p_type text, p_user uuid, p_people uuid[], p_job uuid, p_contract uuid)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_staff uuid[] := ARRAY(
        SELECT u.id FROM users u
        WHERE u.id = ANY (p_people) AND u.staff_role IS NOT NULL AND u.status = 'active'
    );
    v_parties uuid[];
BEGIN
    -- Of the two sides of support one is staff: nobody reaches a third person by it.
    IF p_type = 'support' AND p_user <> ALL (v_staff)
       AND NOT array_remove(p_people, p_user) <@ v_staff
    THEN
        RETURN 'support_is_with_staff';
    END IF;
    IF p_job IS NOT NULL THEN
        IF NOT sees_job(p_user, p_job) THEN
            RETURN 'job_not_found';
        ELSIF NOT EXISTS (
            SELECT FROM jobs j WHERE j.id = p_job AND j.client_id = ANY (p_people)
        ) THEN
            RETURN 'without_the_owner_of_the_job';
        END IF;
    END IF;
    IF p_contract IS NOT NULL THEN
        SELECT ARRAY[t.client_id, t.freelancer_id] INTO v_parties
        FROM contracts t WHERE t.id = p_contract;
        IF v_parties IS NULL OR p_user <> ALL (v_parties || v_staff) THEN
            RETURN 'contract_not_found';
        ELSIF NOT p_people <@ (v_parties || v_staff) THEN
            RETURN 'not_a_party';
        END IF;
    END IF;
    RETURN 'ok';
END $$;

CREATE OR REPLACE FUNCTION judge_creation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_max_participants integer,
    p_max_direct_a_day integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF cardinality(p_others) + 1 > p_max_participants THEN
        RETURN ROW('too_many_participants', NULL, NULL)::creation_result;
    END IF;
    IF cardinality(p_others) <> (
        SELECT count(*) FROM users u WHERE u.id = ANY (p_others) AND u.status = 'active'
    ) THEN
        RETURN ROW('user_not_found', NULL, NULL)::creation_result;
    END IF;
    IF EXISTS (
        SELECT 1 FROM user_blocks b
        WHERE (b.blocker_id = p_creator AND b.blocked_id = ANY (p_others))
           OR (b.blocked_id = p_creator AND b.blocker_id = ANY (p_others))
    ) THEN
        RETURN ROW('blocked', NULL, NULL)::creation_result;
    END IF;
    RETURN judge_reaching(p_creator, p_others, p_type, p_max_direct_a_day);
END $$;

CREATE FUNCTION start_conversation(
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
    -- One at a time of each creator, for the client_id and for the count of a day.
    PERFORM lock_reaching(p_creator);

    SELECT CASE WHEN c.request_hash = p_hash THEN 'repeat' ELSE 'mismatch' END, c.id, NULL
    INTO v_result
    FROM conversations c WHERE c.created_by = p_creator AND c.client_id = p_client;
    IF v_result.verdict IS NULL THEN
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
    END IF;
    IF v_result.verdict IS NULL THEN
        SELECT v.verdict, NULL, NULL INTO v_result
        FROM judge_purpose(p_type, p_creator, p_others || p_creator, p_job, p_contract) AS v(verdict)
        WHERE v.verdict <> 'ok';
    END IF;
    IF v_result.verdict IS NULL THEN
        v_result := judge_creation(
            p_type, p_creator, p_others, p_max_participants, p_max_direct_a_day);
    END IF;
    IF v_result.verdict <> 'ok' THEN
        RETURN v_result;
    END IF;

    INSERT INTO conversations (type, title, job_id, contract_id, created_by, direct_key, client_id,
                               request_hash, participant_count, fanout,
                               relayed_rev, relayed_at)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END,
           1, clock_timestamp()
    FROM (SELECT cardinality(p_others) + 1 AS people) n
    ON CONFLICT (direct_key) DO NOTHING
    RETURNING id INTO v_result.conversation_id;
    IF v_result.conversation_id IS NULL THEN
        -- The other one of the pair was faster; the next statement sees what was made.
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
        RETURN v_result;
    END IF;

    -- By what is known before the two are in this one together.
    PERFORM note_reached(p_creator, p_others, p_type);
    INSERT INTO conversation_participants (conversation_id, user_id, role, joined_rev)
    SELECT v_result.conversation_id, u, CASE WHEN u = p_creator THEN 'owner' ELSE 'member' END, 1
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

CREATE OR REPLACE FUNCTION judge_joining(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer
) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_conversation conversations;
BEGIN
    SELECT c.* INTO v_conversation FROM conversations c WHERE c.id = p_conversation;
    RETURN CASE
        WHEN v_conversation.type = 'direct' THEN 'forbidden'
        WHEN EXISTS (
            SELECT 1 FROM conversation_participants p
            WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
        ) THEN 'unchanged'
        WHEN v_conversation.status = 'closed' THEN 'closed'
        WHEN NOT EXISTS (
            SELECT 1 FROM users u WHERE u.id = p_user AND u.status = 'active'
        ) THEN 'user_not_found'
        WHEN EXISTS (
            SELECT 1 FROM user_blocks b
            WHERE (b.blocker_id = p_owner AND b.blocked_id = p_user)
               OR (b.blocker_id = p_user AND b.blocked_id = p_owner)
        ) THEN 'blocked'
        WHEN v_conversation.participant_count >= p_max_participants THEN 'too_many_participants'
        ELSE judge_purpose(v_conversation.type, p_owner, ARRAY[p_owner, p_user], NULL,
                           v_conversation.contract_id)
    END;
END $$;

CREATE FUNCTION add_member(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer,
    p_max_user_fanout integer,
    p_max_strangers integer,
    p_lock_timeout_ms integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_type text;
    v_rev bigint;
    v_reaching creation_result;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    -- Before the conversation, which those who create do not lock.
    PERFORM lock_reaching(p_owner);
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::creation_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        v_verdict := judge_joining(p_conversation, p_owner, p_user, p_max_participants);
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::creation_result;
    END IF;
    SELECT c.type INTO v_type FROM conversations c WHERE c.id = p_conversation;
    v_reaching := judge_reaching(p_owner, ARRAY[p_user], v_type, p_max_strangers);
    IF v_reaching.verdict <> 'ok' THEN
        RETURN v_reaching;
    END IF;
    PERFORM note_reached(p_owner, ARRAY[p_user], v_type);

    v_rev := next_rev(p_conversation);
    UPDATE conversations c
    SET participant_count = c.participant_count + 1,
        fanout = CASE WHEN c.participant_count >= p_max_user_fanout THEN 'conversation' ELSE c.fanout END,
        fanout_changed_at = CASE
            WHEN c.participant_count >= p_max_user_fanout AND c.fanout = 'user' THEN clock_timestamp()
            ELSE c.fanout_changed_at
        END
    WHERE c.id = p_conversation;
    INSERT INTO conversation_participants AS p (
        conversation_id, user_id, role, last_read_seq, last_delivered_seq, joined_rev
    )
    SELECT c.id, p_user, 'member', c.last_seq, c.last_seq, v_rev
    FROM conversations c WHERE c.id = p_conversation
    ON CONFLICT (conversation_id, user_id) DO UPDATE
    SET left_at = NULL, left_rev = NULL, role = 'member',
        joined_at = EXCLUDED.joined_at, joined_rev = EXCLUDED.joined_rev,
        last_read_seq = greatest(p.last_read_seq, EXCLUDED.last_read_seq),
        last_delivered_seq = greatest(p.last_delivered_seq, EXCLUDED.last_delivered_seq);

    -- One rev, and to the person the conversation first: what is known by then is not asked for.
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'realtime', 'member.joined', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    RETURN ROW('ok', p_conversation, NULL)::creation_result;
END $$;

-- As the version before calls them: it does not know all the verdicts, nor hand over each limit.
CREATE FUNCTION verdict_of_before(p_verdict text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_verdict IN ('support_is_with_staff', 'job_not_found', 'without_the_owner_of_the_job',
                           'contract_not_found', 'not_a_party') THEN 'forbidden'
        WHEN p_verdict = 'too_many_strangers' THEN 'blocked'
        ELSE p_verdict
    END
$$;

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
LANGUAGE sql VOLATILE AS $$
    SELECT verdict_of_before(s.verdict), s.conversation_id, s.retry_after_s
    FROM start_conversation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) s
$$;

CREATE OR REPLACE FUNCTION add_member(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE sql VOLATILE AS $$
    SELECT CASE a.verdict WHEN 'rate_limited' THEN 'blocked' ELSE verdict_of_before(a.verdict) END,
           NULL::bigint, NULL::bigint
    FROM add_member($1, $2, $3, $4, $5, 30, $6) a
$$;
