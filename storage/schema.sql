-- The schema as the migrations leave it: to read, not to run. Dated partitions are left out.
-- `make schema` writes it; a test holds it to the migrations.

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE TYPE public.change_result AS (
	verdict text,
	seq bigint,
	rev bigint
);

CREATE TYPE public.creation_result AS (
	verdict text,
	conversation_id uuid,
	retry_after_s double precision
);

CREATE FUNCTION public.add_member(p_conversation uuid, p_owner uuid, p_user uuid, p_max_participants integer, p_max_user_fanout integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        v_verdict := judge_joining(p_conversation, p_owner, p_user, p_max_participants);
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;

    UPDATE conversations c
    SET rev = c.rev + 1,
        participant_count = c.participant_count + 1,
        fanout = CASE WHEN c.participant_count >= p_max_user_fanout THEN 'conversation' ELSE c.fanout END,
        fanout_changed_at = CASE
            WHEN c.participant_count >= p_max_user_fanout AND c.fanout = 'user' THEN clock_timestamp()
            ELSE c.fanout_changed_at
        END
    WHERE c.id = p_conversation
    RETURNING c.rev INTO v_rev;
    INSERT INTO conversation_participants AS p (
        conversation_id, user_id, role, last_read_seq, last_delivered_seq
    )
    SELECT c.id, p_user, 'member', c.last_seq, c.last_seq
    FROM conversations c WHERE c.id = p_conversation
    ON CONFLICT (conversation_id, user_id) DO UPDATE
    SET left_at = NULL, role = 'member', joined_at = EXCLUDED.joined_at,
        last_read_seq = greatest(p.last_read_seq, EXCLUDED.last_read_seq),
        last_delivered_seq = greatest(p.last_delivered_seq, EXCLUDED.last_delivered_seq);

    -- One rev, and to the person the conversation first: what is known by then is not asked for.
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'realtime', 'member.joined', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE FUNCTION public.add_reaction(p_conversation uuid, p_user uuid, p_message uuid, p_emoji text, p_max_emojis integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_emojis text[];
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    IF v_message.id IS NULL THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;
    SELECT array_agg(DISTINCT r.emoji) INTO v_emojis FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq;
    v_verdict := CASE
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN EXISTS (
            SELECT 1 FROM message_reactions r
            WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
              AND r.emoji = p_emoji AND r.user_id = p_user
        ) THEN 'unchanged'
        WHEN cardinality(v_emojis) >= p_max_emojis AND p_emoji <> ALL (v_emojis) THEN 'too_many_emojis'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    INSERT INTO message_reactions (conversation_id, seq, emoji, user_id)
    VALUES (p_conversation, v_message.seq, p_emoji, p_user);
    RETURN reactions_changed(v_message, 1);
END $$;

CREATE FUNCTION public.block_user(p_user uuid, p_other uuid, p_max_blocks integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
BEGIN
    v_verdict := CASE
        WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.id = p_other) THEN 'user_not_found'
        WHEN EXISTS (
            SELECT 1 FROM user_blocks b WHERE b.blocker_id = p_user AND b.blocked_id = p_other
        ) THEN 'unchanged'
        WHEN (SELECT count(*) FROM user_blocks b WHERE b.blocker_id = p_user) >= p_max_blocks
        THEN 'too_many_blocks'
        ELSE 'ok'
    END;
    IF v_verdict = 'ok' THEN
        INSERT INTO user_blocks (blocker_id, blocked_id) VALUES (p_user, p_other)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_verdict;
END $$;

CREATE FUNCTION public.create_conversation(p_type text, p_creator uuid, p_others uuid[], p_title text, p_job uuid, p_contract uuid, p_client uuid, p_hash bytea, p_max_participants integer, p_max_direct_a_day integer, p_max_user_fanout integer, p_lock_timeout_ms integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
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
                               request_hash, participant_count, fanout)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END
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

CREATE FUNCTION public.uuid7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                PLACING substring(
                    int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
                ) FROM 1 FOR 6
            ), 52, 1), 53, 1),
        'hex')::uuid
$$;

CREATE TABLE public.reports (
    id uuid DEFAULT public.uuid7() NOT NULL,
    reporter_id uuid NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    conversation_id uuid,
    reason text NOT NULL,
    text text,
    status text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT reports_message_has_conversation CHECK (((subject_type <> 'message'::text) OR (conversation_id IS NOT NULL))),
    CONSTRAINT reports_status_known CHECK ((status = ANY (ARRAY['open'::text, 'reviewing'::text, 'actioned'::text, 'dismissed'::text]))),
    CONSTRAINT reports_subject_known CHECK ((subject_type = ANY (ARRAY['message'::text, 'conversation'::text, 'user'::text])))
);

CREATE FUNCTION public.create_report(p_user uuid, p_subject_type text, p_subject uuid, p_reason text, p_text text) RETURNS SETOF public.reports
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_is_visible boolean;
    v_conversation uuid;
BEGIN
    IF p_subject_type = 'message' THEN
        -- A probe of one partition for each of the caller's conversations: ids have no index. The
        -- limit keeps the planner from reading the partition whole instead.
        SELECT p.conversation_id INTO v_conversation
        FROM conversation_participants p
        CROSS JOIN LATERAL (
            SELECT 1 FROM messages m
            WHERE m.conversation_id = p.conversation_id AND m.seq = uuid7_seq(p_subject)
              AND m.created_at = uuid7_time(p_subject) AND m.id = p_subject
            LIMIT 1
        ) found
        WHERE p.user_id = p_user AND p.left_at IS NULL;
        v_is_visible := v_conversation IS NOT NULL;
    ELSIF p_subject_type = 'conversation' THEN
        SELECT p.conversation_id INTO v_conversation FROM conversation_participants p
        WHERE p.conversation_id = p_subject AND p.user_id = p_user AND p.left_at IS NULL;
        v_is_visible := v_conversation IS NOT NULL;
    ELSE
        v_is_visible := EXISTS (SELECT 1 FROM users u WHERE u.id = p_subject);
    END IF;
    IF NOT v_is_visible THEN
        RETURN;
    END IF;
    RETURN QUERY
    INSERT INTO reports (reporter_id, subject_type, subject_id, conversation_id, reason, text)
    VALUES (p_user, p_subject_type, p_subject, v_conversation, p_reason, p_text)
    ON CONFLICT (reporter_id, subject_type, subject_id) WHERE status = 'open'
    DO UPDATE SET reason = EXCLUDED.reason, text = EXCLUDED.text
    RETURNING *;
END $$;

CREATE FUNCTION public.create_template(p_user uuid, p_title text, p_content text, p_max_templates integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT count(*) FROM templates t WHERE t.user_id = p_user AND t.kind = 'message')
        >= p_max_templates
    THEN
        RETURN 'too_many_templates';
    END IF;
    INSERT INTO templates (user_id, title, content) VALUES (p_user, p_title, p_content);
    RETURN 'ok';
END $$;

CREATE FUNCTION public.delete_message(p_conversation uuid, p_user uuid, p_message uuid, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_may_delete_any boolean;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict IN ('not_found', 'forbidden') THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    SELECT p.role = 'owner' AND c.type <> 'direct' INTO v_may_delete_any
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = p_user
    WHERE c.id = p_conversation;
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.sender_id <> p_user AND NOT v_may_delete_any THEN 'forbidden'
        WHEN v_message.is_deleted THEN 'unchanged'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE messages m
    SET content = NULL, mentions = NULL, attachment_count = 0, reaction_count = 0,
        is_pinned = false, is_deleted = true, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    DELETE FROM message_attachments a
    WHERE a.conversation_id = p_conversation AND a.seq = v_message.seq;
    DELETE FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq;
    DELETE FROM message_pins pin
    WHERE pin.conversation_id = p_conversation AND pin.seq = v_message.seq;
    INSERT INTO message_tombstones (conversation_id, seq) VALUES (p_conversation, v_message.seq);
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, true);
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY(
        SELECT p.user_id FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
          AND p.last_read_seq < v_message.seq
    ));
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

CREATE FUNCTION public.edit_message(p_conversation uuid, p_user uuid, p_message uuid, p_content text, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.sender_id <> p_user OR v_message.type = 'system' THEN 'forbidden'
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN v_message.content IS NOT DISTINCT FROM p_content THEN 'unchanged'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE messages m
    SET content = p_content, edited_at = date_trunc('milliseconds', clock_timestamp()),
        rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, true);
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

CREATE FUNCTION public.ensure_key_week(p_week timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_from timestamptz := date_trunc('week', p_week AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('week', p_week AT TIME ZONE 'UTC') + interval '7 days') AT TIME ZONE 'UTC';
    v_name text := 'message_keys_' || to_char(v_from AT TIME ZONE 'UTC', 'IYYY_IW');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF message_keys FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from, v_to);
END $$;

CREATE FUNCTION public.ensure_message_month(p_month timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_from timestamptz := date_trunc('month', p_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('month', p_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    v_name text := 'messages_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF messages FOR VALUES FROM (%L) TO (%L)
         WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)',
        v_name, v_from, v_to);
END $$;

CREATE FUNCTION public.fanout_at(p_fanout text, p_changed_at timestamp with time zone, p_at timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT CASE
        WHEN p_fanout = 'user' THEN 'user'
        WHEN p_changed_at + interval '30 seconds' > p_at THEN 'both'
        ELSE 'conversation'
    END
$$;

CREATE TABLE public.messages (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    rev bigint NOT NULL,
    id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    type text NOT NULL,
    content text,
    parent_id uuid,
    mentions uuid[],
    attachment_count smallint DEFAULT 0 NOT NULL,
    reaction_count integer DEFAULT 0 NOT NULL,
    reply_count integer DEFAULT 0 NOT NULL,
    last_reply_at timestamp with time zone,
    is_pinned boolean DEFAULT false NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    is_changed boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    CONSTRAINT messages_type_known CHECK ((type = ANY (ARRAY['text'::text, 'image'::text, 'file'::text, 'video'::text, 'audio'::text, 'system'::text])))
)
PARTITION BY RANGE (created_at);

CREATE FUNCTION public.find_message(p_conversation uuid, p_message uuid) RETURNS public.messages
    LANGUAGE sql STABLE
    AS $$
    SELECT m FROM messages m
    WHERE m.conversation_id = p_conversation AND m.seq = uuid7_seq(p_message)
      AND m.created_at = uuid7_time(p_message) AND m.id = p_message
$$;

CREATE FUNCTION public.find_messages(p_user uuid, p_conversation uuid, p_text text, p_below_at timestamp with time zone, p_below_conversation uuid, p_below_seq bigint, p_limit integer) RETURNS TABLE(conversation_id uuid, seq bigint, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
    RETURN QUERY EXECUTE $query$
        SELECT found.conversation_id, found.seq, found.created_at
        FROM conversation_participants me
        CROSS JOIN LATERAL (
            SELECT s.conversation_id, s.seq, s.created_at
            FROM message_search s
            WHERE s.conversation_id = me.conversation_id AND s.tokens @@ $3
              AND ($4 IS NULL OR (s.created_at, s.conversation_id, s.seq) < ($4, $5, $6))
            ORDER BY s.seq DESC
            LIMIT $7
        ) found
        WHERE me.user_id = $1 AND me.left_at IS NULL
          AND ($2 IS NULL OR me.conversation_id = $2)
        ORDER BY found.created_at DESC, found.conversation_id DESC, found.seq DESC
        LIMIT $7
    $query$
    USING p_user, p_conversation, search_query(p_text), p_below_at, p_below_conversation,
          p_below_seq, p_limit;
END $_$;

CREATE FUNCTION public.is_blocked_pair(p_conversation uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT cardinality(g.members) = 2 AND EXISTS (
        SELECT 1 FROM user_blocks b
        WHERE (b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
           OR (b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
    )
    FROM (
        SELECT array_agg(p.user_id) AS members FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
    ) g
$$;

CREATE FUNCTION public.judge_creation(p_type text, p_creator uuid, p_others uuid[], p_max_participants integer, p_max_direct_a_day integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_opened bigint;
    v_retry_after_s double precision;
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
    IF p_type = 'direct' THEN
        -- The one whose day ends next among the newest p_max_direct_a_day.
        SELECT count(*), extract(epoch FROM min(d.created_at) + interval '1 day' - clock_timestamp())
        INTO v_opened, v_retry_after_s
        FROM (
            SELECT c.created_at FROM conversations c
            WHERE c.created_by = p_creator AND c.type = 'direct'
              AND c.created_at > clock_timestamp() - interval '1 day'
            ORDER BY c.created_at DESC
            LIMIT p_max_direct_a_day
        ) d;
        IF v_opened >= p_max_direct_a_day THEN
            RETURN ROW('rate_limited', NULL, greatest(v_retry_after_s, 0))::creation_result;
        END IF;
    END IF;
    RETURN ROW('ok', NULL, NULL)::creation_result;
END $$;

CREATE FUNCTION public.judge_joining(p_conversation uuid, p_owner uuid, p_user uuid, p_max_participants integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
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
        ELSE 'ok'
    END;
END $$;

CREATE FUNCTION public.judge_member(p_conversation uuid, p_user uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_role text;
BEGIN
    SELECT p.role INTO v_role FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    RETURN CASE
        WHEN v_role IS NULL THEN 'not_found'
        WHEN v_role = 'observer' THEN 'forbidden'
        WHEN (SELECT c.status FROM conversations c WHERE c.id = p_conversation) = 'closed' THEN 'closed'
        WHEN is_blocked_pair(p_conversation) THEN 'blocked'
        ELSE 'ok'
    END;
END $$;

CREATE FUNCTION public.judge_owner(p_conversation uuid, p_user uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_role text;
BEGIN
    SELECT p.role INTO v_role FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    RETURN CASE WHEN v_role IS NULL THEN 'not_found' WHEN v_role <> 'owner' THEN 'forbidden' ELSE 'ok' END;
END $$;

CREATE FUNCTION public.leave_conversation(p_conversation uuid, p_user uuid, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_type text;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    SELECT c.type INTO v_type
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id
    WHERE c.id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    IF v_type IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    IF v_type = 'direct' THEN
        RETURN ROW('forbidden', NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;

CREATE FUNCTION public.lock_conversation(p_conversation uuid, p_user uuid, p_lock_timeout_ms integer) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    PERFORM 1 FROM conversations c
    WHERE c.id = p_conversation AND EXISTS (
        SELECT 1 FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    )
    FOR NO KEY UPDATE OF c;
    RETURN FOUND;
END $$;

CREATE FUNCTION public.maintain_partitions() RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_old text;
    v_ahead integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('parley.maintain_partitions'));
    PERFORM ensure_message_month(now() + make_interval(months => n)) FROM generate_series(0, 3) AS n;
    PERFORM ensure_key_week(now() + make_interval(weeks => n)) FROM generate_series(-1, 4) AS n;
    FOR v_old IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'message_keys'::regclass
          AND c.relname < 'message_keys_' || to_char(now() AT TIME ZONE 'UTC' - interval '15 days', 'IYYY_IW')
    LOOP
        EXECUTE format('DROP TABLE %I', v_old);
    END LOOP;
    SELECT count(*) - 1 INTO v_ahead FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'messages'::regclass
      AND c.relname >= 'messages_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');
    RETURN v_ahead;
END $$;

CREATE FUNCTION public.mark_receipts(p_conversations uuid[], p_users uuid[], p_read bigint[], p_delivered bigint[], p_owner uuid, p_published bigint[]) RETURNS TABLE(ord integer, verdict text, read_seq bigint, delivered_seq bigint, read_moved boolean, delivered_moved boolean, unread bigint, recipients uuid[], outbox_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    -- In the order that every statement locks participants in.
    PERFORM 1 FROM (
        SELECT p.user_id
        FROM unnest(p_conversations, p_users) AS i(conversation_id, user_id)
        JOIN conversation_participants p
          ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
        ORDER BY p.conversation_id, p.user_id
        FOR NO KEY UPDATE OF p
    ) l;

    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT i.ord::integer AS ord, i.conversation_id, i.user_id,
               p.user_id IS NOT NULL AS is_member, c.last_seq, c.participant_count,
               p.last_read_seq AS old_read, p.last_delivered_seq AS old_delivered,
               greatest(p.last_read_seq, least(i.read, c.last_seq)) AS new_read,
               greatest(p.last_delivered_seq, least(greatest(i.read, i.delivered), c.last_seq)) AS new_delivered
        FROM unnest(p_conversations, p_users, p_read, p_delivered)
             WITH ORDINALITY AS i(conversation_id, user_id, read, delivered, ord)
        LEFT JOIN conversation_participants p
               ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.left_at IS NULL
        LEFT JOIN conversations c ON c.id = p.conversation_id
    ), moved AS (
        UPDATE conversation_participants p
        SET last_read_seq = a.new_read, last_delivered_seq = a.new_delivered
        FROM asked a
        WHERE p.conversation_id = a.conversation_id AND p.user_id = a.user_id
          AND (a.new_read > a.old_read OR a.new_delivered > a.old_delivered)
    ), noted AS (
        -- One row; the kind is read where a seq of reading is given, else delivered.
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, user_ids, seqs, data)
        SELECT 'realtime', 'receipt', p_owner, clock_timestamp() + interval '1.5 seconds',
               array_agg(a.conversation_id), array_agg(a.user_id), array_agg(a.new_delivered),
               jsonb_build_object('read', jsonb_agg(CASE WHEN a.new_read > a.old_read THEN a.new_read END))
        FROM asked a
        WHERE a.new_read > a.old_read OR a.new_delivered > a.old_delivered
        HAVING count(*) > 0
        RETURNING id
    )
    SELECT a.ord,
           CASE
               WHEN NOT a.is_member THEN 'not_found'
               WHEN a.new_read > a.old_read OR a.new_delivered > a.old_delivered THEN 'ok'
               ELSE 'unchanged'
           END,
           a.new_read, a.new_delivered, a.new_read > a.old_read, a.new_delivered > a.old_delivered,
           CASE WHEN a.is_member THEN a.last_seq - a.new_read - (
               SELECT count(*) FROM message_tombstones t
               WHERE t.conversation_id = a.conversation_id AND t.seq > a.new_read
           ) END,
           CASE WHEN a.participant_count <= 32
                 AND (a.new_read > a.old_read OR a.new_delivered > a.old_delivered) THEN (
               SELECT array_agg(p.user_id) FROM conversation_participants p
               WHERE p.conversation_id = a.conversation_id AND p.left_at IS NULL
           ) END,
           (SELECT n.id FROM noted n)
    FROM asked a;
END $$;

CREATE FUNCTION public.message_changed(p_conversation uuid, p_seq bigint, p_created_at timestamp with time zone, p_rev bigint, p_text_changed boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE conversation_months cm SET max_rev = greatest(cm.max_rev, p_rev)
    WHERE cm.conversation_id = p_conversation
      AND cm.month = date_trunc('month', p_created_at, 'UTC')
      AND cm.max_rev IS NOT NULL;
    PERFORM put_in_outbox('realtime', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    IF p_text_changed THEN
        PERFORM put_in_outbox('search', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    END IF;
END $$;

CREATE FUNCTION public.next_month(p_month timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT (p_month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
$$;

CREATE FUNCTION public.next_rev(p_conversation uuid) RETURNS bigint
    LANGUAGE sql
    AS $$
    UPDATE conversations SET rev = rev + 1 WHERE id = p_conversation RETURNING rev
$$;

CREATE FUNCTION public.notifications_in_outbox(p_kind text, p_users uuid[], p_ids uuid[]) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO outbox (consumer, kind, user_ids, data)
    SELECT 'realtime', p_kind, array_agg(n.user_id ORDER BY n.ord),
           jsonb_build_object('ids', jsonb_agg(n.id ORDER BY n.ord))
    FROM unnest(p_users, p_ids) WITH ORDINALITY AS n(user_id, id, ord)
    GROUP BY (n.ord - 1) / 200
    ORDER BY (n.ord - 1) / 200
$$;

CREATE FUNCTION public.notify_users(p_items jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_created_users uuid[];
    v_created uuid[];
    v_updated_users uuid[];
    v_updated uuid[];
BEGIN
    WITH item AS MATERIALIZED (
        -- The last of those that one call groups together; users in order, as every call takes them.
        SELECT DISTINCT ON (i.user_id, g.key) uuid7() AS id, i.*, count(*) OVER (
            PARTITION BY i.user_id, g.key
        ) AS repeats
        FROM ROWS FROM (jsonb_to_recordset(p_items) AS (
            user_id uuid, type text, category text, priority text, title text, content text,
            data jsonb, action_url text, group_key text, expires_at timestamptz
        )) WITH ORDINALITY AS i(
            user_id, type, category, priority, title, content, data, action_url, group_key,
            expires_at, ord
        ),
        LATERAL (SELECT coalesce('k' || i.group_key, 'n' || i.ord) AS key) g
        ORDER BY i.user_id, g.key, i.ord DESC
    ), stored AS (
        INSERT INTO notifications AS n (id, user_id, type, category, priority, title, content, data,
                                        action_url, group_key, count, expires_at)
        SELECT i.id, i.user_id, i.type, i.category, coalesce(i.priority, 'normal'), i.title, i.content,
               coalesce(i.data, '{}'), i.action_url, i.group_key, i.repeats, i.expires_at
        FROM item i
        ON CONFLICT (user_id, group_key) WHERE read_at IS NULL AND archived_at IS NULL
        DO UPDATE SET count = n.count + EXCLUDED.count, title = EXCLUDED.title,
            content = EXCLUDED.content, data = EXCLUDED.data, action_url = EXCLUDED.action_url,
            created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at, seen_at = NULL
        RETURNING n.id, n.user_id
    ), told AS (
        SELECT s.user_id, s.id, EXISTS (SELECT 1 FROM item i WHERE i.id = s.id) AS is_new
        FROM stored s
    )
    SELECT array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_new),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_new),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE NOT t.is_new),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE NOT t.is_new)
    INTO v_created_users, v_created, v_updated_users, v_updated
    FROM told t;
    PERFORM notifications_in_outbox('notification.created', v_created_users, v_created);
    PERFORM notifications_in_outbox('notification.updated', v_updated_users, v_updated);
END $$;

CREATE FUNCTION public.part_with_member(p_conversation uuid, p_user uuid) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_heir uuid;
    v_rev bigint;
BEGIN
    SELECT p.user_id INTO v_heir FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id <> p_user AND p.left_at IS NULL
      AND p.role = 'member' AND NOT EXISTS (
          SELECT 1 FROM conversation_participants o
          WHERE o.conversation_id = p_conversation AND o.user_id <> p_user AND o.left_at IS NULL
            AND o.role = 'owner'
      )
    ORDER BY p.joined_at, p.user_id
    LIMIT 1;
    -- In the order that every statement locks participants in.
    PERFORM 1 FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id IN (p_user, v_heir)
    ORDER BY p.user_id
    FOR NO KEY UPDATE;

    UPDATE conversation_participants p SET left_at = clock_timestamp()
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    UPDATE conversations c SET rev = c.rev + 1, participant_count = c.participant_count - 1
    WHERE c.id = p_conversation
    RETURNING c.rev INTO v_rev;
    PERFORM put_in_outbox('realtime', 'member.left', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_heir IS NOT NULL THEN
        UPDATE conversation_participants p SET role = 'owner'
        WHERE p.conversation_id = p_conversation AND p.user_id = v_heir;
        v_rev := next_rev(p_conversation);
        PERFORM put_in_outbox(
            'realtime', 'conversation.updated', p_conversation, NULL, v_rev, NULL);
    END IF;
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE FUNCTION public.pin_message(p_conversation uuid, p_user uuid, p_message uuid, p_is_pinned boolean, p_max_pins integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.is_pinned = p_is_pinned THEN 'unchanged'
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN p_is_pinned AND p_max_pins <= (
            SELECT count(*) FROM message_pins pin WHERE pin.conversation_id = p_conversation
        ) THEN 'too_many_pins'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    IF p_is_pinned THEN
        INSERT INTO message_pins (conversation_id, seq, pinned_by)
        VALUES (p_conversation, v_message.seq, p_user);
    ELSE
        DELETE FROM message_pins pin
        WHERE pin.conversation_id = p_conversation AND pin.seq = v_message.seq;
    END IF;
    v_rev := next_rev(p_conversation);
    UPDATE messages m SET is_pinned = p_is_pinned, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, false);
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

CREATE FUNCTION public.put_in_outbox(p_consumer text, p_kind text, p_conversation uuid, p_seq bigint, p_rev bigint, p_users uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_count integer := coalesce(cardinality(p_users), 1);
BEGIN
    IF v_count > 0 THEN
        INSERT INTO outbox (consumer, kind, conversation_ids, seqs, revs, user_ids)
        VALUES (p_consumer, p_kind, array_fill(p_conversation, ARRAY[v_count]),
                CASE WHEN p_seq IS NOT NULL THEN array_fill(p_seq, ARRAY[v_count]) END,
                CASE WHEN p_rev IS NOT NULL THEN array_fill(p_rev, ARRAY[v_count]) END,
                p_users);
    END IF;
END $$;

CREATE FUNCTION public.reactions_changed(p_message public.messages, p_by integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_rev bigint := next_rev(p_message.conversation_id);
BEGIN
    UPDATE messages m SET reaction_count = m.reaction_count + p_by, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_message.conversation_id AND m.seq = p_message.seq
      AND m.created_at = p_message.created_at;
    PERFORM message_changed(
        p_message.conversation_id, p_message.seq, p_message.created_at, v_rev, false);
    RETURN ROW('ok', p_message.seq, v_rev)::change_result;
END $$;

CREATE FUNCTION public.read_notifications(p_user uuid, p_ids uuid[], p_up_to timestamp with time zone, p_archives boolean) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_changed uuid[];
BEGIN
    WITH chosen AS (
        SELECT n.id FROM notifications n
        WHERE n.user_id = p_user AND n.archived_at IS NULL AND (p_archives OR n.read_at IS NULL)
          AND (n.id = ANY (p_ids) OR n.created_at <= p_up_to)
        ORDER BY n.id
        FOR NO KEY UPDATE
    ), changed AS (
        UPDATE notifications n
        SET read_at = coalesce(n.read_at, clock_timestamp()),
            seen_at = coalesce(n.seen_at, clock_timestamp()),
            archived_at = CASE WHEN p_archives THEN clock_timestamp() END
        FROM chosen c
        WHERE n.user_id = p_user AND n.id = c.id
        RETURNING n.id
    )
    SELECT array_agg(c.id ORDER BY c.id) INTO v_changed FROM changed c;
    IF v_changed IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM notifications_in_outbox(
        'notification.updated', array_fill(p_user, ARRAY[cardinality(v_changed)]), v_changed);
    INSERT INTO outbox (consumer, kind, user_ids) VALUES ('realtime', 'unread.changed', ARRAY[p_user]);
    RETURN cardinality(v_changed);
END $$;

CREATE FUNCTION public.remove_member(p_conversation uuid, p_owner uuid, p_user uuid, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
BEGIN
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        SELECT CASE
            WHEN c.type = 'direct' THEN 'forbidden'
            WHEN p.user_id IS NULL THEN 'user_not_found'
            WHEN p.left_at IS NOT NULL THEN 'unchanged'
            ELSE 'ok'
        END INTO v_verdict
        FROM conversations c
        LEFT JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = p_user
        WHERE c.id = p_conversation;
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;

CREATE FUNCTION public.remove_reaction(p_conversation uuid, p_user uuid, p_message uuid, p_emoji text, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_message messages;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    IF v_message.id IS NULL THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;
    DELETE FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
      AND r.emoji = p_emoji AND r.user_id = p_user;
    IF NOT FOUND THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, -1);
END $$;

CREATE FUNCTION public.revoke_sessions(p_user_id uuid, p_session_ids uuid[], p_reason text) RETURNS TABLE(session_id uuid, access_hash bytea)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    WITH live AS (
        SELECT s.id FROM sessions s
        WHERE s.user_id = p_user_id
            AND (p_session_ids IS NULL OR s.id = ANY (p_session_ids))
            AND s.revoked_at IS NULL
        ORDER BY s.id
        FOR UPDATE
    ), revoked AS (
        UPDATE sessions s SET revoked_at = clock_timestamp(), revoked_reason = p_reason
        FROM live WHERE s.id = live.id
        RETURNING s.id, s.access_hash
    ), told AS (
        INSERT INTO outbox (consumer, kind, user_ids, data)
        SELECT 'realtime', 'session.revoked', ARRAY[p_user_id],
            jsonb_build_object('session_ids', jsonb_agg(r.id))
        FROM revoked r
        HAVING count(*) > 0
    )
    SELECT r.id, r.access_hash FROM revoked r;
END
$$;

CREATE FUNCTION public.rotate_session(p_presented bytea, p_access_hash bytea, p_refresh_hash bytea, p_access_ttl interval, p_refresh_ttl interval, p_grace interval) RETURNS TABLE(verdict text, session_id uuid, user_id uuid, old_access_hash bytea)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id uuid;
    v_session sessions%ROWTYPE;
    v_now timestamptz;
BEGIN
    SELECT s.id INTO v_id FROM sessions s WHERE s.refresh_hash = p_presented
    UNION ALL
    SELECT t.session_id FROM session_replaced_tokens t WHERE t.refresh_hash = p_presented
    LIMIT 1;
    IF v_id IS NOT NULL THEN
        SELECT * INTO v_session FROM sessions s WHERE s.id = v_id FOR UPDATE;
    END IF;
    v_now := clock_timestamp();
    IF v_session.id IS NULL OR v_session.revoked_at IS NOT NULL
        OR v_session.refresh_expires_at <= v_now
        OR NOT EXISTS (
            SELECT FROM users u WHERE u.id = v_session.user_id AND u.status = 'active'
        )
    THEN
        RETURN QUERY SELECT 'refused', v_session.id, v_session.user_id, v_session.access_hash;
        RETURN;
    END IF;
    IF v_session.refresh_hash <> p_presented AND (
        v_session.previous_refresh_hash IS DISTINCT FROM p_presented
        OR v_session.rotated_at + p_grace < v_now
    ) THEN
        PERFORM revoke_sessions(v_session.user_id, ARRAY[v_session.id], 'refresh_reused');
        RETURN QUERY SELECT 'reused', v_session.id, v_session.user_id, v_session.access_hash;
        RETURN;
    END IF;
    INSERT INTO session_replaced_tokens (refresh_hash, session_id, replaced_at)
    VALUES (v_session.refresh_hash, v_session.id, v_now);
    UPDATE sessions s SET
        access_hash = p_access_hash,
        access_expires_at = v_now + p_access_ttl,
        refresh_hash = p_refresh_hash,
        refresh_expires_at = v_now + p_refresh_ttl,
        previous_refresh_hash = v_session.refresh_hash,
        rotated_at = v_now,
        last_activity_at = v_now
    WHERE s.id = v_session.id;
    RETURN QUERY SELECT 'ok', v_session.id, v_session.user_id, v_session.access_hash;
END
$$;

CREATE FUNCTION public.search_plain(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT regexp_replace(
        CASE WHEN octet_length(p_text) = char_length(p_text) THEN left(p_text, 50000)
             ELSE normalize(left(p_text, 50000), NFKC) END,
        '[./\\:@#_<>&=''’-]+', ' ', 'g')
$$;

CREATE FUNCTION public.search_query(p_text text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    v_plain text := search_plain(p_text);
    v_words text := search_words(v_plain);
    v_query tsquery := plainto_tsquery('english', v_words);
BEGIN
    IF v_words <> v_plain THEN
        v_query := v_query && (
            SELECT string_agg(
                CASE WHEN length(r.run) = 1 THEN quote_literal(r.run) || ':*'
                     ELSE quote_literal(substr(r.run, n, 2)) END, ' & ')::tsquery
            FROM search_runs(v_plain) AS r(run),
                 generate_series(1, greatest(length(r.run) - 1, 1)) AS n
        );
    END IF;
    IF numnode(v_query) = 0 THEN
        RETURN plainto_tsquery('message_words', v_words);
    END IF;
    RETURN v_query;
END $$;

CREATE FUNCTION public.search_run_pattern() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff'
        || '\U00020000-\U0003ffff]+'
$$;

CREATE FUNCTION public.search_runs(p_plain text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT r[1] FROM regexp_matches(p_plain, search_run_pattern(), 'g') AS r
$$;

CREATE FUNCTION public.search_tokens(p_text text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    v_plain text := search_plain(p_text);
    v_words text := search_words(v_plain);
    v_tokens tsvector := strip(to_tsvector('message_words', v_words));
BEGIN
    IF v_words = v_plain THEN
        RETURN v_tokens;
    END IF;
    RETURN v_tokens || array_to_tsvector(ARRAY(
        SELECT DISTINCT substr(r.run, n, 2)
        FROM search_runs(v_plain) AS r(run), generate_series(1, length(r.run)) AS n
    ));
END $$;

CREATE FUNCTION public.search_words(p_plain text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT regexp_replace(p_plain, search_run_pattern(), ' ', 'g')
$$;

CREATE FUNCTION public.send_messages(p_conversations uuid[], p_senders uuid[], p_clients uuid[], p_hashes bytea[], p_types text[], p_contents text[], p_parents uuid[], p_mentions text[], p_attachments text[], p_owner uuid, p_published bigint[], p_wait boolean, p_lock_timeout_ms integer) RETURNS TABLE(ord integer, verdict text, id uuid, seq bigint, rev bigint, created_at timestamp with time zone, mentions uuid[], recipients uuid[], fanout text, outbox_id bigint)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_now timestamptz;
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());

    RETURN QUERY
    WITH target AS MATERIALIZED (
        SELECT c.id, c.status, c.last_seq, c.rev, c.last_message_at, c.fanout, g.members, g.observers,
               cardinality(g.members) = 2 AND (
                   EXISTS (SELECT 1 FROM user_blocks b
                           WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                   OR EXISTS (SELECT 1 FROM user_blocks b
                              WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
               ) AS is_blocked
        FROM conversations c
        CROSS JOIN LATERAL (
            SELECT array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = c.id AND p.left_at IS NULL
        ) g
        WHERE c.id = ANY (v_locked)
    ), known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days' AND mk.created_at < v_now + interval '1 day'
    ), judged AS MATERIALIZED (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.*, c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.members, c.fanout,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = i.request_hash THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN c.members IS NULL OR i.sender_id <> ALL (c.members) THEN 'not_found'
                   WHEN i.sender_id = ANY (c.observers) THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN c.is_blocked THEN 'blocked'
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = c.id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
                   ELSE 'ok'
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
                    p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, request_hash, type, content,
                                  parent_id, mentions, attachments, ord)
        LEFT JOIN target c ON c.id = i.conversation_id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
    ), fresh AS MATERIALIZED (
        SELECT f.*, f.last_seq + f.n AS seq, f.base_rev + f.n AS rev,
               greatest(v_now, f.base_at) AS created_at,
               uuid7_at(greatest(v_now, f.base_at), f.last_seq + f.n) AS id,
               f.attachments::uuid[] AS file_ids,
               CASE WHEN f.mentions IS NOT NULL THEN (
                   SELECT array_agg(DISTINCT u) FROM unnest(f.mentions::uuid[]) u
                   WHERE u = ANY (f.members)
               ) END AS mentioned,
               f.base_at IS NULL
                   OR date_trunc('month', f.base_at, 'UTC')
                      < date_trunc('month', greatest(v_now, f.base_at), 'UTC')
                   AS opens_month
        FROM (
            SELECT o.*, row_number() OVER (PARTITION BY o.conversation_id ORDER BY o.ord) AS n
            FROM judged o WHERE o.verdict = 'ok'
        ) f
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, a.type, a.content,
               a.parent_id, a.mentioned, coalesce(cardinality(a.file_ids), 0), a.created_at
        FROM fresh a
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, a.request_hash, a.created_at
        FROM fresh a
    ), moved AS (
        UPDATE conversations c
        SET last_seq = g.seq, rev = g.rev, last_message_at = g.created_at
        FROM (
            SELECT a.conversation_id, max(a.seq) AS seq, max(a.rev) AS rev,
                   max(a.created_at) AS created_at
            FROM fresh a GROUP BY a.conversation_id
        ) g
        WHERE c.id = g.conversation_id
    ), read AS (
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM fresh a GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, date_trunc('month', a.created_at, 'UTC'), a.seq
        FROM fresh a WHERE a.opens_month AND a.n = 1
    ), attached AS (
        INSERT INTO message_attachments (conversation_id, seq, position, file_id)
        SELECT a.conversation_id, a.seq, f.position, f.file_id
        FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        WHERE a.file_ids IS NOT NULL
    ), answered AS MATERIALIZED (
        -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
        SELECT a.conversation_id, a.parent_id, uuid7_seq(a.parent_id) AS seq,
               uuid7_time(a.parent_id) AS created_at, count(*) AS replies, max(a.rev) AS rev,
               max(a.created_at) AS last_reply_at
        FROM fresh a WHERE a.parent_id IS NOT NULL
        GROUP BY a.conversation_id, a.parent_id
    ), parents AS (
        UPDATE messages m
        SET reply_count = m.reply_count + r.replies, last_reply_at = r.last_reply_at, rev = r.rev,
            is_changed = true
        FROM answered r
        WHERE m.conversation_id = r.conversation_id AND m.seq = r.seq AND m.created_at = r.created_at
    ), months_moved AS (
        -- The first message of a conversation's month completes the row of the one before; a reply
        -- moves the row of its parent's month. Both may be one row, which is then updated once.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT u.conversation_id, u.month, max(u.rev) AS rev, bool_or(u.ends_month) AS ends_month
            FROM (
                SELECT a.conversation_id, date_trunc('month', a.base_at, 'UTC') AS month,
                       a.base_rev AS rev, true AS ends_month
                FROM fresh a WHERE a.opens_month AND a.n = 1
                UNION ALL
                SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC'), r.rev, false
                FROM answered r
            ) u
            GROUP BY u.conversation_id, u.month
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month
          AND (m.max_rev IS NOT NULL OR g.ends_month)
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, array_agg(a.conversation_id),
               array_agg(a.seq), array_agg(a.rev)
        FROM fresh a
        JOIN (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', interval '1.5 seconds'),
            ('search', interval '0'),
            ('notifications', interval '0')
        ) o(consumer, delay)
          ON o.consumer <> 'notifications' OR a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL
        GROUP BY o.consumer, o.delay
        RETURNING id, consumer
    )
    SELECT j.ord::integer, j.verdict, a.id, coalesce(a.seq, j.key_seq), a.rev,
           coalesce(a.created_at, j.key_at), a.mentioned,
           CASE WHEN a.n = 1 THEN a.members END,
           CASE WHEN a.n = 1 THEN a.fanout END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime')
    FROM judged j
    LEFT JOIN fresh a ON a.ord = j.ord
    ORDER BY j.ord;
END $$;

CREATE FUNCTION public.set_conversation_settings(p_conversation uuid, p_user uuid, p_is_muted boolean, p_is_archived boolean, p_is_pinned boolean, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_before conversation_participants;
    v_after conversation_participants;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    SELECT p.* INTO v_before FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    FOR NO KEY UPDATE;
    IF v_before.user_id IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_after := v_before;
    v_after.is_muted := coalesce(p_is_muted, v_before.is_muted);
    v_after.is_archived := coalesce(p_is_archived, v_before.is_archived);
    v_after.is_pinned := coalesce(p_is_pinned, v_before.is_pinned);
    IF v_after = v_before THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    UPDATE conversation_participants p
    SET is_muted = v_after.is_muted, is_archived = v_after.is_archived, is_pinned = v_after.is_pinned
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    PERFORM put_in_outbox(
        'realtime', 'conversation.settings', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_after.is_muted <> v_before.is_muted OR v_after.is_archived <> v_before.is_archived THEN
        -- Totals leave out muted and archived conversations.
        PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    END IF;
    RETURN ROW('ok', NULL, NULL)::change_result;
END $$;

CREATE FUNCTION public.store_messages(p_conversations uuid[], p_senders uuid[], p_clients uuid[], p_hashes bytea[], p_types text[], p_contents text[], p_parents uuid[], p_mentions text[], p_attachments text[], p_owner uuid, p_published bigint[], p_wait boolean, p_lock_timeout_ms integer) RETURNS TABLE(ord integer, verdict text, id uuid, seq bigint, rev bigint, created_at timestamp with time zone, mentions uuid[], recipients uuid[], fanout text, outbox_id bigint)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_now timestamptz;
BEGIN
    IF p_published IS NOT NULL THEN
        DELETE FROM outbox o WHERE o.id = ANY (p_published);
    END IF;

    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}') INTO v_locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());

    RETURN QUERY
    WITH target AS MATERIALIZED (
        SELECT c.id, c.status, c.last_seq, c.rev, c.last_message_at, c.told_to, g.members, g.observers,
               cardinality(g.members) = 2 AND (
                   EXISTS (SELECT 1 FROM user_blocks b
                           WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                   OR EXISTS (SELECT 1 FROM user_blocks b
                              WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
               ) AS is_blocked
        FROM (
            SELECT t.*, fanout_at(t.fanout, t.fanout_changed_at, v_now) AS told_to
            FROM conversations t WHERE t.id = ANY (v_locked)
        ) c
        CROSS JOIN LATERAL (
            -- Of a large one nobody is listed: the senders are looked up.
            SELECT array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = c.id AND p.left_at IS NULL
              AND (c.told_to <> 'conversation' OR c.participant_count = 2)
        ) g
    ), known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days' AND mk.created_at < v_now + interval '1 day'
    ), judged AS MATERIALIZED (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.*, c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.members, c.told_to,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = i.request_hash THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN s.role IS NULL AND (c.members IS NULL OR i.sender_id <> ALL (c.members))
                   THEN 'not_found'
                   WHEN s.role = 'observer' OR i.sender_id = ANY (c.observers) THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN c.is_blocked THEN 'blocked'
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = c.id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
                   ELSE 'ok'
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_hashes, p_types, p_contents, p_parents,
                    p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, request_hash, type, content,
                                  parent_id, mentions, attachments, ord)
        LEFT JOIN target c ON c.id = i.conversation_id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
        LEFT JOIN LATERAL (
            SELECT p.role FROM conversation_participants p
            WHERE c.members IS NULL AND p.conversation_id = c.id AND p.user_id = i.sender_id
              AND p.left_at IS NULL
        ) s ON true
    ), fresh AS MATERIALIZED (
        SELECT f.*, f.last_seq + f.n AS seq, f.base_rev + f.n AS rev,
               greatest(v_now, f.base_at) AS created_at,
               uuid7_at(greatest(v_now, f.base_at), f.last_seq + f.n) AS id,
               f.attachments::uuid[] AS file_ids,
               CASE WHEN f.mentions IS NOT NULL THEN (
                   SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
                   WHERE p.conversation_id = f.conversation_id AND p.left_at IS NULL
                     AND p.user_id = ANY (f.mentions::uuid[])
               ) END AS mentioned,
               f.base_at IS NULL
                   OR date_trunc('month', f.base_at, 'UTC')
                      < date_trunc('month', greatest(v_now, f.base_at), 'UTC')
                   AS opens_month
        FROM (
            SELECT o.*, row_number() OVER (PARTITION BY o.conversation_id ORDER BY o.ord) AS n
            FROM judged o WHERE o.verdict = 'ok'
        ) f
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, a.type, a.content,
               a.parent_id, a.mentioned, coalesce(cardinality(a.file_ids), 0), a.created_at
        FROM fresh a
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, a.request_hash, a.created_at
        FROM fresh a
    ), moved AS (
        UPDATE conversations c
        SET last_seq = g.seq, rev = g.rev, last_message_at = g.created_at
        FROM (
            SELECT a.conversation_id, max(a.seq) AS seq, max(a.rev) AS rev,
                   max(a.created_at) AS created_at
            FROM fresh a GROUP BY a.conversation_id
        ) g
        WHERE c.id = g.conversation_id
    ), read AS (
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM fresh a GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, date_trunc('month', a.created_at, 'UTC'), a.seq
        FROM fresh a WHERE a.opens_month AND a.n = 1
    ), attached AS (
        INSERT INTO message_attachments (conversation_id, seq, position, file_id)
        SELECT a.conversation_id, a.seq, f.position, f.file_id
        FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        WHERE a.file_ids IS NOT NULL
    ), answered AS MATERIALIZED (
        -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
        SELECT a.conversation_id, a.parent_id, uuid7_seq(a.parent_id) AS seq,
               uuid7_time(a.parent_id) AS created_at, count(*) AS replies, max(a.rev) AS rev,
               max(a.created_at) AS last_reply_at
        FROM fresh a WHERE a.parent_id IS NOT NULL
        GROUP BY a.conversation_id, a.parent_id
    ), parents AS (
        UPDATE messages m
        SET reply_count = m.reply_count + r.replies, last_reply_at = r.last_reply_at, rev = r.rev,
            is_changed = true
        FROM answered r
        WHERE m.conversation_id = r.conversation_id AND m.seq = r.seq AND m.created_at = r.created_at
    ), months_moved AS (
        -- The first message of a conversation's month completes the row of the one before; a reply
        -- moves the row of its parent's month. Both may be one row, which is then updated once.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT u.conversation_id, u.month, max(u.rev) AS rev, bool_or(u.ends_month) AS ends_month
            FROM (
                SELECT a.conversation_id, date_trunc('month', a.base_at, 'UTC') AS month,
                       a.base_rev AS rev, true AS ends_month
                FROM fresh a WHERE a.opens_month AND a.n = 1
                UNION ALL
                SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC'), r.rev, false
                FROM answered r
            ) u
            GROUP BY u.conversation_id, u.month
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month
          AND (m.max_rev IS NOT NULL OR g.ends_month)
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, array_agg(a.conversation_id),
               array_agg(a.seq), array_agg(a.rev)
        FROM fresh a
        JOIN (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', CASE WHEN p_owner IS NULL THEN interval '0' ELSE interval '1.5 seconds' END),
            ('search', interval '0'),
            ('notifications', interval '0')
        ) o(consumer, delay)
          ON o.consumer <> 'notifications' OR a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL
        GROUP BY o.consumer, o.delay
        RETURNING id, consumer
    )
    SELECT j.ord::integer, j.verdict, a.id, coalesce(a.seq, j.key_seq), a.rev,
           coalesce(a.created_at, j.key_at), a.mentioned,
           CASE WHEN a.n = 1 AND a.told_to <> 'conversation' THEN a.members END,
           CASE WHEN a.n = 1 THEN a.told_to END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime')
    FROM judged j
    LEFT JOIN fresh a ON a.ord = j.ord
    ORDER BY j.ord;
END $$;

CREATE FUNCTION public.touch_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.unblock_user(p_user uuid, p_other uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM user_blocks b WHERE b.blocker_id = p_user AND b.blocked_id = p_other;
    RETURN CASE
        WHEN FOUND THEN 'ok'
        WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = p_other) THEN 'unchanged'
        ELSE 'user_not_found'
    END;
END $$;

CREATE FUNCTION public.update_conversation(p_conversation uuid, p_user uuid, p_sets_title boolean, p_title text, p_status text, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verdict text;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    UPDATE conversations c
    SET title = CASE WHEN p_sets_title THEN p_title ELSE c.title END,
        status = coalesce(p_status, c.status),
        rev = c.rev + 1
    WHERE c.id = p_conversation
      AND ((p_sets_title AND c.title IS DISTINCT FROM p_title) OR c.status <> p_status)
    RETURNING c.rev INTO v_rev;
    IF v_rev IS NULL THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    PERFORM put_in_outbox('realtime', 'conversation.updated', p_conversation, NULL, v_rev, NULL);
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE FUNCTION public.uuid7_at(p_created_at timestamp with time zone, p_seq bigint) RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$
    SELECT overlay(
        overlay(
            replace(gen_random_uuid()::text, '-', '')
            PLACING lpad(to_hex((date_part('epoch', p_created_at) * 1000)::bigint), 12, '0') || '7' FROM 1
        )
        PLACING lpad(to_hex(p_seq), 8, '0') FROM 25
    )::uuid
$$;

CREATE FUNCTION public.uuid7_seq(p_id uuid) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT ('x' || right(p_id::text, 8))::bit(32)::bigint
$$;

CREATE FUNCTION public.uuid7_time(p_id uuid) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT to_timestamp(
        ('x' || substr(replace(p_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
$$;

CREATE TEXT SEARCH DICTIONARY public.english_every_word (
    TEMPLATE = pg_catalog.snowball,
    language = 'english' );

CREATE TEXT SEARCH CONFIGURATION public.message_words (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR asciiword WITH public.english_every_word;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR word WITH public.english_every_word;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR hword_part WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR hword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.message_words
    ADD MAPPING FOR uint WITH simple;

CREATE TABLE public.conversation_months (
    conversation_id uuid NOT NULL,
    month timestamp with time zone NOT NULL,
    first_seq bigint NOT NULL,
    max_rev bigint
);

CREATE TABLE public.conversation_participants (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    last_read_seq bigint DEFAULT 0 NOT NULL,
    last_delivered_seq bigint DEFAULT 0 NOT NULL,
    has_written boolean DEFAULT false NOT NULL,
    is_muted boolean DEFAULT false NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    is_pinned boolean DEFAULT false NOT NULL,
    joined_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    left_at timestamp with time zone,
    CONSTRAINT participants_read_is_delivered CHECK ((last_read_seq <= last_delivered_seq)),
    CONSTRAINT participants_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text, 'observer'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

CREATE TABLE public.conversations (
    id uuid DEFAULT public.uuid7() NOT NULL,
    type text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    title text,
    job_id uuid,
    contract_id uuid,
    created_by uuid NOT NULL,
    direct_key text,
    client_id uuid,
    request_hash bytea,
    fanout text DEFAULT 'user'::text NOT NULL,
    fanout_changed_at timestamp with time zone,
    participant_count integer DEFAULT 0 NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    rev bigint DEFAULT 1 NOT NULL,
    last_message_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    CONSTRAINT conversations_direct_has_key CHECK (((type = 'direct'::text) = (direct_key IS NOT NULL))),
    CONSTRAINT conversations_fanout_known CHECK ((fanout = ANY (ARRAY['user'::text, 'conversation'::text]))),
    CONSTRAINT conversations_status_known CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text]))),
    CONSTRAINT conversations_type_known CHECK ((type = ANY (ARRAY['direct'::text, 'group'::text, 'job_inquiry'::text, 'contract_discussion'::text, 'support'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

CREATE TABLE public.files (
    id uuid DEFAULT public.uuid7() NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    mime text NOT NULL,
    bytes bigint NOT NULL,
    checksum bytea NOT NULL,
    width integer,
    height integer,
    state text DEFAULT 'ready'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT files_state_known CHECK ((state = ANY (ARRAY['ready'::text, 'deleted'::text])))
);

CREATE TABLE public.message_attachments (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    "position" smallint NOT NULL,
    file_id uuid NOT NULL
);

CREATE TABLE public.message_keys (
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    seq bigint NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
)
PARTITION BY RANGE (created_at);

CREATE TABLE public.message_pins (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    pinned_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.message_reactions (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    emoji text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.message_search (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    tokens tsvector NOT NULL
);

CREATE TABLE public.message_tombstones (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL
);

CREATE TABLE public.notification_preferences (
    user_id uuid NOT NULL,
    category text NOT NULL,
    channel text NOT NULL,
    is_enabled boolean NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.notification_settings (
    user_id uuid NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone,
    digest text DEFAULT 'off'::text NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT notification_settings_digest_known CHECK ((digest = ANY (ARRAY['off'::text, 'daily'::text, 'weekly'::text]))),
    CONSTRAINT notification_settings_quiet_whole CHECK (((quiet_from IS NULL) = (quiet_until IS NULL)))
);

CREATE TABLE public.notifications (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    category text NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
)
PARTITION BY HASH (user_id);

CREATE TABLE public.notifications_0 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text CONSTRAINT notifications_title_not_null NOT NULL,
    content text CONSTRAINT notifications_content_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_1 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text CONSTRAINT notifications_title_not_null NOT NULL,
    content text CONSTRAINT notifications_content_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_2 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text CONSTRAINT notifications_title_not_null NOT NULL,
    content text CONSTRAINT notifications_content_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_3 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text CONSTRAINT notifications_title_not_null NOT NULL,
    content text CONSTRAINT notifications_content_not_null NOT NULL,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    consumer text NOT NULL,
    kind text NOT NULL,
    owner uuid,
    available_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    conversation_ids uuid[],
    seqs bigint[],
    revs bigint[],
    user_ids uuid[],
    data jsonb,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outbox_consumer_known CHECK ((consumer = ANY (ARRAY['realtime'::text, 'search'::text, 'notifications'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_cost_delay='0');

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.shown_messages AS
 SELECT id,
    conversation_id,
    seq,
    rev,
    sender_id,
    client_id,
    type,
        CASE
            WHEN (NOT is_deleted) THEN content
            ELSE NULL::text
        END AS content,
    created_at,
    parent_id,
    reply_count,
    last_reply_at,
        CASE
            WHEN (NOT is_deleted) THEN mentions
            ELSE NULL::uuid[]
        END AS mentions,
    is_pinned,
    is_deleted,
    is_changed,
    edited_at,
        CASE
            WHEN ((attachment_count > 0) AND (NOT is_deleted)) THEN ( SELECT json_agg(json_build_object('file_id', f.id, 'name', f.name, 'mime', f.mime, 'bytes', f.bytes, 'width', f.width, 'height', f.height) ORDER BY a."position") AS json_agg
               FROM (public.message_attachments a
                 JOIN public.files f ON (((f.id = a.file_id) AND (f.state = 'ready'::text))))
              WHERE ((a.conversation_id = m.conversation_id) AND (a.seq = m.seq)))
            ELSE NULL::json
        END AS attachments,
        CASE
            WHEN ((reaction_count > 0) AND (NOT is_deleted)) THEN ( SELECT json_agg(json_build_array(e.emoji, e.total, to_json(e.users)) ORDER BY e.first_at, e.emoji) AS json_agg
               FROM ( SELECT r.emoji,
                        count(*) AS total,
                        min(r.created_at) AS first_at,
                        (array_agg(r.user_id ORDER BY r.created_at, r.user_id))[1:100] AS users
                       FROM public.message_reactions r
                      WHERE ((r.conversation_id = m.conversation_id) AND (r.seq = m.seq))
                      GROUP BY r.emoji) e)
            ELSE NULL::json
        END AS reactions
   FROM public.messages m;

CREATE TABLE public.users (
    id uuid DEFAULT public.uuid7() NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL,
    staff_role text,
    status text DEFAULT 'active'::text NOT NULL,
    avatar text,
    locale text DEFAULT 'en'::text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT users_display_name_check CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 80))),
    CONSTRAINT users_kind_check CHECK ((kind = ANY (ARRAY['client'::text, 'freelancer'::text, 'both'::text]))),
    CONSTRAINT users_locale_check CHECK (((char_length(locale) >= 2) AND (char_length(locale) <= 35))),
    CONSTRAINT users_staff_role_check CHECK ((staff_role = ANY (ARRAY['moderator'::text, 'support'::text, 'admin'::text]))),
    CONSTRAINT users_status_check CHECK ((status = ANY (ARRAY['pending_verification'::text, 'active'::text, 'suspended'::text, 'deleted'::text, 'anonymized'::text]))),
    CONSTRAINT users_timezone_check CHECK (((char_length(timezone) >= 1) AND (char_length(timezone) <= 64)))
);

CREATE VIEW public.shown_conversations AS
 SELECT c.id AS c_id,
    c.type AS c_type,
    c.status AS c_status,
    c.title AS c_title,
    c.job_id AS c_job_id,
    c.contract_id AS c_contract_id,
    c.last_seq AS c_last_seq,
    c.rev AS c_rev,
    c.last_message_at AS c_last_message_at,
    c.created_at AS c_created_at,
    c.fanout AS c_fanout,
    ( SELECT json_agg(json_build_object('user_id', p.user_id, 'role', p.role, 'last_read_seq', p.last_read_seq, 'last_delivered_seq', p.last_delivered_seq, 'display_name', u.display_name) ORDER BY p.joined_at, p.user_id) AS json_agg
           FROM (public.conversation_participants p
             JOIN public.users u ON ((u.id = p.user_id)))
          WHERE ((p.conversation_id = c.id) AND (p.left_at IS NULL))) AS c_participants,
    m.id,
    m.conversation_id,
    m.seq,
    m.rev,
    m.sender_id,
    m.client_id,
    m.type,
    m.content,
    m.created_at,
    m.parent_id,
    m.reply_count,
    m.last_reply_at,
    m.mentions,
    m.is_pinned,
    m.is_deleted,
    m.is_changed,
    m.edited_at,
    m.attachments,
    m.reactions
   FROM (public.conversations c
     LEFT JOIN LATERAL ( SELECT s.id,
            s.conversation_id,
            s.seq,
            s.rev,
            s.sender_id,
            s.client_id,
            s.type,
            s.content,
            s.created_at,
            s.parent_id,
            s.reply_count,
            s.last_reply_at,
            s.mentions,
            s.is_pinned,
            s.is_deleted,
            s.is_changed,
            s.edited_at,
            s.attachments,
            s.reactions
           FROM public.shown_messages s
          WHERE ((s.conversation_id = c.id) AND (s.seq = c.last_seq) AND (s.created_at = c.last_message_at))
         LIMIT 1) m ON (true));

CREATE VIEW public.own_conversations AS
 SELECT me.user_id AS own_user_id,
    me.last_read_seq AS own_last_read_seq,
    ((v.c_last_seq - me.last_read_seq) - ( SELECT count(*) AS count
           FROM public.message_tombstones t
          WHERE ((t.conversation_id = me.conversation_id) AND (t.seq > me.last_read_seq)))) AS own_unread,
    me.is_muted AS own_is_muted,
    me.is_archived AS own_is_archived,
    me.is_pinned AS own_is_pinned,
    v.c_id,
    v.c_type,
    v.c_status,
    v.c_title,
    v.c_job_id,
    v.c_contract_id,
    v.c_last_seq,
    v.c_rev,
    v.c_last_message_at,
    v.c_created_at,
    v.c_fanout,
    v.c_participants,
    v.id,
    v.conversation_id,
    v.seq,
    v.rev,
    v.sender_id,
    v.client_id,
    v.type,
    v.content,
    v.created_at,
    v.parent_id,
    v.reply_count,
    v.last_reply_at,
    v.mentions,
    v.is_pinned,
    v.is_deleted,
    v.is_changed,
    v.edited_at,
    v.attachments,
    v.reactions
   FROM (public.conversation_participants me
     JOIN public.shown_conversations v ON ((v.c_id = me.conversation_id)))
  WHERE (me.left_at IS NULL);

CREATE TABLE public.session_replaced_tokens (
    refresh_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    replaced_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sessions (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    access_hash bytea NOT NULL,
    access_expires_at timestamp with time zone NOT NULL,
    refresh_hash bytea NOT NULL,
    refresh_expires_at timestamp with time zone NOT NULL,
    previous_refresh_hash bytea,
    rotated_at timestamp with time zone,
    ip inet,
    user_agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_activity_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text,
    CONSTRAINT sessions_access_hash_check CHECK ((octet_length(access_hash) = 32)),
    CONSTRAINT sessions_refresh_hash_check CHECK ((octet_length(refresh_hash) = 32)),
    CONSTRAINT sessions_revoked_check CHECK (((revoked_at IS NULL) = (revoked_reason IS NULL))),
    CONSTRAINT sessions_revoked_reason_check CHECK ((revoked_reason = ANY (ARRAY['logout'::text, 'revoked'::text, 'refresh_reused'::text, 'account'::text])))
);

CREATE TABLE public.templates (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    kind text DEFAULT 'message'::text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT templates_kind_known CHECK ((kind = ANY (ARRAY['message'::text, 'review'::text])))
);

CREATE TABLE public.user_blocks (
    blocker_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT blocks_not_oneself CHECK ((blocker_id <> blocked_id))
);

CREATE TABLE public.user_private (
    user_id uuid NOT NULL,
    email public.citext NOT NULL,
    email_verified_at timestamp with time zone,
    first_name text,
    last_name text,
    phone_encrypted bytea,
    phone_index bytea,
    phone_verified_at timestamp with time zone,
    wechat_id_encrypted bytea,
    wechat_id_index bytea,
    github_username text,
    provider_ids jsonb DEFAULT '{}'::jsonb NOT NULL,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    profile_data jsonb DEFAULT '{}'::jsonb NOT NULL,
    login_count integer DEFAULT 0 NOT NULL,
    last_login_at timestamp with time zone,
    created_by uuid,
    deleted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT user_private_email_check CHECK (((char_length((email)::text) >= 3) AND (char_length((email)::text) <= 254)))
);

CREATE TABLE public.user_secrets (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    password_changed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_0 FOR VALUES WITH (modulus 4, remainder 0);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_1 FOR VALUES WITH (modulus 4, remainder 1);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_2 FOR VALUES WITH (modulus 4, remainder 2);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_3 FOR VALUES WITH (modulus 4, remainder 3);

ALTER TABLE ONLY public.conversation_months
    ADD CONSTRAINT conversation_months_pkey PRIMARY KEY (conversation_id, month);

ALTER TABLE ONLY public.conversation_participants
    ADD CONSTRAINT conversation_participants_pkey PRIMARY KEY (conversation_id, user_id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_client_once UNIQUE (created_by, client_id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_direct_once UNIQUE (direct_key);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.message_attachments
    ADD CONSTRAINT message_attachments_pkey PRIMARY KEY (conversation_id, seq, "position");

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_pkey PRIMARY KEY (conversation_id, seq);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_pkey PRIMARY KEY (conversation_id, seq, emoji, user_id);

ALTER TABLE ONLY public.message_search
    ADD CONSTRAINT message_search_pkey PRIMARY KEY (conversation_id, seq);

ALTER TABLE ONLY public.message_tombstones
    ADD CONSTRAINT message_tombstones_pkey PRIMARY KEY (conversation_id, seq);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, seq, created_at);

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id, category, channel);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notifications_0
    ADD CONSTRAINT notifications_0_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notifications_1
    ADD CONSTRAINT notifications_1_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notifications_2
    ADD CONSTRAINT notifications_2_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notifications_3
    ADD CONSTRAINT notifications_3_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.session_replaced_tokens
    ADD CONSTRAINT session_replaced_tokens_pkey PRIMARY KEY (refresh_hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_access_hash_key UNIQUE (access_hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_refresh_hash_key UNIQUE (refresh_hash);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_pkey PRIMARY KEY (blocker_id, blocked_id);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_email_key UNIQUE (email);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_phone_index_key UNIQUE (phone_index);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_wechat_id_index_key UNIQUE (wechat_id_index);

ALTER TABLE ONLY public.user_secrets
    ADD CONSTRAINT user_secrets_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX conversations_contract ON public.conversations USING btree (contract_id) WHERE (contract_id IS NOT NULL);

CREATE INDEX conversations_direct_opened ON public.conversations USING btree (created_by, created_at) WHERE (type = 'direct'::text);

CREATE INDEX conversations_job ON public.conversations USING btree (job_id) WHERE (job_id IS NOT NULL);

CREATE INDEX files_of_owner ON public.files USING btree (owner_id, id);

CREATE INDEX message_attachments_of_file ON public.message_attachments USING btree (file_id, conversation_id);

CREATE INDEX message_keys_of_client ON ONLY public.message_keys USING btree (client_id);

CREATE INDEX message_search_tokens ON public.message_search USING gin (conversation_id, tokens);

CREATE INDEX messages_changed ON ONLY public.messages USING btree (conversation_id, rev) WHERE is_changed;

CREATE INDEX messages_replies ON ONLY public.messages USING btree (conversation_id, parent_id, seq) WHERE (parent_id IS NOT NULL);

CREATE INDEX notifications_listed ON ONLY public.notifications USING btree (user_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);

CREATE INDEX notifications_0_user_id_created_at_id_idx ON public.notifications_0 USING btree (user_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);

CREATE UNIQUE INDEX notifications_unread_group ON ONLY public.notifications USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE UNIQUE INDEX notifications_0_user_id_group_key_expires_at_idx ON public.notifications_0 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_1_user_id_created_at_id_idx ON public.notifications_1 USING btree (user_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);

CREATE UNIQUE INDEX notifications_1_user_id_group_key_expires_at_idx ON public.notifications_1 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_2_user_id_created_at_id_idx ON public.notifications_2 USING btree (user_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);

CREATE UNIQUE INDEX notifications_2_user_id_group_key_expires_at_idx ON public.notifications_2 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_3_user_id_created_at_id_idx ON public.notifications_3 USING btree (user_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);

CREATE UNIQUE INDEX notifications_3_user_id_group_key_expires_at_idx ON public.notifications_3 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX outbox_of_consumer ON public.outbox USING btree (consumer, id);

CREATE INDEX participants_of_user ON public.conversation_participants USING btree (user_id, conversation_id);

CREATE INDEX reports_by_status ON public.reports USING btree (status, id);

CREATE INDEX reports_on_subject ON public.reports USING btree (subject_id);

CREATE UNIQUE INDEX reports_open_once ON public.reports USING btree (reporter_id, subject_type, subject_id) WHERE (status = 'open'::text);

CREATE INDEX session_replaced_tokens_replaced_at_idx ON public.session_replaced_tokens USING btree (replaced_at);

CREATE INDEX session_replaced_tokens_session_id_idx ON public.session_replaced_tokens USING btree (session_id);

CREATE INDEX sessions_revoked_at_idx ON public.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id, id);

CREATE INDEX templates_of_user ON public.templates USING btree (user_id, id);

CREATE INDEX user_blocks_blocked ON public.user_blocks USING btree (blocked_id, blocker_id);

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_0_pkey;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_0_user_id_created_at_id_idx;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_0_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_1_pkey;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_1_user_id_created_at_id_idx;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_1_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_2_pkey;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_2_user_id_created_at_id_idx;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_2_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_3_pkey;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_3_user_id_created_at_id_idx;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_3_user_id_group_key_expires_at_idx;

CREATE TRIGGER user_private_touch BEFORE UPDATE ON public.user_private FOR EACH ROW WHEN ((old.login_count = new.login_count)) EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER users_touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch_row();

ALTER TABLE ONLY public.conversation_participants
    ADD CONSTRAINT conversation_participants_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_participants
    ADD CONSTRAINT conversation_participants_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.message_attachments
    ADD CONSTRAINT message_attachments_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id);

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE public.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.session_replaced_tokens
    ADD CONSTRAINT session_replaced_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_secrets
    ADD CONSTRAINT user_secrets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
