-- The schema as migrations and declarations leave it: to read, not to run. Dated partitions are
-- left out. `make schema` writes it; a test holds it to them.

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

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

CREATE TYPE public.found_message AS (
	conversation_id uuid,
	seq bigint,
	created_at timestamp with time zone
);

CREATE FUNCTION public.acquaintances(p_user uuid, p_others uuid[]) RETURNS TABLE(user_id uuid, is_mutual boolean)
    LANGUAGE sql STABLE
    AS $$
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

CREATE FUNCTION public.add_member(p_conversation uuid, p_owner uuid, p_user uuid, p_max_participants integer, p_max_user_fanout integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE sql
    AS $_$
    SELECT CASE a.verdict WHEN 'rate_limited' THEN 'blocked' ELSE verdict_of_before(a.verdict) END,
           NULL::bigint, NULL::bigint
    FROM add_member($1, $2, $3, $4, $5, 30, $6) a
$_$;

CREATE FUNCTION public.add_member(p_conversation uuid, p_owner uuid, p_user uuid, p_max_participants integer, p_max_user_fanout integer, p_max_strangers integer, p_lock_timeout_ms integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.add_reaction(p_conversation uuid, p_user uuid, p_message uuid, p_emoji text, p_max_emojis integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE sql
    AS $$
    SELECT add_reaction(p_conversation, p_user, p_message, p_emoji, p_max_emojis, NULL, p_lock_timeout_ms)
$$;

CREATE FUNCTION public.add_reaction(p_conversation uuid, p_user uuid, p_message uuid, p_emoji text, p_max_emojis integer, p_max_own integer, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_key text := reaction_key(p_emoji);
    v_verdict text;
    v_message messages;
    v_keys text[];
    v_own text[];
    v_spelling text;
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
    SELECT array_agg(DISTINCT k.key), array_agg(DISTINCT k.key) FILTER (WHERE k.user_id = p_user),
           min(k.emoji) FILTER (WHERE k.key = v_key)
    INTO v_keys, v_own, v_spelling
    FROM (
        SELECT reaction_key(r.emoji) AS key, r.user_id, r.emoji FROM message_reactions r
        WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
    ) k;
    v_verdict := CASE
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN v_key = ANY (v_own) THEN 'unchanged'
        WHEN cardinality(v_own) >= p_max_own THEN 'too_many_own_emojis'
        WHEN cardinality(v_keys) >= p_max_emojis AND v_key <> ALL (v_keys) THEN 'too_many_emojis'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    INSERT INTO message_reactions (conversation_id, seq, emoji, user_id)
    VALUES (p_conversation, v_message.seq, coalesce(v_spelling, p_emoji), p_user);
    RETURN reactions_changed(v_message, 1);
END $$;

CREATE FUNCTION public.announced_to(p_filter jsonb, p_until timestamp with time zone, p_after uuid, p_most integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
    WITH f AS MATERIALIZED (
        SELECT p_filter ->> 'kind' AS kind, lower(p_filter ->> 'locale') AS locale,
               p_filter ->> 'country' AS country,
               (p_filter ->> 'registered_after')::timestamptz AS registered_after,
               (p_filter ->> 'registered_before')::timestamptz AS registered_before
    )
    SELECT u.id
    FROM (
        SELECT p.id, p.kind, p.locale, p.status, p.created_at FROM users p WHERE p.id > p_after
        ORDER BY p.id LIMIT p_most
    ) u CROSS JOIN f
    WHERE u.status = 'active' AND u.created_at <= p_until
      AND (f.kind IS NULL OR u.kind = f.kind OR (u.kind = 'both' AND f.kind <> 'both'))
      AND (f.locale IS NULL OR lower(u.locale) = f.locale OR starts_with(lower(u.locale), f.locale || '-'))
      AND (f.registered_after IS NULL OR u.created_at >= f.registered_after)
      AND (f.registered_before IS NULL OR u.created_at < f.registered_before)
      AND (f.country IS NULL
           OR EXISTS (SELECT FROM freelancer_profiles r WHERE r.user_id = u.id AND r.country = f.country)
           OR EXISTS (SELECT FROM client_profiles c WHERE c.user_id = u.id AND c.country = f.country))
    ORDER BY u.id
$$;

CREATE FUNCTION public.app_conversations() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(p.conversation_id), '{}') FROM conversation_participants p
    WHERE p.user_id = app_user() AND p.left_at IS NULL
$$;

CREATE FUNCTION public.app_is_admin() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM users u
        WHERE u.id = app_user() AND u.staff_role = 'admin' AND u.status = 'active')
$$;

CREATE FUNCTION public.app_is_staff() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM users u
        WHERE u.id = app_user() AND u.staff_role IS NOT NULL AND u.status = 'active')
$$;

CREATE FUNCTION public.app_member_contracts() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m
    WHERE m.user_id = app_user() AND m.status = 'accepted'
$$;

CREATE FUNCTION public.app_offered_jobs() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(p.job_id), '{}') FROM proposals p WHERE p.freelancer_id = app_user()
$$;

CREATE FUNCTION public.app_team_contracts() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(DISTINCT r.contract_id), '{}') FROM releases r
    WHERE r.user_id = app_user() AND r.freelancer_id <> r.user_id AND r.contract_id IS NOT NULL
$$;

CREATE FUNCTION public.app_user() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

CREATE FUNCTION public.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - '{search_vector,search_terms}'::text[] END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - '{search_vector,search_terms}'::text[] END;
    v_masked text;
BEGIN
    FOREACH v_masked IN ARRAY coalesce(TG_ARGV[1:], '{}') LOOP
        v_old := CASE WHEN v_old ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_old, ARRAY[v_masked], '"***"') ELSE v_old END;
        v_new := CASE WHEN v_new ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_new, ARRAY[v_masked], '"***"') ELSE v_new END;
    END LOOP;
    INSERT INTO audit_log (actor_id, action, entity_type, entity_id, old_values, new_values)
    SELECT app_user(), lower(TG_OP), TG_TABLE_NAME, coalesce(v_new, v_old) ->> TG_ARGV[0],
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(v_old) o
               WHERE o.value IS DISTINCT FROM v_new -> o.key) ELSE v_old END,
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(v_new) n
               WHERE n.value IS DISTINCT FROM v_old -> n.key) ELSE v_new END;
    RETURN NULL;
END $$;

CREATE FUNCTION public.backfill_archived(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_at backfills;
    v_conversations uuid[];
    v_users uuid[];
BEGIN
    -- Others wait for the rows that it has locked: it does not wait long for one itself.
    PERFORM set_config('lock_timeout', '500', true);
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'archived' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(n.conversation_id ORDER BY n.conversation_id, n.user_id),
           array_agg(n.user_id ORDER BY n.conversation_id, n.user_id)
    INTO v_conversations, v_users
    FROM (
        SELECT p.conversation_id, p.user_id FROM conversation_participants p
        WHERE (p.conversation_id, p.user_id) > (v_at.conversation_id, v_at.user_id)
        ORDER BY p.conversation_id, p.user_id
        LIMIT p_limit
    ) n;
    IF v_users IS NULL THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'archived';
        RETURN 0;
    END IF;
    -- In the order that every statement locks participants in.
    PERFORM 1 FROM conversation_participants p
    JOIN unnest(v_conversations, v_users) n(conversation_id, user_id)
      ON p.conversation_id = n.conversation_id AND p.user_id = n.user_id
    WHERE p.is_archived AND p.archived_seq IS NULL
    ORDER BY p.conversation_id, p.user_id
    FOR NO KEY UPDATE OF p;
    UPDATE conversation_participants p SET archived_seq = c.last_seq
    FROM unnest(v_conversations, v_users) n(conversation_id, user_id)
    JOIN conversations c ON c.id = n.conversation_id
    WHERE p.conversation_id = n.conversation_id AND p.user_id = n.user_id
      AND p.is_archived AND p.archived_seq IS NULL;
    UPDATE backfills b
    SET conversation_id = v_conversations[cardinality(v_users)], user_id = v_users[cardinality(v_users)]
    WHERE b.name = 'archived';
    RETURN cardinality(v_users);
END $$;

CREATE FUNCTION public.backfill_login_networks(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'login_networks' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    v_users := ARRAY(
        SELECT DISTINCT s.user_id FROM sessions s
        WHERE s.user_id > v_at.user_id
        ORDER BY s.user_id
        LIMIT p_limit
    );
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'login_networks';
        RETURN 0;
    END IF;
    INSERT INTO login_networks AS n (user_id, network, last_login_at)
    SELECT s.user_id, network(set_masklen(s.ip, CASE family(s.ip) WHEN 4 THEN 24 ELSE 64 END)) AS network,
           max(s.created_at)
    FROM sessions s
    WHERE s.user_id = ANY (v_users) AND s.ip IS NOT NULL AND s.created_at > now() - interval '30 days'
    GROUP BY 1, 2
    -- In one order, and a login of meanwhile is the newer one.
    ORDER BY 1, 2
    ON CONFLICT (user_id, network) DO UPDATE
    SET last_login_at = greatest(n.last_login_at, excluded.last_login_at);
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'login_networks';
    RETURN cardinality(v_users);
END $$;

CREATE FUNCTION public.backfill_names(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'names' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    -- Locked, so that a name that is changed now is written after this one; who waits, waits for a part.
    v_users := ARRAY(
        SELECT u.id FROM users u WHERE u.id > v_at.user_id ORDER BY u.id LIMIT p_limit FOR NO KEY UPDATE);
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'names';
        RETURN 0;
    END IF;
    INSERT INTO people_names (user_id, words)
    SELECT u.id, name_words(u.display_name) FROM users u WHERE u.id = ANY (v_users) ORDER BY u.id
    ON CONFLICT (user_id) DO NOTHING;
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'names';
    RETURN cardinality(v_users);
END $$;

CREATE FUNCTION public.backfill_replies(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_at backfills;
    v_conversations uuid[];
    v_seqs bigint[];
    v_parents uuid[];
    v_of uuid[];
BEGIN
    -- Others wait for the rows that it has locked: it does not wait long for one itself.
    PERFORM set_config('lock_timeout', '500', true);
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'replies' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(n.conversation_id ORDER BY n.conversation_id, n.seq),
           array_agg(n.seq ORDER BY n.conversation_id, n.seq)
    INTO v_conversations, v_seqs
    FROM (
        SELECT t.conversation_id, t.seq FROM message_tombstones t
        WHERE (t.conversation_id, t.seq) > (v_at.conversation_id, v_at.seq)
        ORDER BY t.conversation_id, t.seq
        LIMIT p_limit
    ) n;
    IF v_seqs IS NULL THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'replies';
        RETURN 0;
    END IF;

    -- The parents, by the month of each reply, so that each asks one partition.
    SELECT array_agg(r.conversation_id), array_agg(r.parent_id) INTO v_of, v_parents
    FROM (
        SELECT DISTINCT n.conversation_id, m.parent_id
        FROM unnest(v_conversations, v_seqs) AS n(conversation_id, seq)
        CROSS JOIN LATERAL (
            SELECT cm.month FROM conversation_months cm
            WHERE cm.conversation_id = n.conversation_id AND cm.first_seq <= n.seq
            ORDER BY cm.month DESC
            LIMIT 1
        ) b
        CROSS JOIN LATERAL (
            SELECT s.parent_id FROM messages s
            WHERE s.conversation_id = n.conversation_id AND s.seq = n.seq
              AND s.created_at >= b.month AND s.created_at < next_month(b.month)
            LIMIT 1
        ) m
        WHERE m.parent_id IS NOT NULL
    ) r;
    -- Nobody replies or deletes meanwhile; what has been done is seen by the statement after.
    PERFORM 1 FROM conversations c WHERE c.id = ANY (v_of) ORDER BY c.id FOR NO KEY UPDATE;
    UPDATE messages m
    SET reply_count = k.replies, last_reply_at = k.last_at,
        last_deleted_reply_at = greatest(m.last_deleted_reply_at, k.deleted_at)
    FROM unnest(v_of, v_parents) AS p(conversation_id, id)
    CROSS JOIN LATERAL (SELECT (find_message(p.conversation_id, p.id)).*) f
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT r.is_deleted) AS replies,
               max(r.created_at) FILTER (WHERE NOT r.is_deleted) AS last_at,
               max(r.created_at) FILTER (WHERE r.is_deleted) AS deleted_at
        FROM messages r
        WHERE r.conversation_id = p.conversation_id AND r.parent_id = p.id
          AND r.created_at >= f.created_at
          AND r.created_at <= greatest(f.last_reply_at, f.last_deleted_reply_at)
    ) k
    WHERE m.conversation_id = p.conversation_id AND m.seq = f.seq AND m.created_at = f.created_at
      AND (m.reply_count, m.last_reply_at) IS DISTINCT FROM (k.replies, k.last_at);
    UPDATE backfills b
    SET conversation_id = v_conversations[cardinality(v_seqs)], seq = v_seqs[cardinality(v_seqs)]
    WHERE b.name = 'replies';
    RETURN cardinality(v_seqs);
END $$;

CREATE FUNCTION public.backfill_role_ratings(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'role_ratings' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    -- Locked as keep_ratings does, so that a review that is published now is not left out.
    v_users := ARRAY(
        SELECT u.user_id FROM user_ratings u WHERE u.user_id > v_at.user_id ORDER BY u.user_id LIMIT p_limit
        FOR NO KEY UPDATE);
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'role_ratings';
        RETURN 0;
    END IF;
    PERFORM keep_role_ratings(u) FROM unnest(v_users) u;
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'role_ratings';
    RETURN cardinality(v_users);
END $$;

CREATE FUNCTION public.begin_upload(p_file uuid, p_owner uuid, p_wanted bigint, p_quota bigint, p_key text, OUT granted bigint, OUT used bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_is_repetition boolean := p_key IS NOT NULL AND EXISTS (
        SELECT FROM idempotency_keys k
        WHERE k.user_id = p_owner AND k.method = 'POST' AND k.path = '/v1/files' AND k.key = p_key
          AND k.created_at > now() - interval '24 hours');
BEGIN
    -- The row of usage is made if there is none, and locked: of uploads that begin at once, one counts after
    -- the other.
    INSERT INTO file_uploads (file_id, owner_id, bytes) VALUES (p_file, p_owner, 0);
    SELECT u.bytes INTO used FROM file_usage u WHERE u.owner_id = p_owner FOR UPDATE;
    IF v_is_repetition THEN
        granted := p_wanted;
        RETURN;
    END IF;
    granted := greatest(0, least(p_wanted, p_quota - used));
    UPDATE file_uploads u SET bytes = granted WHERE u.file_id = p_file;
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

CREATE FUNCTION public.calculate_role_rating(p_user uuid, p_reviewer_role text) RETURNS TABLE(average_rating numeric, total_reviews integer)
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(avg(r.overall_rating), 0)::numeric(3, 2), count(*)::integer
    FROM reviews r
    WHERE r.reviewee_id = p_user AND r.reviewer_role = p_reviewer_role AND r.status = 'published'
$$;

CREATE FUNCTION public.calculate_user_rating(p_user uuid) RETURNS TABLE(average_rating numeric, total_reviews integer)
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(avg(r.overall_rating), 0)::numeric(3, 2), count(*)::integer
    FROM reviews r WHERE r.reviewee_id = p_user AND r.status = 'published'
$$;

CREATE FUNCTION public.cancel_withdrawals_of_method() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_now timestamptz := workflow_now();
BEGIN
    -- As executions lock the affairs of a user: what is read afterwards stands.
    PERFORM FROM user_private p WHERE p.user_id = OLD.user_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM withdrawals w WHERE w.payout_method_id = OLD.id AND w.payout_batch_id IS NOT NULL
          AND w.status IN ('approved', 'processing')
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a withdrawal is being paid out to it', COLUMN = 'id',
            CONSTRAINT = 'withdrawals_payout_method_id_fkey', TABLE = 'withdrawals';
    END IF;
    DELETE FROM timers t USING withdrawals w
    WHERE w.payout_method_id = OLD.id AND w.status IN ('requested', 'approved')
      AND t.machine = 'withdrawal' AND t.entity_id = w.id;
    INSERT INTO timers (machine, entity_id, action, state, start, seconds, moves_money)
    SELECT 'withdrawal', w.id, 'cancel', w.status, v_now, 0, true FROM withdrawals w
    WHERE w.payout_method_id = OLD.id AND w.status IN ('requested', 'approved');
    RETURN OLD;
END $$;

CREATE FUNCTION public.carry_gig_counters() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE gig_counters c
    SET view_count = c.view_count + NEW.view_count - OLD.view_count,
        order_count = c.order_count + NEW.order_count - OLD.order_count,
        favorite_count = c.favorite_count + NEW.favorite_count - OLD.favorite_count,
        trend_score = greatest(c.trend_score, NEW.trend_score)
    WHERE c.gig_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.carry_job_counters() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE job_counters c
    SET view_count = c.view_count + NEW.view_count - OLD.view_count,
        proposal_count = c.proposal_count + NEW.proposal_count - OLD.proposal_count
    WHERE c.job_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.close_ledger_days(p_now timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE 'UTC')::date;
    v_from date := coalesce(
        (SELECT max(d.day) - 2 FROM ledger_daily d),
        (SELECT min(j.created_at AT TIME ZONE 'UTC')::date FROM journals j), v_today);
    v_days integer;
BEGIN
    INSERT INTO ledger_daily AS d (day, kind, currency, amount)
    SELECT (j.created_at AT TIME ZONE 'UTC')::date AS day, a.kind, l.currency, sum(l.amount)
    FROM journals j JOIN journal_lines l ON l.journal_id = j.id JOIN ledger_accounts a ON a.id = l.account_id
    WHERE j.created_at >= v_from::timestamp AT TIME ZONE 'UTC' AND j.created_at < v_today::timestamp AT TIME ZONE 'UTC'
      AND a.kind IN ('fee', 'cash', 'cost', 'adjustment')
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (day, kind, currency) DO UPDATE SET amount = EXCLUDED.amount WHERE d.amount <> EXCLUDED.amount;
    GET DIAGNOSTICS v_days = ROW_COUNT;
    RETURN v_days;
END $$;

CREATE FUNCTION public.close_notifications(p_users uuid[], p_ids uuid[], p_how text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
    v_users uuid[];
    v_ids uuid[];
BEGIN
    IF coalesce(cardinality(p_ids), 0) = 0 THEN
        RETURN 0;
    END IF;
    WITH chosen AS (
        SELECT n.user_id, n.id
        FROM unnest(p_users, p_ids) AS i(user_id, id)
        JOIN notifications n ON n.user_id = i.user_id AND n.id = i.id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), closed AS (
        UPDATE notifications n
        SET read_at = v_now, seen_at = coalesce(n.seen_at, v_now), again_at = NULL,
            archived_at = CASE WHEN p_how NOT IN ('read', 'settled') THEN v_now END,
            ended = CASE WHEN p_how <> 'read' THEN p_how END
        FROM chosen c
        WHERE n.user_id = c.user_id AND n.id = c.id
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(c.user_id ORDER BY c.user_id, c.id), array_agg(c.id ORDER BY c.user_id, c.id)
    INTO v_users, v_ids
    FROM closed c WHERE c.in_app;
    PERFORM notifications_in_outbox('notification.updated', v_users, v_ids);
    RETURN coalesce(cardinality(v_ids), 0);
END $$;

CREATE FUNCTION public.commit_group(p_conversations uuid[], p_senders uuid[], p_clients uuid[], p_hashes bytea[], p_types text[], p_contents text[], p_parents uuid[], p_mentions text[], p_attachments text[], p_owner uuid, p_published bigint[], p_wait boolean, p_lock_timeout_ms integer) RETURNS TABLE(ord integer, verdict text, id uuid, seq bigint, rev bigint, created_at timestamp with time zone, mentions uuid[], recipients uuid[], fanout text, outbox_id bigint, follows boolean)
    LANGUAGE plpgsql
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_listed uuid[];
    v_newest timestamptz;
    v_now timestamptz;
    v_month timestamptz;
    v_has_more boolean := p_parents IS NOT NULL OR p_attachments IS NOT NULL;
    v_flaws text[];
    v_before bigint[];
BEGIN
    IF p_published IS NOT NULL THEN
        -- A relay that has claimed one of them deletes it itself: nobody waits for it.
        DELETE FROM outbox WHERE outbox.id = ANY (ARRAY(
            SELECT o.id FROM outbox o WHERE o.id = ANY (p_published) FOR UPDATE SKIP LOCKED
        ));
    END IF;

    -- Of a conversation that has long been large nobody is listed: the senders are looked up.
    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed),
               max(l.last_message_at)
        INTO v_locked, v_listed, v_newest
        FROM (
            SELECT c.id, c.last_message_at, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed),
               max(l.last_message_at)
        INTO v_locked, v_listed, v_newest
        FROM (
            SELECT c.id, c.last_message_at, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());
    v_month := date_trunc('month', v_now, 'UTC');

    IF v_has_more THEN
        SELECT array_agg(c.last_seq ORDER BY i.ord),
               array_agg(CASE
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = i.conversation_id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
               END ORDER BY i.ord)
        INTO v_before, v_flaws
        FROM unnest(p_conversations, p_senders, p_parents, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, parent_id, attachments, ord)
        LEFT JOIN conversations c ON c.id = i.conversation_id AND c.id = ANY (v_locked);
    END IF;

    RETURN QUERY
    WITH known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days'
          AND mk.created_at < greatest(v_now, v_newest) + interval '1 day'
    ), judged AS (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.ord, i.conversation_id, i.sender_id, i.client_id, i.parent_id, i.mentions, i.attachments,
               c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.told_to, c.follows, g.members,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = p_hashes[i.ord] THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN s.role IS NULL THEN 'not_found'
                   WHEN s.role = 'observer' THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN cardinality(g.members) = 2 AND (
                       EXISTS (SELECT 1 FROM user_blocks b
                               WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                       OR EXISTS (SELECT 1 FROM user_blocks b
                                  WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
                   ) THEN 'blocked'
                   ELSE coalesce(v_flaws[i.ord], 'ok')
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, parent_id, mentions,
                                  attachments, ord)
        LEFT JOIN (
            SELECT t.*, fanout_at(t.fanout, t.fanout_changed_at, v_now) AS told_to,
                   is_under_way(t.relayed_at, v_now) AS follows
            FROM conversations t WHERE t.id = ANY (v_locked)
        ) c ON c.id = i.conversation_id
        LEFT JOIN (
            SELECT p.conversation_id, array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = ANY (v_listed) AND p.left_at IS NULL
            GROUP BY p.conversation_id
        ) g ON g.conversation_id = c.id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN g.members IS NULL THEN (
                    SELECT p.role FROM conversation_participants p
                    WHERE p.conversation_id = c.id AND p.user_id = i.sender_id AND p.left_at IS NULL
                )
                WHEN i.sender_id = ANY (g.observers) THEN 'observer'
                WHEN i.sender_id = ANY (g.members) THEN 'member'
            END AS role
        ) s
        -- Judged once, and not anew wherever the verdict is looked at.
        OFFSET 0
    ), numbered AS MATERIALIZED (
        SELECT j.*,
               CASE WHEN j.is_new THEN j.last_seq + j.n ELSE j.key_seq END AS seq,
               CASE WHEN j.is_new THEN j.base_rev + j.n END AS rev,
               CASE WHEN j.is_new THEN greatest(v_now, j.base_at) ELSE j.key_at END AS created_at,
               CASE WHEN j.is_new THEN
                   message_id(j.conversation_id, j.last_seq + j.n, greatest(v_now, j.base_at))
               END AS id,
               CASE WHEN j.is_new AND j.mentions IS NOT NULL THEN (
                   SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
                   WHERE p.conversation_id = j.conversation_id AND p.left_at IS NULL
                     AND p.user_id = ANY (j.mentions::uuid[])
               ) END AS mentioned,
               j.is_new AND j.n = 1 AND (j.base_at IS NULL OR j.base_at < v_month) AS opens_month
        FROM (
            SELECT o.*, o.verdict = 'ok' AS is_new, row_number() OVER w AS n,
                   lead(o.ord) OVER w IS NULL AS is_last
            FROM judged o
            WINDOW w AS (PARTITION BY o.conversation_id, o.verdict = 'ok' ORDER BY o.ord)
        ) j
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, p_types[a.ord],
               p_contents[a.ord], a.parent_id, a.mentioned,
               coalesce(cardinality(a.attachments::uuid[]), 0), a.created_at
        FROM numbered a WHERE a.is_new
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, p_hashes[a.ord], a.created_at
        FROM numbered a WHERE a.is_new
    ), moved AS (
        UPDATE conversations c
        SET last_seq = a.seq, rev = a.rev, last_message_at = a.created_at
        FROM numbered a
        WHERE a.is_new AND a.is_last AND c.id = a.conversation_id
    ), read AS (
        -- Sending is reading, and brings the conversation back to the sender's inbox. In the order
        -- that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true,
            archived_seq = NULL, is_archived = false
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM numbered a WHERE a.is_new GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
        RETURNING p.conversation_id, p.user_id, p.noticed
    ), read_noticed AS (
        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)
        SELECT 'notifications', 'conversation.read', array_agg(r.conversation_id), array_agg(r.user_id)
        FROM read r WHERE r.noticed HAVING count(*) > 0
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, v_month, a.seq FROM numbered a WHERE a.opens_month
    ), months_ended AS (
        -- The first message of a conversation's month completes the row of the one before.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, a.base_rev)
        FROM numbered a
        WHERE a.opens_month AND m.conversation_id = a.conversation_id
          AND m.month = date_trunc('month', a.base_at, 'UTC')
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, o.conversation_ids, o.seqs, o.revs
        FROM (
            SELECT array_agg(e.conversation_id) AS conversation_ids, array_agg(e.seq) AS seqs,
                   array_agg(e.rev) AS revs,
                   array_agg(e.conversation_id) FILTER (WHERE e.ends_page) AS ended_ids,
                   array_agg(e.seq) FILTER (WHERE e.ends_page) AS ended_seqs,
                   array_agg(e.conversation_id) FILTER (WHERE e.is_for_somebody) AS noticed_ids,
                   array_agg(e.seq) FILTER (WHERE e.is_for_somebody) AS noticed_seqs,
                   array_agg(e.rev) FILTER (WHERE e.is_for_somebody) AS noticed_revs,
                   array_agg(e.conversation_id) FILTER (WHERE e.is_last) AS later_ids,
                   array_agg(e.seq) FILTER (WHERE e.is_last) AS later_seqs
            FROM (
                SELECT a.*, a.seq = last_seq_of(page_of(a.seq)) AS ends_page,
                       a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL AS is_for_somebody
                FROM numbered a WHERE a.is_new
            ) e
        ) g
        CROSS JOIN LATERAL (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', CASE WHEN p_owner IS NULL THEN interval '0' ELSE interval '1.5 seconds' END,
             g.conversation_ids, g.seqs, g.revs),
            -- Words are kept of whole pages.
            ('search', interval '0', g.ended_ids, g.ended_seqs, NULL),
            ('notifications', interval '0', g.noticed_ids, g.noticed_seqs, g.noticed_revs),
            ('message_runs', told_duration('parley.run_delay', interval '20 seconds'), g.later_ids, g.later_seqs, NULL)
        ) o(consumer, delay, conversation_ids, seqs, revs)
        WHERE o.conversation_ids IS NOT NULL
        RETURNING id, consumer
    )
    SELECT a.ord::integer, a.verdict, a.id, a.seq, a.rev, a.created_at, a.mentioned,
           CASE WHEN a.is_new AND a.n = 1 AND a.told_to <> 'conversation' THEN a.members END,
           CASE WHEN a.is_new AND a.n = 1 THEN a.told_to END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime'),
           CASE WHEN a.is_new AND a.n = 1 AND a.follows THEN true END
    FROM numbered a
    ORDER BY a.ord;

    IF v_has_more THEN
        WITH fresh AS MATERIALIZED (
            -- Above the seq that the conversation had is what was just stored.
            SELECT m.conversation_id, m.seq, m.rev, m.created_at, i.parent_id,
                   i.attachments::uuid[] AS file_ids
            FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_attachments, v_before)
                 AS i(conversation_id, sender_id, client_id, parent_id, attachments, before)
            JOIN message_keys k ON k.client_id = i.client_id AND k.conversation_id = i.conversation_id
                               AND k.sender_id = i.sender_id
            JOIN messages m ON m.conversation_id = k.conversation_id AND m.seq = k.seq
                           AND m.created_at = k.created_at
            WHERE k.seq > i.before AND k.created_at >= v_now
              AND (i.parent_id IS NOT NULL OR i.attachments IS NOT NULL)
        ), attached AS (
            INSERT INTO message_attachments (conversation_id, seq, position, file_id)
            SELECT a.conversation_id, a.seq, f.position, f.file_id
            FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        ), answered AS MATERIALIZED (
            -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
            SELECT a.conversation_id, uuid7_seq(a.parent_id) AS seq,
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
        )
        -- And the row of the parent's month, unless that is open.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC') AS month,
                   max(r.rev) AS rev
            FROM answered r GROUP BY 1, 2
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month AND m.max_rev IS NOT NULL;
    END IF;
END $$;

CREATE FUNCTION public.commit_messages(p_conversations uuid[], p_senders uuid[], p_clients uuid[], p_hashes bytea[], p_types text[], p_contents text[], p_parents uuid[], p_mentions text[], p_attachments text[], p_owner uuid, p_published bigint[], p_wait boolean, p_lock_timeout_ms integer) RETURNS TABLE(ord integer, verdict text, id uuid, seq bigint, rev bigint, created_at timestamp with time zone, mentions uuid[], recipients uuid[], fanout text, outbox_id bigint)
    LANGUAGE plpgsql
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_locked uuid[];
    v_listed uuid[];
    v_now timestamptz;
    v_month timestamptz;
    v_has_more boolean := p_parents IS NOT NULL OR p_attachments IS NOT NULL;
    v_flaws text[];
    v_before bigint[];
BEGIN
    IF p_published IS NOT NULL THEN
        -- A relay that has claimed one of them deletes it itself: nobody waits for it.
        DELETE FROM outbox WHERE outbox.id = ANY (ARRAY(
            SELECT o.id FROM outbox o WHERE o.id = ANY (p_published) FOR UPDATE SKIP LOCKED
        ));
    END IF;

    -- Of a conversation that has long been large nobody is listed: the senders are looked up.
    IF p_wait THEN
        PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed)
        INTO v_locked, v_listed
        FROM (
            SELECT c.id, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT coalesce(array_agg(l.id), '{}'), array_agg(l.id) FILTER (WHERE l.is_listed)
        INTO v_locked, v_listed
        FROM (
            SELECT c.id, c.fanout = 'user' OR c.participant_count = 2
                         OR c.fanout_changed_at > clock_timestamp() - interval '1 minute' AS is_listed
            FROM conversations c WHERE c.id = ANY (p_conversations)
            ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;
    v_now := date_trunc('milliseconds', clock_timestamp());
    v_month := date_trunc('month', v_now, 'UTC');

    IF v_has_more THEN
        SELECT array_agg(c.last_seq ORDER BY i.ord),
               array_agg(CASE
                   WHEN i.parent_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM messages m
                       WHERE m.conversation_id = i.conversation_id AND m.seq = uuid7_seq(i.parent_id)
                         AND m.created_at = uuid7_time(i.parent_id) AND m.id = i.parent_id
                         AND NOT m.is_deleted
                   ) THEN 'invalid_parent'
                   WHEN i.attachments IS NOT NULL AND cardinality(i.attachments::uuid[]) <> (
                       SELECT count(*) FROM files f
                       WHERE f.id = ANY (i.attachments::uuid[]) AND f.owner_id = i.sender_id
                         AND f.state = 'ready'
                   ) THEN 'invalid_attachment'
               END ORDER BY i.ord)
        INTO v_before, v_flaws
        FROM unnest(p_conversations, p_senders, p_parents, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, parent_id, attachments, ord)
        LEFT JOIN conversations c ON c.id = i.conversation_id AND c.id = ANY (v_locked);
    END IF;

    RETURN QUERY
    WITH known AS MATERIALIZED (
        -- Weekly partitions: the bounds leave two or three of them to ask.
        SELECT mk.conversation_id, mk.sender_id, mk.client_id, mk.seq, mk.request_hash, mk.created_at
        FROM message_keys mk
        WHERE mk.client_id = ANY (p_clients)
          AND mk.created_at >= v_now - interval '8 days' AND mk.created_at < v_now + interval '1 day'
    ), judged AS (
        -- Repeats first: what was stored is the sender's to know, whatever has happened since.
        SELECT i.ord, i.conversation_id, i.sender_id, i.client_id, i.parent_id, i.mentions, i.attachments,
               c.last_seq, c.rev AS base_rev, c.last_message_at AS base_at, c.told_to, g.members,
               k.seq AS key_seq, k.created_at AS key_at,
               CASE
                   WHEN c.id IS NULL THEN CASE
                       WHEN EXISTS (SELECT 1 FROM conversations t WHERE t.id = i.conversation_id)
                       THEN 'busy' ELSE 'not_found' END
                   WHEN k.request_hash = p_hashes[i.ord] THEN 'repeat'
                   WHEN k.request_hash IS NOT NULL THEN 'mismatch'
                   WHEN s.role IS NULL THEN 'not_found'
                   WHEN s.role = 'observer' THEN 'forbidden'
                   WHEN c.status = 'closed' THEN 'closed'
                   WHEN cardinality(g.members) = 2 AND (
                       EXISTS (SELECT 1 FROM user_blocks b
                               WHERE b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
                       OR EXISTS (SELECT 1 FROM user_blocks b
                                  WHERE b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
                   ) THEN 'blocked'
                   ELSE coalesce(v_flaws[i.ord], 'ok')
               END AS verdict
        FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_mentions, p_attachments)
             WITH ORDINALITY AS i(conversation_id, sender_id, client_id, parent_id, mentions,
                                  attachments, ord)
        LEFT JOIN (
            SELECT t.*, fanout_at(t.fanout, t.fanout_changed_at, v_now) AS told_to
            FROM conversations t WHERE t.id = ANY (v_locked)
        ) c ON c.id = i.conversation_id
        LEFT JOIN (
            SELECT p.conversation_id, array_agg(p.user_id) AS members,
                   array_agg(p.user_id) FILTER (WHERE p.role = 'observer') AS observers
            FROM conversation_participants p
            WHERE p.conversation_id = ANY (v_listed) AND p.left_at IS NULL
            GROUP BY p.conversation_id
        ) g ON g.conversation_id = c.id
        LEFT JOIN known k ON k.client_id = i.client_id AND k.conversation_id = c.id
                         AND k.sender_id = i.sender_id
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN g.members IS NULL THEN (
                    SELECT p.role FROM conversation_participants p
                    WHERE p.conversation_id = c.id AND p.user_id = i.sender_id AND p.left_at IS NULL
                )
                WHEN i.sender_id = ANY (g.observers) THEN 'observer'
                WHEN i.sender_id = ANY (g.members) THEN 'member'
            END AS role
        ) s
        -- Judged once, and not anew wherever the verdict is looked at.
        OFFSET 0
    ), numbered AS MATERIALIZED (
        SELECT j.*,
               CASE WHEN j.is_new THEN j.last_seq + j.n ELSE j.key_seq END AS seq,
               CASE WHEN j.is_new THEN j.base_rev + j.n END AS rev,
               CASE WHEN j.is_new THEN greatest(v_now, j.base_at) ELSE j.key_at END AS created_at,
               CASE WHEN j.is_new THEN
                   message_id(j.conversation_id, j.last_seq + j.n, greatest(v_now, j.base_at))
               END AS id,
               CASE WHEN j.is_new AND j.mentions IS NOT NULL THEN (
                   SELECT array_agg(p.user_id ORDER BY p.user_id) FROM conversation_participants p
                   WHERE p.conversation_id = j.conversation_id AND p.left_at IS NULL
                     AND p.user_id = ANY (j.mentions::uuid[])
               ) END AS mentioned,
               j.is_new AND j.n = 1 AND (j.base_at IS NULL OR j.base_at < v_month) AS opens_month
        FROM (
            SELECT o.*, o.verdict = 'ok' AS is_new, row_number() OVER w AS n,
                   lead(o.ord) OVER w IS NULL AS is_last
            FROM judged o
            WINDOW w AS (PARTITION BY o.conversation_id, o.verdict = 'ok' ORDER BY o.ord)
        ) j
    ), stored AS (
        INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, content,
                              parent_id, mentions, attachment_count, created_at)
        SELECT a.conversation_id, a.seq, a.rev, a.id, a.sender_id, a.client_id, p_types[a.ord],
               p_contents[a.ord], a.parent_id, a.mentioned,
               coalesce(cardinality(a.attachments::uuid[]), 0), a.created_at
        FROM numbered a WHERE a.is_new
    ), keyed AS (
        INSERT INTO message_keys (conversation_id, sender_id, client_id, seq, request_hash, created_at)
        SELECT a.conversation_id, a.sender_id, a.client_id, a.seq, p_hashes[a.ord], a.created_at
        FROM numbered a WHERE a.is_new
    ), moved AS (
        UPDATE conversations c
        SET last_seq = a.seq, rev = a.rev, last_message_at = a.created_at
        FROM numbered a
        WHERE a.is_new AND a.is_last AND c.id = a.conversation_id
    ), read AS (
        -- Sending is reading. In the order that every statement locks participants in.
        UPDATE conversation_participants p
        SET last_read_seq = s.seq, last_delivered_seq = s.seq, has_written = true,
            archived_seq = NULL, is_archived = false
        FROM (
            SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq
            FROM numbered a WHERE a.is_new GROUP BY a.conversation_id, a.sender_id
            ORDER BY a.conversation_id, a.sender_id
        ) s
        WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id
    ), months_begun AS (
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        SELECT a.conversation_id, v_month, a.seq FROM numbered a WHERE a.opens_month
    ), months_ended AS (
        -- The first message of a conversation's month completes the row of the one before.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, a.base_rev)
        FROM numbered a
        WHERE a.opens_month AND m.conversation_id = a.conversation_id
          AND m.month = date_trunc('month', a.base_at, 'UTC')
    ), noted AS (
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, seqs, revs)
        SELECT o.consumer, 'message.created', p_owner, v_now + o.delay, o.conversation_ids, o.seqs, o.revs
        FROM (
            SELECT array_agg(e.conversation_id) AS conversation_ids, array_agg(e.seq) AS seqs,
                   array_agg(e.rev) AS revs,
                   array_agg(e.conversation_id) FILTER (WHERE e.ends_page) AS ended_ids,
                   array_agg(e.seq) FILTER (WHERE e.ends_page) AS ended_seqs,
                   array_agg(e.conversation_id) FILTER (WHERE e.is_for_somebody) AS noticed_ids,
                   array_agg(e.seq) FILTER (WHERE e.is_for_somebody) AS noticed_seqs,
                   array_agg(e.rev) FILTER (WHERE e.is_for_somebody) AS noticed_revs
            FROM (
                SELECT a.*, a.seq = last_seq_of(page_of(a.seq)) AS ends_page,
                       a.parent_id IS NOT NULL OR a.mentioned IS NOT NULL AS is_for_somebody
                FROM numbered a WHERE a.is_new
            ) e
        ) g
        CROSS JOIN LATERAL (VALUES
            -- The writer publishes its own group; this row is claimed only if it did not.
            ('realtime', CASE WHEN p_owner IS NULL THEN interval '0' ELSE interval '1.5 seconds' END,
             g.conversation_ids, g.seqs, g.revs),
            -- Words are kept of whole pages.
            ('search', interval '0', g.ended_ids, g.ended_seqs, NULL),
            ('notifications', interval '0', g.noticed_ids, g.noticed_seqs, g.noticed_revs)
        ) o(consumer, delay, conversation_ids, seqs, revs)
        WHERE o.seqs IS NOT NULL
        RETURNING id, consumer
    )
    SELECT a.ord::integer, a.verdict, a.id, a.seq, a.rev, a.created_at, a.mentioned,
           CASE WHEN a.is_new AND a.n = 1 AND a.told_to <> 'conversation' THEN a.members END,
           CASE WHEN a.is_new AND a.n = 1 THEN a.told_to END,
           (SELECT n.id FROM noted n WHERE n.consumer = 'realtime')
    FROM numbered a
    ORDER BY a.ord;

    IF v_has_more THEN
        WITH fresh AS MATERIALIZED (
            -- Above the seq that the conversation had is what was just stored.
            SELECT m.conversation_id, m.seq, m.rev, m.created_at, i.parent_id,
                   i.attachments::uuid[] AS file_ids
            FROM unnest(p_conversations, p_senders, p_clients, p_parents, p_attachments, v_before)
                 AS i(conversation_id, sender_id, client_id, parent_id, attachments, before)
            JOIN message_keys k ON k.client_id = i.client_id AND k.conversation_id = i.conversation_id
                               AND k.sender_id = i.sender_id
            JOIN messages m ON m.conversation_id = k.conversation_id AND m.seq = k.seq
                           AND m.created_at = k.created_at
            WHERE k.seq > i.before AND k.created_at >= v_now
              AND (i.parent_id IS NOT NULL OR i.attachments IS NOT NULL)
        ), attached AS (
            INSERT INTO message_attachments (conversation_id, seq, position, file_id)
            SELECT a.conversation_id, a.seq, f.position, f.file_id
            FROM fresh a, unnest(a.file_ids) WITH ORDINALITY AS f(file_id, position)
        ), answered AS MATERIALIZED (
            -- A reply moves its parent to the reply's rev, so that "rows with rev > R" holds the count.
            SELECT a.conversation_id, uuid7_seq(a.parent_id) AS seq,
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
        )
        -- And the row of the parent's month, unless that is open.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, g.rev)
        FROM (
            SELECT r.conversation_id, date_trunc('month', r.created_at, 'UTC') AS month,
                   max(r.rev) AS rev
            FROM answered r GROUP BY 1, 2
        ) g
        WHERE m.conversation_id = g.conversation_id AND m.month = g.month AND m.max_rev IS NOT NULL;
    END IF;
END $$;

CREATE FUNCTION public.contract_charged_back(p_contract uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT FROM chargebacks b
        WHERE b.status = 'opened' AND (
            EXISTS (SELECT FROM ledger_lots l JOIN milestones m ON m.id = l.milestone_id
                    WHERE l.deposit_id = b.deposit_id AND m.contract_id = p_contract)
            OR EXISTS (SELECT FROM release_lots l JOIN releases r ON r.id = l.release_id
                       WHERE l.deposit_id = b.deposit_id AND r.contract_id = p_contract
                         AND r.status IN ('pending', 'frozen'))))
$$;

CREATE FUNCTION public.contract_there(p_contract uuid) RETURNS TABLE(item uuid, amount numeric)
    LANGUAGE sql STABLE
    AS $$
    SELECT m.id, m.amount FROM milestones m
    WHERE m.contract_id = p_contract AND m.status IN ('in_progress', 'submitted')
    UNION ALL
    SELECT r.id, r.gross - r.refunded FROM releases r
    WHERE r.contract_id = p_contract AND r.status IN ('pending', 'frozen') AND NOT r.is_decided
      AND r.gross > r.refunded
$$;

CREATE FUNCTION public.count_favorite() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.favorited_type = 'gig' THEN
        UPDATE gig_counters c SET favorite_count = c.favorite_count + 1,
                                  trend_score = trend_after(c.trend_score, 5, now())
        WHERE c.gig_id = NEW.favorited_id;
    ELSIF TG_OP = 'DELETE' AND OLD.favorited_type = 'gig' THEN
        UPDATE gig_counters c SET favorite_count = c.favorite_count - 1 WHERE c.gig_id = OLD.favorited_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.count_file_bytes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_owner uuid := coalesce(NEW.owner_id, OLD.owner_id);
    v_bytes bigint := coalesce(NEW.bytes, 0) - coalesce(OLD.bytes, 0);
BEGIN
    UPDATE file_usage u SET bytes = u.bytes + v_bytes WHERE u.owner_id = v_owner;
    IF NOT FOUND THEN
        -- The sum has this change in it. Another's row that was made meanwhile may not: it is added to that.
        INSERT INTO file_usage (owner_id, bytes)
        SELECT v_owner, (SELECT coalesce(sum(f.bytes), 0) FROM files f WHERE f.owner_id = v_owner)
                      + (SELECT coalesce(sum(u.bytes), 0) FROM file_uploads u WHERE u.owner_id = v_owner)
        ON CONFLICT (owner_id) DO UPDATE SET bytes = file_usage.bytes + v_bytes;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.count_proposal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE job_counters c SET proposal_count = c.proposal_count + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    WHERE c.job_id = coalesce(NEW.job_id, OLD.job_id);
    RETURN NULL;
END $$;

CREATE FUNCTION public.count_release() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_gross numeric := NEW.gross - NEW.refunded;
    v_net numeric := NEW.net - NEW.refunded + NEW.refunded_fee;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_gross := v_gross - OLD.gross + OLD.refunded;
        v_net := v_net - OLD.net + OLD.refunded - OLD.refunded_fee;
    END IF;
    INSERT INTO freelancer_private AS f (user_id, total_earnings, currency, updated_at)
    SELECT p.user_id, v_net, NEW.currency, NEW.updated_at FROM freelancer_profiles p
    WHERE p.user_id = NEW.user_id
    ON CONFLICT (user_id) DO UPDATE SET
        total_earnings = f.total_earnings + EXCLUDED.total_earnings, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.total_earnings <> 0 AND (f.currency = EXCLUDED.currency OR (f.total_earnings = 0 AND NOT EXISTS (
        SELECT FROM releases r WHERE r.user_id = NEW.user_id AND r.id <> NEW.id)));
    INSERT INTO client_private AS c (user_id, total_spent, currency, updated_at)
    SELECT p.user_id, v_gross, NEW.currency, NEW.updated_at FROM client_profiles p
    WHERE p.user_id = NEW.client_id
    ON CONFLICT (user_id) DO UPDATE SET
        total_spent = c.total_spent + EXCLUDED.total_spent, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.total_spent <> 0 AND (c.currency = EXCLUDED.currency OR (c.total_spent = 0 AND NOT EXISTS (
        SELECT FROM releases r WHERE r.client_id = NEW.client_id AND r.id <> NEW.id)));
    RETURN NULL;
END $$;

CREATE FUNCTION public.count_views(p_types text[], p_ids uuid[], p_viewers uuid[], p_ips inet[], p_agents text[], p_referrers text[], p_at timestamp with time zone[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO view_events (entity_type, entity_id, viewer_id, ip, user_agent, referrer, viewed_at)
    SELECT * FROM unnest(p_types, p_ids, p_viewers, p_ips, p_agents, p_referrers, p_at);
    PERFORM FROM gig_counters c WHERE c.gig_id = ANY (p_ids) ORDER BY c.gig_id FOR NO KEY UPDATE;
    UPDATE gig_counters c SET view_count = c.view_count + v.n,
                              trend_score = trend_after(c.trend_score, v.n, v.newest)
    FROM (
        SELECT i.id, count(*) AS n, max(i.at) AS newest FROM unnest(p_types, p_ids, p_at) i(type, id, at)
        WHERE i.type = 'gig' GROUP BY i.id
    ) v WHERE c.gig_id = v.id;
    PERFORM FROM job_counters c WHERE c.job_id = ANY (p_ids) ORDER BY c.job_id FOR NO KEY UPDATE;
    UPDATE job_counters c SET view_count = c.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'job' GROUP BY i.id
    ) v WHERE c.job_id = v.id;
    UPDATE freelancer_profiles p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'freelancer' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.user_id = v.id;
    UPDATE portfolio_items p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'portfolio_item' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.id = v.id;
END $$;

CREATE FUNCTION public.count_vote() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_review uuid := coalesce(NEW.review_id, OLD.review_id);
BEGIN
    PERFORM FROM reviews r WHERE r.id = v_review FOR NO KEY UPDATE;
    UPDATE reviews r SET helpful_count = (
        SELECT count(*) FROM review_votes v WHERE v.review_id = v_review AND v.is_helpful)
    WHERE r.id = v_review;
    RETURN NULL;
END $$;

CREATE FUNCTION public.create_conversation(p_type text, p_creator uuid, p_others uuid[], p_title text, p_job uuid, p_contract uuid, p_client uuid, p_hash bytea, p_max_participants integer, p_max_direct_a_day integer, p_max_user_fanout integer, p_lock_timeout_ms integer) RETURNS public.creation_result
    LANGUAGE sql
    AS $_$
    SELECT verdict_of_before(s.verdict), s.conversation_id, s.retry_after_s
    FROM start_conversation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) s
$_$;

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
    CONSTRAINT reports_subject_known CHECK ((subject_type = ANY (ARRAY['message'::text, 'conversation'::text, 'user'::text, 'gig'::text, 'job'::text, 'review'::text])))
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
    ELSIF p_subject_type = 'user' THEN
        v_is_visible := EXISTS (SELECT 1 FROM users u WHERE u.id = p_subject);
    ELSE
        v_is_visible := sees_subject(p_user, p_subject_type, p_subject);
    END IF;
    IF NOT v_is_visible THEN
        RETURN;
    END IF;
    IF is_own_subject(p_user, p_subject_type, p_subject) THEN
        RAISE check_violation USING
            MESSAGE = 'nobody can report what is one''s own', CONSTRAINT = 'reports_subject_of_others';
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

CREATE FUNCTION public.create_template(p_user uuid, p_kind text, p_title text, p_content text, p_max_templates integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- One at a time for each person: the statements below see what an earlier one has kept.
    PERFORM FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM templates t
        WHERE t.user_id = p_user AND t.kind = p_kind AND t.title = p_title AND t.content = p_content
    ) THEN
        RETURN 'ok';
    ELSIF (SELECT count(*) FROM templates t WHERE t.user_id = p_user AND t.kind = p_kind) >= p_max_templates THEN
        RETURN 'too_many_templates';
    END IF;
    INSERT INTO templates (user_id, kind, title, content) VALUES (p_user, p_kind, p_title, p_content);
    RETURN 'ok';
END $$;

CREATE FUNCTION public.currency_decimals(p_currency text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN p_currency IN ('JPY', 'KRW') THEN 0 ELSE 2 END
$$;

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
        WHEN v_message.type = 'system' THEN 'forbidden'
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
    IF v_message.parent_id IS NOT NULL THEN
        PERFORM reply_deleted(v_message);
    END IF;
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY(
        SELECT p.user_id FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
          AND p.last_read_seq < v_message.seq
    ));
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

CREATE FUNCTION public.delivery_before(p_user uuid, p_channel text, p_endpoint text, p_group text, p_notification uuid) RETURNS TABLE(sent_at timestamp with time zone, told bigint, again_at timestamp with time zone)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    SELECT d.sent_at, d.told, CASE
        WHEN p_channel = 'push' THEN d.sent_at + make_interval(secs => setting_number('push_again_seconds')::float8)
        WHEN p_group LIKE 'run:%' OR EXISTS (
            SELECT FROM notification_delivery_items i
            WHERE i.user_id = p_user AND i.notification_id = p_notification AND i.delivery_id = d.id
        ) THEN d.sent_at + setting_length('mail_again_hours')
    END
    FROM notification_deliveries d
    WHERE d.user_id = p_user AND d.channel = p_channel AND d.endpoint = p_endpoint AND d.group_key = p_group
      AND d.status = 'sent'
    ORDER BY d.edition DESC
    LIMIT 1
$$;

CREATE FUNCTION public.delivery_cap(p_category text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE WHEN p_category = 'message' THEN 'message'
                WHEN p_category NOT IN ('security', 'payment') THEN 'other' END
$$;

CREATE TABLE public.notifications (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    category text NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    title text,
    content text,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) NOT NULL,
    in_app boolean DEFAULT true NOT NULL,
    subject_id uuid,
    subject_type text,
    actor_id uuid,
    seq bigint,
    seqs bigint[],
    ended text,
    again_at timestamp with time zone,
    CONSTRAINT notifications_ended_known CHECK ((ended = ANY (ARRAY['deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text]))),
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
)
PARTITION BY HASH (user_id);

CREATE FUNCTION public.delivery_edition(p public.notifications) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE WHEN p.type = 'message.run' THEN p.seq
                ELSE (extract(epoch FROM p.updated_at) * 1000)::bigint END
$$;

CREATE FUNCTION public.delivery_rank(p_type text, p_priority text) RETURNS smallint
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE WHEN p_type IN ('announcement', 'saved_search.found') THEN 2
                WHEN p_priority = 'urgent' THEN 0 ELSE 1 END::smallint
$$;

CREATE FUNCTION public.delivery_told(p public.notifications) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(p.seq, (extract(epoch FROM p.updated_at) * 1000)::bigint)
$$;

CREATE FUNCTION public.delivery_wanted(p_user uuid, p_category text, p_channel text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT p_channel = 'email' AND p_category IN ('security', 'payment')
        OR coalesce(
            (SELECT f.is_enabled FROM notification_preferences f
             WHERE f.user_id = p_user AND f.category = p_category AND f.channel = p_channel),
            CASE p_channel WHEN 'email' THEN p_category <> 'marketing'
                           ELSE p_category IN ('message', 'contract', 'payment', 'security') END)
$$;

CREATE FUNCTION public.earned_before() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO freelancer_private (user_id, total_earnings, currency)
    SELECT NEW.user_id, e.amount, e.currency FROM earned_by(NEW.user_id) e ORDER BY e.since, e.currency LIMIT 1;
    RETURN NULL;
END $$;

CREATE FUNCTION public.earned_by(p_user uuid) RETURNS TABLE(currency text, amount numeric, since timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    SELECT r.currency, sum(r.net - r.refunded + r.refunded_fee), min(r.created_at)
    FROM releases r WHERE r.user_id = p_user GROUP BY r.currency
$$;

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

CREATE FUNCTION public.end_push_devices() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM push_devices d WHERE d.session_id = NEW.id;
    RETURN NULL;
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

CREATE FUNCTION public.ensure_month(p_table text, p_month timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_from timestamptz := date_trunc('month', p_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('month', p_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    v_name text := p_table || '_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       v_name, p_table, v_from, v_to);
    END IF;
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

CREATE FUNCTION public.figures_before() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_rating record;
    v_figures record;
BEGIN
    PERFORM wait_for_figures(NEW.user_id);
    SELECT c.* INTO v_rating FROM calculate_role_rating(NEW.user_id, TG_ARGV[0]) c;
    IF v_rating.total_reviews > 0 THEN
        NEW.rating := v_rating.average_rating;
        NEW.total_reviews := v_rating.total_reviews;
    END IF;
    IF TG_ARGV[0] = 'client' THEN
        SELECT f.* INTO v_figures FROM freelancer_figures(NEW.user_id, NEW.rating) f;
        IF FOUND THEN
            NEW.jobs_completed := v_figures.jobs_completed;
            NEW.success_rate := v_figures.success_rate;
            NEW.on_time_rate := v_figures.on_time_rate;
            NEW.reputation := v_figures.reputation;
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.file_ids_in(p_row anyelement, p_column text) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    v_ids uuid[];
BEGIN
    EXECUTE format('SELECT array(SELECT i FROM unnest(ARRAY[($1).%I]) i WHERE i IS NOT NULL)', p_column)
    INTO v_ids USING p_row;
    RETURN v_ids;
END $_$;

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
    last_deleted_reply_at timestamp with time zone,
    system jsonb,
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
    AS $$
#variable_conflict use_column
DECLARE
    v_query tsquery := terms_query(p_text);
    v_patterns text[] := search_patterns(v_query);
    v_found found_message[] := '{}';
    v_oldest timestamptz := '-infinity';
    v_each record;
BEGIN
    IF numnode(v_query) = 0 THEN
        RETURN;
    END IF;
    FOR v_each IN
        SELECT page.last_at, hit.message
        FROM (
            SELECT c.id, n.page, coalesce(w.first_at, since.month) AS first_at,
                   coalesce(w.last_at, c.last_message_at) AS last_at
            FROM conversation_participants me
            JOIN conversations c ON c.id = me.conversation_id
            CROSS JOIN LATERAL generate_series(0, page_of(c.last_seq)) AS n(page)
            LEFT JOIN LATERAL (
                SELECT k.first_at, k.last_at, k.tokens, k.fold FROM message_words k
                WHERE k.conversation_id = c.id AND k.page = n.page
                LIMIT 1
            ) w ON true
            LEFT JOIN LATERAL (
                SELECT cm.month FROM conversation_months cm
                WHERE w.first_at IS NULL
                  AND cm.conversation_id = c.id AND cm.first_seq <= first_seq_of(n.page)
                ORDER BY cm.month DESC
                LIMIT 1
            ) since ON true
            WHERE me.user_id = p_user AND me.left_at IS NULL AND c.last_seq > 0
              AND (p_conversation IS NULL OR me.conversation_id = p_conversation)
              AND (w.tokens IS NULL OR w.fold <> search_fold_version() OR w.tokens @@ v_query)
              AND (p_below_at IS NULL OR coalesce(w.first_at, since.month) <= p_below_at)
            ORDER BY 4 DESC
        ) page
        LEFT JOIN LATERAL (
            SELECT (m.conversation_id, m.seq, m.created_at)::found_message AS message
            FROM messages m
            WHERE m.conversation_id = page.id
              AND m.seq BETWEEN first_seq_of(page.page) AND last_seq_of(page.page)
              AND m.created_at BETWEEN page.first_at AND page.last_at
              AND m.content <> '' AND NOT m.is_deleted
              AND (p_below_at IS NULL OR (m.created_at, m.conversation_id, m.seq)
                                         < (p_below_at, p_below_conversation, p_below_seq))
              AND search_fold(m.content) LIKE ALL (v_patterns)
              AND search_terms(m.content) @@ v_query
            LIMIT 32
        ) hit ON true
        ORDER BY page.last_at DESC
    LOOP
        EXIT WHEN v_each.last_at < v_oldest;
        IF (v_each.message).created_at >= v_oldest THEN
            v_found := newest_found(v_found || v_each.message, p_limit);
            IF cardinality(v_found) = p_limit THEN
                v_oldest := v_found[p_limit].created_at;
            END IF;
        END IF;
    END LOOP;
    RETURN QUERY SELECT * FROM unnest(v_found);
END $$;

CREATE FUNCTION public.find_people(p_user uuid, p_query text, p_limit integer) RETURNS TABLE(user_id uuid, display_name text, kind text, avatar text)
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_whole text := name_words(p_query);
    v_words text[] := ARRAY(
        SELECT '% ' || w || '%' FROM regexp_split_to_table(v_whole, '\s+') w WHERE w <> '' GROUP BY w
        -- The longest finds the fewest rows of the index; the others are compared with those.
        ORDER BY length(w) DESC);
    v_ids uuid[];
BEGIN
    IF v_words = '{}' THEN
        RETURN;
    END IF;
    v_ids := ARRAY(SELECT n.user_id FROM people_names n WHERE n.words = v_whole LIMIT 200)
        || ARRAY(
            SELECT n.user_id FROM people_names n
            WHERE n.words LIKE v_words[1] AND n.words LIKE ALL (v_words) LIMIT 1000);
    IF cardinality(v_ids) >= 1000 THEN
        -- There are more, among whom those may be whom the asker talks to: they go before all others.
        v_ids := v_ids || ARRAY(
            SELECT o.user_id FROM conversation_participants me
            JOIN conversations c ON c.id = me.conversation_id AND c.fanout = 'user'
            JOIN conversation_participants o ON o.conversation_id = me.conversation_id AND o.left_at IS NULL
            JOIN people_names n ON n.user_id = o.user_id
            WHERE me.user_id = p_user AND me.left_at IS NULL AND n.words LIKE ALL (v_words) LIMIT 1000);
    END IF;
    RETURN QUERY
    WITH known AS (SELECT a.user_id FROM acquaintances(p_user, v_ids) a)
    SELECT u.id, u.display_name, u.kind, u.avatar
    FROM users u JOIN people_names n ON n.user_id = u.id LEFT JOIN known k ON k.user_id = u.id
    WHERE u.id = ANY (v_ids) AND u.id <> p_user AND u.status = 'active'
      AND (u.messages_from = 'everyone' OR k.user_id IS NOT NULL)
      AND NOT EXISTS (
          SELECT FROM user_blocks b
          WHERE (b.blocker_id = p_user AND b.blocked_id = u.id)
             OR (b.blocker_id = u.id AND b.blocked_id = p_user))
    ORDER BY n.words <> v_whole, k.user_id IS NULL, NOT starts_with(n.words, v_whole),
             lower(u.display_name), u.id
    LIMIT p_limit;
END $$;

CREATE FUNCTION public.first_seq_of(p_page bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_page * 32 + 1 $$;

CREATE FUNCTION public.fold_beyond_ascii(p_text text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE COST 10 PARALLEL SAFE
    AS $$
DECLARE
    -- What is frequent is replaced at once: a search by pattern for a single letter costs ten times as much.
    v_text text := replace(replace(replace(replace(lower(p_text), 'ё', 'е'), 'ß', 'ss'), 'ς', 'σ'), 'đ', 'd');
BEGIN
    IF v_text !~ ('[' || fold_changed() || ']') THEN
        RETURN v_text;
    END IF;
    IF v_text ~ ('[' || fold_pictographs() || ']') THEN
        v_text := translate(v_text, fold_pictographs(), fold_stand_ins());
    END IF;
    IF fold_is_swollen(v_text) THEN
        v_text := regexp_replace(v_text, '[' || fold_expanding() || ']+', '', 'g');
    END IF;
    -- Marks are put in order by a sort that takes the square of their number; no letter has so many.
    IF v_text ~ ('[' || fold_combining() || ']{17}') THEN
        v_text := regexp_replace(v_text, '[' || fold_combining() || ']{17,}', '', 'g');
    END IF;
    v_text := lower(normalize(v_text, NFKD));
    IF v_text ~ '[\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f]' THEN
        v_text := regexp_replace(v_text, fold_marks(true), '', 'g');
    ELSE
        v_text := regexp_replace(v_text, fold_marks(false), '', 'g');
    END IF;
    IF octet_length(v_text) = char_length(v_text) THEN
        RETURN v_text;
    END IF;
    v_text := normalize(v_text, NFC);
    IF v_text ~ '[\u0300-\u036f]' THEN
        v_text := regexp_replace(v_text, '[\u0300-\u036f]+', '', 'g');
    END IF;
    IF v_text ~ ('[' || fold_mapped() || ']') THEN
        -- In one pass: one replacement a character takes as many passes as a text has different ones.
        SELECT string_agg(coalesce(fold_map() ->> t.letter, t.letter), '' ORDER BY t.place) INTO v_text
        FROM string_to_table(v_text, NULL) WITH ORDINALITY AS t(letter, place);
    END IF;
    RETURN v_text;
END $$;

CREATE FUNCTION public.fold_changed() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u00aa\u00ad\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0137\u0139'
        '-\u014a\u014c-\u0184\u0186-\u018c\u018e-\u0194\u0196-\u019a\u019c-\u01a2\u01a4-\u01a7\u01a9\u01ab-'
        '\u01b8\u01bc\u01c4-\u01dc\u01de-\u021c\u021e-\u0222\u0224-\u0236\u023a-\u0241\u0243-\u024f\u0253'
        '\u0255-\u0257\u0260\u0266\u0268\u026b-\u026d\u0271-\u0273\u027c-\u027e\u0282\u0288\u028b\u0290\u0291'
        '\u029d\u02a0\u02b0-\u02b8\u02bb\u02bc\u02e0-\u02e4\u0300-\u0370\u0372\u0374\u0376\u037a\u037e\u037f'
        '\u0386-\u038a\u038c\u038e-\u03a1\u03a3-\u03b0\u03c2\u03ca-\u03d6\u03d8\u03da\u03dc\u03de\u03e0\u03e2'
        '\u03e4\u03e6\u03e8\u03ea\u03ec\u03ee\u03f0-\u03f2\u03f4\u03f5\u03f7\u03f9\u03fa\u03fd-\u042f\u0450'
        '\u0451\u045d\u0460\u0462\u0464\u0466\u0468\u046a\u046c\u046e\u0470\u0472\u0474\u0476\u0478\u047a'
        '\u047c\u047e\u0480\u0483-\u048a\u048c\u048e\u0490\u0492\u0494\u0496\u0498\u049a\u049c\u049e\u04a0'
        '\u04a2\u04a4\u04a6\u04a8\u04aa\u04ac\u04ae\u04b0\u04b2\u04b4\u04b6\u04b8\u04ba\u04bc\u04be\u04c0'
        '\u04c1\u04c3\u04c5\u04c7\u04c9\u04cb\u04cd\u04d0\u04d2\u04d4\u04d6\u04d8\u04da\u04dc\u04de\u04e0'
        '\u04e2\u04e4\u04e6\u04e8\u04ea\u04ec\u04ee\u04f0\u04f2\u04f4\u04f6\u04f8\u04fa\u04fc\u04fe\u0500'
        '\u0502\u0504\u0506\u0508\u050a\u050c\u050e\u0510\u0512\u0514\u0516\u0518\u051a\u051c\u051e\u0520'
        '\u0522\u0524\u0526\u0528\u052a\u052c\u052e\u0531-\u0556\u0587\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4'
        '\u05c5\u05c7\u0610-\u061a\u061c\u0622-\u0626\u0640\u064b-\u0669\u0670\u0675-\u0678\u06c0\u06c2\u06d3'
        '\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u06f0-\u06f9\u0711\u0730-\u074a\u07c0-\u07c9'
        '\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0898-\u089f'
        '\u08ca-\u08e1\u08e3-\u08ff\u093c\u094d\u0951-\u0954\u0958-\u095f\u0966-\u096f\u09bc\u09be\u09cd'
        '\u09d7\u09dc\u09dd\u09df\u09e6-\u09ef\u09fe\u0a33\u0a36\u0a3c\u0a4d\u0a59-\u0a5b\u0a5e\u0a66-\u0a6f'
        '\u0abc\u0acd\u0ae6-\u0aef\u0b3c\u0b3e\u0b4d\u0b56\u0b57\u0b5c\u0b5d\u0b66-\u0b6f\u0bbe\u0bcd\u0bd7'
        '\u0be6-\u0bef\u0c3c\u0c4d\u0c55\u0c56\u0c66-\u0c6f\u0cbc\u0cc2\u0ccd\u0cd5\u0cd6\u0ce6-\u0cef\u0d3b'
        '\u0d3c\u0d3e\u0d4d\u0d57\u0d66-\u0d6f\u0dca\u0dcf\u0ddf\u0de6-\u0def\u0e33\u0e38-\u0e3a\u0e48-\u0e4b'
        '\u0e50-\u0e59\u0eb3\u0eb8-\u0eba\u0ec8-\u0ecb\u0ed0-\u0ed9\u0edc\u0edd\u0f18\u0f19\u0f20-\u0f29'
        '\u0f35\u0f37\u0f39\u0f43\u0f4d\u0f52\u0f57\u0f5c\u0f69\u0f71-\u0f7d\u0f80-\u0f84\u0f86\u0f87\u0f93'
        '\u0f9d\u0fa2\u0fa7\u0fac\u0fb5\u0fb7\u0fb9\u0fc6\u102e\u1037\u1039\u103a\u1040-\u1049\u108d\u1090-'
        '\u1099\u10a0-\u10c5\u10c7\u10cd\u10fc\u115f-\u11ff\u135d-\u135f\u13a0-\u13f5\u1714\u1715\u1734\u17b4'
        '\u17b5\u17d2\u17dd\u17e0-\u17e9\u180b-\u1819\u18a9\u1939-\u193b\u1946-\u194f\u19d0-\u19d9\u1a17'
        '\u1a18\u1a60\u1a75-\u1a7c\u1a7f-\u1a89\u1a90-\u1a99\u1ab0-\u1ace\u1b34\u1b35\u1b44\u1b50-\u1b59'
        '\u1b6b-\u1b73\u1baa\u1bab\u1bb0-\u1bb9\u1be6\u1bf2\u1bf3\u1c37\u1c40-\u1c49\u1c50-\u1c59\u1c80-'
        '\u1c88\u1c90-\u1cba\u1cbd-\u1cbf\u1cd0-\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8\u1cf9'
        '\u1d2c-\u1d2e\u1d30-\u1d3a\u1d3c-\u1d4d\u1d4f-\u1d6a\u1d6c-\u1d76\u1d78\u1d7d\u1d80-\u1d8a\u1d8c-'
        '\u1d8f\u1d91\u1d92\u1d96\u1d99\u1d9b-\u1e9b\u1e9e\u1ea0-\u1efa\u1efc\u1efe-\u1f15\u1f18-\u1f1d\u1f20'
        '-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe'
        '\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1fee\u1fef\u1ff2-\u1ff4\u1ff6-'
        '\u1ffd\u2000\u2001\u200b-\u200f\u202a-\u202e\u203c\u2049\u2060-\u2064\u2066-\u2071\u2074-\u2079'
        '\u207f-\u2089\u2090-\u209c\u20a8\u20d0-\u20e2\u20e4-\u20f0\u2100-\u2103\u2105-\u2107\u2109-\u2113'
        '\u2115\u2116\u2119-\u211d\u2120-\u2122\u2124\u2126\u2128\u212a-\u212d\u212f-\u2139\u213b-\u213f'
        '\u2145-\u2149\u2150-\u217f\u2183\u2189\u21ae\u2329\u232a\u2460-\u24ea\u2adc\u2c00-\u2c2f\u2c60-'
        '\u2c75\u2c78\u2c7a\u2c7c-\u2c80\u2c82\u2c84\u2c86\u2c88\u2c8a\u2c8c\u2c8e\u2c90\u2c92\u2c94\u2c96'
        '\u2c98\u2c9a\u2c9c\u2c9e\u2ca0\u2ca2\u2ca4\u2ca6\u2ca8\u2caa\u2cac\u2cae\u2cb0\u2cb2\u2cb4\u2cb6'
        '\u2cb8\u2cba\u2cbc\u2cbe\u2cc0\u2cc2\u2cc4\u2cc6\u2cc8\u2cca\u2ccc\u2cce\u2cd0\u2cd2\u2cd4\u2cd6'
        '\u2cd8\u2cda\u2cdc\u2cde\u2ce0\u2ce2\u2ceb\u2ced\u2cef-\u2cf2\u2d6f\u2d7f\u2de0-\u2dff\u2e9f\u2ef3'
        '\u2f00-\u2fd5\u302a-\u302f\u3038-\u303a\u3099-\u309c\u309f\u30ff\u3131-\u318e\u3192-\u319f\u3200-'
        '\u321e\u3220-\u3247\u3250-\u327e\u3280-\u33ff\ua620-\ua629\ua640\ua642\ua644\ua646\ua648\ua64a\ua64c'
        '\ua64e\ua650\ua652\ua654\ua656\ua658\ua65a\ua65c\ua65e\ua660\ua662\ua664\ua666\ua668\ua66a\ua66c'
        '\ua66f-\ua672\ua674-\ua67d\ua680\ua682\ua684\ua686\ua688\ua68a\ua68c\ua68e\ua690\ua692\ua694\ua696'
        '\ua698\ua69a\ua69c-\ua69f\ua6f0\ua6f1\ua722\ua724\ua726\ua728\ua72a\ua72c\ua72e\ua732\ua734\ua736'
        '\ua738\ua73a\ua73c\ua73e\ua740-\ua746\ua748-\ua74e\ua750-\ua75a\ua75c\ua75e-\ua760\ua762\ua764\ua766'
        '\ua768\ua76a\ua76c\ua76e\ua770\ua779\ua77b\ua77d\ua77e\ua780\ua782\ua784\ua786\ua78b\ua78d\ua78e'
        '\ua790-\ua79a\ua79c\ua79e\ua7a0-\ua7ae\ua7b0-\ua7b4\ua7b6\ua7b8-\ua7ba\ua7bc\ua7be\ua7c0\ua7c2\ua7c4'
        '-\ua7ca\ua7d0\ua7d6\ua7d8\ua7f2-\ua7f5\ua7f8\ua7f9\ua806\ua82c\ua8c4\ua8d0-\ua8d9\ua8e0-\ua8f1\ua900'
        '-\ua909\ua92b-\ua92d\ua953\ua9b3\ua9c0\ua9d0-\ua9d9\ua9f0-\ua9f9\uaa50-\uaa59\uaab0\uaab2-\uaab4'
        '\uaab7\uaab8\uaabe\uaabf\uaac1\uaaf6\uab34\uab37-\uab3b\uab49\uab4e\uab52\uab56-\uab5a\uab5c-\uab5f'
        '\uab69\uabed\uabf0-\uabf9\uf900-\ufa0d\ufa10\ufa12\ufa15-\ufa1e\ufa20\ufa22\ufa25\ufa26\ufa2a-\ufa6d'
        '\ufa70-\ufad9\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41'
        '\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe00-\ufe0f\ufe20-'
        '\ufe2f\ufe70-\ufe72\ufe74\ufe76-\ufefc\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffbe'
        '\uffc2-\uffc7\uffca-\uffcf\uffd2-\uffd7\uffda-\uffdc\U000101fd\U000102e0\U00010376-\U0001037a'
        '\U00010400-\U00010427\U000104a0-\U000104a9\U000104b0-\U000104d3\U00010570-\U0001057a\U0001057c-'
        '\U0001058a\U0001058c-\U00010592\U00010594\U00010595\U00010781-\U00010785\U00010787-\U000107b0'
        '\U000107b2-\U000107ba\U00010a0d\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5\U00010ae6'
        '\U00010c80-\U00010cb2\U00010d24-\U00010d27\U00010d30-\U00010d39\U00010eab\U00010eac\U00010f46-'
        '\U00010f50\U00010f82-\U00010f85\U00011046\U00011066-\U00011070\U0001107f\U000110b9\U000110ba'
        '\U000110f0-\U000110f9\U00011100-\U00011102\U00011127\U00011133\U00011134\U00011136-\U0001113f'
        '\U00011173\U000111c0\U000111ca\U000111d0-\U000111d9\U00011235\U00011236\U000112e9\U000112ea'
        '\U000112f0-\U000112f9\U0001133b\U0001133c\U0001133e\U0001134d\U00011357\U00011366-\U0001136c'
        '\U00011370-\U00011374\U00011442\U00011446\U00011450-\U00011459\U0001145e\U000114b0\U000114ba'
        '\U000114bd\U000114c2\U000114c3\U000114d0-\U000114d9\U000115af\U000115bf\U000115c0\U0001163f'
        '\U00011650-\U00011659\U000116b6\U000116b7\U000116c0-\U000116c9\U0001172b\U00011730-\U00011739'
        '\U00011839\U0001183a\U000118a0-\U000118bf\U000118e0-\U000118e9\U00011930\U0001193d\U0001193e'
        '\U00011943\U00011950-\U00011959\U000119e0\U00011a34\U00011a47\U00011a99\U00011c3f\U00011c50-'
        '\U00011c59\U00011d42\U00011d44\U00011d45\U00011d50-\U00011d59\U00011d97\U00011da0-\U00011da9'
        '\U00016a60-\U00016a69\U00016ac0-\U00016ac9\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016b50-'
        '\U00016b59\U00016e40-\U00016e5f\U00016ff0\U00016ff1\U0001bc9e\U0001bca0-\U0001bca3\U0001cf00-'
        '\U0001cf2d\U0001cf30-\U0001cf46\U0001d15e-\U0001d169\U0001d16d-\U0001d182\U0001d185-\U0001d18b'
        '\U0001d1aa-\U0001d1ad\U0001d1bb-\U0001d1c0\U0001d242-\U0001d244\U0001d400-\U0001d454\U0001d456-'
        '\U0001d49c\U0001d49e\U0001d49f\U0001d4a2\U0001d4a5\U0001d4a6\U0001d4a9-\U0001d4ac\U0001d4ae-'
        '\U0001d4b9\U0001d4bb\U0001d4bd-\U0001d4c3\U0001d4c5-\U0001d505\U0001d507-\U0001d50a\U0001d50d-'
        '\U0001d514\U0001d516-\U0001d51c\U0001d51e-\U0001d539\U0001d53b-\U0001d53e\U0001d540-\U0001d544'
        '\U0001d546\U0001d54a-\U0001d550\U0001d552-\U0001d6a5\U0001d6a8-\U0001d6c0\U0001d6c2-\U0001d6da'
        '\U0001d6dc-\U0001d6fa\U0001d6fc-\U0001d714\U0001d716-\U0001d734\U0001d736-\U0001d74e\U0001d750-'
        '\U0001d76e\U0001d770-\U0001d788\U0001d78a-\U0001d7a8\U0001d7aa-\U0001d7c2\U0001d7c4-\U0001d7cb'
        '\U0001d7ce-\U0001d7ff\U0001df09\U0001df11\U0001df13\U0001df16\U0001df1a\U0001df1b\U0001df1d'
        '\U0001df1e\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021\U0001e023\U0001e024'
        '\U0001e026-\U0001e02a\U0001e130-\U0001e136\U0001e140-\U0001e149\U0001e2ae\U0001e2ec-\U0001e2f9'
        '\U0001e8d0-\U0001e8d6\U0001e900-\U0001e921\U0001e944-\U0001e94a\U0001e950-\U0001e959\U0001ee00-'
        '\U0001ee03\U0001ee05-\U0001ee1f\U0001ee21\U0001ee22\U0001ee24\U0001ee27\U0001ee29-\U0001ee32'
        '\U0001ee34-\U0001ee37\U0001ee39\U0001ee3b\U0001ee42\U0001ee47\U0001ee49\U0001ee4b\U0001ee4d-'
        '\U0001ee4f\U0001ee51\U0001ee52\U0001ee54\U0001ee57\U0001ee59\U0001ee5b\U0001ee5d\U0001ee5f\U0001ee61'
        '\U0001ee62\U0001ee64\U0001ee67-\U0001ee6a\U0001ee6c-\U0001ee72\U0001ee74-\U0001ee77\U0001ee79-'
        '\U0001ee7c\U0001ee7e\U0001ee80-\U0001ee89\U0001ee8b-\U0001ee9b\U0001eea1-\U0001eea3\U0001eea5-'
        '\U0001eea9\U0001eeab-\U0001eebb\U0001f100-\U0001f10a\U0001f110-\U0001f12e\U0001f130-\U0001f14f'
        '\U0001f16a-\U0001f16c\U0001f190\U0001f200-\U0001f202\U0001f210-\U0001f23b\U0001f240-\U0001f248'
        '\U0001f250\U0001f251\U0001fbf0-\U0001fbf9\U0002f800-\U0002fa1d\U000e0001\U000e0020-\U000e007f'
        '\U000e0100-\U000e01ef'
$$;

CREATE FUNCTION public.fold_combining() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u0300-\u034e\u0350-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-'
        '\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a'
        '\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0897-\u089f'
        '\u08ca-\u08e1\u08e3-\u08ff\u093c\u094d\u0951-\u0954\u09bc\u09cd\u09fe\u0a3c\u0a4d\u0abc\u0acd\u0b3c'
        '\u0b4d\u0bcd\u0c3c\u0c4d\u0c55\u0c56\u0cbc\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e38-\u0e3a\u0e48-\u0e4b'
        '\u0eb8-\u0eba\u0ec8-\u0ecb\u0f18\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f75\u0f7a-\u0f7d\u0f80-\u0f84'
        '\u0f86\u0f87\u0fc6\u1037\u1039\u103a\u108d\u135d-\u135f\u1714\u1715\u1734\u17d2\u17dd\u18a9\u1939-'
        '\u193b\u1a17\u1a18\u1a60\u1a75-\u1a7c\u1a7f\u1ab0-\u1abd\u1abf-\u1ace\u1b34\u1b44\u1b6b-\u1b73\u1baa'
        '\u1bab\u1be6\u1bf2\u1bf3\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8\u1cf9\u1dc0-'
        '\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a'
        '\ua66f\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ua806\ua82c\ua8c4\ua8e0-\ua8f1\ua92b-\ua92d\ua953\ua9b3'
        '\ua9c0\uaab0\uaab2-\uaab4\uaab7\uaab8\uaabe\uaabf\uaac1\uaaf6\uabed\ufb1e\ufe20-\ufe2f\uff9e\uff9f'
        '\U000101fd\U000102e0\U00010376-\U0001037a\U00010a0d\U00010a0f\U00010a38-\U00010a3a\U00010a3f'
        '\U00010ae5\U00010ae6\U00010d24-\U00010d27\U00010d69-\U00010d6d\U00010eab\U00010eac\U00010efd-'
        '\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011046\U00011070\U0001107f\U000110b9'
        '\U000110ba\U00011100-\U00011102\U00011133\U00011134\U00011173\U000111c0\U000111ca\U00011235'
        '\U00011236\U000112e9\U000112ea\U0001133b\U0001133c\U0001134d\U00011366-\U0001136c\U00011370-'
        '\U00011374\U000113ce-\U000113d0\U00011442\U00011446\U0001145e\U000114c2\U000114c3\U000115bf'
        '\U000115c0\U0001163f\U000116b6\U000116b7\U0001172b\U00011839\U0001183a\U0001193d\U0001193e\U00011943'
        '\U000119e0\U00011a34\U00011a47\U00011a99\U00011c3f\U00011d42\U00011d44\U00011d45\U00011d97\U00011f41'
        '\U00011f42\U0001612f\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016ff0\U00016ff1\U0001bc9e'
        '\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-'
        '\U0001d1ad\U0001d242-\U0001d244\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021'
        '\U0001e023\U0001e024\U0001e026-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-'
        '\U0001e2ef\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a'
$$;

CREATE FUNCTION public.fold_expanding() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u321d\u321e\u327c\u3300\u3302\u3304\u3307\u3313\u3315-\u3317\u3319\u331a\u3320\u3321\u332b\u332d'
        '\u332e\u3332\u3334\u3336\u333b\u333d\u3340\u3347\u334a\u334c\u3354\u3356\u33ae\u33af\ufdfa\ufdfb'
$$;

CREATE FUNCTION public.fold_is_swollen(p_text text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT octet_length(p_text) <> char_length(p_text) AND p_text ~ ('[' || fold_expanding() || ']')
           AND 18 * (char_length(p_text)
                     - char_length(regexp_replace(p_text, '[' || fold_expanding() || ']+', '', 'g')))
               > char_length(p_text) + 200
$$;

CREATE FUNCTION public.fold_map() RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT ('{"Æ":"ae","Ð":"d","Ø":"o","Þ":"th","ß":"ss","æ":"ae","ð":"d","ø":"o","þ":"th","Đ":"d","đ":"d","Ħ":"h'
        '","ħ":"h","ı":"i","Ł":"l","ł":"l","Ŋ":"ŋ","Œ":"oe","œ":"oe","Ŧ":"t","ŧ":"t","ƀ":"b","Ɓ":"b","Ƃ":"b",'
        '"ƃ":"b","Ƅ":"ƅ","Ɔ":"ɔ","Ƈ":"c","ƈ":"c","Ɖ":"d","Ɗ":"d","Ƌ":"d","ƌ":"d","Ǝ":"ǝ","Ə":"ə","Ɛ":"ɛ","Ƒ":'
        '"f","ƒ":"f","Ɠ":"g","Ɣ":"ɣ","Ɩ":"ɩ","Ɨ":"i","Ƙ":"k","ƙ":"k","ƚ":"l","Ɯ":"ɯ","Ɲ":"n","ƞ":"n","Ɵ":"ɵ",'
        '"Ƣ":"ƣ","Ƥ":"p","ƥ":"p","Ʀ":"ʀ","Ƨ":"ƨ","Ʃ":"ʃ","ƫ":"t","Ƭ":"t","ƭ":"t","Ʈ":"t","Ʊ":"ʊ","Ʋ":"v","Ƴ":'
        '"y","ƴ":"y","Ƶ":"z","ƶ":"z","Ʒ":"ʒ","Ƹ":"ƹ","Ƽ":"ƽ","Ǥ":"g","ǥ":"g","Ƕ":"ƕ","Ƿ":"ƿ","Ȝ":"ȝ","Ƞ":"n",'
        '"ȡ":"d","Ȣ":"ȣ","Ȥ":"z","ȥ":"z","ȴ":"l","ȵ":"n","ȶ":"t","Ⱥ":"a","Ȼ":"c","ȼ":"c","Ƚ":"l","Ⱦ":"t","ȿ":'
        '"s","ɀ":"z","Ɂ":"ɂ","Ƀ":"b","Ʉ":"ʉ","Ʌ":"ʌ","Ɇ":"e","ɇ":"e","Ɉ":"j","ɉ":"j","Ɋ":"q","ɋ":"q","Ɍ":"r",'
        '"ɍ":"r","Ɏ":"y","ɏ":"y","ɓ":"b","ɕ":"c","ɖ":"d","ɗ":"d","ɠ":"g","ɦ":"h","ɨ":"i","ɫ":"l","ɬ":"l","ɭ":'
        '"l","ɱ":"m","ɲ":"n","ɳ":"n","ɼ":"r","ɽ":"r","ɾ":"r","ʂ":"s","ʈ":"t","ʋ":"v","ʐ":"z","ʑ":"z","ʝ":"j",'
        '"ʠ":"q","ʻ":"''","ʼ":"''","ͅ":"ι","Ͱ":"ͱ","Ͳ":"ͳ","Ͷ":"ͷ","Ϳ":"ϳ","Α":"α","Β":"β","Γ":"γ","Δ":"δ","Ε'
        '":"ε","Ζ":"ζ","Η":"η","Θ":"θ","Ι":"ι","Κ":"κ","Λ":"λ","Μ":"μ","Ν":"ν","Ξ":"ξ","Ο":"ο","Π":"π","Ρ":"ρ'
        '","Σ":"σ","Τ":"τ","Υ":"υ","Φ":"φ","Χ":"χ","Ψ":"ψ","Ω":"ω","ς":"σ","Ϗ":"ϗ","Ϙ":"ϙ","Ϛ":"ϛ","Ϝ":"ϝ","Ϟ'
        '":"ϟ","Ϡ":"ϡ","Ϣ":"ϣ","Ϥ":"ϥ","Ϧ":"ϧ","Ϩ":"ϩ","Ϫ":"ϫ","Ϭ":"ϭ","Ϯ":"ϯ","Ϸ":"ϸ","Ϻ":"ϻ","Ͻ":"ͻ","Ͼ":"ͼ'
        '","Ͽ":"ͽ","Ѐ":"е","Ё":"е","Ђ":"ђ","Ѓ":"ѓ","Є":"є","Ѕ":"ѕ","І":"і","Ї":"ї","Ј":"ј","Љ":"љ","Њ":"њ","Ћ'
        '":"ћ","Ќ":"ќ","Ѝ":"и","Ў":"ў","Џ":"џ","А":"а","Б":"б","В":"в","Г":"г","Д":"д","Е":"е","Ж":"ж","З":"з'
        '","И":"и","Й":"й","К":"к","Л":"л","М":"м","Н":"н","О":"о","П":"п","Р":"р","С":"с","Т":"т","У":"у","Ф'
        '":"ф","Х":"х","Ц":"ц","Ч":"ч","Ш":"ш","Щ":"щ","Ъ":"ъ","Ы":"ы","Ь":"ь","Э":"э","Ю":"ю","Я":"я","ѐ":"е'
        '","ё":"е","ѝ":"и","Ѡ":"ѡ","Ѣ":"ѣ","Ѥ":"ѥ","Ѧ":"ѧ","Ѩ":"ѩ","Ѫ":"ѫ","Ѭ":"ѭ","Ѯ":"ѯ","Ѱ":"ѱ","Ѳ":"ѳ","Ѵ'
        '":"ѵ","Ѷ":"ѷ","Ѹ":"ѹ","Ѻ":"ѻ","Ѽ":"ѽ","Ѿ":"ѿ","Ҁ":"ҁ","Ҋ":"ҋ","Ҍ":"ҍ","Ҏ":"ҏ","Ґ":"ґ","Ғ":"ғ","Ҕ":"ҕ'
        '","Җ":"җ","Ҙ":"ҙ","Қ":"қ","Ҝ":"ҝ","Ҟ":"ҟ","Ҡ":"ҡ","Ң":"ң","Ҥ":"ҥ","Ҧ":"ҧ","Ҩ":"ҩ","Ҫ":"ҫ","Ҭ":"ҭ","Ү'
        '":"ү","Ұ":"ұ","Ҳ":"ҳ","Ҵ":"ҵ","Ҷ":"ҷ","Ҹ":"ҹ","Һ":"һ","Ҽ":"ҽ","Ҿ":"ҿ","Ӏ":"ӏ","Ӂ":"ӂ","Ӄ":"ӄ","Ӆ":"ӆ'
        '","Ӈ":"ӈ","Ӊ":"ӊ","Ӌ":"ӌ","Ӎ":"ӎ","Ӑ":"ӑ","Ӓ":"ӓ","Ӕ":"ӕ","Ӗ":"ӗ","Ә":"ә","Ӛ":"ӛ","Ӝ":"ӝ","Ӟ":"ӟ","Ӡ'
        '":"ӡ","Ӣ":"ӣ","Ӥ":"ӥ","Ӧ":"ӧ","Ө":"ө","Ӫ":"ӫ","Ӭ":"ӭ","Ӯ":"ӯ","Ӱ":"ӱ","Ӳ":"ӳ","Ӵ":"ӵ","Ӷ":"ӷ","Ӹ":"ӹ'
        '","Ӻ":"ӻ","Ӽ":"ӽ","Ӿ":"ӿ","Ԁ":"ԁ","Ԃ":"ԃ","Ԅ":"ԅ","Ԇ":"ԇ","Ԉ":"ԉ","Ԋ":"ԋ","Ԍ":"ԍ","Ԏ":"ԏ","Ԑ":"ԑ","Ԓ'
        '":"ԓ","Ԕ":"ԕ","Ԗ":"ԗ","Ԙ":"ԙ","Ԛ":"ԛ","Ԝ":"ԝ","Ԟ":"ԟ","Ԡ":"ԡ","Ԣ":"ԣ","Ԥ":"ԥ","Ԧ":"ԧ","Ԩ":"ԩ","Ԫ":"ԫ'
        '","Ԭ":"ԭ","Ԯ":"ԯ","Ա":"ա","Բ":"բ","Գ":"գ","Դ":"դ","Ե":"ե","Զ":"զ","Է":"է","Ը":"ը","Թ":"թ","Ժ":"ժ","Ի'
        '":"ի","Լ":"լ","Խ":"խ","Ծ":"ծ","Կ":"կ","Հ":"հ","Ձ":"ձ","Ղ":"ղ","Ճ":"ճ","Մ":"մ","Յ":"յ","Ն":"ն","Շ":"շ'
        '","Ո":"ո","Չ":"չ","Պ":"պ","Ջ":"ջ","Ռ":"ռ","Ս":"ս","Վ":"վ","Տ":"տ","Ր":"ր","Ց":"ց","Ւ":"ւ","Փ":"փ","Ք'
        '":"ք","Օ":"օ","Ֆ":"ֆ","٠":"0","١":"1","٢":"2","٣":"3","٤":"4","٥":"5","٦":"6","٧":"7","٨":"8","٩":"9'
        '","۰":"0","۱":"1","۲":"2","۳":"3","۴":"4","۵":"5","۶":"6","۷":"7","۸":"8","۹":"9","߀":"0","߁":"1","߂'
        '":"2","߃":"3","߄":"4","߅":"5","߆":"6","߇":"7","߈":"8","߉":"9","०":"0","१":"1","२":"2","३":"3","४":"4'
        '","५":"5","६":"6","७":"7","८":"8","९":"9","০":"0","১":"1","২":"2","৩":"3","৪":"4","৫":"5","৬":"6","৭'
        '":"7","৮":"8","৯":"9","੦":"0","੧":"1","੨":"2","੩":"3","੪":"4","੫":"5","੬":"6","੭":"7","੮":"8","੯":"9'
        '","૦":"0","૧":"1","૨":"2","૩":"3","૪":"4","૫":"5","૬":"6","૭":"7","૮":"8","૯":"9","୦":"0","୧":"1","୨'
        '":"2","୩":"3","୪":"4","୫":"5","୬":"6","୭":"7","୮":"8","୯":"9","௦":"0","௧":"1","௨":"2","௩":"3","௪":"4'
        '","௫":"5","௬":"6","௭":"7","௮":"8","௯":"9","౦":"0","౧":"1","౨":"2","౩":"3","౪":"4","౫":"5","౬":"6","౭'
        '":"7","౮":"8","౯":"9","೦":"0","೧":"1","೨":"2","೩":"3","೪":"4","೫":"5","೬":"6","೭":"7","೮":"8","೯":"9'
        '","൦":"0","൧":"1","൨":"2","൩":"3","൪":"4","൫":"5","൬":"6","൭":"7","൮":"8","൯":"9","෦":"0","෧":"1","෨'
        '":"2","෩":"3","෪":"4","෫":"5","෬":"6","෭":"7","෮":"8","෯":"9","๐":"0","๑":"1","๒":"2","๓":"3","๔":"4'
        '","๕":"5","๖":"6","๗":"7","๘":"8","๙":"9","໐":"0","໑":"1","໒":"2","໓":"3","໔":"4","໕":"5","໖":"6","໗'
        '":"7","໘":"8","໙":"9","༠":"0","༡":"1","༢":"2","༣":"3","༤":"4","༥":"5","༦":"6","༧":"7","༨":"8","༩":"9'
        '","၀":"0","၁":"1","၂":"2","၃":"3","၄":"4","၅":"5","၆":"6","၇":"7","၈":"8","၉":"9","႐":"0","႑":"1","႒'
        '":"2","႓":"3","႔":"4","႕":"5","႖":"6","႗":"7","႘":"8","႙":"9","Ⴀ":"ⴀ","Ⴁ":"ⴁ","Ⴂ":"ⴂ","Ⴃ":"ⴃ","Ⴄ":"ⴄ'
        '","Ⴅ":"ⴅ","Ⴆ":"ⴆ","Ⴇ":"ⴇ","Ⴈ":"ⴈ","Ⴉ":"ⴉ","Ⴊ":"ⴊ","Ⴋ":"ⴋ","Ⴌ":"ⴌ","Ⴍ":"ⴍ","Ⴎ":"ⴎ","Ⴏ":"ⴏ","Ⴐ":"ⴐ","Ⴑ'
        '":"ⴑ","Ⴒ":"ⴒ","Ⴓ":"ⴓ","Ⴔ":"ⴔ","Ⴕ":"ⴕ","Ⴖ":"ⴖ","Ⴗ":"ⴗ","Ⴘ":"ⴘ","Ⴙ":"ⴙ","Ⴚ":"ⴚ","Ⴛ":"ⴛ","Ⴜ":"ⴜ","Ⴝ":"ⴝ'
        '","Ⴞ":"ⴞ","Ⴟ":"ⴟ","Ⴠ":"ⴠ","Ⴡ":"ⴡ","Ⴢ":"ⴢ","Ⴣ":"ⴣ","Ⴤ":"ⴤ","Ⴥ":"ⴥ","Ⴧ":"ⴧ","Ⴭ":"ⴭ","Ꭰ":"ꭰ","Ꭱ":"ꭱ","Ꭲ'
        '":"ꭲ","Ꭳ":"ꭳ","Ꭴ":"ꭴ","Ꭵ":"ꭵ","Ꭶ":"ꭶ","Ꭷ":"ꭷ","Ꭸ":"ꭸ","Ꭹ":"ꭹ","Ꭺ":"ꭺ","Ꭻ":"ꭻ","Ꭼ":"ꭼ","Ꭽ":"ꭽ","Ꭾ":"ꭾ'
        '","Ꭿ":"ꭿ","Ꮀ":"ꮀ","Ꮁ":"ꮁ","Ꮂ":"ꮂ","Ꮃ":"ꮃ","Ꮄ":"ꮄ","Ꮅ":"ꮅ","Ꮆ":"ꮆ","Ꮇ":"ꮇ","Ꮈ":"ꮈ","Ꮉ":"ꮉ","Ꮊ":"ꮊ","Ꮋ'
        '":"ꮋ","Ꮌ":"ꮌ","Ꮍ":"ꮍ","Ꮎ":"ꮎ","Ꮏ":"ꮏ","Ꮐ":"ꮐ","Ꮑ":"ꮑ","Ꮒ":"ꮒ","Ꮓ":"ꮓ","Ꮔ":"ꮔ","Ꮕ":"ꮕ","Ꮖ":"ꮖ","Ꮗ":"ꮗ'
        '","Ꮘ":"ꮘ","Ꮙ":"ꮙ","Ꮚ":"ꮚ","Ꮛ":"ꮛ","Ꮜ":"ꮜ","Ꮝ":"ꮝ","Ꮞ":"ꮞ","Ꮟ":"ꮟ","Ꮠ":"ꮠ","Ꮡ":"ꮡ","Ꮢ":"ꮢ","Ꮣ":"ꮣ","Ꮤ'
        '":"ꮤ","Ꮥ":"ꮥ","Ꮦ":"ꮦ","Ꮧ":"ꮧ","Ꮨ":"ꮨ","Ꮩ":"ꮩ","Ꮪ":"ꮪ","Ꮫ":"ꮫ","Ꮬ":"ꮬ","Ꮭ":"ꮭ","Ꮮ":"ꮮ","Ꮯ":"ꮯ","Ꮰ":"ꮰ'
        '","Ꮱ":"ꮱ","Ꮲ":"ꮲ","Ꮳ":"ꮳ","Ꮴ":"ꮴ","Ꮵ":"ꮵ","Ꮶ":"ꮶ","Ꮷ":"ꮷ","Ꮸ":"ꮸ","Ꮹ":"ꮹ","Ꮺ":"ꮺ","Ꮻ":"ꮻ","Ꮼ":"ꮼ","Ꮽ'
        '":"ꮽ","Ꮾ":"ꮾ","Ꮿ":"ꮿ","Ᏸ":"ᏸ","Ᏹ":"ᏹ","Ᏺ":"ᏺ","Ᏻ":"ᏻ","Ᏼ":"ᏼ","Ᏽ":"ᏽ","០":"0","១":"1","២":"2","៣":"3'
        '","៤":"4","៥":"5","៦":"6","៧":"7","៨":"8","៩":"9","᠐":"0","᠑":"1","᠒":"2","᠓":"3","᠔":"4","᠕":"5","᠖'
        '":"6","᠗":"7","᠘":"8","᠙":"9","᥆":"0","᥇":"1","᥈":"2","᥉":"3","᥊":"4","᥋":"5","᥌":"6","᥍":"7","᥎":"8'
        '","᥏":"9","᧐":"0","᧑":"1","᧒":"2","᧓":"3","᧔":"4","᧕":"5","᧖":"6","᧗":"7","᧘":"8","᧙":"9","᪀":"0","᪁'
        '":"1","᪂":"2","᪃":"3","᪄":"4","᪅":"5","᪆":"6","᪇":"7","᪈":"8","᪉":"9","᪐":"0","᪑":"1","᪒":"2","᪓":"3'
        '","᪔":"4","᪕":"5","᪖":"6","᪗":"7","᪘":"8","᪙":"9","᭐":"0","᭑":"1","᭒":"2","᭓":"3","᭔":"4","᭕":"5","᭖'
        '":"6","᭗":"7","᭘":"8","᭙":"9","᮰":"0","᮱":"1","᮲":"2","᮳":"3","᮴":"4","᮵":"5","᮶":"6","᮷":"7","᮸":"8'
        '","᮹":"9","᱀":"0","᱁":"1","᱂":"2","᱃":"3","᱄":"4","᱅":"5","᱆":"6","᱇":"7","᱈":"8","᱉":"9","᱐":"0","᱑'
        '":"1","᱒":"2","᱓":"3","᱔":"4","᱕":"5","᱖":"6","᱗":"7","᱘":"8","᱙":"9","ᲀ":"в","ᲁ":"д","ᲂ":"о","ᲃ":"с'
        '","ᲄ":"т","ᲅ":"т","ᲆ":"ъ","ᲇ":"ѣ","ᲈ":"ꙋ","Ა":"ა","Ბ":"ბ","Გ":"გ","Დ":"დ","Ე":"ე","Ვ":"ვ","Ზ":"ზ","Თ'
        '":"თ","Ი":"ი","Კ":"კ","Ლ":"ლ","Მ":"მ","Ნ":"ნ","Ო":"ო","Პ":"პ","Ჟ":"ჟ","Რ":"რ","Ს":"ს","Ტ":"ტ","Უ":"უ'
        '","Ფ":"ფ","Ქ":"ქ","Ღ":"ღ","Ყ":"ყ","Შ":"შ","Ჩ":"ჩ","Ც":"ც","Ძ":"ძ","Წ":"წ","Ჭ":"ჭ","Ხ":"ხ","Ჯ":"ჯ","Ჰ'
        '":"ჰ","Ჱ":"ჱ","Ჲ":"ჲ","Ჳ":"ჳ","Ჴ":"ჴ","Ჵ":"ჵ","Ჶ":"ჶ","Ჷ":"ჷ","Ჸ":"ჸ","Ჹ":"ჹ","Ჺ":"ჺ","Ჽ":"ჽ","Ჾ":"ჾ'
        '","Ჿ":"ჿ","ᵬ":"b","ᵭ":"d","ᵮ":"f","ᵯ":"m","ᵰ":"n","ᵱ":"p","ᵲ":"r","ᵳ":"r","ᵴ":"s","ᵵ":"t","ᵶ":"z","ᵽ'
        '":"p","ᶀ":"b","ᶁ":"d","ᶂ":"f","ᶃ":"g","ᶄ":"k","ᶅ":"l","ᶆ":"m","ᶇ":"n","ᶈ":"p","ᶉ":"r","ᶊ":"s","ᶌ":"v'
        '","ᶍ":"x","ᶎ":"z","ᶏ":"a","ᶑ":"d","ᶒ":"e","ᶖ":"i","ᶙ":"u","ẞ":"ss","Ỻ":"ỻ","Ỽ":"ỽ","Ỿ":"y","ỿ":"y","'
        'Ⅎ":"ⅎ","Ↄ":"ↄ","Ⰰ":"ⰰ","Ⰱ":"ⰱ","Ⰲ":"ⰲ","Ⰳ":"ⰳ","Ⰴ":"ⰴ","Ⰵ":"ⰵ","Ⰶ":"ⰶ","Ⰷ":"ⰷ","Ⰸ":"ⰸ","Ⰹ":"ⰹ","Ⰺ":"'
        'ⰺ","Ⰻ":"ⰻ","Ⰼ":"ⰼ","Ⰽ":"ⰽ","Ⰾ":"ⰾ","Ⰿ":"ⰿ","Ⱀ":"ⱀ","Ⱁ":"ⱁ","Ⱂ":"ⱂ","Ⱃ":"ⱃ","Ⱄ":"ⱄ","Ⱅ":"ⱅ","Ⱆ":"ⱆ","'
        'Ⱇ":"ⱇ","Ⱈ":"ⱈ","Ⱉ":"ⱉ","Ⱊ":"ⱊ","Ⱋ":"ⱋ","Ⱌ":"ⱌ","Ⱍ":"ⱍ","Ⱎ":"ⱎ","Ⱏ":"ⱏ","Ⱐ":"ⱐ","Ⱑ":"ⱑ","Ⱒ":"ⱒ","Ⱓ":"'
        'ⱓ","Ⱔ":"ⱔ","Ⱕ":"ⱕ","Ⱖ":"ⱖ","Ⱗ":"ⱗ","Ⱘ":"ⱘ","Ⱙ":"ⱙ","Ⱚ":"ⱚ","Ⱛ":"ⱛ","Ⱜ":"ⱜ","Ⱝ":"ⱝ","Ⱞ":"ⱞ","Ⱟ":"ⱟ","'
        'Ⱡ":"l","ⱡ":"l","Ɫ":"l","Ᵽ":"p","Ɽ":"r","ⱥ":"a","ⱦ":"t","Ⱨ":"h","ⱨ":"h","Ⱪ":"k","ⱪ":"k","Ⱬ":"z","ⱬ":"'
        'z","Ɑ":"ɑ","Ɱ":"m","Ɐ":"ɐ","Ɒ":"ɒ","ⱱ":"v","Ⱳ":"w","ⱳ":"w","ⱴ":"v","Ⱶ":"ⱶ","ⱸ":"e","ⱺ":"o","Ȿ":"s","'
        'Ɀ":"z","Ⲁ":"ⲁ","Ⲃ":"ⲃ","Ⲅ":"ⲅ","Ⲇ":"ⲇ","Ⲉ":"ⲉ","Ⲋ":"ⲋ","Ⲍ":"ⲍ","Ⲏ":"ⲏ","Ⲑ":"ⲑ","Ⲓ":"ⲓ","Ⲕ":"ⲕ","Ⲗ":"'
        'ⲗ","Ⲙ":"ⲙ","Ⲛ":"ⲛ","Ⲝ":"ⲝ","Ⲟ":"ⲟ","Ⲡ":"ⲡ","Ⲣ":"ⲣ","Ⲥ":"ⲥ","Ⲧ":"ⲧ","Ⲩ":"ⲩ","Ⲫ":"ⲫ","Ⲭ":"ⲭ","Ⲯ":"ⲯ","'
        'Ⲱ":"ⲱ","Ⲳ":"ⲳ","Ⲵ":"ⲵ","Ⲷ":"ⲷ","Ⲹ":"ⲹ","Ⲻ":"ⲻ","Ⲽ":"ⲽ","Ⲿ":"ⲿ","Ⳁ":"ⳁ","Ⳃ":"ⳃ","Ⳅ":"ⳅ","Ⳇ":"ⳇ","Ⳉ":"'
        'ⳉ","Ⳋ":"ⳋ","Ⳍ":"ⳍ","Ⳏ":"ⳏ","Ⳑ":"ⳑ","Ⳓ":"ⳓ","Ⳕ":"ⳕ","Ⳗ":"ⳗ","Ⳙ":"ⳙ","Ⳛ":"ⳛ","Ⳝ":"ⳝ","Ⳟ":"ⳟ","Ⳡ":"ⳡ","'
        'Ⳣ":"ⳣ","Ⳬ":"ⳬ","Ⳮ":"ⳮ","Ⳳ":"ⳳ","꘠":"0","꘡":"1","꘢":"2","꘣":"3","꘤":"4","꘥":"5","꘦":"6","꘧":"7","꘨":"'
        '8","꘩":"9","Ꙁ":"ꙁ","Ꙃ":"ꙃ","Ꙅ":"ꙅ","Ꙇ":"ꙇ","Ꙉ":"ꙉ","Ꙋ":"ꙋ","Ꙍ":"ꙍ","Ꙏ":"ꙏ","Ꙑ":"ꙑ","Ꙓ":"ꙓ","Ꙕ":"ꙕ","'
        'Ꙗ":"ꙗ","Ꙙ":"ꙙ","Ꙛ":"ꙛ","Ꙝ":"ꙝ","Ꙟ":"ꙟ","Ꙡ":"ꙡ","Ꙣ":"ꙣ","Ꙥ":"ꙥ","Ꙧ":"ꙧ","Ꙩ":"ꙩ","Ꙫ":"ꙫ","Ꙭ":"ꙭ","Ꚁ":"'
        'ꚁ","Ꚃ":"ꚃ","Ꚅ":"ꚅ","Ꚇ":"ꚇ","Ꚉ":"ꚉ","Ꚋ":"ꚋ","Ꚍ":"ꚍ","Ꚏ":"ꚏ","Ꚑ":"ꚑ","Ꚓ":"ꚓ","Ꚕ":"ꚕ","Ꚗ":"ꚗ","Ꚙ":"ꚙ","'
        'Ꚛ":"ꚛ","Ꜣ":"ꜣ","Ꜥ":"ꜥ","Ꜧ":"ꜧ","Ꜩ":"ꜩ","Ꜫ":"ꜫ","Ꜭ":"ꜭ","Ꜯ":"ꜯ","Ꜳ":"ꜳ","Ꜵ":"ꜵ","Ꜷ":"ꜷ","Ꜹ":"ꜹ","Ꜻ":"'
        'ꜻ","Ꜽ":"ꜽ","Ꜿ":"ꜿ","Ꝁ":"k","ꝁ":"k","Ꝃ":"k","ꝃ":"k","Ꝅ":"k","ꝅ":"k","Ꝇ":"ꝇ","Ꝉ":"l","ꝉ":"l","Ꝋ":"o","'
        'ꝋ":"o","Ꝍ":"o","ꝍ":"o","Ꝏ":"ꝏ","Ꝑ":"p","ꝑ":"p","Ꝓ":"p","ꝓ":"p","Ꝕ":"p","ꝕ":"p","Ꝗ":"q","ꝗ":"q","Ꝙ":"'
        'q","ꝙ":"q","Ꝛ":"ꝛ","Ꝝ":"ꝝ","Ꝟ":"v","ꝟ":"v","Ꝡ":"ꝡ","Ꝣ":"ꝣ","Ꝥ":"ꝥ","Ꝧ":"ꝧ","Ꝩ":"ꝩ","Ꝫ":"ꝫ","Ꝭ":"ꝭ","'
        'Ꝯ":"ꝯ","Ꝺ":"ꝺ","Ꝼ":"ꝼ","Ᵹ":"ᵹ","Ꝿ":"ꝿ","Ꞁ":"ꞁ","Ꞃ":"ꞃ","Ꞅ":"ꞅ","Ꞇ":"ꞇ","Ꞌ":"ꞌ","Ɥ":"ɥ","ꞎ":"l","Ꞑ":"'
        'n","ꞑ":"n","Ꞓ":"c","ꞓ":"c","ꞔ":"c","ꞕ":"h","Ꞗ":"b","ꞗ":"b","Ꞙ":"f","ꞙ":"f","Ꞛ":"ꞛ","Ꞝ":"ꞝ","Ꞟ":"ꞟ","'
        'Ꞡ":"g","ꞡ":"g","Ꞣ":"k","ꞣ":"k","Ꞥ":"n","ꞥ":"n","Ꞧ":"r","ꞧ":"r","Ꞩ":"s","ꞩ":"s","Ɦ":"h","Ɜ":"ɜ","Ɡ":"'
        'ɡ","Ɬ":"l","Ɪ":"ɪ","Ʞ":"ʞ","Ʇ":"ʇ","Ʝ":"j","Ꭓ":"ꭓ","Ꞵ":"ꞵ","Ꞷ":"ꞷ","Ꞹ":"u","ꞹ":"u","Ꞻ":"ꞻ","Ꞽ":"ꞽ","'
        'Ꞿ":"ꞿ","Ꟁ":"ꟁ","Ꟃ":"ꟃ","Ꞔ":"c","Ʂ":"s","Ᶎ":"z","Ꟈ":"d","ꟈ":"d","Ꟊ":"s","ꟊ":"s","Ꟑ":"ꟑ","Ꟗ":"ꟗ","Ꟙ":"'
        'ꟙ","Ꟶ":"ꟶ","꣐":"0","꣑":"1","꣒":"2","꣓":"3","꣔":"4","꣕":"5","꣖":"6","꣗":"7","꣘":"8","꣙":"9","꤀":"0","'
        '꤁":"1","꤂":"2","꤃":"3","꤄":"4","꤅":"5","꤆":"6","꤇":"7","꤈":"8","꤉":"9","꧐":"0","꧑":"1","꧒":"2","꧓":"'
        '3","꧔":"4","꧕":"5","꧖":"6","꧗":"7","꧘":"8","꧙":"9","꧰":"0","꧱":"1","꧲":"2","꧳":"3","꧴":"4","꧵":"5","'
        '꧶":"6","꧷":"7","꧸":"8","꧹":"9","꩐":"0","꩑":"1","꩒":"2","꩓":"3","꩔":"4","꩕":"5","꩖":"6","꩗":"7","꩘":"'
        '8","꩙":"9","ꬴ":"e","ꬷ":"l","ꬸ":"l","ꬹ":"l","ꬺ":"m","ꬻ":"n","ꭉ":"r","ꭎ":"u","ꭒ":"u","ꭖ":"x","ꭗ":"x","'
        'ꭘ":"x","ꭙ":"x","ꭚ":"y","꯰":"0","꯱":"1","꯲":"2","꯳":"3","꯴":"4","꯵":"5","꯶":"6","꯷":"7","꯸":"8","꯹":"'
        '9","𐐀":"𐐨","𐐁":"𐐩","𐐂":"𐐪","𐐃":"𐐫","𐐄":"𐐬","𐐅":"𐐭","𐐆":"𐐮","𐐇":"𐐯","𐐈":"𐐰","𐐉":"𐐱","𐐊":"𐐲","𐐋":"𐐳","'
        '𐐌":"𐐴","𐐍":"𐐵","𐐎":"𐐶","𐐏":"𐐷","𐐐":"𐐸","𐐑":"𐐹","𐐒":"𐐺","𐐓":"𐐻","𐐔":"𐐼","𐐕":"𐐽","𐐖":"𐐾","𐐗":"𐐿","𐐘":"'
        '𐑀","𐐙":"𐑁","𐐚":"𐑂","𐐛":"𐑃","𐐜":"𐑄","𐐝":"𐑅","𐐞":"𐑆","𐐟":"𐑇","𐐠":"𐑈","𐐡":"𐑉","𐐢":"𐑊","𐐣":"𐑋","𐐤":"𐑌","'
        '𐐥":"𐑍","𐐦":"𐑎","𐐧":"𐑏","𐒠":"0","𐒡":"1","𐒢":"2","𐒣":"3","𐒤":"4","𐒥":"5","𐒦":"6","𐒧":"7","𐒨":"8","𐒩":"'
        '9","𐒰":"𐓘","𐒱":"𐓙","𐒲":"𐓚","𐒳":"𐓛","𐒴":"𐓜","𐒵":"𐓝","𐒶":"𐓞","𐒷":"𐓟","𐒸":"𐓠","𐒹":"𐓡","𐒺":"𐓢","𐒻":"𐓣","'
        '𐒼":"𐓤","𐒽":"𐓥","𐒾":"𐓦","𐒿":"𐓧","𐓀":"𐓨","𐓁":"𐓩","𐓂":"𐓪","𐓃":"𐓫","𐓄":"𐓬","𐓅":"𐓭","𐓆":"𐓮","𐓇":"𐓯","𐓈":"'
        '𐓰","𐓉":"𐓱","𐓊":"𐓲","𐓋":"𐓳","𐓌":"𐓴","𐓍":"𐓵","𐓎":"𐓶","𐓏":"𐓷","𐓐":"𐓸","𐓑":"𐓹","𐓒":"𐓺","𐓓":"𐓻","𐕰":"𐖗","'
        '𐕱":"𐖘","𐕲":"𐖙","𐕳":"𐖚","𐕴":"𐖛","𐕵":"𐖜","𐕶":"𐖝","𐕷":"𐖞","𐕸":"𐖟","𐕹":"𐖠","𐕺":"𐖡","𐕼":"𐖣","𐕽":"𐖤","𐕾":"'
        '𐖥","𐕿":"𐖦","𐖀":"𐖧","𐖁":"𐖨","𐖂":"𐖩","𐖃":"𐖪","𐖄":"𐖫","𐖅":"𐖬","𐖆":"𐖭","𐖇":"𐖮","𐖈":"𐖯","𐖉":"𐖰","𐖊":"𐖱","'
        '𐖌":"𐖳","𐖍":"𐖴","𐖎":"𐖵","𐖏":"𐖶","𐖐":"𐖷","𐖑":"𐖸","𐖒":"𐖹","𐖔":"𐖻","𐖕":"𐖼","𐲀":"𐳀","𐲁":"𐳁","𐲂":"𐳂","𐲃":"'
        '𐳃","𐲄":"𐳄","𐲅":"𐳅","𐲆":"𐳆","𐲇":"𐳇","𐲈":"𐳈","𐲉":"𐳉","𐲊":"𐳊","𐲋":"𐳋","𐲌":"𐳌","𐲍":"𐳍","𐲎":"𐳎","𐲏":"𐳏","'
        '𐲐":"𐳐","𐲑":"𐳑","𐲒":"𐳒","𐲓":"𐳓","𐲔":"𐳔","𐲕":"𐳕","𐲖":"𐳖","𐲗":"𐳗","𐲘":"𐳘","𐲙":"𐳙","𐲚":"𐳚","𐲛":"𐳛","𐲜":"'
        '𐳜","𐲝":"𐳝","𐲞":"𐳞","𐲟":"𐳟","𐲠":"𐳠","𐲡":"𐳡","𐲢":"𐳢","𐲣":"𐳣","𐲤":"𐳤","𐲥":"𐳥","𐲦":"𐳦","𐲧":"𐳧","𐲨":"𐳨","'
        '𐲩":"𐳩","𐲪":"𐳪","𐲫":"𐳫","𐲬":"𐳬","𐲭":"𐳭","𐲮":"𐳮","𐲯":"𐳯","𐲰":"𐳰","𐲱":"𐳱","𐲲":"𐳲","𐴰":"0","𐴱":"1","𐴲":"'
        '2","𐴳":"3","𐴴":"4","𐴵":"5","𐴶":"6","𐴷":"7","𐴸":"8","𐴹":"9","𑁦":"0","𑁧":"1","𑁨":"2","𑁩":"3","𑁪":"4","'
        '𑁫":"5","𑁬":"6","𑁭":"7","𑁮":"8","𑁯":"9","𑃰":"0","𑃱":"1","𑃲":"2","𑃳":"3","𑃴":"4","𑃵":"5","𑃶":"6","𑃷":"'
        '7","𑃸":"8","𑃹":"9","𑄶":"0","𑄷":"1","𑄸":"2","𑄹":"3","𑄺":"4","𑄻":"5","𑄼":"6","𑄽":"7","𑄾":"8","𑄿":"9","'
        '𑇐":"0","𑇑":"1","𑇒":"2","𑇓":"3","𑇔":"4","𑇕":"5","𑇖":"6","𑇗":"7","𑇘":"8","𑇙":"9","𑋰":"0","𑋱":"1","𑋲":"'
        '2","𑋳":"3","𑋴":"4","𑋵":"5","𑋶":"6","𑋷":"7","𑋸":"8","𑋹":"9","𑑐":"0","𑑑":"1","𑑒":"2","𑑓":"3","𑑔":"4","'
        '𑑕":"5","𑑖":"6","𑑗":"7","𑑘":"8","𑑙":"9","𑓐":"0","𑓑":"1","𑓒":"2","𑓓":"3","𑓔":"4","𑓕":"5","𑓖":"6","𑓗":"'
        '7","𑓘":"8","𑓙":"9","𑙐":"0","𑙑":"1","𑙒":"2","𑙓":"3","𑙔":"4","𑙕":"5","𑙖":"6","𑙗":"7","𑙘":"8","𑙙":"9","'
        '𑛀":"0","𑛁":"1","𑛂":"2","𑛃":"3","𑛄":"4","𑛅":"5","𑛆":"6","𑛇":"7","𑛈":"8","𑛉":"9","𑜰":"0","𑜱":"1","𑜲":"'
        '2","𑜳":"3","𑜴":"4","𑜵":"5","𑜶":"6","𑜷":"7","𑜸":"8","𑜹":"9","𑢠":"𑣀","𑢡":"𑣁","𑢢":"𑣂","𑢣":"𑣃","𑢤":"𑣄","'
        '𑢥":"𑣅","𑢦":"𑣆","𑢧":"𑣇","𑢨":"𑣈","𑢩":"𑣉","𑢪":"𑣊","𑢫":"𑣋","𑢬":"𑣌","𑢭":"𑣍","𑢮":"𑣎","𑢯":"𑣏","𑢰":"𑣐","𑢱":"'
        '𑣑","𑢲":"𑣒","𑢳":"𑣓","𑢴":"𑣔","𑢵":"𑣕","𑢶":"𑣖","𑢷":"𑣗","𑢸":"𑣘","𑢹":"𑣙","𑢺":"𑣚","𑢻":"𑣛","𑢼":"𑣜","𑢽":"𑣝","'
        '𑢾":"𑣞","𑢿":"𑣟","𑣠":"0","𑣡":"1","𑣢":"2","𑣣":"3","𑣤":"4","𑣥":"5","𑣦":"6","𑣧":"7","𑣨":"8","𑣩":"9","𑥐":"'
        '0","𑥑":"1","𑥒":"2","𑥓":"3","𑥔":"4","𑥕":"5","𑥖":"6","𑥗":"7","𑥘":"8","𑥙":"9","𑱐":"0","𑱑":"1","𑱒":"2","'
        '𑱓":"3","𑱔":"4","𑱕":"5","𑱖":"6","𑱗":"7","𑱘":"8","𑱙":"9","𑵐":"0","𑵑":"1","𑵒":"2","𑵓":"3","𑵔":"4","𑵕":"'
        '5","𑵖":"6","𑵗":"7","𑵘":"8","𑵙":"9","𑶠":"0","𑶡":"1","𑶢":"2","𑶣":"3","𑶤":"4","𑶥":"5","𑶦":"6","𑶧":"7","'
        '𑶨":"8","𑶩":"9","𖩠":"0","𖩡":"1","𖩢":"2","𖩣":"3","𖩤":"4","𖩥":"5","𖩦":"6","𖩧":"7","𖩨":"8","𖩩":"9","𖫀":"'
        '0","𖫁":"1","𖫂":"2","𖫃":"3","𖫄":"4","𖫅":"5","𖫆":"6","𖫇":"7","𖫈":"8","𖫉":"9","𖭐":"0","𖭑":"1","𖭒":"2","'
        '𖭓":"3","𖭔":"4","𖭕":"5","𖭖":"6","𖭗":"7","𖭘":"8","𖭙":"9","𖹀":"𖹠","𖹁":"𖹡","𖹂":"𖹢","𖹃":"𖹣","𖹄":"𖹤","𖹅":"'
        '𖹥","𖹆":"𖹦","𖹇":"𖹧","𖹈":"𖹨","𖹉":"𖹩","𖹊":"𖹪","𖹋":"𖹫","𖹌":"𖹬","𖹍":"𖹭","𖹎":"𖹮","𖹏":"𖹯","𖹐":"𖹰","𖹑":"𖹱","'
        '𖹒":"𖹲","𖹓":"𖹳","𖹔":"𖹴","𖹕":"𖹵","𖹖":"𖹶","𖹗":"𖹷","𖹘":"𖹸","𖹙":"𖹹","𖹚":"𖹺","𖹛":"𖹻","𖹜":"𖹼","𖹝":"𖹽","𖹞":"'
        '𖹾","𖹟":"𖹿","𝼉":"t","𝼑":"l","𝼓":"l","𝼖":"r","𝼚":"i","𝼛":"o","𝼝":"c","𝼞":"s","𞅀":"0","𞅁":"1","𞅂":"2","'
        '𞅃":"3","𞅄":"4","𞅅":"5","𞅆":"6","𞅇":"7","𞅈":"8","𞅉":"9","𞋰":"0","𞋱":"1","𞋲":"2","𞋳":"3","𞋴":"4","𞋵":"'
        '5","𞋶":"6","𞋷":"7","𞋸":"8","𞋹":"9","𞤀":"𞤢","𞤁":"𞤣","𞤂":"𞤤","𞤃":"𞤥","𞤄":"𞤦","𞤅":"𞤧","𞤆":"𞤨","𞤇":"𞤩","'
        '𞤈":"𞤪","𞤉":"𞤫","𞤊":"𞤬","𞤋":"𞤭","𞤌":"𞤮","𞤍":"𞤯","𞤎":"𞤰","𞤏":"𞤱","𞤐":"𞤲","𞤑":"𞤳","𞤒":"𞤴","𞤓":"𞤵","𞤔":"'
        '𞤶","𞤕":"𞤷","𞤖":"𞤸","𞤗":"𞤹","𞤘":"𞤺","𞤙":"𞤻","𞤚":"𞤼","𞤛":"𞤽","𞤜":"𞤾","𞤝":"𞤿","𞤞":"𞥀","𞤟":"𞥁","𞤠":"𞥂","'
        '𞤡":"𞥃","𞥐":"0","𞥑":"1","𞥒":"2","𞥓":"3","𞥔":"4","𞥕":"5","𞥖":"6","𞥗":"7","𞥘":"8","𞥙":"9"}')::jsonb
$$;

CREATE FUNCTION public.fold_mapped() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u00c6\u00d0\u00d8\u00de\u00df\u00e6\u00f0\u00f8\u00fe\u0110\u0111\u0126\u0127\u0131\u0141\u0142'
        '\u014a\u0152\u0153\u0166\u0167\u0180-\u0184\u0186-\u018c\u018e-\u0194\u0196-\u019a\u019c-\u019f'
        '\u01a2\u01a4-\u01a7\u01a9\u01ab-\u01ae\u01b1-\u01b8\u01bc\u01e4\u01e5\u01f6\u01f7\u021c\u0220-\u0222'
        '\u0224\u0225\u0234-\u0236\u023a-\u0241\u0243-\u024f\u0253\u0255-\u0257\u0260\u0266\u0268\u026b-'
        '\u026d\u0271-\u0273\u027c-\u027e\u0282\u0288\u028b\u0290\u0291\u029d\u02a0\u02bb\u02bc\u0345\u0370'
        '\u0372\u0376\u037f\u0391-\u03a1\u03a3-\u03a9\u03c2\u03cf\u03d8\u03da\u03dc\u03de\u03e0\u03e2\u03e4'
        '\u03e6\u03e8\u03ea\u03ec\u03ee\u03f7\u03fa\u03fd-\u042f\u0450\u0451\u045d\u0460\u0462\u0464\u0466'
        '\u0468\u046a\u046c\u046e\u0470\u0472\u0474\u0476\u0478\u047a\u047c\u047e\u0480\u048a\u048c\u048e'
        '\u0490\u0492\u0494\u0496\u0498\u049a\u049c\u049e\u04a0\u04a2\u04a4\u04a6\u04a8\u04aa\u04ac\u04ae'
        '\u04b0\u04b2\u04b4\u04b6\u04b8\u04ba\u04bc\u04be\u04c0\u04c1\u04c3\u04c5\u04c7\u04c9\u04cb\u04cd'
        '\u04d0\u04d2\u04d4\u04d6\u04d8\u04da\u04dc\u04de\u04e0\u04e2\u04e4\u04e6\u04e8\u04ea\u04ec\u04ee'
        '\u04f0\u04f2\u04f4\u04f6\u04f8\u04fa\u04fc\u04fe\u0500\u0502\u0504\u0506\u0508\u050a\u050c\u050e'
        '\u0510\u0512\u0514\u0516\u0518\u051a\u051c\u051e\u0520\u0522\u0524\u0526\u0528\u052a\u052c\u052e'
        '\u0531-\u0556\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-'
        '\u0aef\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0de6-\u0def\u0e50-\u0e59'
        '\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u1090-\u1099\u10a0-\u10c5\u10c7\u10cd\u13a0-\u13f5\u17e0-'
        '\u17e9\u1810-\u1819\u1946-\u194f\u19d0-\u19d9\u1a80-\u1a89\u1a90-\u1a99\u1b50-\u1b59\u1bb0-\u1bb9'
        '\u1c40-\u1c49\u1c50-\u1c59\u1c80-\u1c88\u1c90-\u1cba\u1cbd-\u1cbf\u1d6c-\u1d76\u1d7d\u1d80-\u1d8a'
        '\u1d8c-\u1d8f\u1d91\u1d92\u1d96\u1d99\u1e9e\u1efa\u1efc\u1efe\u1eff\u2132\u2183\u2c00-\u2c2f\u2c60-'
        '\u2c75\u2c78\u2c7a\u2c7e-\u2c80\u2c82\u2c84\u2c86\u2c88\u2c8a\u2c8c\u2c8e\u2c90\u2c92\u2c94\u2c96'
        '\u2c98\u2c9a\u2c9c\u2c9e\u2ca0\u2ca2\u2ca4\u2ca6\u2ca8\u2caa\u2cac\u2cae\u2cb0\u2cb2\u2cb4\u2cb6'
        '\u2cb8\u2cba\u2cbc\u2cbe\u2cc0\u2cc2\u2cc4\u2cc6\u2cc8\u2cca\u2ccc\u2cce\u2cd0\u2cd2\u2cd4\u2cd6'
        '\u2cd8\u2cda\u2cdc\u2cde\u2ce0\u2ce2\u2ceb\u2ced\u2cf2\ua620-\ua629\ua640\ua642\ua644\ua646\ua648'
        '\ua64a\ua64c\ua64e\ua650\ua652\ua654\ua656\ua658\ua65a\ua65c\ua65e\ua660\ua662\ua664\ua666\ua668'
        '\ua66a\ua66c\ua680\ua682\ua684\ua686\ua688\ua68a\ua68c\ua68e\ua690\ua692\ua694\ua696\ua698\ua69a'
        '\ua722\ua724\ua726\ua728\ua72a\ua72c\ua72e\ua732\ua734\ua736\ua738\ua73a\ua73c\ua73e\ua740-\ua746'
        '\ua748-\ua74e\ua750-\ua75a\ua75c\ua75e-\ua760\ua762\ua764\ua766\ua768\ua76a\ua76c\ua76e\ua779\ua77b'
        '\ua77d\ua77e\ua780\ua782\ua784\ua786\ua78b\ua78d\ua78e\ua790-\ua79a\ua79c\ua79e\ua7a0-\ua7ae\ua7b0-'
        '\ua7b4\ua7b6\ua7b8-\ua7ba\ua7bc\ua7be\ua7c0\ua7c2\ua7c4-\ua7ca\ua7d0\ua7d6\ua7d8\ua7f5\ua8d0-\ua8d9'
        '\ua900-\ua909\ua9d0-\ua9d9\ua9f0-\ua9f9\uaa50-\uaa59\uab34\uab37-\uab3b\uab49\uab4e\uab52\uab56-'
        '\uab5a\uabf0-\uabf9\U00010400-\U00010427\U000104a0-\U000104a9\U000104b0-\U000104d3\U00010570-'
        '\U0001057a\U0001057c-\U0001058a\U0001058c-\U00010592\U00010594\U00010595\U00010c80-\U00010cb2'
        '\U00010d30-\U00010d39\U00011066-\U0001106f\U000110f0-\U000110f9\U00011136-\U0001113f\U000111d0-'
        '\U000111d9\U000112f0-\U000112f9\U00011450-\U00011459\U000114d0-\U000114d9\U00011650-\U00011659'
        '\U000116c0-\U000116c9\U00011730-\U00011739\U000118a0-\U000118bf\U000118e0-\U000118e9\U00011950-'
        '\U00011959\U00011c50-\U00011c59\U00011d50-\U00011d59\U00011da0-\U00011da9\U00016a60-\U00016a69'
        '\U00016ac0-\U00016ac9\U00016b50-\U00016b59\U00016e40-\U00016e5f\U0001df09\U0001df11\U0001df13'
        '\U0001df16\U0001df1a\U0001df1b\U0001df1d\U0001df1e\U0001e140-\U0001e149\U0001e2f0-\U0001e2f9'
        '\U0001e900-\U0001e921\U0001e950-\U0001e959'
$$;

CREATE FUNCTION public.fold_marks(p_in_cyrillic boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '[' || fold_stripped() || CASE
        WHEN p_in_cyrillic
        THEN ']+|(?<![\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f])[\u0300-\u036f]+'
        ELSE '\u0300-\u036f]+' END
$$;

CREATE FUNCTION public.fold_pairs() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u00a9\u00ae\u02bc\u0e01-\u0e3a\u0e40-\u0e4e\u0e81\u0e82\u0e84\u0e86-\u0e8a\u0e8c-\u0ea3\u0ea5\u0ea7'
        '-\u0ebd\u0ec0-\u0ec4\u0ec6\u0ec8-\u0ece\u0edc-\u0edf\u0f00\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-'
        '\u0f47\u0f49-\u0f6c\u0f71-\u0f84\u0f86-\u0f97\u0f99-\u0fbc\u0fc6\u1000-\u103f\u1050-\u108f\u109a-'
        '\u109d\u1100-\u11ff\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u196d\u1970-\u1974\u1980-\u19ab\u19b0-'
        '\u19c9\u1a20-\u1a5e\u1a60-\u1a7c\u1a7f\u1aa7\u1b00-\u1b4c\u1b6b-\u1b73\u203c\u2049\u20e3\u2122\u2139'
        '\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab'
        '\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714'
        '\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-'
        '\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3005\u3007\u302e-\u3030'
        '\u303b\u303d\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-'
        '\u31bf\u31f0-\u31ff\u3297\u3299\u3400-\ua48c\ua960-\ua97c\ua980-\ua9c0\ua9e0-\ua9ef\ua9fa-\ua9fe'
        '\uaa60-\uaa76\uaa7a-\uaac2\uaadb-\uaadd\uac00-\ud7a3\ud7b0-\ud7c6\ud7cb-\ud7fb\uf900-\ufa6d\ufa70-'
        '\ufad9\uff66-\uff6f\uff71-\uff9d\uffa0-\uffbe\uffc2-\uffc7\uffca-\uffcf\uffd2-\uffd7\uffda-\uffdc'
        '\U00011700-\U0001171a\U0001171d-\U0001172b\U00011740-\U00011746\U00016fe0\U00016fe1\U00016fe3'
        '\U00016fe4\U00016ff0\U00016ff1\U00017000-\U000187f7\U00018800-\U00018cd5\U00018cff-\U00018d08'
        '\U0001aff0-\U0001aff3\U0001aff5-\U0001affb\U0001affd\U0001affe\U0001b000-\U0001b122\U0001b132'
        '\U0001b150-\U0001b152\U0001b155\U0001b164-\U0001b167\U0001b170-\U0001b2fb\U0001f000-\U0001f02b'
        '\U0001f030-\U0001f093\U0001f0a0-\U0001f0ae\U0001f0b1-\U0001f0bf\U0001f0c1-\U0001f0cf\U0001f0d1-'
        '\U0001f0f5\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e\U0001f17f\U0001f18e'
        '\U0001f191-\U0001f19a\U0001f1ad\U0001f1e6-\U0001f1ff\U0001f201\U0001f202\U0001f21a\U0001f22f'
        '\U0001f232-\U0001f23a\U0001f250\U0001f251\U0001f260-\U0001f265\U0001f300-\U0001f53d\U0001f546-'
        '\U0001f64f\U0001f680-\U0001f6d7\U0001f6dc-\U0001f6ec\U0001f6f0-\U0001f6fc\U0001f774-\U0001f776'
        '\U0001f77b-\U0001f77f\U0001f7d5-\U0001f7d9\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f8b0-\U0001f8bb'
        '\U0001f8c0\U0001f8c1\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001fa53\U0001fa60-'
        '\U0001fa6d\U0001fa70-\U0001fa7c\U0001fa80-\U0001fa89\U0001fa8f-\U0001fac6\U0001face-\U0001fadc'
        '\U0001fadf-\U0001fae9\U0001faf0-\U0001faf8\U00020000-\U0003fffd\U000f0000-\U000f0016'
$$;

CREATE FUNCTION public.fold_pictographs() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '‼⁉™ℹⓂⓜ㊗㊙🅬🈁🈂🈚🈯🈲🈳🈴🈵🈶🈷🈸🈹🈺🉐🉑'
$$;

CREATE FUNCTION public.fold_separators() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u0080-\u00a8\u00ab-\u00ad\u00af-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5'
        '\u02d2-\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e\u0384\u0385\u0387\u03f6\u0482\u055a-\u055f'
        '\u0589\u058a\u058d-\u058f\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u060f\u061b-\u061f\u066a-\u066d'
        '\u06d4\u06dd\u06de\u06e9\u06fd\u06fe\u0700-\u070d\u070f\u07f6-\u07f9\u07fe\u07ff\u0830-\u083e\u085e'
        '\u0888\u0890\u0891\u08e2\u0964\u0965\u0970\u09f2\u09f3\u09fa\u09fb\u09fd\u0a76\u0af0\u0af1\u0b70'
        '\u0bf3-\u0bfa\u0c77\u0c7f\u0c84\u0d4f\u0d79\u0df4\u0e3f\u0e4f\u0e5a\u0e5b\u0f01-\u0f17\u0f1a-\u0f1f'
        '\u0f34\u0f36\u0f38\u0f3a-\u0f3d\u0f85\u0fbe-\u0fc5\u0fc7-\u0fcc\u0fce-\u0fda\u104a-\u104f\u109e'
        '\u109f\u10fb\u1360-\u1368\u1390-\u1399\u1400\u166d\u166e\u1680\u169b\u169c\u16eb-\u16ed\u1735\u1736'
        '\u17d4-\u17d6\u17d8-\u17db\u1800-\u180a\u180e\u1940\u1944\u1945\u19de-\u19ff\u1a1e\u1a1f\u1aa0-'
        '\u1aa6\u1aa8-\u1aad\u1b5a-\u1b6a\u1b74-\u1b7e\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e\u1c7f\u1cc0-\u1cc7'
        '\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd\u1ffe\u2000-\u203b\u203d-'
        '\u2048\u204a-\u2064\u2066-\u206f\u207a-\u207e\u208a-\u208e\u20a0-\u20c0\u2100\u2101\u2103-\u2106'
        '\u2108\u2109\u2114\u2116-\u2118\u211e-\u2121\u2123\u2125\u2127\u2129\u212e\u213a\u213b\u2140-\u2144'
        '\u214a-\u214d\u214f\u218a\u218b\u2190-\u2193\u219a-\u21a8\u21ab-\u2319\u231c-\u2327\u2329-\u2387'
        '\u2389-\u23ce\u23d0-\u23e8\u23f4-\u23f7\u23fb-\u2426\u2440-\u244a\u249c-\u24c1\u24c3-\u24e9\u2500-'
        '\u25a9\u25ac-\u25b5\u25b7-\u25bf\u25c1-\u25fa\u25ff\u2606\u2613\u2686-\u268f\u2706\u2707\u2713\u2715'
        '\u2717-\u271c\u271e-\u2720\u2722-\u2727\u2729-\u2732\u2735-\u2743\u2745\u2746\u2748-\u274b\u274d'
        '\u274f-\u2752\u2756\u2758-\u2762\u2768-\u2775\u2794\u2798-\u27a0\u27a2-\u27af\u27b1-\u27be\u27c0-'
        '\u2933\u2936-\u2b04\u2b08-\u2b1a\u2b1d-\u2b4f\u2b51-\u2b54\u2b56-\u2b73\u2b76-\u2b95\u2b97-\u2bff'
        '\u2ce5-\u2cea\u2cf9-\u2cfc\u2cfe\u2cff\u2d70\u2e00-\u2e2e\u2e30-\u2e5d\u2e80-\u2e99\u2e9b-\u2ef3'
        '\u2f00-\u2fd5\u2ff0-\u2ffb\u3000-\u3004\u3008-\u3020\u3036\u3037\u303e\u303f\u309b\u309c\u30a0\u30fb'
        '\u3190\u3191\u3196-\u319f\u31c0-\u31e3\u3200-\u321e\u322a-\u3247\u3250\u3260-\u327f\u328a-\u3296'
        '\u3298\u329a-\u32b0\u32c0-\u33ff\ua490-\ua4c6\ua4fe\ua4ff\ua60d-\ua60f\ua673\ua67e\ua6f2-\ua6f7'
        '\ua700-\ua716\ua720\ua721\ua789\ua78a\ua828-\ua82b\ua836-\ua839\ua874-\ua877\ua8ce\ua8cf\ua8f8-'
        '\ua8fa\ua8fc\ua92e\ua92f\ua95f\ua9c1-\ua9cd\ua9de\ua9df\uaa5c-\uaa5f\uaa77-\uaa79\uaade\uaadf\uaaf0'
        '\uaaf1\uab5b\uab6a\uab6b\uabeb\ufb29\ufbb2-\ufbc2\ufd3e-\ufd4f\ufdcf\ufdfc-\ufdff\ufe10-\ufe19\ufe30'
        '-\ufe52\ufe54-\ufe66\ufe68-\ufe6b\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-'
        '\uffe6\uffe8-\uffee\ufff9-\ufffd\U00010100-\U00010102\U00010137-\U0001013f\U00010179-\U00010189'
        '\U0001018c-\U0001018e\U00010190-\U0001019c\U000101a0\U000101d0-\U000101fc\U0001039f\U000103d0'
        '\U0001056f\U00010857\U00010877\U00010878\U0001091f\U0001093f\U00010a50-\U00010a58\U00010a7f'
        '\U00010ac8\U00010af0-\U00010af6\U00010b39-\U00010b3f\U00010b99-\U00010b9c\U00010ead\U00010f55-'
        '\U00010f59\U00010f86-\U00010f89\U00011047-\U0001104d\U000110bb-\U000110c1\U000110cd\U00011140-'
        '\U00011143\U00011174\U00011175\U000111c5-\U000111c8\U000111cd\U000111db\U000111dd-\U000111df'
        '\U00011238-\U0001123d\U000112a9\U0001144b-\U0001144f\U0001145a\U0001145b\U0001145d\U000114c6'
        '\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9\U0001173c-\U0001173f'
        '\U0001183b\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46\U00011a9a-\U00011a9c\U00011a9e-'
        '\U00011aa2\U00011c41-\U00011c45\U00011c70\U00011c71\U00011ef7\U00011ef8\U00011fd5-\U00011ff1'
        '\U00011fff\U00012470-\U00012474\U00012ff1\U00012ff2\U00013430-\U00013438\U00016a6e\U00016a6f'
        '\U00016af5\U00016b37-\U00016b3f\U00016b44\U00016b45\U00016e97-\U00016e9a\U00016fe2\U0001bc9c'
        '\U0001bc9f-\U0001bca3\U0001cf50-\U0001cfc3\U0001d000-\U0001d0f5\U0001d100-\U0001d126\U0001d129-'
        '\U0001d164\U0001d16a-\U0001d16c\U0001d173-\U0001d17a\U0001d183\U0001d184\U0001d18c-\U0001d1a9'
        '\U0001d1ae-\U0001d1ea\U0001d200-\U0001d241\U0001d245\U0001d300-\U0001d356\U0001d6c1\U0001d6db'
        '\U0001d6fb\U0001d715\U0001d735\U0001d74f\U0001d76f\U0001d789\U0001d7a9\U0001d7c3\U0001d800-'
        '\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74\U0001da76-\U0001da83\U0001da85-\U0001da8b'
        '\U0001e14f\U0001e2ff\U0001e95e\U0001e95f\U0001ecac\U0001ecb0\U0001ed2e\U0001eef0\U0001eef1\U0001f110'
        '-\U0001f12e\U0001f130-\U0001f16b\U0001f172-\U0001f17d\U0001f180-\U0001f18d\U0001f18f\U0001f190'
        '\U0001f19b-\U0001f1ac\U0001f200\U0001f210-\U0001f219\U0001f21b-\U0001f22e\U0001f230\U0001f231'
        '\U0001f23b\U0001f240-\U0001f248\U0001f53e-\U0001f545\U0001f650-\U0001f67f\U0001f700-\U0001f773'
        '\U0001f780-\U0001f7d4\U0001f800-\U0001f80b\U0001f810-\U0001f847\U0001f850-\U0001f859\U0001f860-'
        '\U0001f887\U0001f890-\U0001f8ad\U0001f900-\U0001f90b\U0001f93b\U0001f946\U0001fb00-\U0001fb92'
        '\U0001fb94-\U0001fbca\U000e0001\U000e0020-\U000e007f'
$$;

CREATE FUNCTION public.fold_stand_ins() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '󰀀󰀁󰀂󰀃󰀄󰀄󰀅󰀆󰀇󰀈󰀉󰀊󰀋󰀌󰀍󰀎󰀏󰀐󰀑󰀒󰀓󰀔󰀕󰀖'
$$;

CREATE FUNCTION public.fold_stripped() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u00ad\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-'
        '\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0898-\u089f'
        '\u08ca-\u08e1\u08e3-\u08ff\u0951-\u0954\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1ace\u1cd0-'
        '\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8\u1cf9\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e'
        '\u2060-\u2064\u2066-\u206f\u20d0-\u20e2\u20e4-\u20f0\u2de0-\u2dff\u302a-\u302d\u3164\ua66f-\ua672'
        '\ua674-\ua67d\ua69e\ua69f\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\U000101fd\U000102e0\U0001133b'
        '\U0001bca0-\U0001bca3\U0001cf00-\U0001cf2d\U0001cf30-\U0001cf46\U0001d167-\U0001d169\U0001d173-'
        '\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U000e0001\U000e0020-'
        '\U000e007f\U000e0100-\U000e01ef'
$$;

CREATE FUNCTION public.fold_words() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '\u00b2\u00b3\u00b5\u00b9\u00bc-\u00be\u02b9-\u02bb\u02bd-\u02c1\u02c6-\u02d1\u02ec\u02ee\u0374\u0378'
        '\u0379\u0380-\u0383\u038b\u038d\u03a2\u03e2-\u03ef\u0530\u0557\u0558\u058b\u058c\u0590\u05c8-\u05cf'
        '\u05eb-\u05ee\u05f5-\u05ff\u0660-\u0669\u06f0-\u06f9\u070e\u0710\u0712-\u072f\u074b-\u074f\u0780-'
        '\u07f5\u07fa-\u07fd\u0800-\u082f\u083f-\u085d\u085f-\u086f\u088f\u0892-\u0897\u0900-\u0950\u0955-'
        '\u0963\u0966-\u096f\u0971-\u09f1\u09f4-\u09f9\u09fc\u09fe-\u0a75\u0a77-\u0aef\u0af2-\u0b6f\u0b71-'
        '\u0bf2\u0bfb-\u0c76\u0c78-\u0c7e\u0c80-\u0c83\u0c85-\u0d4e\u0d50-\u0d78\u0d7a-\u0df3\u0df5-\u0e00'
        '\u0e3b-\u0e3e\u0e50-\u0e59\u0e5c-\u0e80\u0e83\u0e85\u0e8b\u0ea4\u0ea6\u0ebe\u0ebf\u0ec5\u0ec7\u0ecf-'
        '\u0edb\u0ee0-\u0eff\u0f20-\u0f33\u0f48\u0f6d-\u0f70\u0f98\u0fbd\u0fcd\u0fdb-\u0fff\u1040-\u1049'
        '\u1090-\u1099\u10c6\u10c8-\u10cc\u10ce\u10cf\u1200-\u135f\u1369-\u138f\u139a-\u13ff\u1401-\u166c'
        '\u166f-\u167f\u1681-\u169a\u169d-\u16ea\u16ee-\u1734\u1737-\u177f\u17de-\u17ff\u1810-\u193f\u1941-'
        '\u1943\u1946-\u194f\u196e\u196f\u1975-\u197f\u19ac-\u19af\u19ca-\u19dd\u1a00-\u1a1d\u1a5f\u1a7d'
        '\u1a7e\u1a80-\u1a9f\u1aae\u1aaf\u1acf-\u1aff\u1b4d-\u1b59\u1b7f-\u1bfb\u1c00-\u1c3a\u1c40-\u1c7d'
        '\u1c89-\u1c8f\u1cbb\u1cbc\u1cc8-\u1ccf\u1ce1\u1ce9-\u1cec\u1cee-\u1cf3\u1cf5-\u1cf7\u1cfa-\u1cff'
        '\u1f16\u1f17\u1f1e\u1f1f\u1f46\u1f47\u1f4e\u1f4f\u1f58\u1f5a\u1f5c\u1f5e\u1f7e\u1f7f\u1fb5\u1fc5'
        '\u1fd4\u1fd5\u1fdc\u1ff0\u1ff1\u1ff5\u1fff\u2065\u2070\u2072-\u2079\u2080-\u2089\u208f\u209d-\u209f'
        '\u20c1-\u20cf\u20f1-\u20ff\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f'
        '-\u2131\u2133-\u2138\u213c-\u213f\u2145-\u2149\u2150-\u2182\u2185-\u2189\u218c-\u218f\u2427-\u243f'
        '\u244b-\u249b\u24ea-\u24ff\u2776-\u2793\u2b74\u2b75\u2b96\u2c00-\u2c5f\u2c80-\u2ce4\u2ceb-\u2cf8'
        '\u2cfd\u2d26\u2d28-\u2d2c\u2d2e-\u2d6f\u2d71-\u2ddf\u2e2f\u2e5e-\u2e7f\u2e9a\u2ef4-\u2eff\u2fd6-'
        '\u2fef\u2ffc-\u2fff\u3006\u3021-\u3029\u3031-\u3035\u3038-\u303a\u303c\u3040\u3097-\u309a\u30fc'
        '\u3100-\u3104\u3130\u318f\u3192-\u3195\u31e4-\u31ef\u321f-\u3229\u3248-\u324f\u3251-\u325f\u3280-'
        '\u3289\u32b1-\u32bf\ua48d-\ua48f\ua4c7-\ua4fd\ua500-\ua60c\ua610-\ua63f\ua6a0-\ua6f1\ua6f8-\ua6ff'
        '\ua717-\ua71f\ua788\ua7cb-\ua7cf\ua7d2\ua7d4\ua7da-\ua7f1\ua800-\ua827\ua82c-\ua835\ua83a-\ua873'
        '\ua878-\ua8cd\ua8d0-\ua8f7\ua8fb\ua8fd-\ua92d\ua930-\ua95e\ua97d-\ua97f\ua9ce-\ua9dd\ua9f0-\ua9f9'
        '\ua9ff-\uaa5b\uaac3-\uaada\uaae0-\uaaef\uaaf2-\uab2f\uab6c-\uabea\uabec-\uabff\ud7a4-\ud7af\ud7c7-'
        '\ud7ca\ud7fc-\ud7ff\ue000-\uf8ff\ufa6e\ufa6f\ufada-\ufaff\ufb07-\ufb12\ufb18-\ufb1c\ufb37\ufb3d'
        '\ufb3f\ufb42\ufb45\ufbc3-\ufbd2\ufd90\ufd91\ufdc8-\ufdce\ufdd0-\ufdef\ufe1a-\ufe1f\ufe53\ufe67\ufe6c'
        '-\ufe6f\ufe75\ufefd\ufefe\uff00\uff10-\uff19\uff70\uff9e\uff9f\uffbf-\uffc1\uffc8\uffc9\uffd0\uffd1'
        '\uffd8\uffd9\uffdd-\uffdf\uffe7\uffef-\ufff8\ufffe-\U000100ff\U00010103-\U00010136\U00010140-'
        '\U00010178\U0001018a\U0001018b\U0001018f\U0001019d-\U0001019f\U000101a1-\U000101cf\U000101fe-'
        '\U000102df\U000102e1-\U0001039e\U000103a0-\U000103cf\U000103d1-\U0001056e\U00010570-\U0001077f'
        '\U00010786\U000107b1\U000107bb-\U00010856\U00010858-\U00010876\U00010879-\U0001091e\U00010920-'
        '\U0001093e\U00010940-\U00010a4f\U00010a59-\U00010a7e\U00010a80-\U00010ac7\U00010ac9-\U00010aef'
        '\U00010af7-\U00010b38\U00010b40-\U00010b98\U00010b9d-\U00010eac\U00010eae-\U00010f54\U00010f5a-'
        '\U00010f85\U00010f8a-\U00011046\U0001104e-\U000110ba\U000110c2-\U000110cc\U000110ce-\U0001113f'
        '\U00011144-\U00011173\U00011176-\U000111c4\U000111c9-\U000111cc\U000111ce-\U000111da\U000111dc'
        '\U000111e0-\U00011237\U0001123e-\U000112a8\U000112aa-\U0001133a\U0001133c-\U0001144a\U00011450-'
        '\U00011459\U0001145c\U0001145e-\U000114c5\U000114c7-\U000115c0\U000115d8-\U00011640\U00011644-'
        '\U0001165f\U0001166d-\U000116b8\U000116ba-\U000116ff\U0001171b\U0001171c\U0001172c-\U0001173b'
        '\U00011747-\U0001183a\U0001183c-\U00011943\U00011947-\U000119e1\U000119e3-\U00011a3e\U00011a47-'
        '\U00011a99\U00011a9d\U00011aa3-\U00011c40\U00011c46-\U00011c6f\U00011c72-\U00011ef6\U00011ef9-'
        '\U00011fd4\U00011ff2-\U00011ffe\U00012000-\U0001246f\U00012475-\U00012ff0\U00012ff3-\U0001342f'
        '\U00013439-\U00016a6d\U00016a70-\U00016af4\U00016af6-\U00016b36\U00016b40-\U00016b43\U00016b46-'
        '\U00016e96\U00016e9b-\U00016fdf\U00016fe5-\U00016fef\U00016ff2-\U00016fff\U000187f8-\U000187ff'
        '\U00018cd6-\U00018cfe\U00018d09-\U0001afef\U0001aff4\U0001affc\U0001afff\U0001b123-\U0001b131'
        '\U0001b133-\U0001b14f\U0001b153\U0001b154\U0001b156-\U0001b163\U0001b168-\U0001b16f\U0001b2fc-'
        '\U0001bc9b\U0001bc9d\U0001bc9e\U0001bca4-\U0001ceff\U0001cf2e\U0001cf2f\U0001cf47-\U0001cf4f'
        '\U0001cfc4-\U0001cfff\U0001d0f6-\U0001d0ff\U0001d127\U0001d128\U0001d165\U0001d166\U0001d16d-'
        '\U0001d172\U0001d1eb-\U0001d1ff\U0001d246-\U0001d2ff\U0001d357-\U0001d6c0\U0001d6c2-\U0001d6da'
        '\U0001d6dc-\U0001d6fa\U0001d6fc-\U0001d714\U0001d716-\U0001d734\U0001d736-\U0001d74e\U0001d750-'
        '\U0001d76e\U0001d770-\U0001d788\U0001d78a-\U0001d7a8\U0001d7aa-\U0001d7c2\U0001d7c4-\U0001d7ff'
        '\U0001da00-\U0001da36\U0001da3b-\U0001da6c\U0001da75\U0001da84\U0001da8c-\U0001deff\U0001df1f-'
        '\U0001e14e\U0001e150-\U0001e2fe\U0001e300-\U0001e95d\U0001e960-\U0001ecab\U0001ecad-\U0001ecaf'
        '\U0001ecb1-\U0001ed2d\U0001ed2f-\U0001edff\U0001ee04\U0001ee20\U0001ee23\U0001ee25\U0001ee26'
        '\U0001ee28\U0001ee33\U0001ee38\U0001ee3a\U0001ee3c-\U0001ee41\U0001ee43-\U0001ee46\U0001ee48'
        '\U0001ee4a\U0001ee4c\U0001ee50\U0001ee53\U0001ee55\U0001ee56\U0001ee58\U0001ee5a\U0001ee5c\U0001ee5e'
        '\U0001ee60\U0001ee63\U0001ee65\U0001ee66\U0001ee6b\U0001ee73\U0001ee78\U0001ee7d\U0001ee7f\U0001ee8a'
        '\U0001ee9c-\U0001eea0\U0001eea4\U0001eeaa\U0001eebc-\U0001eeef\U0001eef2-\U0001efff\U0001f02c-'
        '\U0001f02f\U0001f094-\U0001f09f\U0001f0af\U0001f0b0\U0001f0c0\U0001f0d0\U0001f0f6-\U0001f10c'
        '\U0001f1ae-\U0001f1e5\U0001f203-\U0001f20f\U0001f23c-\U0001f23f\U0001f249-\U0001f24f\U0001f252-'
        '\U0001f25f\U0001f266-\U0001f2ff\U0001f6d8-\U0001f6db\U0001f6ed-\U0001f6ef\U0001f6fd-\U0001f6ff'
        '\U0001f777-\U0001f77a\U0001f7da-\U0001f7df\U0001f7ec-\U0001f7ef\U0001f7f1-\U0001f7ff\U0001f80c-'
        '\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae\U0001f8af'
        '\U0001f8bc-\U0001f8bf\U0001f8c2-\U0001f8ff\U0001fa54-\U0001fa5f\U0001fa6e\U0001fa6f\U0001fa7d-'
        '\U0001fa7f\U0001fa8a-\U0001fa8e\U0001fac7-\U0001facd\U0001fadd\U0001fade\U0001faea-\U0001faef'
        '\U0001faf9-\U0001faff\U0001fb93\U0001fbcb-\U0001ffff\U000e0000\U000e0002-\U000e001f\U000e0080-'
        '\U000e00ff\U000e01f0-\U000e0fff\U00100000-\U0010fffd'
$$;

CREATE FUNCTION public.freelancer_figures(p_user uuid, p_rating real) RETURNS TABLE(jobs_completed integer, success_rate real, on_time_rate real, reputation real)
    LANGUAGE sql STABLE
    AS $$
    WITH ended AS (
        SELECT c.id, c.status, c.deadline FROM contracts c
        WHERE c.freelancer_id = p_user AND c.status IN ('completed', 'refunded', 'cancelled', 'terminated')
          AND (c.status = 'completed' OR EXISTS (
              SELECT FROM milestones m WHERE m.contract_id = c.id AND m.funded_at IS NOT NULL))
    ), paid AS (
        SELECT m.submitted_at,
               coalesce(m.due_date, (e.deadline + 1)::timestamp AT TIME ZONE 'UTC') AS due
        FROM ended e JOIN milestones m ON m.contract_id = e.id WHERE m.status = 'paid'
    ), rates AS (
        SELECT e.completed, 100.0 * e.completed / e.number AS success, 100.0 * p.in_time / nullif(p.number, 0) AS on_time
        FROM (SELECT count(*) AS number, count(*) FILTER (WHERE ended.status = 'completed') AS completed FROM ended) e,
             (SELECT count(*) AS number, count(*) FILTER (WHERE paid.submitted_at <= paid.due) AS in_time
              FROM paid WHERE paid.due IS NOT NULL) p
        WHERE e.number > 0
    )
    SELECT r.completed::integer, r.success::real, r.on_time::real,
           round(r.success / 2 + coalesce(r.on_time, r.success) / 4
                 + coalesce(100 * nullif(p_rating, 0)::numeric / 5, r.success) / 4, 1)::real
    FROM rates r
$$;

CREATE FUNCTION public.get_project_recommendations(p_freelancer uuid, p_limit integer DEFAULT 10) RETURNS TABLE(job_id uuid, match_score real, title text, budget_max numeric)
    LANGUAGE sql STABLE
    AS $$
    SELECT j.id, m.score, j.title, j.budget_max
    FROM (
        SELECT w.job_id, (count(*) FILTER (WHERE has.skill_id IS NOT NULL)::real / count(*))::real AS score
        FROM job_skills w
        LEFT JOIN user_skills has ON has.skill_id = w.skill_id AND has.user_id = p_freelancer
        WHERE w.job_id IN (
            SELECT s.job_id FROM job_skills s
            JOIN user_skills u ON u.skill_id = s.skill_id AND u.user_id = p_freelancer)
        GROUP BY w.job_id
    ) m
    JOIN jobs j ON j.id = m.job_id
    WHERE j.status = 'open' AND m.score > 0.2 AND j.client_id <> p_freelancer
      AND NOT EXISTS (
          SELECT FROM proposals p WHERE p.job_id = j.id AND p.freelancer_id = p_freelancer)
    ORDER BY m.score DESC, j.budget_max DESC NULLS LAST, j.id
    LIMIT p_limit
$$;

CREATE FUNCTION public.give_up_upload(p_file uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM file_uploads u WHERE u.file_id = p_file;
    IF EXISTS (SELECT FROM files f WHERE f.id = p_file) THEN
        RETURN false;
    END IF;
    INSERT INTO file_removals (file_id) VALUES (p_file) ON CONFLICT DO NOTHING;
    RETURN true;
END $$;

CREATE FUNCTION public.guard_amounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    v_column text;
    v_amount numeric;
BEGIN
    FOREACH v_column IN ARRAY TG_ARGV LOOP
        EXECUTE format('SELECT ($1).%I', v_column) INTO v_amount USING NEW;
        IF v_amount <> round(v_amount, currency_decimals(NEW.currency)) THEN
            RAISE check_violation USING
                MESSAGE = format('must have at most the decimals of its currency: %s has no decimals', NEW.currency),
                COLUMN = v_column, CONSTRAINT = TG_TABLE_NAME || '_amounts', TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NULL;
END $_$;

CREATE FUNCTION public.guard_files() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    v_ids uuid[] := file_ids_in(NEW, TG_ARGV[0]);
    v_author uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(OLD, TG_ARGV[0])));
    END IF;
    IF v_ids = '{}' THEN
        RETURN NULL;
    END IF;
    IF TG_NARGS > 1 THEN
        EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO v_author USING NEW;
    END IF;
    IF EXISTS (
        SELECT FROM unnest(v_ids) i WHERE NOT EXISTS (
            SELECT FROM files f
            WHERE f.id = i AND f.state = 'ready' AND (TG_NARGS = 1 OR f.owner_id = v_author))
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a file is not there, or not the author''s',
            CONSTRAINT = TG_TABLE_NAME || '_' || TG_ARGV[0] || '_fkey';
    END IF;
    RETURN NULL;
END $_$;

CREATE FUNCTION public.guard_gig_currency() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gig_packages p WHERE p.gig_id = NEW.id AND p.price <> round(p.price)
        UNION ALL
        SELECT FROM gig_extras e WHERE e.gig_id = NEW.id AND e.price <> round(e.price)
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('a package or an extra has a price with decimals, and %s has none', NEW.currency),
            COLUMN = 'currency', CONSTRAINT = 'gigs_prices_finer', TABLE = 'gigs';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_gig_price() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_currency text;
BEGIN
    SELECT g.currency INTO v_currency FROM gigs g WHERE g.id = NEW.gig_id FOR NO KEY UPDATE;
    IF NEW.price <> round(NEW.price, currency_decimals(v_currency)) THEN
        RAISE check_violation USING
            MESSAGE = format('must have at most the decimals of its currency: %s has no decimals', v_currency),
            COLUMN = 'price', CONSTRAINT = TG_TABLE_NAME || '_amounts', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_job_budget_type() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM proposals p WHERE p.job_id = NEW.id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'cannot turn into one by the hour, or out of it, once there are proposals',
            COLUMN = 'budget_type', CONSTRAINT = 'jobs_budget_type_fixed', TABLE = 'jobs';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.guard_job_currency() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM proposals p WHERE p.job_id = NEW.id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'is fixed once there are proposals',
            COLUMN = 'currency', CONSTRAINT = 'jobs_proposals_exist', TABLE = 'jobs';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.guard_last_package() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_status text;
BEGIN
    SELECT g.status INTO v_status FROM gigs g WHERE g.id = OLD.gig_id FOR NO KEY UPDATE;
    IF v_status = 'active' AND NOT EXISTS (SELECT FROM gig_packages p WHERE p.gig_id = OLD.gig_id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'an active gig keeps a package: add another first, or pause the gig',
            COLUMN = 'gig_id', CONSTRAINT = 'gig_packages_kept', TABLE = 'gig_packages';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_line_fineness() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_decimals integer := CASE
        WHEN NEW.currency IN ('USD', 'EUR', 'CNY') THEN 2
        WHEN NEW.currency IN ('JPY', 'KRW') THEN 0 END;
BEGIN
    IF v_decimals IS NULL OR round(NEW.amount, v_decimals) <> NEW.amount THEN
        RAISE check_violation USING
            MESSAGE = format('%s is no amount in %s', NEW.amount, NEW.currency),
            COLUMN = 'amount', CONSTRAINT = 'journal_lines_fineness', TABLE = 'journal_lines';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.guard_portfolio_items() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_ids uuid[] := NEW.portfolio_item_ids;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (OLD.portfolio_item_ids));
    END IF;
    IF EXISTS (
        SELECT FROM unnest(v_ids) i WHERE NOT EXISTS (
            SELECT FROM portfolio_items p WHERE p.id = i AND p.user_id = NEW.freelancer_id)
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a portfolio item is not there, or not the freelancer''s',
            CONSTRAINT = 'proposals_portfolio_item_ids_fkey';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_proposal_plan() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_total numeric := proposal_total(NEW);
    v_path text;
    v_reason text;
BEGIN
    IF v_total IS NULL THEN
        RAISE check_violation USING
            MESSAGE = 'is missing: the job is paid by the hour', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_hours_offered', TABLE = 'proposals';
    ELSIF v_total >= 10 ^ 12 THEN
        RAISE check_violation USING
            MESSAGE = 'comes to more than a contract can hold', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_total_bounded', TABLE = 'proposals';
    END IF;
    SELECT f.path, f.reason INTO v_path, v_reason FROM milestone_plan_refused(NEW.milestones, v_total, NEW.currency) f;
    IF v_reason IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = v_reason, COLUMN = v_path, CONSTRAINT = 'proposals_plan_fits', TABLE = 'proposals';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_proposal_times() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_now timestamptz := workflow_now();
    v_place integer;
BEGIN
    IF NEW.delivery_date < date_trunc('day', v_now, 'UTC')
        AND (TG_OP = 'INSERT' OR OLD.delivery_date IS DISTINCT FROM NEW.delivery_date)
    THEN
        RAISE check_violation USING
            MESSAGE = 'must not be past', COLUMN = 'delivery_date',
            CONSTRAINT = 'proposals_times_ahead', TABLE = 'proposals';
    END IF;
    v_place := plan_due_passed(NEW.milestones, v_now, CASE WHEN TG_OP = 'INSERT' THEN '[]' ELSE OLD.milestones END);
    IF v_place IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'must not be past', COLUMN = format('milestones[%s].due_date', v_place),
            CONSTRAINT = 'proposals_times_ahead', TABLE = 'proposals';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.guard_setting() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_text text := NEW.value #>> '{}';
    v_fits boolean := CASE
        WHEN NEW.value IS NULL OR NEW.value_type IS NULL THEN true
        WHEN NEW.value_type = 'boolean' THEN jsonb_typeof(NEW.value) = 'boolean'
        WHEN jsonb_typeof(NEW.value) = 'number' AND v_text ~ '^\d{1,9}$'
        THEN v_text::integer BETWEEN NEW.minimum AND NEW.maximum
        ELSE false END;
BEGIN
    IF NOT v_fits THEN
        RAISE check_violation USING
            MESSAGE = CASE NEW.value_type
                WHEN 'boolean' THEN 'must be true or false'
                ELSE format('must be a whole number from %s to %s', NEW.minimum, NEW.maximum) END,
            COLUMN = 'value', CONSTRAINT = 'platform_settings_value_fits', TABLE = 'platform_settings';
    END IF;
    RETURN NEW;
END $_$;

CREATE FUNCTION public.guard_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_from text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE '' END;
BEGIN
    IF v_from <> NEW.status AND NOT EXISTS (
        SELECT FROM status_transitions s
        WHERE s.table_name = TG_ARGV[0] AND s.from_status = v_from AND s.to_status = NEW.status
    ) THEN
        RAISE EXCEPTION '%: % does not become %', TG_ARGV[0], v_from, NEW.status USING
            ERRCODE = 'check_violation', CONSTRAINT = 'status_transition';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.hide_person() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.status IN ('suspended', 'deleted') THEN
        INSERT INTO hidden_people (hidden_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM hidden_people h WHERE h.hidden_id = NEW.id;
    END IF;
    IF FOUND THEN
        INSERT INTO outbox (consumer, kind, data)
        SELECT 'copies', t.kind, jsonb_build_object('key', t.key)
        FROM (
            SELECT 'gigs' AS kind, g.id AS key FROM gigs g WHERE g.freelancer_id = NEW.id
            UNION ALL SELECT 'jobs', j.id FROM jobs j WHERE j.client_id = NEW.id
            UNION ALL SELECT 'freelancer_profiles', p.user_id FROM freelancer_profiles p WHERE p.user_id = NEW.id
            UNION ALL SELECT 'client_profiles', p.user_id FROM client_profiles p WHERE p.user_id = NEW.id
        ) t;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.idempotency_begin(p_user uuid, p_method text, p_path text, p_key text, OUT is_taken boolean, OUT request_hash bytea, OUT body text, OUT path text, OUT row_key text, OUT version integer, OUT status integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    is_taken := NOT pg_try_advisory_xact_lock(hashtextextended('parley.once:' || p_user || ':' || p_key, 0));
    IF NOT is_taken THEN
        SELECT k.request_hash, k.body, coalesce(k.headers ->> 'path', ''), k.headers ->> 'key', (k.headers ->> 'version')::integer, k.status
        INTO request_hash, body, path, row_key, version, status
        FROM idempotency_keys k
        WHERE k.user_id = p_user AND k.method = p_method AND k.path = p_path AND k.key = p_key
          AND k.created_at > now() - interval '24 hours';
    END IF;
END $$;

CREATE FUNCTION public.in_calendar(p_day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT p_day BETWEEN '1900-01-01' AND '2199-12-31'
$$;

CREATE FUNCTION public.in_calendar(p_time timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT p_time >= '1900-01-01T00:00:00Z' AND p_time < '2200-01-01T00:00:00Z'
$$;

CREATE FUNCTION public.is_archived_at(p_archived_seq bigint, p_is_archived boolean, p_is_muted boolean, p_last_seq bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN p_archived_seq IS NULL THEN p_is_archived
                ELSE p_is_muted OR p_archived_seq >= p_last_seq END
$$;

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

CREATE FUNCTION public.is_changed_since(p_xmin xid, p_snapshot pg_snapshot) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT NOT pg_visible_in_snapshot(
        (t.top - ((t.top - p_xmin::text::bigint) & 4294967295))::text::xid8, p_snapshot)
    FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS top) t
$$;

CREATE FUNCTION public.is_file_in_rows(p_file uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM jobs r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM proposals r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM portfolio_items r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM deliverables r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM contract_answers r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.evidence_file_ids @> ARRAY[p_file] AND r.evidence_file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.answer_file_ids @> ARRAY[p_file] AND r.answer_file_ids <> '{}')
        OR EXISTS (SELECT FROM support_tickets r
                   WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM identity_verifications r
                   WHERE r.document_file_ids @> ARRAY[p_file] AND r.document_file_ids <> '{}')
        OR EXISTS (SELECT FROM data_requests r WHERE r.result_file_id = p_file)
$$;

CREATE FUNCTION public.is_file_named(p_file uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM message_attachments a WHERE a.file_id = p_file) OR is_file_in_rows(p_file)
$$;

CREATE FUNCTION public.is_file_shown(p_file uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT FROM message_attachments a
        JOIN conversation_participants p ON p.conversation_id = a.conversation_id AND p.left_at IS NULL
        WHERE a.file_id = p_file
    ) OR is_file_in_rows(p_file)
$$;

CREATE FUNCTION public.is_one_edit(p_one text, p_other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE char_length(p_one) - char_length(p_other)
        WHEN 0 THEN EXISTS (
            SELECT 1 FROM generate_series(1, char_length(p_one)) AS n
            WHERE left(p_one, n - 1) = left(p_other, n - 1)
              AND (substr(p_one, n + 1) = substr(p_other, n + 1)
                   OR (substr(p_one, n, 1) = substr(p_other, n + 1, 1)
                       AND substr(p_one, n + 1, 1) = substr(p_other, n, 1)
                       AND substr(p_one, n + 2) = substr(p_other, n + 2))))
        WHEN 1 THEN p_other = ANY (shortened_forms(p_one))
        WHEN -1 THEN p_one = ANY (shortened_forms(p_other))
        ELSE false END
$$;

CREATE FUNCTION public.is_own_subject(p_user uuid, p_type text, p_id uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE p_type
        WHEN 'gig' THEN EXISTS (SELECT FROM gigs g WHERE g.id = p_id AND g.freelancer_id = p_user)
        WHEN 'job' THEN EXISTS (SELECT FROM jobs j WHERE j.id = p_id AND j.client_id = p_user)
        WHEN 'review' THEN EXISTS (SELECT FROM reviews r WHERE r.id = p_id AND r.reviewer_id = p_user)
        ELSE false END
$$;

CREATE FUNCTION public.is_room_of_contract(p_conversation uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM conversations c JOIN contracts k ON k.id = c.contract_id
        WHERE c.id = p_conversation AND k.conversation_id = c.id)
$$;

CREATE FUNCTION public.is_time_text(p_text text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $_$
BEGIN
    -- The pattern lets through days that no month has; the zone may lead out of the calendar.
    RETURN p_text ~ '^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$'
        AND in_calendar(p_text::timestamptz);
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $_$;

CREATE FUNCTION public.is_under_way(p_changed_at timestamp with time zone, p_now timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(p_changed_at > p_now - interval '5 seconds', false)
$$;

CREATE FUNCTION public.jobs_posted_before() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    NEW.jobs_posted := (
        SELECT count(*) FROM jobs j
        WHERE j.client_id = NEW.user_id AND j.platform = 'internal' AND j.published_at IS NOT NULL);
    RETURN NEW;
END $$;

CREATE FUNCTION public.journal_must_balance() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM journal_lines l WHERE l.journal_id = NEW.journal_id
        GROUP BY l.currency HAVING sum(l.amount) <> 0
    ) THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.journal_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'journal_lines_balance';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.judge_again(p_users uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- In the order in which workers lock them too.
    PERFORM FROM notification_deliveries d
    WHERE d.user_id = ANY (p_users) AND d.status IN ('pending', 'deferred')
    ORDER BY d.group_key <> 'digest', d.user_id, d.id
    FOR NO KEY UPDATE;
    UPDATE notification_deliveries d SET next_attempt_at = clock_timestamp()
    WHERE d.user_id = ANY (p_users) AND (
        d.status = 'deferred' AND d.reason IN ('quiet_until', 'snoozed_until', 'digest')
        OR d.status IN ('pending', 'deferred') AND d.group_key = 'digest');
END $$;

CREATE FUNCTION public.judge_changed_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_users uuid[] := ARRAY(SELECT DISTINCT c.user_id FROM changed c);
BEGIN
    IF v_users <> '{}' THEN
        PERFORM judge_again(v_users);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.judge_creation(p_type text, p_creator uuid, p_others uuid[], p_max_participants integer, p_max_direct_a_day integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
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
        ELSE judge_purpose(v_conversation.type, p_owner, ARRAY[p_owner, p_user], NULL,
                           v_conversation.contract_id)
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
    RETURN CASE
        WHEN v_role IS NULL THEN 'not_found'
        WHEN v_role <> 'owner' THEN 'forbidden'
        WHEN is_room_of_contract(p_conversation) THEN 'ruled_by_contract'
        ELSE 'ok'
    END;
END $$;

CREATE FUNCTION public.judge_purpose(p_type text, p_user uuid, p_people uuid[], p_job uuid, p_contract uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.judge_reaching(p_user uuid, p_others uuid[], p_type text, p_max_strangers integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.judge_user_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM judge_again(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_contract_expiry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    NEW.expires_at := NEW.created_at + CASE NEW.status
        WHEN 'pending_payment' THEN setting_length('gig_payment_minutes')
        WHEN 'pending_acceptance' THEN setting_length('contract_acceptance_days') END;
    RETURN NEW;
END $$;

CREATE FUNCTION public.keep_freelancer_figures() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    -- One at a time: of two contracts that end beside each other, neither would count both.
    PERFORM FROM freelancer_profiles p WHERE p.user_id = NEW.freelancer_id FOR NO KEY UPDATE;
    UPDATE freelancer_profiles p SET
        jobs_completed = f.jobs_completed, success_rate = f.success_rate, on_time_rate = f.on_time_rate,
        reputation = f.reputation
    FROM freelancer_profiles o CROSS JOIN LATERAL freelancer_figures(o.user_id, o.rating) f
    WHERE p.user_id = NEW.freelancer_id AND o.user_id = p.user_id
      AND (p.jobs_completed, p.success_rate, p.on_time_rate, p.reputation)
          IS DISTINCT FROM (f.jobs_completed, f.success_rate, f.on_time_rate, f.reputation);
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_gig_counters() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO gig_counters (gig_id, status) VALUES (NEW.id, NEW.status)
    ON CONFLICT (gig_id) DO UPDATE SET status = EXCLUDED.status;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_job_counters() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO job_counters (job_id, status) VALUES (NEW.id, NEW.status)
    ON CONFLICT (job_id) DO UPDATE SET status = EXCLUDED.status;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_listing_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.title, 'A') || weighed_terms(NEW.description, 'B')
                        || weighed_terms(words_of(NEW.tags), 'C');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.title, NEW.description, words_of(NEW.tags))]);
    RETURN NEW;
END $$;

CREATE FUNCTION public.keep_message_words(p_ids bigint[]) RETURNS void
    LANGUAGE sql
    AS $$
    WITH named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM outbox c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.id = ANY (p_ids)
          AND (c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq)))
    )
    INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens, fold)
    SELECT n.conversation_id, n.page, said.first_at, said.last_at, said.tokens, search_fold_version()
    FROM named n
    JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
    CROSS JOIN LATERAL page_terms(n.conversation_id, n.page) said
    ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens, fold = excluded.fold
$$;

CREATE FUNCTION public.keep_message_words(p_limit integer) RETURNS bigint
    LANGUAGE sql
    AS $$
    WITH claimed AS (
        DELETE FROM outbox WHERE id = ANY (ARRAY(
            SELECT o.id FROM outbox o
            WHERE o.consumer = 'search' AND o.available_at <= clock_timestamp()
            ORDER BY o.id
            LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING kind, conversation_ids, seqs
    ), named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM claimed c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq))
    ), kept AS (
        INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens, fold)
        SELECT n.conversation_id, n.page, said.first_at, said.last_at, said.tokens, search_fold_version()
        FROM named n
        JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
        CROSS JOIN LATERAL page_terms(n.conversation_id, n.page) said
        ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens, fold = excluded.fold
    )
    SELECT count(*) FROM claimed
$$;

CREATE FUNCTION public.keep_name_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO people_names AS n (user_id, words) VALUES (NEW.id, name_words(NEW.display_name))
    ON CONFLICT (user_id) DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_payout_method_usable() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    NEW.usable_at := NEW.created_at + setting_length('payout_method_hours');
    RETURN NEW;
END $$;

CREATE FUNCTION public.keep_profile_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.tagline, 'A') || weighed_terms(NEW.bio, 'B');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.tagline, NEW.bio)]);
    RETURN NEW;
END $$;

CREATE FUNCTION public.keep_quiet_hours() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM quiet_hours q WHERE q.user_id = NEW.user_id;
    INSERT INTO quiet_hours (user_id, weekday, "from", until)
    SELECT NEW.user_id, d.weekday, NEW.quiet_from, NEW.quiet_until FROM generate_series(0, 6) AS d(weekday)
    WHERE NEW.quiet_from IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_ratings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_user uuid := coalesce(NEW.reviewee_id, OLD.reviewee_id);
    v_gig uuid := coalesce(NEW.gig_id, OLD.gig_id);
BEGIN
    -- One at a time for each user: of two that counted beside each other, neither would have both reviews.
    INSERT INTO user_ratings (user_id) VALUES (v_user) ON CONFLICT (user_id) DO NOTHING;
    PERFORM FROM user_ratings u WHERE u.user_id = v_user FOR NO KEY UPDATE;
    INSERT INTO user_ratings AS u (user_id, average_rating, total_reviews, communication_rating,
                                   quality_rating, professionalism_rating, value_rating)
    SELECT v_user, c.average_rating, c.total_reviews, d.*
    FROM calculate_user_rating(v_user) c, (
        SELECT avg(r.communication_rating)::real, avg(r.quality_rating)::real,
               avg(r.professionalism_rating)::real, avg(r.value_rating)::real
        FROM reviews r WHERE r.reviewee_id = v_user AND r.status = 'published'
    ) d
    ON CONFLICT (user_id) DO UPDATE SET
        average_rating = EXCLUDED.average_rating, total_reviews = EXCLUDED.total_reviews,
        communication_rating = EXCLUDED.communication_rating,
        quality_rating = EXCLUDED.quality_rating,
        professionalism_rating = EXCLUDED.professionalism_rating,
        value_rating = EXCLUDED.value_rating, updated_at = now();
    PERFORM keep_role_ratings(v_user);
    UPDATE gigs g SET rating = coalesce(r.average, 0), total_reviews = r.total
    FROM (
        SELECT avg(r.overall_rating)::real AS average, count(*)::integer AS total
        FROM reviews r WHERE r.gig_id = v_gig AND r.status = 'published'
    ) r
    WHERE g.id = v_gig;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_review_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.title, 'A') || weighed_terms(NEW.comment, 'B');
    RETURN NEW;
END $$;

CREATE FUNCTION public.keep_role_ratings(p_user uuid) RETURNS void
    LANGUAGE sql
    AS $$
    UPDATE freelancer_profiles p SET rating = c.average_rating, total_reviews = c.total_reviews
    FROM calculate_role_rating(p_user, 'client') c
    WHERE p.user_id = p_user
      AND (p.rating, p.total_reviews) IS DISTINCT FROM (c.average_rating::real, c.total_reviews);
    UPDATE client_profiles p SET rating = c.average_rating, total_reviews = c.total_reviews
    FROM calculate_role_rating(p_user, 'freelancer') c
    WHERE p.user_id = p_user
      AND (p.rating, p.total_reviews) IS DISTINCT FROM (c.average_rating::real, c.total_reviews);
$$;

CREATE FUNCTION public.keep_search_words(p_texts text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    INSERT INTO search_words (word, shortened)
    SELECT w.word, shortened_forms(w.word)
    FROM (
        SELECT t AS word FROM unnest(p_texts) AS p, typed_words(p) AS t
        UNION SELECT word_stem(t) FROM unnest(p_texts) AS p, typed_words(p) AS t
    ) w
    WHERE NOT EXISTS (SELECT 1 FROM search_words s WHERE s.word = w.word)
    ORDER BY w.word
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION public.keep_skill_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_names text := (SELECT string_agg(n.value, ' ') FROM jsonb_each_text(NEW.names) n);
BEGIN
    NEW.search_terms := weighed_terms(NEW.name, 'A') || weighed_terms(v_names, 'A')
                        || weighed_terms(NEW.description, 'B');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.name, v_names, NEW.description)]);
    RETURN NEW;
END $$;

CREATE FUNCTION public.last_seq_of(p_page bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_page * 32 + 32 $$;

CREATE FUNCTION public.latest_seqs(p_seqs bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT array_agg(l.seq ORDER BY l.seq)
    FROM (
        SELECT DISTINCT s AS seq FROM unnest(p_seqs) s WHERE s IS NOT NULL ORDER BY 1 DESC LIMIT 100
    ) l
$$;

CREATE FUNCTION public.lease_in_order(p_consumer text, p_kinds text[], p_rows integer, p_refs integer, p_owner uuid, p_lease_s double precision) RETURNS TABLE(id bigint, kind text, conversation_ids uuid[], seqs bigint[], revs bigint[], user_ids uuid[], data jsonb, owner uuid, created_at timestamp with time zone, tries smallint, age_s double precision, fence bigint, leased_at bigint)
    LANGUAGE plpgsql
    AS $$
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
    -- A member of the team may go without leaving the team; a party stays.
    IF EXISTS (
        SELECT 1 FROM conversations c JOIN contracts k ON k.id = c.contract_id
        WHERE c.id = p_conversation AND k.conversation_id = c.id AND p_user IN (k.client_id, k.freelancer_id)
    ) THEN
        RETURN ROW('ruled_by_contract', NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;

CREATE FUNCTION public.ledger_open(p_accounts jsonb, p_contracts uuid[], p_releases uuid[], p_now timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_accounts uuid[];
    v_found jsonb;
BEGIN
    INSERT INTO ledger_accounts (kind, user_id, contract_id, currency, created_at)
    SELECT w.kind, CASE WHEN w.kind <> 'escrow' THEN w.owner END, CASE WHEN w.kind = 'escrow' THEN w.owner END,
           w.currency, p_now
    FROM jsonb_to_recordset(p_accounts) AS w (kind text, owner uuid, currency text)
    ORDER BY w.kind, w.owner, w.currency
    ON CONFLICT DO NOTHING;

    v_accounts := ARRAY(
        SELECT a.id FROM jsonb_to_recordset(p_accounts) AS w (kind text, owner uuid, currency text)
        JOIN ledger_accounts a ON a.kind = w.kind AND a.currency = w.currency
            AND coalesce(a.user_id, a.contract_id, '00000000-0000-0000-0000-000000000000')
              = coalesce(w.owner, '00000000-0000-0000-0000-000000000000'));
    PERFORM FROM ledger_accounts a
    WHERE a.id = ANY (v_accounts) AND a.kind NOT IN ('fee', 'cash', 'cost', 'adjustment')
    ORDER BY a.id FOR NO KEY UPDATE;

    SELECT jsonb_build_object(
        'accounts', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', a.id, 'kind', a.kind, 'owner', coalesce(a.user_id, a.contract_id),
                'currency', a.currency, 'balance', a.balance::text))
            FROM ledger_accounts a WHERE a.id = ANY (v_accounts)), '[]'),
        'lots', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'account_id', l.account_id, 'deposit_id', l.deposit_id,
                'milestone_id', l.milestone_id, 'amount', l.amount::text))
            FROM ledger_lots l WHERE l.account_id = ANY (v_accounts)), '[]'),
        'escrows', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', e.id, 'contract_id', e.contract_id,
                'currency', e.currency, 'released', e.released_amount::text, 'refunded', e.refunded_amount::text,
                'charged_back', e.charged_back::text))
            FROM escrows e WHERE e.contract_id = ANY (p_contracts)), '[]'),
        'milestones', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', m.id, 'released', m.released::text, 'refunded', m.refunded::text))
            FROM milestones m WHERE m.contract_id = ANY (p_contracts)), '[]'),
        'releases', coalesce((
            SELECT jsonb_agg(to_jsonb(r) || jsonb_build_object(
                'gross', r.gross::text, 'fee', r.fee::text, 'refunded', r.refunded::text,
                'refunded_fee', r.refunded_fee::text))
            FROM releases r WHERE r.id = ANY (p_releases)), '[]'),
        'release_lots', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'release_id', l.release_id, 'deposit_id', l.deposit_id,
                'amount', l.amount::text, 'returned', l.returned::text))
            FROM release_lots l WHERE l.release_id = ANY (p_releases)), '[]')
    ) INTO v_found;
    RETURN v_found;
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

CREATE FUNCTION public.lock_deliveries(p_users uuid[], p_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM unnest(p_users, p_ids) AS r(user_id, id)
    JOIN notification_deliveries d ON d.user_id = r.user_id AND d.id = r.id
    ORDER BY d.group_key <> 'digest', d.user_id, d.id
    FOR NO KEY UPDATE OF d;
END $$;

CREATE FUNCTION public.lock_gig_of_package(p_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM gigs g WHERE g.id = (SELECT p.gig_id FROM gig_packages p WHERE p.id = p_id) FOR NO KEY UPDATE;
    RETURN true;
END $$;

CREATE FUNCTION public.lock_reaching(p_user uuid) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('parley.create:' || p_user, 0))
$$;

CREATE FUNCTION public.lock_user_of_payout_method(p_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM user_private p WHERE p.user_id = (SELECT m.user_id FROM payout_methods m WHERE m.id = p_id)
    FOR NO KEY UPDATE;
    RETURN true;
END $$;

CREATE FUNCTION public.lower_notifications(p_users uuid[], p_ids uuid[], p_seqs bigint[], p_how text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_left_users uuid[];
    v_left uuid[];
BEGIN
    WITH gone AS (
        SELECT i.user_id, i.id, array_agg(i.seq) AS seqs
        FROM unnest(p_users, p_ids, p_seqs) AS i(user_id, id, seq)
        GROUP BY i.user_id, i.id
    ), hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.subject_id,
               ARRAY(SELECT s FROM unnest(n.seqs) s WHERE s <> ALL (g.seqs) ORDER BY s) AS seqs,
               (SELECT count(*) FROM unnest(n.seqs) s WHERE s = ANY (g.seqs)) AS lost
        FROM gone g
        JOIN notifications n ON n.user_id = g.user_id AND n.id = g.id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), lowered AS (
        UPDATE notifications n
        SET count = greatest(1, n.count - h.lost), seqs = h.seqs, seq = m.seq, actor_id = m.sender_id,
            data = n.data || jsonb_build_object(
                'message_id', m.id, 'seq', m.seq, 'sender_id', m.sender_id)
        FROM hit h, message_at(h.subject_id, h.seqs[cardinality(h.seqs)]) m
        WHERE n.user_id = h.user_id AND n.id = h.id
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(h.user_id) FILTER (WHERE cardinality(h.seqs) = 0),
           array_agg(h.id) FILTER (WHERE cardinality(h.seqs) = 0),
           (SELECT array_agg(l.user_id ORDER BY l.id) FROM lowered l WHERE l.in_app),
           (SELECT array_agg(l.id ORDER BY l.id) FROM lowered l WHERE l.in_app)
    INTO v_users, v_ids, v_left_users, v_left
    FROM hit h;
    PERFORM notifications_in_outbox('notification.updated', v_left_users, v_left);
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

CREATE FUNCTION public.maintain_message_partitions() RETURNS integer
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

CREATE FUNCTION public.maintain_partitions() RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_ahead integer := maintain_message_partitions();
BEGIN
    PERFORM ensure_month(t, now() + make_interval(months => n))
    FROM unnest(ARRAY['audit_log', 'transactions', 'view_events']) t, generate_series(0, 3) AS n;
    RETURN v_ahead;
END $$;

CREATE FUNCTION public.members_must_hold_all() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_contract uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.contract_id ELSE NEW.contract_id END;
BEGIN
    IF EXISTS (
        SELECT FROM contract_members m WHERE m.contract_id = v_contract
        HAVING count(*) > 0 AND coalesce(sum(m.share_bp) FILTER (WHERE m.status = 'accepted'), 0) <> 10000
    ) THEN
        RAISE check_violation USING
            MESSAGE = 'the shares of accepted members must add up to 10000',
            COLUMN = 'share_bp', CONSTRAINT = 'contract_members_hold_all', TABLE = 'contract_members';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.merge_reactions(p_conversation uuid, p_seq bigint, p_keys text[], p_spellings text[], p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_message messages;
    v_gone integer;
    v_renamed integer;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    PERFORM 1 FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    SELECT m.* INTO v_message FROM messages m
    WHERE m.conversation_id = p_conversation AND m.seq = p_seq;
    IF NOT FOUND THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;

    DELETE FROM message_reactions r
    USING (
        SELECT o.emoji, o.user_id,
               row_number() OVER (PARTITION BY o.user_id, reaction_key(o.emoji)
                                  ORDER BY o.created_at, o.emoji) AS n
        FROM message_reactions o
        WHERE o.conversation_id = p_conversation AND o.seq = p_seq
          AND reaction_key(o.emoji) = ANY (p_keys)
    ) d
    WHERE r.conversation_id = p_conversation AND r.seq = p_seq
      AND r.emoji = d.emoji AND r.user_id = d.user_id AND d.n > 1;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    UPDATE message_reactions r SET emoji = s.spelling
    FROM unnest(p_keys, p_spellings) AS s(key, spelling)
    WHERE r.conversation_id = p_conversation AND r.seq = p_seq
      AND reaction_key(r.emoji) = s.key AND r.emoji <> s.spelling;
    GET DIAGNOSTICS v_renamed = ROW_COUNT;
    IF v_gone + v_renamed = 0 THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, (
        SELECT count(*) FROM message_reactions r
        WHERE r.conversation_id = p_conversation AND r.seq = p_seq
    )::integer - v_message.reaction_count);
END $$;

CREATE FUNCTION public.message_at(p_conversation uuid, p_seq bigint) RETURNS SETOF public.messages
    LANGUAGE sql STABLE ROWS 1
    AS $$
    SELECT m.*
    FROM (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = p_conversation AND cm.first_seq <= p_seq
        ORDER BY cm.month DESC
        LIMIT 1
    ) b
    JOIN messages m ON m.conversation_id = p_conversation AND m.seq = p_seq
        AND m.created_at >= b.month AND m.created_at < next_month(b.month)
    LIMIT 1
$$;

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
        DELETE FROM message_words w
        WHERE w.conversation_id = p_conversation AND w.page = page_of(p_seq);
        PERFORM put_in_outbox('search', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    END IF;
END $$;

CREATE FUNCTION public.message_id(p_conversation_id uuid, p_seq bigint, p_created_at timestamp with time zone) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT (
        -- 48 bits of time, the version, 12 bits of the hash.
        lpad(to_hex((date_part('epoch', p_created_at) * 1000)::bigint << 16
                    | x'7000'::bigint | (uuid_hash_extended(p_conversation_id, 0) & x'fff'::bigint)), 16, '0')
        -- The variant, 30 bits of the hash, 32 of the seq.
        || to_hex(1::bigint << 63
                  | (uuid_hash_extended(p_conversation_id, 0) & x'3fffffff00000000'::bigint) | p_seq)
    )::uuid
$$;

CREATE FUNCTION public.messages_told(p public.notifications) RETURNS TABLE(seq bigint, sender_id uuid)
    LANGUAGE sql STABLE ROWS 3
    AS $$
    SELECT m.seq, m.sender_id
    FROM conversation_participants r
    CROSS JOIN LATERAL (
        SELECT s FROM generate_series(greatest(
            r.last_read_seq, p.seq - 100, run_put_away(p.user_id, p.subject_id)) + 1, p.seq) s
        WHERE p.type = 'message.run'
        UNION ALL
        SELECT s FROM unnest(p.seqs) s WHERE s > r.last_read_seq
    ) s(seq)
    CROSS JOIN LATERAL message_at(p.subject_id, s.seq) m
    WHERE r.conversation_id = p.subject_id AND r.user_id = p.user_id AND NOT m.is_deleted
      AND (p.type <> 'message.run' OR m.type <> 'system' AND m.sender_id <> p.user_id
           AND p.user_id <> ALL (coalesce(m.mentions, '{}')) AND NOT EXISTS (
               SELECT FROM message_at(m.conversation_id, uuid7_seq(m.parent_id)) parent
               WHERE m.parent_id IS NOT NULL AND parent.id = m.parent_id AND parent.sender_id = p.user_id
               OFFSET 0
           ))
      AND NOT EXISTS (
          SELECT FROM user_blocks b
          WHERE (b.blocker_id = p.user_id AND b.blocked_id = m.sender_id)
             OR (b.blocker_id = m.sender_id AND b.blocked_id = p.user_id)
      )
$$;

CREATE FUNCTION public.milestone_plan_fault(p_plan jsonb, p_total numeric, p_currency text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT f.reason FROM milestone_plan_refused(p_plan, p_total, p_currency) f
$$;

CREATE FUNCTION public.milestone_plan_refused(p_plan jsonb, p_total numeric, p_currency text, OUT path text, OUT reason text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    v_part jsonb;
    v_place integer;
    v_amount text;
    v_sum numeric := 0;
BEGIN
    path := 'milestones';
    IF jsonb_typeof(p_plan) <> 'array' OR jsonb_array_length(p_plan) > 50 THEN
        reason := 'must be a list of at most 50 milestones';
        RETURN;
    END IF;
    FOR v_part, v_place IN
        SELECT e.value, e.ordinality - 1 FROM jsonb_array_elements(p_plan) WITH ORDINALITY e ORDER BY e.ordinality
    LOOP
        path := format('milestones[%s]', v_place);
        IF jsonb_typeof(v_part) <> 'object' OR v_part - ARRAY['title', 'description', 'amount', 'due_date'] <> '{}' THEN
            reason := 'must be an object with title, amount and, where there are such, description and due_date';
            RETURN;
        END IF;
        path := format('milestones[%s].title', v_place);
        IF (jsonb_typeof(v_part -> 'title') = 'string' AND char_length(v_part ->> 'title') BETWEEN 1 AND 200) IS NOT TRUE
        THEN
            reason := 'must be text of 1 to 200 characters';
            RETURN;
        END IF;
        path := format('milestones[%s].description', v_place);
        IF jsonb_typeof(v_part -> 'description') NOT IN ('string', 'null')
            OR char_length(v_part ->> 'description') > 1000
        THEN
            reason := 'must be text of at most 1000 characters';
            RETURN;
        END IF;
        path := format('milestones[%s].amount', v_place);
        v_amount := v_part ->> 'amount';
        IF (jsonb_typeof(v_part -> 'amount') IN ('string', 'number') AND v_amount ~ '^\d{1,12}(\.\d{1,2})?$') IS NOT TRUE
        THEN
            reason := 'must be an amount such as 100.00';
            RETURN;
        END IF;
        IF v_amount::numeric = 0 OR round(v_amount::numeric, currency_decimals(p_currency)) <> v_amount::numeric THEN
            reason := format('must be an amount above zero, with the decimals of %s', p_currency);
            RETURN;
        END IF;
        v_sum := v_sum + v_amount::numeric;
        path := format('milestones[%s].due_date', v_place);
        IF jsonb_typeof(v_part -> 'due_date') NOT IN ('string', 'null') OR NOT is_time_text(v_part ->> 'due_date') THEN
            reason := 'must be a time with its zone, such as 2030-01-31T12:00:00Z';
            RETURN;
        END IF;
    END LOOP;
    path := 'milestones';
    IF jsonb_array_length(p_plan) > 0 AND v_sum <> p_total THEN
        reason := format('must add up to what the proposal comes to, %s', round(p_total, currency_decimals(p_currency)));
        RETURN;
    END IF;
    path := NULL;
END $_$;

CREATE FUNCTION public.move_job_deadline() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM timers t WHERE t.machine = 'job' AND t.entity_id = NEW.id AND t.action = 'close';
    IF NEW.deadline IS NOT NULL THEN
        INSERT INTO timers (machine, entity_id, action, state, start, seconds)
        VALUES ('job', NEW.id, 'close', NEW.status, NEW.deadline, 0);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.move_watermarks(p_conversations uuid[], p_users uuid[], p_read bigint[], p_delivered bigint[], p_owner uuid, p_published bigint[]) RETURNS TABLE(ord integer, verdict text, read_seq bigint, delivered_seq bigint, read_moved boolean, delivered_moved boolean, unread bigint, recipients uuid[], outbox_id bigint)
    LANGUAGE plpgsql
    SET enable_bitmapscan TO 'off'
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
        SELECT w.*, w.new_read > w.old_read AS read_moved,
               w.new_delivered > w.old_delivered AS delivered_moved,
               w.new_read > w.old_read OR w.new_delivered > w.old_delivered AS has_moved
        FROM (
            SELECT i.ord::integer AS ord, i.conversation_id, i.user_id,
                   p.user_id IS NOT NULL AS is_member, p.last_seq, p.participant_count,
                   p.last_read_seq AS old_read, p.last_delivered_seq AS old_delivered,
                   greatest(p.last_read_seq, least(i.read, p.last_seq)) AS new_read,
                   greatest(p.last_delivered_seq, least(greatest(i.read, i.delivered), p.last_seq))
                       AS new_delivered
            FROM unnest(p_conversations, p_users, p_read, p_delivered)
                 WITH ORDINALITY AS i(conversation_id, user_id, read, delivered, ord)
            LEFT JOIN LATERAL (
                SELECT m.user_id, m.last_read_seq, m.last_delivered_seq, c.last_seq, c.participant_count
                FROM conversation_participants m
                JOIN conversations c ON c.id = m.conversation_id
                WHERE m.conversation_id = i.conversation_id AND m.user_id = i.user_id
                  AND m.left_at IS NULL
                -- By the key, one by one: while the tables were small, all members were read.
                LIMIT 1
            ) p ON true
        ) w
    ), moved AS (
        UPDATE conversation_participants p
        SET last_read_seq = a.new_read, last_delivered_seq = a.new_delivered
        FROM asked a
        WHERE p.conversation_id = a.conversation_id AND p.user_id = a.user_id AND a.has_moved
        RETURNING p.conversation_id, p.user_id, p.noticed AND a.read_moved AS noticed
    ), read_noticed AS (
        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)
        SELECT 'notifications', 'conversation.read', array_agg(m.conversation_id), array_agg(m.user_id)
        FROM moved m WHERE m.noticed HAVING count(*) > 0
    ), noted AS (
        -- One row; the kind is read where a seq of reading is given, else delivered.
        INSERT INTO outbox (consumer, kind, owner, available_at, conversation_ids, user_ids, seqs, data)
        SELECT 'realtime', 'receipt', p_owner, clock_timestamp() + interval '1.5 seconds',
               array_agg(a.conversation_id), array_agg(a.user_id), array_agg(a.new_delivered),
               jsonb_build_object('read', jsonb_agg(CASE WHEN a.read_moved THEN a.new_read END))
        FROM asked a WHERE a.has_moved
        HAVING count(*) > 0
        RETURNING id
    )
    SELECT a.ord,
           CASE
               WHEN NOT a.is_member THEN 'not_found'
               WHEN a.has_moved THEN 'ok'
               ELSE 'unchanged'
           END,
           a.new_read, a.new_delivered, a.read_moved, a.delivered_moved,
           CASE
               WHEN NOT a.is_member OR a.new_read >= a.last_seq THEN a.last_seq - a.new_read
               ELSE a.last_seq - a.new_read - (
                   SELECT count(*) FROM message_tombstones t
                   WHERE t.conversation_id = a.conversation_id AND t.seq > a.new_read
               )
           END,
           CASE WHEN a.has_moved AND a.participant_count <= 32 THEN ARRAY(
               SELECT p.user_id FROM conversation_participants p
               WHERE p.conversation_id = a.conversation_id AND p.left_at IS NULL
           ) END,
           (SELECT n.id FROM noted n)
    FROM asked a;
END $$;

CREATE FUNCTION public.name_files() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_ids uuid[] := file_ids_in(NEW, TG_ARGV[0]);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(OLD, TG_ARGV[0])));
    END IF;
    IF v_ids = '{}' THEN
        RETURN NEW;
    END IF;
    PERFORM FROM files f WHERE f.id = ANY (v_ids) ORDER BY f.id FOR KEY SHARE;
    IF EXISTS (SELECT FROM file_removals r WHERE r.file_id = ANY (v_ids)) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a file has just been removed',
            CONSTRAINT = TG_TABLE_NAME || '_' || TG_ARGV[0] || '_fkey';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.name_words(p_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT ' ' || regexp_replace(translate(search_text(p_name), '()[]{},;"!?|*+%$^`~', '                   '),
                                 '([' || fold_pairs() || '])', ' \1', 'g')
$_$;

CREATE FUNCTION public.newest_found(p_found public.found_message[], p_limit integer) RETURNS public.found_message[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT ARRAY(
        SELECT f FROM unnest(p_found) f
        ORDER BY f.created_at DESC, f.conversation_id DESC, f.seq DESC
        LIMIT p_limit
    )
$$;

CREATE FUNCTION public.newest_reply_at(p_parent public.messages) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    SELECT r.created_at FROM messages r
    WHERE r.conversation_id = p_parent.conversation_id AND r.parent_id = p_parent.id
      AND r.created_at >= p_parent.created_at AND r.created_at <= p_parent.last_reply_at
      AND NOT r.is_deleted
    ORDER BY r.seq DESC
    LIMIT 1
$$;

CREATE FUNCTION public.news_of(p public.notifications) RETURNS TABLE(news integer, newest bigint, sender_ids uuid[], told_count integer)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    SELECT CASE WHEN o.is_of_messages THEN f.news END, f.newest, f.sender_ids, CASE
        WHEN NOT o.is_of_messages THEN p.count
        WHEN p.type <> 'message.run' THEN greatest(1, p.count - (cardinality(p.seqs) - f.news))
        ELSE greatest(1, f.news)
    END
    FROM (SELECT p.type = 'message.run' OR p.seqs IS NOT NULL AS is_of_messages) o
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS news, max(t.seq) AS newest,
               array_agg(t.sender_id ORDER BY t.seq DESC) AS sender_ids
        FROM messages_told(p) t
        WHERE o.is_of_messages
    ) f
$$;

CREATE FUNCTION public.next_month(p_month timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT (p_month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
$$;

CREATE FUNCTION public.next_rev(p_conversation uuid) RETURNS bigint
    LANGUAGE sql
    AS $$
    UPDATE conversations
    SET rev = rev + 1, relayed_rev = rev + 1, relayed_at = clock_timestamp(),
        relayed_follows = is_under_way(relayed_at, clock_timestamp())
    WHERE id = p_conversation
    RETURNING rev
$$;

CREATE FUNCTION public.note_mail_outcomes(p_keys bytea[], p_kinds text[], p_events bytea[], p_codes text[], p_at timestamp with time zone[], p_soft integer, p_window interval, p_lasts interval) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    o record;
    s mail_suppressions;
    v_now timestamptz := clock_timestamp();
    v_suppressed integer := 0;
BEGIN
    -- In one order of keys: of two calls about the same addresses one waits.
    FOR o IN
        SELECT u.key, u.kind, u.event, u.code, least(u.at, v_now) AS at
        FROM unnest(p_keys, p_kinds, p_events, p_codes, p_at) AS u (key, kind, event, code, at)
        ORDER BY u.key, u.at, u.event
    LOOP
        IF o.kind = 'sent' THEN
            UPDATE mail_suppressions m SET
                soft_at = m.soft_at[:p.place - 1] || m.soft_at[p.place + 1:],
                soft_events = m.soft_events[:p.place - 1] || m.soft_events[p.place + 1:], updated_at = v_now
            FROM (SELECT array_position(f.soft_events, o.event) AS place
                  FROM mail_suppressions f WHERE f.address_key = o.key) p
            WHERE m.address_key = o.key AND p.place IS NOT NULL;
            CONTINUE;
        END IF;
        INSERT INTO mail_suppressions (address_key) VALUES (o.key) ON CONFLICT DO NOTHING;
        SELECT m.* INTO s FROM mail_suppressions m WHERE m.address_key = o.key FOR NO KEY UPDATE;
        CONTINUE WHEN s.released_at >= o.at OR s.reason = 'hard' OR s.reason = o.kind AND o.kind = 'complaint';
        IF o.kind = 'soft' THEN
            CONTINUE WHEN o.event = ANY (s.soft_events) OR o.at <= v_now - p_window;
            SELECT coalesce(array_agg(f.at ORDER BY f.at), '{}'), coalesce(array_agg(f.event ORDER BY f.at), '{}')
            INTO s.soft_at, s.soft_events
            FROM (
                SELECT * FROM unnest(s.soft_at || o.at, s.soft_events || o.event) AS e (at, event)
                WHERE e.at > v_now - p_window
                ORDER BY e.at DESC LIMIT greatest(p_soft, 20)
            ) f;
            IF cardinality(s.soft_at) >= p_soft AND (s.reason IS NULL OR s.until <= v_now) THEN
                s.reason := 'soft';
                s.since := o.at;
                s.until := o.at + p_lasts;
                s.code := o.code;
                v_suppressed := v_suppressed + 1;
            END IF;
        ELSE
            IF s.reason IS NULL OR s.until <= v_now THEN
                v_suppressed := v_suppressed + 1;
            END IF;
            s.reason := o.kind;
            s.since := o.at;
            s.until := NULL;
            s.code := o.code;
        END IF;
        UPDATE mail_suppressions m SET
            reason = s.reason, since = s.since, until = s.until, code = s.code, soft_at = s.soft_at,
            soft_events = s.soft_events, updated_at = v_now
        WHERE m.address_key = o.key;
    END LOOP;
    RETURN v_suppressed;
END $$;

CREATE FUNCTION public.note_reached(p_user uuid, p_others uuid[], p_type text) RETURNS void
    LANGUAGE sql
    AS $$
    DELETE FROM strangers_reached r
    WHERE r.user_id = p_user AND r.reached_at <= clock_timestamp() - interval '1 day';
    INSERT INTO strangers_reached (user_id, stranger_id)
    SELECT p_user, s FROM unnest(strangers_among(p_user, p_others, p_type)) s
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.staff_role IS NOT NULL);
$$;

CREATE FUNCTION public.notification_subjects(p_types text[], p_ids uuid[]) RETURNS TABLE(subject_type text, subject_id uuid, status text, is_answered boolean, client_id uuid, lead_id uuid, owner_id uuid, other_id uuid, title text, context text, amount numeric, currency text, due timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    SELECT s.type, s.id, f.*
    FROM (SELECT DISTINCT a.type, a.id FROM unnest(p_types, p_ids) AS a (type, id)) s
    CROSS JOIN LATERAL (
        SELECT c.status, false, NULL::uuid, NULL::uuid, NULL::uuid, NULL::uuid, c.title, NULL::text, NULL::numeric,
               NULL::text, NULL::timestamptz
        FROM conversations c WHERE s.type = 'conversations' AND c.id = s.id
        UNION ALL
        SELECT g.status, false, NULL, NULL, g.freelancer_id, NULL, g.title, NULL, NULL, NULL, NULL
        FROM gigs g WHERE s.type = 'gigs' AND g.id = s.id
        UNION ALL
        SELECT j.status, false, NULL, NULL, j.client_id, NULL, j.title, NULL, NULL, NULL, NULL
        FROM jobs j WHERE s.type = 'jobs' AND j.id = s.id
        UNION ALL
        SELECT p.status, false, p.client_id, p.freelancer_id, p.freelancer_id, NULL, j.title, NULL,
               coalesce(proposal_total(p), p.amount), p.currency, NULL
        FROM proposals p JOIN jobs j ON j.id = p.job_id WHERE s.type = 'proposals' AND p.id = s.id
        UNION ALL
        SELECT c.status, false, c.client_id, c.freelancer_id, NULL, NULL, c.title, NULL, c.total_amount, c.currency,
               c.expires_at
        FROM contracts c WHERE s.type = 'contracts' AND c.id = s.id
        UNION ALL
        SELECT m.status, false, c.client_id, c.freelancer_id, m.user_id, NULL, coalesce(m.contract_title, c.title),
               NULL, NULL, NULL, NULL
        FROM contract_members m JOIN contracts c ON c.id = m.contract_id
        WHERE s.type = 'contract-members' AND m.id = s.id
        UNION ALL
        SELECT a.status, false, c.client_id, c.freelancer_id, a.proposed_by, NULL, c.title, NULL, NULL, NULL,
               a.expires_at
        FROM contract_amendments a JOIN contracts c ON c.id = a.contract_id
        WHERE s.type = 'contract-amendments' AND a.id = s.id
        UNION ALL
        SELECT e.status, false, c.client_id, c.freelancer_id, e.proposed_by, NULL, c.title, NULL, NULL, NULL,
               e.expires_at
        FROM contract_cancellations e JOIN contracts c ON c.id = e.contract_id
        WHERE s.type = 'contract-cancellations' AND e.id = s.id
        UNION ALL
        SELECT m.status, false, c.client_id, c.freelancer_id, NULL, NULL, m.title, c.title, m.amount, c.currency, NULL
        FROM milestones m JOIN contracts c ON c.id = m.contract_id WHERE s.type = 'milestones' AND m.id = s.id
        UNION ALL
        SELECT r.status, false, r.client_id, r.freelancer_id, r.user_id, NULL, coalesce(c.title, j.title), NULL,
               CASE WHEN r.status = 'reversed' THEN r.net ELSE r.net - r.refunded + r.refunded_fee END, r.currency,
               NULL
        FROM releases r LEFT JOIN contracts c ON c.id = r.contract_id LEFT JOIN jobs j ON j.id = r.job_id
        WHERE s.type = 'releases' AND r.id = s.id
        UNION ALL
        SELECT f.status, false, r.client_id, r.freelancer_id, r.user_id, NULL, c.title, NULL, f.amount, f.currency,
               NULL
        FROM refunds f JOIN contracts c ON c.id = f.contract_id LEFT JOIN releases r ON r.id = f.release_id
        WHERE s.type = 'refunds' AND f.id = s.id
        UNION ALL
        SELECT d.status, false, NULL, NULL, d.user_id, NULL, NULL, NULL, d.amount, d.currency, NULL
        FROM deposits d WHERE s.type = 'deposits' AND d.id = s.id
        UNION ALL
        SELECT d.status, false, NULL, NULL, d.user_id, NULL, NULL, NULL, d.amount, d.currency, NULL
        FROM deposit_returns d WHERE s.type = 'deposit-returns' AND d.id = s.id
        UNION ALL
        SELECT w.status, false, NULL, NULL, w.user_id, NULL, NULL, NULL, w.amount, w.currency, NULL
        FROM withdrawals w WHERE s.type = 'withdrawals' AND w.id = s.id
        UNION ALL
        SELECT b.status, false, NULL, NULL, NULL, NULL, NULL, NULL, b.total_amount, b.currency, NULL
        FROM payout_batches b WHERE s.type = 'payout-batches' AND b.id = s.id
        UNION ALL
        SELECT d.status, d.answered_at IS NOT NULL, d.client_id, d.freelancer_id, d.raised_by,
               CASE WHEN d.raised_by = d.client_id THEN d.freelancer_id ELSE d.client_id END, d.title, c.title, NULL,
               NULL, d.answer_due_at
        FROM disputes d JOIN contracts c ON c.id = d.contract_id WHERE s.type = 'disputes' AND d.id = s.id
        UNION ALL
        SELECT o.status, false, c.client_id, c.freelancer_id, o.offered_by, NULL, d.title, c.title, NULL, NULL,
               o.expires_at
        FROM dispute_offers o JOIN disputes d ON d.id = o.dispute_id JOIN contracts c ON c.id = o.contract_id
        WHERE s.type = 'dispute-offers' AND o.id = s.id
        UNION ALL
        SELECT i.status, false, NULL, NULL, i.reviewer_id, i.reviewee_id, c.title, NULL, NULL, NULL, i.expires_at
        FROM review_invitations i JOIN contracts c ON c.id = i.contract_id
        WHERE s.type = 'review-invitations' AND i.id = s.id
        UNION ALL
        SELECT r.status, false, NULL, NULL, r.reviewer_id, r.reviewee_id, c.title, NULL, NULL, NULL, NULL
        FROM reviews r JOIN contracts c ON c.id = r.contract_id WHERE s.type = 'reviews' AND r.id = s.id
        UNION ALL
        SELECT t.status, false, NULL, NULL, t.user_id, NULL, t.subject, NULL, NULL, NULL, NULL
        FROM support_tickets t WHERE s.type = 'support-tickets' AND t.id = s.id
        UNION ALL
        SELECT '', false, NULL, NULL, q.user_id, NULL, q.name, NULL, NULL, NULL, NULL
        FROM saved_searches q WHERE s.type = 'saved-searches' AND q.id = s.id
    ) f
$$;

CREATE FUNCTION public.notification_wishes(p_users uuid[]) RETURNS TABLE(user_id uuid, chosen jsonb, quiet_hours jsonb, digest text, digest_hour integer, digest_weekday integer, snooze_until timestamp with time zone, show_text boolean, zone text, locale text)
    LANGUAGE sql STABLE
    AS $$
    SELECT u.id, coalesce(c.chosen, '{}'), coalesce(q.hours, '[]'), coalesce(s.digest, 'off'),
           coalesce(s.digest_hour, 9), coalesce(s.digest_weekday, 0), s.snooze_until, coalesce(s.show_text, true),
           u.timezone, u.locale
    FROM users u
    LEFT JOIN notification_settings s ON s.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(p.category || ':' || p.channel, p.is_enabled) AS chosen
        FROM notification_preferences p WHERE p.user_id = u.id
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('weekday', h.weekday, 'from', h."from", 'until', h.until)
                         ORDER BY h.weekday, h."from") AS hours
        FROM quiet_hours h WHERE h.user_id = u.id
    ) q ON true
    WHERE u.id = ANY (p_users)
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

CREATE FUNCTION public.notifications_stored(p_users uuid[], p_ids uuid[]) RETURNS void
    LANGUAGE sql
    AS $$ SELECT queue_deliveries(p_users, p_ids) $$;

CREATE FUNCTION public.notifications_turn() RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.notifications', 0));
END $$;

CREATE FUNCTION public.notify_users(p_items jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_now timestamptz;
    v_readers uuid[];
    v_conversations uuid[];
    v_users uuid[];
    v_ids uuid[];
    v_created_users uuid[];
    v_created uuid[];
    v_updated_users uuid[];
    v_updated uuid[];
BEGIN
    -- The release before, which may still run, does not say what its messages are about.
    IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(p_items) e
        WHERE NOT e ? 'subject_type' AND e -> 'data' ? 'conversation_id'
    ) THEN
        SELECT jsonb_agg(CASE
            WHEN NOT e ? 'subject_type' AND e -> 'data' ? 'conversation_id' THEN e || jsonb_build_object(
                'subject_type', 'conversation', 'subject_id', e #> '{data,conversation_id}',
                'actor_id', e #> '{data,sender_id}', 'seq', e #> '{data,seq}')
            ELSE e
        END) INTO p_items
        FROM jsonb_array_elements(p_items) e;
    END IF;

    -- Members are marked, and locked: until this is there, nobody reads on. What they have read already counts no
    -- more, but begins anew.
    SELECT array_agg(i.user_id), array_agg(i.subject_id) INTO v_readers, v_conversations
    FROM (
        SELECT DISTINCT i.user_id, i.subject_id
        FROM jsonb_to_recordset(p_items) AS i(user_id uuid, subject_type text, subject_id uuid, seq bigint)
        WHERE i.subject_type = 'conversation' AND i.seq IS NOT NULL
    ) i;
    IF v_readers IS NOT NULL THEN
        PERFORM 1 FROM (
            SELECT p.user_id
            FROM unnest(v_readers, v_conversations) AS i(user_id, conversation_id)
            JOIN conversation_participants p
              ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
            ORDER BY p.conversation_id, p.user_id
            FOR NO KEY UPDATE OF p
        ) l;
        PERFORM settle_read(v_readers, v_conversations);
        UPDATE conversation_participants p SET noticed = true
        FROM unnest(v_readers, v_conversations) AS i(user_id, conversation_id)
        WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND NOT p.noticed;
    END IF;

    v_now := date_trunc('milliseconds', clock_timestamp());
    WITH given AS MATERIALIZED (
        SELECT uuid7() AS id, i.*, coalesce('k' || i.group_key, 'n' || i.ord) AS key
        FROM ROWS FROM (jsonb_to_recordset(p_items) AS (
            user_id uuid, type text, category text, priority text, data jsonb, action_url text, group_key text, expires_at timestamptz,
            subject_type text, subject_id uuid, actor_id uuid, seq bigint
        )) WITH ORDINALITY AS i(
            user_id, type, category, priority, data, action_url, group_key, expires_at,
            subject_type, subject_id, actor_id, seq, ord
        )
        -- What was read in the meantime is no news, nor is what is said where one has left.
        WHERE NOT EXISTS (
            SELECT 1 FROM conversation_participants p
            WHERE i.subject_type = 'conversation' AND p.conversation_id = i.subject_id
              AND p.user_id = i.user_id AND (p.last_read_seq >= i.seq OR p.left_at IS NOT NULL)
        )
    ), same AS (
        SELECT g.user_id, g.key, count(*) AS times, array_agg(g.seq) AS said, max(g.seq) AS newest
        FROM given g
        GROUP BY g.user_id, g.key
    ), item AS MATERIALIZED (
        -- The last of those that one call groups together; users in order, as every call takes them.
        SELECT DISTINCT ON (g.user_id, g.key) g.*, s.said, s.newest,
               CASE WHEN g.type = 'message.run' THEN 1 ELSE s.times END AS repeats
        FROM given g JOIN same s ON s.user_id = g.user_id AND s.key = g.key
        ORDER BY g.user_id, g.key, g.ord DESC
    ), stored AS (
        INSERT INTO notifications AS n (
            id, user_id, type, category, priority, data, action_url, group_key, count,
            expires_at, subject_type, subject_id, actor_id, seq, seqs, in_app, created_at, updated_at
        )
        SELECT i.id, i.user_id, i.type, i.category, coalesce(i.priority, 'normal'),
               coalesce(i.data, '{}'), i.action_url, i.group_key, i.repeats, i.expires_at,
               i.subject_type, i.subject_id, i.actor_id, i.newest,
               CASE WHEN i.data ? 'message_id' THEN latest_seqs(i.said) END,
               NOT EXISTS (
                   SELECT 1 FROM notification_preferences f
                   WHERE f.user_id = i.user_id AND f.category = i.category AND f.channel = 'in_app'
                     AND NOT f.is_enabled
               ), v_now, v_now
        FROM item i
        ON CONFLICT (user_id, group_key) WHERE read_at IS NULL AND archived_at IS NULL
        DO UPDATE SET
            count = CASE WHEN n.type = 'message.run' THEN 1 ELSE n.count + EXCLUDED.count END,
            data = EXCLUDED.data, action_url = EXCLUDED.action_url, updated_at = EXCLUDED.updated_at,
            expires_at = EXCLUDED.expires_at, actor_id = EXCLUDED.actor_id,
            seq = greatest(n.seq, EXCLUDED.seq), seqs = latest_seqs(n.seqs || EXCLUDED.seqs),
            seen_at = NULL, again_at = NULL, in_app = n.in_app OR EXCLUDED.in_app
        -- As it was before this statement.
        RETURNING n.id, n.user_id, n.type, n.in_app, coalesce((
            SELECT NOT o.in_app FROM notifications o WHERE o.user_id = n.user_id AND o.id = n.id
        ), false) AS was_hidden
    ), told AS MATERIALIZED (
        -- IN is looked up by hash, where EXISTS would read all items for each row.
        SELECT s.*, s.was_hidden OR s.id IN (SELECT i.id FROM item i) AS is_new
        FROM stored s
    )
    SELECT array_agg(t.user_id ORDER BY t.id), array_agg(t.id ORDER BY t.id),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_new AND t.in_app),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_new AND t.in_app),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_heard_again),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_heard_again)
    INTO v_users, v_ids, v_created_users, v_created, v_updated_users, v_updated
    FROM (
        SELECT t.*, NOT t.is_new AND t.in_app AND t.type <> 'message.run' AS is_heard_again FROM told t
    ) t;
    PERFORM notifications_in_outbox('notification.created', v_created_users, v_created);
    PERFORM notifications_in_outbox('notification.updated', v_updated_users, v_updated);
    PERFORM notifications_stored(v_users, v_ids);
END $$;

CREATE FUNCTION public.owes_something(p_user uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT FROM ledger_accounts a WHERE a.user_id = p_user AND a.kind = 'debt' AND a.balance < 0)
$$;

CREATE FUNCTION public.page_of(p_seq bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (p_seq - 1) / 32 $$;

CREATE FUNCTION public.page_terms(p_conversation uuid, p_page bigint) RETURNS TABLE(first_at timestamp with time zone, last_at timestamp with time zone, tokens tsvector)
    LANGUAGE sql STABLE
    AS $$
    SELECT said.first_at, said.last_at,
           -- As many letters as search_text takes. One message must not cut off what the others say.
           CASE WHEN said.letters <= 50000 AND NOT fold_is_swollen(said.text) THEN search_terms(said.text) END
    FROM (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = p_conversation AND cm.first_seq <= first_seq_of(p_page)
        ORDER BY cm.month DESC
        LIMIT 1
    ) since
    CROSS JOIN LATERAL (
        SELECT min(m.created_at) AS first_at, max(m.created_at) AS last_at,
               coalesce(sum(char_length(m.content) + 1), 0) AS letters,
               coalesce(string_agg(m.content, E'\n'), '') AS text
        FROM messages m
        WHERE m.conversation_id = p_conversation
          AND m.seq BETWEEN first_seq_of(p_page) AND last_seq_of(p_page)
          AND m.created_at >= since.month
    ) said
$$;

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

    v_rev := next_rev(p_conversation);
    UPDATE conversation_participants p SET left_at = clock_timestamp(), left_rev = v_rev
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    UPDATE conversations c SET participant_count = c.participant_count - 1 WHERE c.id = p_conversation;
    PERFORM put_in_outbox('realtime', 'member.left', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox('notifications', 'member.left', p_conversation, NULL, NULL, ARRAY[p_user]);
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

CREATE FUNCTION public.plain_email(p_email text) RETURNS public.citext
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT (s.local || '@' || lower(s.domain))::citext
    FROM (SELECT split_part(p_email, '@', 1), split_part(p_email, '@', 2)) AS s(local, domain)
    WHERE char_length(p_email) <= 254 AND char_length(s.local) <= 64 AND char_length(s.domain) <= 253
      AND (p_email COLLATE "C") ~ ('^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*'
          || '@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$')
      AND ('.' || lower(s.domain) COLLATE "C") !~ '[.](xn--|[0-9]+$)'
$_$;

CREATE FUNCTION public.plan_due_passed(p_plan jsonb, p_now timestamp with time zone, p_before jsonb DEFAULT '[]'::jsonb) RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT (e.ordinality - 1)::integer FROM jsonb_array_elements(p_plan) WITH ORDINALITY e
    WHERE (e.value ->> 'due_date')::timestamptz < date_trunc('day', p_now, 'UTC')
      AND NOT EXISTS (
          SELECT FROM jsonb_array_elements(p_before) b WHERE b.value -> 'due_date' = e.value -> 'due_date')
    ORDER BY e.ordinality LIMIT 1
$$;

CREATE FUNCTION public.plan_with_amounts(p_plan jsonb, p_currency text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE WHEN jsonb_typeof(p_plan) = 'array' THEN coalesce((
        SELECT jsonb_agg(CASE
            WHEN jsonb_typeof(e.value) = 'object' AND e.value ->> 'amount' ~ '^\d{1,12}(\.\d{1,2})?$' THEN CASE
                WHEN round((e.value ->> 'amount')::numeric, d.decimals) = (e.value ->> 'amount')::numeric
                THEN e.value || jsonb_build_object(
                    'amount', round((e.value ->> 'amount')::numeric, d.decimals)::text)
                ELSE e.value END
            ELSE e.value END ORDER BY e.ordinality)
        FROM jsonb_array_elements(p_plan) WITH ORDINALITY e
        CROSS JOIN (SELECT currency_decimals(p_currency) AS decimals) d
    ), '[]') ELSE p_plan END
$_$;

CREATE FUNCTION public.price_gig() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE gigs g SET starting_price = (SELECT min(p.price) FROM gig_packages p WHERE p.gig_id = g.id)
    WHERE g.id = coalesce(NEW.gig_id, OLD.gig_id);
    RETURN NULL;
END $$;

CREATE FUNCTION public.proportion_of(p_amount numeric, p_part numeric, p_whole numeric, p_currency text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT (q.whole + CASE
        WHEN 2 * q.rest > q.divisor OR (2 * q.rest = q.divisor AND q.whole % 2 = 1) THEN 1 ELSE 0 END
    ) / 10::numeric ^ currency_decimals(p_currency)
    FROM (
        SELECT div(u.units * p_part, p_whole) AS whole, (u.units * p_part) % p_whole AS rest, p_whole AS divisor
        FROM (SELECT p_amount * 10::numeric ^ currency_decimals(p_currency) AS units) u
    ) q
$$;

CREATE FUNCTION public.proposal_of_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    -- Not shared: the proposal is counted in the same row, and two of one job would wait for each other.
    SELECT j.client_id, j.currency INTO NEW.client_id, NEW.currency FROM jobs j WHERE j.id = NEW.job_id
    FOR NO KEY UPDATE;
    RETURN NEW;
END $$;

CREATE TABLE public.proposals (
    id uuid DEFAULT public.uuid7() NOT NULL,
    job_id uuid NOT NULL,
    freelancer_id uuid NOT NULL,
    client_id uuid NOT NULL,
    cover_letter text NOT NULL,
    amount numeric(14,2) NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    timeline_days integer,
    estimated_hours integer,
    delivery_date timestamp with time zone,
    milestones jsonb DEFAULT '[]'::jsonb NOT NULL,
    attachment_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    portfolio_item_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    rejection_reason text,
    reviewed_at timestamp with time zone,
    accepted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    rejected_by uuid,
    revisions integer DEFAULT 2 NOT NULL,
    CONSTRAINT proposals_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT proposals_attachment_ids_check CHECK ((cardinality(attachment_ids) <= 20)),
    CONSTRAINT proposals_check CHECK ((client_id <> freelancer_id)),
    CONSTRAINT proposals_cover_letter_check CHECK (((char_length(cover_letter) >= 1) AND (char_length(cover_letter) <= 10000))),
    CONSTRAINT proposals_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT proposals_delivery_date_calendar CHECK (public.in_calendar(delivery_date)),
    CONSTRAINT proposals_estimated_hours_check CHECK ((estimated_hours > 0)),
    CONSTRAINT proposals_portfolio_item_ids_check CHECK ((cardinality(portfolio_item_ids) <= 20)),
    CONSTRAINT proposals_revisions_check CHECK (((revisions >= 0) AND (revisions <= 100))),
    CONSTRAINT proposals_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'shortlisted'::text, 'accepted'::text, 'rejected'::text, 'withdrawn'::text]))),
    CONSTRAINT proposals_timeline_days_check CHECK (((timeline_days >= 1) AND (timeline_days <= 3650)))
);

CREATE FUNCTION public.proposal_total(p public.proposals) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE WHEN j.budget_type = 'hourly' THEN p.amount * p.estimated_hours ELSE p.amount END
    FROM jobs j WHERE j.id = p.job_id
$$;

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

CREATE FUNCTION public.queue_deliveries(p_users uuid[], p_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_before uuid[];
BEGIN
    SELECT array_agg(r.user_id), array_agg(i.delivery_id) INTO v_users, v_before
    FROM unnest(p_users, p_ids) AS r(user_id, id)
    CROSS JOIN LATERAL (
        SELECT i.delivery_id FROM notification_delivery_items i
        WHERE i.user_id = r.user_id AND i.notification_id = r.id
        OFFSET 0
    ) i;
    IF v_users IS NOT NULL THEN
        PERFORM lock_deliveries(v_users, v_before);
    END IF;
    WITH pace AS MATERIALIZED (
        SELECT clock_timestamp() AS now,
               make_interval(secs => setting_number('push_wait_seconds')::float8) AS push,
               make_interval(secs => setting_number('mail_wait_seconds')::float8) AS mail
    ), stored AS MATERIALIZED (
        SELECT r.user_id, r.id, n.type, n.category, n.priority, n.edition,
               coalesce(n.group_key, 'id:' || r.id) AS group_key
        FROM unnest(p_users, p_ids) AS r(user_id, id)
        CROSS JOIN LATERAL (
            SELECT n.type, n.category, n.priority, n.group_key, n.read_at, n.archived_at, delivery_edition(n) AS edition
            FROM notifications n WHERE n.user_id = r.user_id AND n.id = r.id
            LIMIT 1
        ) n
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
    ), way AS MATERIALIZED (
        SELECT s.*, w.channel, w.endpoint, uuid7() AS delivery_id
        FROM stored s
        CROSS JOIN pace p
        CROSS JOIN LATERAL (
            SELECT 'email' AS channel, 'email' AS endpoint
            WHERE delivery_wanted(s.user_id, s.category, 'email')
            UNION ALL
            SELECT 'push', d.id::text FROM push_devices d
            WHERE d.user_id = s.user_id AND d.platform = 'web' AND d.stale_at IS NULL
              AND (d.expires_at IS NULL OR d.expires_at > p.now) AND delivery_wanted(d.user_id, s.category, 'push')
              AND EXISTS (
                  SELECT FROM sessions l
                  WHERE l.id = d.session_id AND l.revoked_at IS NULL AND l.refresh_expires_at > p.now
                  OFFSET 0
              )
        ) w
    ), waiting AS MATERIALIZED (
        SELECT r.user_id, d.channel, d.endpoint, d.group_key
        FROM unnest(v_users, v_before) AS r(user_id, id)
        CROSS JOIN LATERAL (
            SELECT d.channel, d.endpoint, d.group_key, d.status FROM notification_deliveries d
            WHERE d.user_id = r.user_id AND d.id = r.id
            LIMIT 1
        ) d
        WHERE d.status IN ('pending', 'deferred')
    ), queued AS (
        INSERT INTO notification_deliveries (
            id, user_id, channel, endpoint, group_key, edition, category, priority, rank, next_attempt_at)
        SELECT w.delivery_id, w.user_id, w.channel, w.endpoint, w.group_key, w.edition, w.category, w.priority,
               delivery_rank(w.type, w.priority), greatest(
            p.now + CASE WHEN w.channel = 'push' THEN p.push ELSE p.mail END
                  - CASE WHEN w.type = 'message.run' THEN least(p.push, p.mail) ELSE '0' END,
            CASE WHEN w.priority <> 'urgent' THEN b.again_at END)
        FROM way w
        CROSS JOIN pace p
        LEFT JOIN LATERAL delivery_before(w.user_id, w.channel, w.endpoint, w.group_key, w.id) b ON true
        WHERE w.priority = 'urgent' OR (w.user_id, w.channel, w.endpoint, w.group_key) NOT IN (
            SELECT o.user_id, o.channel, o.endpoint, o.group_key FROM waiting o
        )
        ON CONFLICT ON CONSTRAINT deliveries_once DO NOTHING
        RETURNING id
    )
    INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
    SELECT w.user_id, w.id, w.delivery_id FROM way w
    WHERE (w.delivery_id IN (SELECT q.id FROM queued q)) IS TRUE;
END $$;

CREATE FUNCTION public.reaction_key(p_emoji text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT normalize(translate(p_emoji, U&'\FE0E\FE0F', ''), NFC)
$$;

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
    v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
    v_changed uuid[];
BEGIN
    WITH chosen AS (
        SELECT n.id, n.type = 'message.run' AND NOT p_archives AS is_only_seen FROM notifications n
        WHERE n.user_id = p_user AND n.archived_at IS NULL
          AND (p_archives OR n.read_at IS NULL AND (n.type <> 'message.run' OR n.seen_at IS NULL))
          AND (n.id = ANY (p_ids) OR n.updated_at <= p_up_to)
        ORDER BY n.id
        FOR NO KEY UPDATE
    ), changed AS (
        UPDATE notifications n
        SET read_at = CASE WHEN c.is_only_seen THEN n.read_at ELSE coalesce(n.read_at, v_now) END,
            seen_at = coalesce(n.seen_at, v_now),
            archived_at = CASE WHEN p_archives THEN v_now END
        FROM chosen c
        WHERE n.user_id = p_user AND n.id = c.id
        RETURNING n.id, n.in_app
    )
    SELECT array_agg(c.id ORDER BY c.id) INTO v_changed FROM changed c WHERE c.in_app;
    IF v_changed IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM notifications_in_outbox(
        'notification.updated', array_fill(p_user, ARRAY[cardinality(v_changed)]), v_changed);
    RETURN cardinality(v_changed);
END $$;

CREATE FUNCTION public.record_deliveries(p_users uuid[], p_ids uuid[], p_leases uuid[], p_statuses text[], p_reasons text[], p_next timestamp with time zone[], p_tries integer[], p_message_ids text[], p_errors text[], p_told bigint[], p_held timestamp with time zone[], p_carried uuid[], p_carriers uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    WITH recorded AS (
        UPDATE notification_deliveries d
        SET status = r.status, reason = coalesce(r.reason, d.reason), lease = NULL,
            next_attempt_at = coalesce(r.next_at, CASE r.status WHEN 'deferred' THEN clock_timestamp() END),
            attempts = d.attempts + r.tries, message_id = coalesce(r.message_id, d.message_id),
            error = CASE WHEN r.reason IS NULL THEN d.error ELSE r.error END, told = r.told,
            held_since = coalesce(d.held_since, r.held_since),
            sent_at = CASE WHEN r.status = 'sent' THEN clock_timestamp() END,
            tried_since = coalesce(d.tried_since, CASE
                WHEN r.tries > 0 OR r.reason = 'failed' THEN clock_timestamp() END), updated_at = clock_timestamp()
        FROM unnest(
            p_users, p_ids, p_leases, p_statuses, p_reasons, p_next, p_tries, p_message_ids, p_errors, p_told, p_held
        ) AS r(user_id, id, lease, status, reason, next_at, tries, message_id, error, told, held_since)
        WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
        RETURNING d.user_id, d.id
    ), carried AS (
        INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
        SELECT c.user_id, i.notification_id, c.id
        FROM unnest(p_carried, p_carriers) AS i(notification_id, delivery_id)
        JOIN recorded c ON c.id = i.delivery_id
    )
    SELECT c.id FROM recorded c;
END $$;

CREATE FUNCTION public.record_digested(p_users uuid[], p_ids uuid[], p_leases uuid[], p_ends timestamp with time zone[]) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO notification_deliveries AS d (
        user_id, channel, endpoint, group_key, edition, category, rank, next_attempt_at)
    SELECT DISTINCT r.user_id, 'email', 'email', 'digest', extract(epoch FROM r.ends_at)::bigint,
           'digest', 2, r.ends_at
    FROM unnest(p_users, p_ends) AS r(user_id, ends_at)
    ORDER BY r.user_id, 5
    -- Locked whatever its state: no worker takes it before this is there.
    ON CONFLICT ON CONSTRAINT deliveries_once DO UPDATE SET updated_at = d.updated_at;
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    WITH result AS (
        SELECT r.user_id, r.id, r.lease, g.status IN ('pending', 'deferred') AS is_queued
        FROM unnest(p_users, p_ids, p_leases, p_ends) AS r(user_id, id, lease, ends_at)
        JOIN notification_deliveries g ON g.user_id = r.user_id AND g.channel = 'email' AND g.endpoint = 'email'
            AND g.group_key = 'digest' AND g.edition = extract(epoch FROM r.ends_at)::bigint
    )
    UPDATE notification_deliveries d
    SET status = CASE WHEN r.is_queued THEN 'cancelled' ELSE 'deferred' END, reason = 'digest',
        next_attempt_at = CASE WHEN NOT r.is_queued THEN clock_timestamp() + interval '1 second' END,
        lease = NULL, error = NULL, updated_at = clock_timestamp()
    FROM result r
    WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
    RETURNING d.id;
END $$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'check_violation',
        CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE FUNCTION public.refuse_circle() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM jobs j JOIN tasks t ON t.job_id = j.id
    WHERE t.id = NEW.task_id FOR NO KEY UPDATE OF j;
    IF EXISTS (
        WITH RECURSIVE before(id) AS (
            SELECT NEW.depends_on_id
            UNION
            SELECT d.depends_on_id FROM task_dependencies d JOIN before b ON d.task_id = b.id
        ) SELECT FROM before WHERE id = NEW.task_id
    ) THEN
        RAISE EXCEPTION 'tasks would wait for each other' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'task_dependencies_acyclic';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.register_push_device(p_user uuid, p_session uuid, p_platform text, p_token text, p_p256dh bytea, p_auth bytea, p_expires_at timestamp with time zone, p_locale text, p_most integer) RETURNS TABLE(verdict text, device_id uuid)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_there push_devices%ROWTYPE;
    v_id uuid;
BEGIN
    -- An end of the login waits for this, and then takes the device with it.
    PERFORM FROM sessions s WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'ended', NULL::uuid;
        RETURN;
    END IF;
    -- One at a time for each person: the statements below see what an earlier one has kept.
    PERFORM FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
    SELECT * INTO v_there FROM push_devices d WHERE d.token = p_token FOR UPDATE;
    IF v_there.id IS NOT NULL AND v_there.session_id IS DISTINCT FROM p_session
        AND ((v_there.p256dh, v_there.auth) IS DISTINCT FROM (p_p256dh, p_auth)
            -- A token alone proves nothing: whoever knows another person's does not get it.
            OR (p_p256dh IS NULL AND v_there.user_id <> p_user))
    THEN
        RETURN QUERY SELECT 'device_taken', NULL::uuid;
        RETURN;
    END IF;
    IF v_there.user_id = p_user THEN
        UPDATE push_devices d SET
            session_id = p_session, platform = p_platform, p256dh = p_p256dh, auth = p_auth,
            expires_at = p_expires_at, locale = p_locale, stale_at = NULL, last_seen_at = clock_timestamp()
        WHERE d.id = v_there.id;
        RETURN QUERY SELECT 'repeat', v_there.id;
        RETURN;
    END IF;
    DELETE FROM push_devices d WHERE d.user_id = p_user AND (
        d.expires_at <= clock_timestamp()
        OR EXISTS (
            SELECT FROM sessions s WHERE s.id = d.session_id AND s.refresh_expires_at <= clock_timestamp()));
    IF (SELECT count(*) FROM push_devices d WHERE d.user_id = p_user) >= p_most THEN
        RETURN QUERY SELECT 'too_many_devices', NULL::uuid;
        RETURN;
    END IF;
    -- Another id than the other person's: what is under way to that one does not follow.
    DELETE FROM push_devices d WHERE d.id = v_there.id;
    INSERT INTO push_devices (user_id, session_id, platform, token, p256dh, auth, expires_at, locale)
    VALUES (p_user, p_session, p_platform, p_token, p_p256dh, p_auth, p_expires_at, p_locale)
    ON CONFLICT (token) DO NOTHING
    RETURNING id INTO v_id;
    RETURN QUERY SELECT CASE WHEN v_id IS NULL THEN 'busy' ELSE 'ok' END, v_id;
END $$;

CREATE FUNCTION public.release_files() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_ids uuid[] := file_ids_in(OLD, TG_ARGV[0]);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(NEW, TG_ARGV[0])));
    END IF;
    IF v_ids <> '{}' THEN
        PERFORM FROM files f WHERE f.id = ANY (v_ids) ORDER BY f.id FOR NO KEY UPDATE;
        UPDATE files f SET unnamed_since = clock_timestamp() WHERE f.id = ANY (v_ids);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.remove_file(p_file uuid, p_owner uuid) RETURNS text
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- Waits for whoever is naming it; what names it is then seen, since each statement sees anew.
    PERFORM FROM files f WHERE f.id = p_file AND f.owner_id = p_owner AND f.state = 'ready' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF is_file_named(p_file) THEN
        RETURN 'in_use';
    END IF;
    DELETE FROM files f WHERE f.id = p_file;
    INSERT INTO file_removals (file_id) VALUES (p_file);
    RETURN 'ok';
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
    v_count integer;
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
      AND reaction_key(r.emoji) = reaction_key(p_emoji) AND r.user_id = p_user;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, -v_count);
END $$;

CREATE FUNCTION public.renew_deliveries(p_users uuid[], p_ids uuid[], p_leases uuid[], p_s double precision) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    UPDATE notification_deliveries d SET next_attempt_at = clock_timestamp() + make_interval(secs => p_s)
    FROM unnest(p_users, p_ids, p_leases) AS r(user_id, id, lease)
    WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
    RETURNING d.id;
END $$;

CREATE FUNCTION public.renew_terms(p_table text, p_key text, p_above uuid, p_limit integer) RETURNS TABLE(renewed bigint, last_key uuid, is_left boolean)
    LANGUAGE plpgsql
    AS $_$
DECLARE
    -- What the table's trigger takes words of.
    v_text text := CASE p_table
        WHEN 'freelancer_profiles' THEN $sql$concat_ws(' ', t.tagline, t.bio)$sql$
        WHEN 'reviews' THEN 'NULL::text'
        ELSE $sql$concat_ws(' ', t.title, t.description, words_of(t.tags))$sql$ END;
    v_keys uuid[];
    v_texts text[];
BEGIN
    EXECUTE format($query$
        SELECT array_agg(due.key ORDER BY due.key), array_agg(due.text)
        FROM (
            SELECT t.%1$I AS key, %3$s AS text FROM %2$I t
            WHERE t.%1$I > $1 AND t.search_terms IS NULL
            ORDER BY t.%1$I
            LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED
        ) due
    $query$, p_key, p_table, v_text) INTO v_keys, v_texts USING p_above, p_limit;
    -- The triggers find them there then: a row after another they would be added in the order of rows, and two
    -- who write could wait for each other.
    PERFORM keep_search_words(v_texts);
    EXECUTE format('UPDATE %2$I t SET search_terms = NULL WHERE t.%1$I = ANY ($1)', p_key, p_table) USING v_keys;
    renewed := coalesce(cardinality(v_keys), 0);
    last_key := v_keys[renewed];
    is_left := true;
    IF renewed = 0 THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I t WHERE t.search_terms IS NULL)', p_table) INTO is_left;
    END IF;
    RETURN NEXT;
END $_$;

CREATE FUNCTION public.replace_default_method() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format('UPDATE %I SET is_default = false WHERE user_id = $1 AND is_default AND id <> $2', TG_TABLE_NAME)
        USING NEW.user_id, NEW.id;
    RETURN NEW;
END $_$;

CREATE FUNCTION public.reply_deleted(p_reply public.messages) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_parent messages := find_message(p_reply.conversation_id, p_reply.parent_id);
    v_rev bigint;
BEGIN
    IF v_parent.id IS NULL THEN
        RETURN;
    END IF;
    v_rev := next_rev(p_reply.conversation_id);
    UPDATE messages m
    SET reply_count = greatest(m.reply_count - 1, 0),
        last_reply_at = CASE
            WHEN p_reply.created_at < m.last_reply_at THEN m.last_reply_at
            ELSE newest_reply_at(v_parent)
        END,
        last_deleted_reply_at = greatest(m.last_deleted_reply_at, p_reply.created_at),
        rev = v_rev, is_changed = true
    WHERE m.conversation_id = v_parent.conversation_id AND m.seq = v_parent.seq
      AND m.created_at = v_parent.created_at;
    PERFORM message_changed(
        v_parent.conversation_id, v_parent.seq, v_parent.created_at, v_rev, false);
END $$;

CREATE FUNCTION public.review_of_contract() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    SELECT CASE NEW.reviewer_id WHEN c.client_id THEN c.freelancer_id WHEN c.freelancer_id THEN c.client_id END,
           CASE NEW.reviewer_id WHEN c.client_id THEN 'client' WHEN c.freelancer_id THEN 'freelancer' END,
           CASE NEW.reviewer_id WHEN c.client_id THEN c.gig_id END
    INTO NEW.reviewee_id, NEW.reviewer_role, NEW.gig_id
    FROM contracts c WHERE c.id = NEW.contract_id;
    RETURN NEW;
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

CREATE FUNCTION public.run_put_away(p_user uuid, p_conversation uuid) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT max(n.seq) FROM notifications n
    WHERE n.user_id = p_user AND n.subject_id = p_conversation AND n.type = 'message.run'
      AND n.archived_at IS NOT NULL AND n.ended IS NULL
$$;

CREATE FUNCTION public.search_fold(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN octet_length(p_text) = char_length(p_text) THEN lower(p_text COLLATE "C")
                ELSE fold_beyond_ascii(p_text) END
$$;

CREATE FUNCTION public.search_fold_version() RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT 1::smallint $$;

CREATE FUNCTION public.search_has_pieces(p_text text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT octet_length(p_text) <> char_length(p_text)
           AND p_text ~ ('[' || fold_pairs() || fold_words() || ']')
$$;

CREATE FUNCTION public.search_lower(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT lower(CASE WHEN octet_length(p_text) = char_length(p_text) THEN p_text
                      ELSE normalize(p_text, NFKC) END)
$$;

CREATE FUNCTION public.search_parsed(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT regexp_replace(p_text, search_piece_pattern(), ' ', 'g')
$$;

CREATE FUNCTION public.search_patterns(p_query tsquery) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT coalesce(array_agg('%' || CASE
               WHEN length(t.token) > 3 THEN left(t.token, 3)
               WHEN t.token LIKE '%ie' THEN ''
               WHEN t.token ~ '[eily]$' THEN left(t.token, -1)
               ELSE t.token END || '%'), '{}')
    FROM (
        SELECT r[1] AS token FROM regexp_matches(p_query::text, '''([^'']+)''', 'g') AS r
    ) t
$_$;

CREATE FUNCTION public.search_piece_pattern() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT '([' || fold_pairs() || ']+)|([' || fold_words() || ']+)'
$$;

CREATE FUNCTION public.search_pieces(p_text text) RETURNS TABLE(token text, place bigint)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT left(r.piece[2], 500), r.at + 1
    FROM regexp_matches(p_text, search_piece_pattern(), 'g') WITH ORDINALITY AS r(piece, at)
    WHERE r.piece[1] IS NULL
    UNION ALL
    -- substr() would count from the beginning of the run for each pair.
    SELECT t.letter || coalesce(lead(t.letter) OVER (PARTITION BY r.at ORDER BY t.n), ''), r.at + t.n
    FROM regexp_matches(p_text, search_piece_pattern(), 'g') WITH ORDINALITY AS r(piece, at),
         string_to_table(r.piece[1], NULL) WITH ORDINALITY AS t(letter, n)
    WHERE r.piece[1] IS NOT NULL
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

CREATE FUNCTION public.search_suffices(p_text text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT char_length(btrim(search_fold(p_text))) >= 2 OR search_fold(p_text) ~ ('[' || fold_pairs() || ']')
$$;

CREATE FUNCTION public.search_terms(p_text text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE COST 1000 PARALLEL SAFE
    AS $$
DECLARE
    v_text text := search_text(p_text);
BEGIN
    IF NOT search_has_pieces(v_text) THEN
        RETURN strip(to_tsvector('message_words', v_text));
    END IF;
    RETURN strip(to_tsvector('message_words', search_parsed(v_text)))
           || array_to_tsvector(ARRAY(SELECT DISTINCT p.token FROM search_pieces(v_text) p));
END $$;

CREATE FUNCTION public.search_text(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN octet_length(p_text) = char_length(p_text)
        THEN regexp_replace(lower(left(p_text, 50000) COLLATE "C"), '[./\\:@#_<>&=''-]+', ' ', 'g')
        ELSE regexp_replace(fold_beyond_ascii(left(p_text, 50000)),
                            '[./\\:@#_<>&=''' || fold_separators() || '-]+', ' ', 'g') END
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

CREATE FUNCTION public.sees_job(p_user uuid, p_job uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.sees_subject(p_user uuid, p_type text, p_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_role text := current_setting('role');
    v_asker text := coalesce(current_setting('app.user_id', true), '');
    v_sees boolean;
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true);
    PERFORM set_config('role', 'parley_app', true);
    v_sees := CASE p_type
        WHEN 'gig' THEN EXISTS (SELECT FROM gigs g WHERE g.id = p_id)
        WHEN 'job' THEN EXISTS (SELECT FROM jobs j WHERE j.id = p_id)
        WHEN 'review' THEN EXISTS (SELECT FROM reviews r WHERE r.id = p_id)
        ELSE false END;
    PERFORM set_config('role', v_role, true);
    PERFORM set_config('app.user_id', v_asker, true);
    RETURN v_sees;
END $$;

CREATE FUNCTION public.set_conversation_settings(p_conversation uuid, p_user uuid, p_is_muted boolean, p_is_archived boolean, p_is_pinned boolean, p_lock_timeout_ms integer) RETURNS public.change_result
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_before conversation_participants;
    v_after conversation_participants;
    v_last_seq bigint;
    v_was_archived boolean;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    SELECT p.* INTO v_before FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    FOR NO KEY UPDATE;
    IF v_before.user_id IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    -- After the member is locked: a message of his own that is under way has ended, or comes after.
    SELECT c.last_seq INTO v_last_seq FROM conversations c WHERE c.id = p_conversation;
    v_was_archived := is_archived_at(
        v_before.archived_seq, v_before.is_archived, v_before.is_muted, v_last_seq);
    v_after := v_before;
    v_after.is_muted := coalesce(p_is_muted, v_before.is_muted);
    v_after.archived_seq := CASE
        WHEN p_is_archived AND NOT (v_was_archived AND is_archived_at(
            v_before.archived_seq, true, v_after.is_muted, v_last_seq)) THEN v_last_seq
        -- What a message has brought back is not archived again by muting it.
        WHEN coalesce(p_is_archived, true) AND v_was_archived
        THEN coalesce(v_before.archived_seq, v_last_seq)
    END;
    v_after.is_archived := is_archived_at(v_after.archived_seq, false, v_after.is_muted, v_last_seq);
    v_after.archived_seq := CASE WHEN v_after.is_archived THEN v_after.archived_seq END;
    v_after.is_pinned := coalesce(p_is_pinned, v_before.is_pinned);
    IF (v_after.is_muted, v_after.is_archived, v_after.is_pinned)
       = (v_before.is_muted, v_was_archived, v_before.is_pinned)
    THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    UPDATE conversation_participants p
    SET is_muted = v_after.is_muted, is_pinned = v_after.is_pinned,
        archived_seq = v_after.archived_seq, is_archived = v_after.is_archived
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    PERFORM put_in_outbox(
        'realtime', 'conversation.settings', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_after.is_muted <> v_before.is_muted OR v_after.is_archived <> v_was_archived THEN
        -- Totals leave out muted and archived conversations.
        PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    END IF;
    RETURN ROW('ok', NULL, NULL)::change_result;
END $$;

CREATE FUNCTION public.set_notification_wishes(p_user uuid, p_said jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_every record;
BEGIN
    IF p_said ?| ARRAY['quiet_hours', 'digest', 'snooze_until', 'show_text'] THEN
        INSERT INTO notification_settings (user_id) VALUES (p_user) ON CONFLICT DO NOTHING;
        UPDATE notification_settings s SET
            digest = coalesce(p_said #>> '{digest,every}', s.digest),
            digest_hour = coalesce((p_said #>> '{digest,hour}')::integer, s.digest_hour),
            digest_weekday = coalesce((p_said #>> '{digest,weekday}')::integer, s.digest_weekday),
            snooze_until = CASE WHEN p_said ? 'snooze_until' THEN (p_said ->> 'snooze_until')::timestamptz
                                ELSE s.snooze_until END,
            show_text = coalesce((p_said ->> 'show_text')::boolean, s.show_text)
        WHERE s.user_id = p_user;
    END IF;
    IF p_said ? 'quiet_hours' THEN
        -- One pair of hours for all seven days, if it is so.
        SELECT min(h."from") AS "from", min(h.until) AS until INTO v_every
        FROM jsonb_to_recordset(p_said -> 'quiet_hours') AS h(weekday integer, "from" time, until time)
        HAVING count(*) = 7 AND count(DISTINCT h.weekday) = 7
           AND count(DISTINCT h."from") = 1 AND count(DISTINCT h.until) = 1;
        UPDATE notification_settings s SET quiet_from = v_every."from", quiet_until = v_every.until
        WHERE s.user_id = p_user;
        -- The trigger has written hours of every day, or taken all away.
        INSERT INTO quiet_hours (user_id, weekday, "from", until)
        SELECT p_user, h.weekday, h."from", h.until
        FROM jsonb_to_recordset(p_said -> 'quiet_hours') AS h(weekday integer, "from" time, until time)
        WHERE v_every."from" IS NULL;
    END IF;
    INSERT INTO notification_preferences AS p (user_id, category, channel, is_enabled)
    SELECT p_user, w.category, w.channel, w.is_enabled
    FROM jsonb_to_recordset(p_said -> 'preferences') AS w(category text, channel text, is_enabled boolean)
    ORDER BY w.category, w.channel
    ON CONFLICT (user_id, category, channel) DO UPDATE SET is_enabled = EXCLUDED.is_enabled;
END $$;

CREATE FUNCTION public.setting_amount(p_key text, p_currency text) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    SELECT setting_number(p_key) * CASE currency_decimals(p_currency) WHEN 0 THEN 100 ELSE 1 END
$$;

CREATE FUNCTION public.setting_length(p_key text) RETURNS interval
    LANGUAGE sql STABLE
    AS $$
    SELECT make_interval(secs => (s.value #>> '{}')::integer * CASE
        WHEN p_key LIKE '%\_days' THEN 86400 WHEN p_key LIKE '%\_hours' THEN 3600 ELSE 60 END)
    FROM platform_settings s WHERE s.key = p_key
$$;

CREATE FUNCTION public.setting_number(p_key text) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    SELECT (s.value #>> '{}')::numeric FROM platform_settings s WHERE s.key = p_key
$$;

CREATE FUNCTION public.settle_blocked(p_ones uuid[], p_others uuid[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_seqs bigint[];
    v_whole_users uuid[];
    v_whole uuid[];
    v_run_users uuid[];
    v_runs uuid[];
BEGIN
    WITH pair AS (
        SELECT DISTINCT b.user_id, b.actor_id
        FROM unnest(p_ones, p_others) AS i(one, other),
        LATERAL (VALUES (i.one, i.other), (i.other, i.one)) AS b(user_id, actor_id)
        WHERE EXISTS (
            SELECT FROM user_blocks k
            WHERE (k.blocker_id, k.blocked_id) IN ((i.one, i.other), (i.other, i.one))
        )
    ), open AS MATERIALIZED (
        SELECT n.user_id, n.id, n.type, n.seqs, n.subject_id, n.actor_id AS last_actor, pair.actor_id
        FROM pair
        JOIN notifications n ON n.user_id = pair.user_id
        WHERE n.category = 'message' AND n.subject_type = 'conversation' AND n.read_at IS NULL AND n.archived_at IS NULL
    ), told AS (
        SELECT o.user_id, o.id, s.seq
        FROM open o
        CROSS JOIN LATERAL unnest(o.seqs) s(seq)
        CROSS JOIN LATERAL message_at(o.subject_id, s.seq) m
        WHERE m.sender_id = o.actor_id
    ), whole AS (
        SELECT o.user_id, o.id FROM open o
        WHERE o.seqs IS NULL AND o.type <> 'message.run' AND o.last_actor = o.actor_id
    ), run AS (
        SELECT o.user_id, o.id FROM open o
        JOIN conversation_participants p ON p.conversation_id = o.subject_id AND p.user_id = o.actor_id
        WHERE o.type = 'message.run'
    )
    SELECT (SELECT array_agg(t.user_id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.seq ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(w.user_id) FROM whole w), (SELECT array_agg(w.id) FROM whole w),
           (SELECT array_agg(r.user_id) FROM run r), (SELECT array_agg(r.id) FROM run r)
    INTO v_users, v_ids, v_seqs, v_whole_users, v_whole, v_run_users, v_runs;
    RETURN lower_notifications(v_users, v_ids, v_seqs, 'blocked')
        + close_notifications(v_whole_users, v_whole, 'blocked')
        + settle_runs(v_run_users, v_runs, 'blocked');
END $$;

CREATE FUNCTION public.settle_closed_accounts(p_users uuid[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
BEGIN
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM notifications n
    WHERE n.user_id = ANY (p_users) AND n.read_at IS NULL AND n.archived_at IS NULL;
    RETURN close_notifications(v_users, v_ids, 'account_closed');
END $$;

CREATE FUNCTION public.settle_deleted(p_conversations uuid[], p_seqs bigint[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_seqs bigint[];
    v_run_users uuid[];
    v_runs uuid[];
BEGIN
    WITH gone AS (
        SELECT i.conversation_id, array_agg(i.seq) AS seqs
        FROM unnest(p_conversations, p_seqs) AS i(conversation_id, seq)
        GROUP BY i.conversation_id
    ), hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.type, n.seqs, g.seqs AS gone
        FROM gone g
        JOIN conversation_participants p ON p.conversation_id = g.conversation_id AND p.left_at IS NULL
        JOIN notifications n ON n.user_id = p.user_id AND n.subject_id = g.conversation_id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
          AND (n.type = 'message.run' OR n.seqs && g.seqs)
    ), told AS (
        SELECT h.user_id, h.id, s.seq
        FROM hit h, unnest(h.seqs) s(seq)
        WHERE h.type <> 'message.run' AND s.seq = ANY (h.gone)
    )
    SELECT (SELECT array_agg(t.user_id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.seq ORDER BY t.user_id, t.id, t.seq) FROM told t),
           array_agg(h.user_id) FILTER (WHERE h.type = 'message.run'),
           array_agg(h.id) FILTER (WHERE h.type = 'message.run')
    INTO v_users, v_ids, v_seqs, v_run_users, v_runs
    FROM hit h;
    RETURN lower_notifications(v_users, v_ids, v_seqs, 'deleted')
        + settle_runs(v_run_users, v_runs, 'deleted');
END $$;

CREATE FUNCTION public.settle_notifications(p_users uuid[], p_subject_type text, p_subject_id uuid, p_how text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
BEGIN
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM unnest(p_users) AS i(user_id)
    JOIN notifications n ON n.user_id = i.user_id AND n.subject_id = p_subject_id
    WHERE n.subject_type = p_subject_type AND n.read_at IS NULL AND n.archived_at IS NULL;
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

CREATE FUNCTION public.settle_read(p_users uuid[], p_conversations uuid[]) RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_closed integer;
BEGIN
    PERFORM 1 FROM (
        SELECT p.user_id
        FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
        JOIN conversation_participants p
          ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
        WHERE p.noticed
        ORDER BY p.conversation_id, p.user_id
        FOR NO KEY UPDATE OF p
    ) l;
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM (
        SELECT DISTINCT i.user_id, i.conversation_id
        FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
    ) i
    JOIN conversation_participants p
      ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.noticed
    JOIN notifications n
      ON n.user_id = i.user_id AND n.subject_id = i.conversation_id AND n.seq <= p.last_read_seq
    WHERE n.read_at IS NULL AND n.archived_at IS NULL;
    v_closed := close_notifications(v_users, v_ids, 'read');
    UPDATE conversation_participants p SET noticed = false
    FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
    WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.noticed
      AND NOT EXISTS (
          SELECT 1 FROM notifications n
          WHERE n.user_id = i.user_id AND n.subject_id = i.conversation_id
            AND n.read_at IS NULL AND n.archived_at IS NULL
      );
    RETURN v_closed;
END $$;

CREATE FUNCTION public.settle_runs(p_users uuid[], p_ids uuid[], p_how text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_left_users uuid[];
    v_left uuid[];
BEGIN
    WITH hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.data, n.seq AS seq_before, f.seq, f.senders
        FROM unnest(p_users, p_ids) AS i(user_id, id)
        JOIN notifications n ON n.user_id = i.user_id AND n.id = i.id
        CROSS JOIN LATERAL (
            SELECT max(t.seq) AS seq, jsonb_agg(t.sender_id ORDER BY t.seq DESC) AS senders
            FROM (SELECT t.sender_id, max(t.seq) AS seq FROM messages_told(n) t GROUP BY t.sender_id) t
        ) f
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), named AS (
        UPDATE notifications n
        SET data = h.data || jsonb_build_object('senders', h.senders, 'seq', h.seq), seq = h.seq,
            actor_id = (h.senders ->> 0)::uuid
        FROM hit h
        WHERE n.user_id = h.user_id AND n.id = h.id
          AND (h.senders, h.seq) IS DISTINCT FROM (h.data -> 'senders', h.seq_before) AND h.seq IS NOT NULL
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(h.user_id) FILTER (WHERE h.senders IS NULL),
           array_agg(h.id) FILTER (WHERE h.senders IS NULL),
           (SELECT array_agg(d.user_id ORDER BY d.id) FROM named d WHERE d.in_app),
           (SELECT array_agg(d.id ORDER BY d.id) FROM named d WHERE d.in_app)
    INTO v_users, v_ids, v_left_users, v_left
    FROM hit h;
    PERFORM notifications_in_outbox('notification.updated', v_left_users, v_left);
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

CREATE FUNCTION public.shortened_forms(p_word text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT array_agg(DISTINCT left(p_word, n - 1) || substr(p_word, n + 1))
    FROM generate_series(1, char_length(p_word) + 1) AS n
$$;

CREATE FUNCTION public.spell_email() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM pg_advisory_xact_lock(7237533916302115);
        IF EXISTS (SELECT FROM user_private p WHERE p.email = NEW.email) THEN
            RAISE unique_violation USING
                MESSAGE = 'an account has this address',
                CONSTRAINT = 'user_private_email_key', TABLE = 'user_private', SCHEMA = TG_TABLE_SCHEMA;
        END IF;
    END IF;
    NEW.email_canonical := plain_email(NEW.email::text);
    RETURN NEW;
END $$;

CREATE FUNCTION public.spell_proposal_plan() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.milestones := plan_with_amounts(NEW.milestones, NEW.currency);
    RETURN NEW;
END $$;

CREATE FUNCTION public.spent_before() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO client_private (user_id, total_spent, currency)
    SELECT NEW.user_id, s.amount, s.currency FROM spent_by(NEW.user_id) s ORDER BY s.since, s.currency LIMIT 1;
    RETURN NULL;
END $$;

CREATE FUNCTION public.spent_by(p_user uuid) RETURNS TABLE(currency text, amount numeric, since timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    SELECT r.currency, sum(r.gross - r.refunded), min(r.created_at)
    FROM releases r WHERE r.client_id = p_user GROUP BY r.currency
$$;

CREATE FUNCTION public.stamp_by_workflow_clock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    NEW.created_at := workflow_now();
    RETURN NEW;
END $$;

CREATE FUNCTION public.stamp_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION public.start_conversation(p_type text, p_creator uuid, p_others uuid[], p_title text, p_job uuid, p_contract uuid, p_client uuid, p_hash bytea, p_max_participants integer, p_max_direct_a_day integer, p_max_user_fanout integer, p_lock_timeout_ms integer) RETURNS public.creation_result
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.strangers_among(p_user uuid, p_others uuid[], p_type text) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    SELECT ARRAY(
        SELECT o FROM unnest(p_others) o
        EXCEPT
        SELECT a.user_id FROM acquaintances(p_user, p_others) a
        WHERE a.is_mutual OR p_type = 'direct'
    )
$$;

CREATE FUNCTION public.sweep_files(p_unnamed interval, p_most integer, OUT looked_at integer, OUT removed integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_ids uuid[];
BEGIN
    looked_at := 0;
    removed := 0;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('parley.sweep_files', 0)) THEN
        RETURN;
    END IF;
    SELECT array_agg(l.id) INTO v_ids FROM (
        SELECT f.id FROM files f
        WHERE f.unnamed_since < clock_timestamp() - p_unnamed
          AND f.created_at < clock_timestamp() - p_unnamed
        ORDER BY f.unnamed_since LIMIT p_most
        FOR UPDATE SKIP LOCKED
    ) l;
    looked_at := coalesce(cardinality(v_ids), 0);
    UPDATE files f SET unnamed_since = NULL WHERE f.id = ANY (v_ids) AND is_file_named(f.id);
    WITH gone AS (
        DELETE FROM files f WHERE f.id = ANY (v_ids) AND f.unnamed_since IS NOT NULL RETURNING f.id
    ), noted AS (
        INSERT INTO file_removals (file_id) SELECT g.id FROM gone g
    )
    SELECT count(*) INTO removed FROM gone;
END $$;

CREATE FUNCTION public.task_of_job() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    SELECT j.client_id INTO NEW.client_id FROM jobs j WHERE j.id = NEW.job_id;
    RETURN NEW;
END $$;

CREATE FUNCTION public.tell_blocked() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, user_ids)
    VALUES ('notifications', 'user.blocked', ARRAY[NEW.blocker_id, NEW.blocked_id]);
    RETURN NULL;
END $$;

CREATE FUNCTION public.tell_closed_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, user_ids) VALUES ('notifications', 'account.closed', ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION public.tell_copies() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    v_row record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    v_kind text := TG_TABLE_NAME;
    v_key uuid;
BEGIN
    CASE TG_ARGV[0]
        WHEN 'user_id' THEN v_key := v_row.user_id;
        WHEN 'gig_id' THEN v_key := v_row.gig_id; v_kind := 'gigs';
        WHEN 'job_id' THEN v_key := v_row.job_id; v_kind := 'jobs';
        ELSE v_key := v_row.id;
    END CASE;
    INSERT INTO outbox (consumer, kind, data) VALUES ('copies', v_kind, jsonb_build_object('key', v_key));
    RETURN NULL;
END $$;

CREATE FUNCTION public.tell_deleted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, conversation_ids, seqs)
    VALUES ('notifications', 'message.deleted', ARRAY[NEW.conversation_id], ARRAY[NEW.seq]);
    RETURN NULL;
END $$;

CREATE FUNCTION public.tell_of_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    v_column text;
    v_user uuid;
    v_people uuid[] := '{}';
BEGIN
    FOREACH v_column IN ARRAY TG_ARGV[2:] LOOP
        EXECUTE format('SELECT ($1).%I', v_column) INTO v_user USING NEW;
        v_people := array_append(v_people, v_user);
    END LOOP;
    IF TG_TABLE_NAME = 'jobs' THEN
        v_people := v_people || ARRAY(
            SELECT p.freelancer_id FROM proposals p
            WHERE p.job_id = NEW.id AND p.status IN ('pending', 'shortlisted'));
    END IF;
    PERFORM workflow_tell(jsonb_build_array(jsonb_build_object(
        'name', TG_ARGV[0] || '.changed', 'audience', to_jsonb(array_remove(v_people, NULL)), 'resource', TG_ARGV[1],
        'id', NEW.id, 'status', NEW.status, 'version', NEW.version, 'action', 'change',
        'actor_id', nullif(current_setting('app.user_id', true), ''))));
    RETURN NULL;
END $_$;

CREATE FUNCTION public.tell_runs(p_conversations uuid[], p_users uuid[], p_seqs bigint[]) RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    v_until timestamptz := clock_timestamp() - told_duration('parley.run_delay', interval '20 seconds');
    v_interval interval := told_duration('parley.run_interval', interval '60 seconds');
    v_items jsonb;
    v_again_users uuid[];
    v_again_conversations uuid[];
    v_again_seqs bigint[];
    v_again_at timestamptz;
BEGIN
    WITH asked AS (
        SELECT i.conversation_id, i.user_id, max(i.seq) AS seq
        FROM unnest(p_conversations, p_users, p_seqs) AS i(conversation_id, user_id, seq)
        GROUP BY i.conversation_id, i.user_id
    ), late AS MATERIALIZED (
        SELECT p.conversation_id, p.user_id, a.seq AS due_seq, c.seq, r.id, r.updated_at,
               greatest(p.last_read_seq, r.seq, c.seq - 100, (
                   SELECT max(away.seq) FROM notifications away
                   WHERE away.user_id = p.user_id AND away.subject_id = c.id AND away.type = 'message.run'
                     AND away.archived_at IS NOT NULL AND away.ended IS NULL
               )) AS above
        FROM asked a
        CROSS JOIN LATERAL (
            SELECT c.id, CASE WHEN a.user_id IS NULL THEN least(a.seq, c.last_seq) ELSE c.last_seq END AS seq
            FROM conversations c
            WHERE c.id = a.conversation_id AND c.participant_count <= 32
            OFFSET 0
        ) c
        JOIN conversation_participants p ON p.conversation_id = c.id
            AND (a.user_id IS NULL OR p.user_id = a.user_id) AND p.last_read_seq < c.seq
        LEFT JOIN LATERAL (
            SELECT n.id, n.seq, n.updated_at, n.again_at FROM notifications n
            WHERE n.user_id = p.user_id AND n.group_key = 'run:' || c.id
              AND n.read_at IS NULL AND n.archived_at IS NULL AND n.seq > p.last_read_seq
            LIMIT 1
        ) r ON true
        WHERE p.left_at IS NULL AND NOT p.is_muted AND p.role <> 'observer'
          -- It is looked at again by then; if that never came, by this.
          AND (r.again_at IS NULL OR r.again_at < clock_timestamp() - v_interval)
    ), said AS MATERIALIZED (
        -- Each once, however many have not read it.
        SELECT m.conversation_id, m.seq, m.created_at, m.sender_id, m.mentions, parent.sender_id AS answered_id
        FROM (
            SELECT l.conversation_id, min(l.above) + 1 AS first, max(l.seq) AS last
            FROM late l GROUP BY l.conversation_id
        ) w
        CROSS JOIN LATERAL generate_series(w.first, w.last) s(seq)
        CROSS JOIN LATERAL message_at(w.conversation_id, s.seq) m
        LEFT JOIN LATERAL message_at(m.conversation_id, uuid7_seq(m.parent_id)) parent ON parent.id = m.parent_id
        WHERE NOT m.is_deleted AND m.type <> 'system'
    ), unread AS (
        SELECT l.user_id, l.conversation_id, s.sender_id, max(s.seq) AS seq
        FROM late l
        JOIN said s ON s.conversation_id = l.conversation_id AND s.seq > l.above AND s.seq <= l.seq
            AND (s.seq <= l.due_seq OR s.created_at <= v_until)
        WHERE s.sender_id <> l.user_id AND l.user_id <> ALL (coalesce(s.mentions, '{}'))
          AND s.answered_id IS DISTINCT FROM l.user_id
        GROUP BY l.user_id, l.conversation_id, s.sender_id
    ), judged AS MATERIALIZED (
        SELECT u.*, l.id, l.updated_at > clock_timestamp() - v_interval AS is_early
        FROM (
            SELECT u.user_id, u.conversation_id, max(u.seq) AS seq,
                   array_agg(u.sender_id ORDER BY u.seq DESC) AS sender_ids
            FROM unread u
            WHERE NOT EXISTS (
                SELECT 1 FROM user_blocks b
                WHERE (b.blocker_id = u.user_id AND b.blocked_id = u.sender_id)
                   OR (b.blocker_id = u.sender_id AND b.blocked_id = u.user_id)
            )
            GROUP BY u.user_id, u.conversation_id
        ) u
        JOIN late l USING (user_id, conversation_id)
        JOIN users account ON account.id = u.user_id AND account.status NOT IN ('deleted', 'anonymized')
    ), postponed AS (
        UPDATE notifications n SET again_at = n.updated_at + v_interval
        FROM (
            SELECT j.user_id, j.id, j.conversation_id, j.seq FROM judged j
            WHERE j.is_early
            ORDER BY j.user_id, j.id
        ) j
        WHERE n.user_id = j.user_id AND n.id = j.id
        RETURNING n.user_id, j.conversation_id, j.seq, n.again_at
    )
    SELECT (
        SELECT jsonb_agg(jsonb_build_object(
            'user_id', j.user_id, 'type', 'message.run', 'category', 'message',
            'group_key', 'run:' || j.conversation_id,
            'subject_type', 'conversation', 'subject_id', j.conversation_id,
            'actor_id', j.sender_ids[1], 'seq', j.seq,
            'data', jsonb_build_object(
                'conversation_id', j.conversation_id, 'seq', j.seq, 'senders', j.sender_ids)
        ) ORDER BY j.user_id, j.conversation_id)
        FROM judged j WHERE j.is_early IS NOT TRUE
    ), array_agg(p.user_id), array_agg(p.conversation_id), array_agg(p.seq), max(p.again_at)
    INTO v_items, v_again_users, v_again_conversations, v_again_seqs, v_again_at
    FROM postponed p;

    IF v_again_users IS NOT NULL THEN
        INSERT INTO outbox (consumer, kind, available_at, conversation_ids, user_ids, seqs)
        VALUES ('message_runs', 'message.again', v_again_at, v_again_conversations, v_again_users, v_again_seqs);
    END IF;
    IF v_items IS NOT NULL THEN
        PERFORM notify_users(v_items);
    END IF;
    RETURN coalesce(jsonb_array_length(v_items), 0);
END $$;

CREATE FUNCTION public.tell_runs_again(p_conversations uuid[], p_users uuid[], p_seqs bigint[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE notifications n SET again_at = NULL
    FROM (
        SELECT n.user_id, n.id
        FROM unnest(p_conversations, p_users) AS i(conversation_id, user_id)
        JOIN notifications n ON n.user_id = i.user_id AND n.group_key = 'run:' || i.conversation_id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ) d
    WHERE n.user_id = d.user_id AND n.id = d.id;
    RETURN tell_runs(p_conversations, p_users, p_seqs);
END $$;

CREATE FUNCTION public.terms_query(p_text text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    v_text text := search_text(p_text);
    v_words text := search_parsed(v_text);
    v_query tsquery := plainto_tsquery('english', v_words);
BEGIN
    IF search_has_pieces(v_text) THEN
        v_query := v_query && (
            SELECT string_agg(CASE
                       WHEN r.piece[1] IS NULL THEN quote_literal(left(r.piece[2], 500))
                       WHEN length(r.piece[1]) = 1 THEN quote_literal(r.piece[1]) || ':*'
                       ELSE quote_literal(substr(r.piece[1], n, 2)) END, ' & ')::tsquery
            FROM regexp_matches(v_text, search_piece_pattern(), 'g') AS r(piece),
                 generate_series(1, greatest(length(r.piece[1]) - 1, 1)) AS n
        );
    END IF;
    IF numnode(v_query) = 0 THEN
        RETURN plainto_tsquery('message_words', v_words);
    END IF;
    RETURN v_query;
END $$;

CREATE FUNCTION public.timer_earliest(p_start timestamp with time zone, p_seconds double precision, p_number integer) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_start + make_interval(secs => p_seconds)
         - CASE WHEN p_number > 0 THEN make_interval(hours => 72 - 24 * p_number) ELSE '0' END
$$;

CREATE TABLE public.timers (
    id uuid DEFAULT public.uuid7() NOT NULL,
    machine text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    kind text DEFAULT 'transition'::text NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    state text NOT NULL,
    start timestamp with time zone NOT NULL,
    seconds double precision NOT NULL,
    setting text,
    reminds boolean DEFAULT false NOT NULL,
    moves_money boolean DEFAULT false NOT NULL,
    told_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    parked_at timestamp with time zone,
    last_error text,
    earliest timestamp with time zone GENERATED ALWAYS AS (public.timer_earliest(start, seconds, number)) STORED NOT NULL,
    CONSTRAINT timers_kind_check CHECK ((kind = ANY (ARRAY['transition'::text, 'reminder'::text]))),
    CONSTRAINT timers_kind_numbered CHECK (((kind = 'reminder'::text) = (number > 0))),
    CONSTRAINT timers_seconds_check CHECK ((seconds >= (0)::double precision))
);

CREATE FUNCTION public.timer_due(p public.timers) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    WITH done AS (
        SELECT p.start + greatest(make_interval(secs => p.seconds), setting_length(p.setting)) AS at
    )
    SELECT CASE
        WHEN p.kind = 'reminder' THEN done.at - make_interval(hours => 72 - 24 * p.number)
        WHEN NOT p.reminds THEN done.at
        -- Not before the reminders are told, and a day after the last of them.
        ELSE (SELECT CASE WHEN bool_and(r.told_at IS NOT NULL)
                          THEN greatest(done.at, max(r.told_at) + interval '24 hours') END
              FROM timers r
              WHERE r.machine = p.machine AND r.entity_id = p.entity_id AND r.action = p.action
                AND r.kind = 'reminder')
    END FROM done
$$;

CREATE FUNCTION public.timer_ready(p public.timers, p_now timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE COST 10000
    AS $$
    SELECT p.parked_at IS NULL AND p.told_at IS NULL AND coalesce(p.next_attempt_at <= p_now, true)
       AND NOT (p.moves_money AND EXISTS (SELECT FROM timers_paused))
       AND coalesce(timer_due(p) <= p_now, false)
$$;

CREATE FUNCTION public.told_duration(p_name text, p_otherwise interval) RETURNS interval
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(nullif(current_setting(p_name, true), '')::interval, p_otherwise)
$$;

CREATE FUNCTION public.touch_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.trend_after(p_score double precision, p_weight double precision, p_at timestamp with time zone) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT greatest(p_score, n.x) + log(2, (1 + 2 ^ (-least(abs(p_score - n.x), 60)))::numeric)
    FROM (
        SELECT extract(epoch FROM p_at - timestamptz '2026-01-01 00:00:00+00')::double precision
               / (3 * 86400) + ln(p_weight) / ln(2::double precision) AS x
    ) n
$$;

CREATE FUNCTION public.trend_by_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.trend_score := trend_after(NEW.trend_score, 20, now());
    RETURN NEW;
END $$;

CREATE FUNCTION public.typed_query(p_text text, p_most integer) RETURNS tsquery
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_query tsquery := terms_query(p_text);
    is_mistyped boolean := false;
    v_each record;
BEGIN
    FOR v_each IN
        SELECT t.word, meant.words
        FROM (
            SELECT w.word, word_stem(w.word) AS stem FROM typed_words(p_text) AS w(word)
            WHERE char_length(w.word) >= 4
            ORDER BY strpos(search_text(p_text), w.word), w.word
            LIMIT 6
        ) t
        CROSS JOIN LATERAL (
            SELECT array_agg(one.word) AS words
            FROM (
                SELECT s.word FROM search_words s
                WHERE s.shortened && (shortened_forms(t.word) || shortened_forms(t.stem))
                  AND s.word NOT IN (t.word, t.stem)
                  AND (is_one_edit(t.word, s.word) OR (char_length(t.stem) >= 4 AND is_one_edit(t.stem, s.word)))
                -- The first letter is seldom mistyped.
                ORDER BY left(s.word, 1) <> left(t.word, 1), s.word
                LIMIT p_most
            ) one
        ) meant
        WHERE meant.words IS NOT NULL
    LOOP
        is_mistyped := true;
        v_query := ts_rewrite(v_query, terms_query(v_each.word), (
            SELECT string_agg(format('(%s)', terms_query(m)), ' | ')::tsquery
            FROM unnest(v_each.word || v_each.words) AS m
        ));
    END LOOP;
    RETURN CASE WHEN is_mistyped THEN v_query END;
END $$;

CREATE FUNCTION public.typed_words(p_text text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT t.token
    FROM (
        SELECT p.token FROM ts_parse('default', search_parsed(search_text(p_text))) p
        UNION
        SELECT p.token FROM search_pieces(search_text(p_text)) p
    ) t
    WHERE char_length(t.token) BETWEEN 3 AND 40 AND t.token !~ '[\s[:punct:]]' AND t.token !~ '^[0-9]+$'
$_$;

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
        status = coalesce(p_status, c.status)
    WHERE c.id = p_conversation
      AND ((p_sets_title AND c.title IS DISTINCT FROM p_title) OR c.status <> p_status);
    IF NOT FOUND THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    v_rev := next_rev(p_conversation);
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

CREATE FUNCTION public.verdict_of_before(p_verdict text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE
        WHEN p_verdict IN ('support_is_with_staff', 'job_not_found', 'without_the_owner_of_the_job',
                           'contract_not_found', 'not_a_party') THEN 'forbidden'
        WHEN p_verdict = 'too_many_strangers' THEN 'blocked'
        ELSE p_verdict
    END
$$;

CREATE FUNCTION public.wait_for_figures(p_user uuid) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT FROM contracts c
    WHERE c.id = ANY (ARRAY(
        SELECT o.id FROM contracts o WHERE o.freelancer_id = p_user OR o.client_id = p_user
        UNION SELECT m.contract_id FROM contract_members m WHERE m.user_id = p_user))
    ORDER BY c.id FOR SHARE;
    SELECT FROM user_ratings u WHERE u.user_id = p_user FOR SHARE;
$$;

CREATE FUNCTION public.weighed_terms(p_text text, p_weight "char") RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    v_text text := search_text(coalesce(p_text, ''));
BEGIN
    IF NOT search_has_pieces(v_text) THEN
        RETURN setweight(to_tsvector('message_words', v_text), p_weight);
    END IF;
    RETURN setweight(
        to_tsvector('message_words', search_parsed(v_text))
        || coalesce((SELECT string_agg(format('''%s'':%s', p.token, least(p.place, 16000)), ' ')
                     FROM search_pieces(v_text) p), '')::tsvector,
        p_weight);
END $$;

CREATE FUNCTION public.weighed_tokens(p_text text, p_weight "char") RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO '$user', 'public'
    AS $$
DECLARE
    v_plain text := search_plain(coalesce(p_text, ''));
    v_words text := search_words(v_plain);
    v_tokens tsvector := to_tsvector('message_words', v_words);
BEGIN
    IF v_words <> v_plain THEN
        v_tokens := v_tokens || coalesce((
            SELECT string_agg(format('''%s'':%s', substr(r.run, n, 2), least(r.at + n, 16000)), ' ')
            FROM search_runs(v_plain) WITH ORDINALITY AS r(run, at),
                 generate_series(1, length(r.run)) AS n
        ), '')::tsvector;
    END IF;
    RETURN setweight(v_tokens, p_weight);
END $$;

CREATE FUNCTION public.word_stem(p_word text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce((ts_lexize('english_every_word', p_word))[1], p_word)
$$;

CREATE FUNCTION public.words_of(p_words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT array_to_string(p_words, ' ') $$;

CREATE FUNCTION public.workflow_conversation(p_id uuid, p_contract uuid, p_job uuid, p_client uuid, p_freelancer uuid, p_title text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO conversations (id, type, title, job_id, contract_id, created_by, participant_count,
                               relayed_rev, relayed_at)
    VALUES (p_id, 'contract_discussion', p_title, p_job, p_contract, p_client, 2, 1, clock_timestamp());
    INSERT INTO conversation_participants (conversation_id, user_id, role, joined_rev)
    SELECT p_id, u, CASE WHEN u = p_client THEN 'owner' ELSE 'member' END, 1
    FROM unnest(ARRAY[p_client, p_freelancer]) u
    ORDER BY u;
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_id, NULL, 1, ARRAY[p_client, p_freelancer]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_id, NULL, 1, ARRAY[p_freelancer]);
END $$;

CREATE FUNCTION public.workflow_join(p_conversation uuid, p_user uuid, p_max_user_fanout integer DEFAULT 32) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_rev bigint;
BEGIN
    PERFORM 1 FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF EXISTS (
        SELECT 1 FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    ) THEN
        RETURN false;
    END IF;
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
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox('realtime', 'member.joined', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    RETURN true;
END $$;

CREATE FUNCTION public.workflow_leave(p_conversation uuid, p_user uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    -- A statement of its own, which sees what was committed until the lock was held.
    IF EXISTS (
        SELECT 1 FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    ) THEN
        PERFORM part_with_member(p_conversation, p_user);
    END IF;
END $$;

CREATE FUNCTION public.workflow_lock(p_standing uuid[], p_users uuid[], p_gigs uuid[], p_jobs uuid[], p_contracts uuid[], p_deposits uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF p_standing <> '{}' OR p_users <> '{}' THEN
        PERFORM FROM users t WHERE t.id = ANY (p_standing || p_users) ORDER BY t.id FOR SHARE;
    END IF;
    IF p_users <> '{}' THEN
        PERFORM FROM user_private t WHERE t.user_id = ANY (p_users) ORDER BY t.user_id FOR NO KEY UPDATE;
    END IF;
    IF p_gigs <> '{}' THEN
        PERFORM FROM gigs t WHERE t.id = ANY (p_gigs) ORDER BY t.id FOR NO KEY UPDATE;
    END IF;
    IF p_jobs <> '{}' THEN
        PERFORM FROM jobs t WHERE t.id = ANY (p_jobs) ORDER BY t.id FOR NO KEY UPDATE;
    END IF;
    IF p_contracts <> '{}' THEN
        PERFORM FROM contracts t WHERE t.id = ANY (p_contracts) ORDER BY t.id FOR NO KEY UPDATE;
    END IF;
    IF p_deposits <> '{}' THEN
        PERFORM FROM deposits t WHERE t.id = ANY (p_deposits) ORDER BY t.id FOR NO KEY UPDATE;
    END IF;
END $$;

CREATE FUNCTION public.workflow_now() RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$
    SELECT date_trunc('milliseconds', clock_timestamp() + c.ahead) FROM workflow_clock c
$$;

CREATE FUNCTION public.workflow_say(p_conversation uuid, p_actor uuid, p_system jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_before conversations;
    v_now timestamptz;
    v_month timestamptz;
    v_seq bigint;
    v_rev bigint;
    v_id uuid;
BEGIN
    PERFORM 1 FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- A statement of its own, which sees what was committed until the lock was held.
    SELECT c.* INTO v_before FROM conversations c WHERE c.id = p_conversation;
    v_now := greatest(date_trunc('milliseconds', clock_timestamp()), v_before.last_message_at);
    v_month := date_trunc('month', v_now, 'UTC');
    v_seq := v_before.last_seq + 1;
    -- The relay tells of it, as of every change that no writer of messages makes.
    v_rev := next_rev(p_conversation);
    v_id := message_id(p_conversation, v_seq, v_now);
    UPDATE conversations c SET last_seq = v_seq, last_message_at = v_now WHERE c.id = p_conversation;
    INSERT INTO messages (conversation_id, seq, rev, id, sender_id, client_id, type, system, created_at)
    VALUES (p_conversation, v_seq, v_rev, v_id,
            coalesce(p_actor, '00000000-0000-0000-0000-000000000000'), v_id, 'system', p_system, v_now);
    IF v_before.last_message_at IS NULL OR v_before.last_message_at < v_month THEN
        -- The first message of a conversation's month completes the row of the one before.
        UPDATE conversation_months m SET max_rev = greatest(m.max_rev, v_before.rev)
        WHERE m.conversation_id = p_conversation
          AND m.month = date_trunc('month', v_before.last_message_at, 'UTC');
        INSERT INTO conversation_months (conversation_id, month, first_seq)
        VALUES (p_conversation, v_month, v_seq);
    END IF;
    PERFORM put_in_outbox('realtime', 'message.created', p_conversation, v_seq, v_rev, NULL);
    IF v_seq = last_seq_of(page_of(v_seq)) THEN
        PERFORM put_in_outbox('search', 'message.created', p_conversation, v_seq, NULL, NULL);
    END IF;

    -- Who had read everything has read this too: it is the actor's own doing. Whoever had not keeps what is
    -- unread. The devices are told, which cannot infer it.
    UPDATE conversation_participants p SET last_read_seq = v_seq, last_delivered_seq = v_seq
    WHERE p.conversation_id = p_conversation AND p.user_id = p_actor AND p.left_at IS NULL
      AND p.last_read_seq = v_seq - 1;
    IF FOUND THEN
        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids, seqs, data)
        VALUES ('realtime', 'receipt', ARRAY[p_conversation], ARRAY[p_actor], ARRAY[v_seq],
                jsonb_build_object('read', jsonb_build_array(v_seq)));
    END IF;
    RETURN v_seq;
END $$;

CREATE FUNCTION public.workflow_sees(p_user uuid, p_table text, p_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_sees boolean;
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true), set_config('role', 'parley_app', true);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.id = $1)', p_table) INTO v_sees USING p_id;
    PERFORM set_config('role', 'parley_service', true);
    RETURN v_sees;
END $_$;

CREATE FUNCTION public.workflow_tell(p_events jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.workflow_write(p_steps jsonb, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_step jsonb;
    v_table text;
    v_columns text;
    v_rows jsonb;
    v_row record;
    v_versions jsonb;
BEGIN
    FOR v_step IN SELECT s.value FROM jsonb_array_elements(p_steps) WITH ORDINALITY s ORDER BY s.ordinality LOOP
        v_table := v_step ->> 'table';
        CASE v_step ->> 'do'
        WHEN 'insert' THEN
            -- One row, or several of the same columns.
            v_rows := coalesce(v_step -> 'rows', jsonb_build_array(v_step -> 'row'));
            SELECT string_agg(quote_ident(k), ', ') INTO v_columns FROM jsonb_object_keys(v_rows -> 0) k;
            EXECUTE format(
                'INSERT INTO %1$I (%2$s) SELECT %2$s FROM jsonb_populate_recordset(NULL::%1$I, $1)',
                v_table, v_columns)
            USING v_rows;
        WHEN 'update' THEN
            SELECT string_agg(quote_ident(k), ', ') INTO v_columns FROM jsonb_object_keys(v_step -> 'set') k;
            EXECUTE format(
                'UPDATE %1$I t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)) WHERE t.%3$I = $2',
                v_table, v_columns, coalesce(v_step ->> 'key', 'id'))
            USING v_step -> 'set', (v_step ->> 'id')::uuid;
        WHEN 'add' THEN
            SELECT string_agg(format('%1$I = coalesce(t.%1$I, 0) + %2$s', k.key, (k.value)::numeric), ', ')
            INTO v_columns FROM jsonb_each_text(v_step -> 'by') k;
            EXECUTE format('UPDATE %I t SET %s WHERE t.%I = $1', v_table, v_columns, coalesce(v_step ->> 'key', 'id'))
            USING (v_step ->> 'id')::uuid;
        WHEN 'delete' THEN
            EXECUTE format('DELETE FROM %1$I t WHERE to_jsonb(t) @> $1 AND t.%2$I = $2', v_table,
                           coalesce(v_step ->> 'key', 'id'))
            USING coalesce(v_step -> 'where', '{}'), (v_step ->> 'id')::uuid;
        WHEN 'timers' THEN
            -- A timer that started at the same time is the same one: a setting that was shortened meanwhile, or
            -- another state, moves it no nearer, and what was told of it stays told.
            DELETE FROM timers t
            WHERE t.machine = v_step ->> 'machine' AND t.entity_id = (v_step ->> 'id')::uuid AND NOT EXISTS (
                SELECT FROM jsonb_to_recordset(v_step -> 'dues') AS d (
                    action text, start timestamptz, setting text, reminds boolean)
                WHERE d.action = t.action AND d.start = t.start AND d.setting IS NOT DISTINCT FROM t.setting
                  AND d.reminds = t.reminds);
            INSERT INTO timers (machine, entity_id, action, kind, number, state, start, seconds, setting, reminds,
                                moves_money)
            SELECT v_step ->> 'machine', (v_step ->> 'id')::uuid, d.action, k.kind, k.number, d.state, d.start,
                   coalesce(d.seconds, extract(epoch FROM setting_length(d.setting))), d.setting, d.reminds,
                   d.moves_money
            FROM jsonb_to_recordset(v_step -> 'dues') AS d (
                action text, state text, start timestamptz, seconds float8, setting text, reminds boolean,
                moves_money boolean)
            CROSS JOIN LATERAL (
                SELECT 'transition' AS kind, 0 AS number
                UNION ALL SELECT 'reminder', n FROM generate_series(1, 2) n WHERE d.reminds
            ) k
            ON CONFLICT (machine, entity_id, action, kind, number) DO UPDATE SET
                state = EXCLUDED.state, attempts = 0, next_attempt_at = NULL, parked_at = NULL, last_error = NULL;
        WHEN 'freeze' THEN
            -- What is left of each timer is kept on the row itself, which `thaw` starts again.
            EXECUTE format(
                'UPDATE %I t SET timers_left = (SELECT coalesce(jsonb_agg(jsonb_build_object('
                '   ''action'', m.action, ''state'', m.state, ''reminds'', m.reminds,'
                '   ''moves_money'', m.moves_money, ''seconds'', greatest(0, extract(epoch FROM m.start'
                '   + greatest(make_interval(secs => m.seconds), setting_length(m.setting)) - $3)))), ''[]'')'
                '   FROM timers m WHERE m.machine = $1 AND m.entity_id = $2 AND m.kind = ''transition'')'
                ' WHERE t.id = $2', v_table)
            USING v_step ->> 'machine', (v_step ->> 'id')::uuid, p_now;
            DELETE FROM timers t WHERE t.machine = v_step ->> 'machine' AND t.entity_id = (v_step ->> 'id')::uuid;
        WHEN 'thaw' THEN
            EXECUTE format(
                'INSERT INTO timers (machine, entity_id, action, kind, number, state, start, seconds, reminds, moves_money)'
                ' SELECT $1, t.id, d.action, k.kind, k.number, d.state, $3, d.seconds, d.reminds, d.moves_money'
                ' FROM %1$I t CROSS JOIN LATERAL jsonb_to_recordset(coalesce(t.timers_left, ''[]'')) AS d ('
                '   action text, state text, seconds float8, reminds boolean, moves_money boolean)'
                ' CROSS JOIN LATERAL (SELECT ''transition'' AS kind, 0 AS number'
                '   UNION ALL SELECT ''reminder'', n FROM generate_series(1, 2) n WHERE d.reminds) k'
                ' WHERE t.id = $2', v_table)
            USING v_step ->> 'machine', (v_step ->> 'id')::uuid, p_now;
            EXECUTE format('UPDATE %I t SET timers_left = NULL WHERE t.id = $1', v_table)
            USING (v_step ->> 'id')::uuid;
        WHEN 'events' THEN
            v_versions := '{}';
            FOR v_row IN
                SELECT e ->> 'table' AS of, array_agg((e ->> 'id')::uuid) AS ids
                FROM jsonb_array_elements(v_step -> 'events') e GROUP BY 1
            LOOP
                EXECUTE format('SELECT jsonb_object_agg(t.id, t.version) FROM %I t WHERE t.id = ANY ($1)', v_row.of)
                INTO v_rows USING v_row.ids;
                v_versions := v_versions || coalesce(v_rows, '{}');
            END LOOP;
            PERFORM workflow_tell((
                SELECT jsonb_agg(e.value - 'table' || jsonb_build_object('version', v_versions -> (e.value ->> 'id'))
                                 ORDER BY e.ordinality)
                FROM jsonb_array_elements(v_step -> 'events') WITH ORDINALITY e
            ));
        WHEN 'enqueue' THEN
            INSERT INTO outbox (consumer, kind, data)
            VALUES (v_step ->> 'consumer', v_step ->> 'kind', v_step -> 'data');
        WHEN 'converse' THEN
            PERFORM workflow_conversation(
                (v_step ->> 'id')::uuid, (v_step ->> 'contract_id')::uuid, (v_step ->> 'job_id')::uuid,
                (v_step ->> 'client_id')::uuid, (v_step ->> 'freelancer_id')::uuid, v_step ->> 'title');
        WHEN 'join' THEN
            PERFORM workflow_join((v_step ->> 'conversation_id')::uuid, (v_step ->> 'user_id')::uuid);
        WHEN 'leave' THEN
            PERFORM workflow_leave((v_step ->> 'conversation_id')::uuid, (v_step ->> 'user_id')::uuid);
        WHEN 'say' THEN
            PERFORM workflow_say(
                (v_step ->> 'conversation_id')::uuid, (v_step ->> 'actor_id')::uuid, v_step -> 'system');
        END CASE;
    END LOOP;
END $_$;

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

CREATE TABLE public.agent_runs (
    id uuid DEFAULT public.uuid7() NOT NULL,
    agent_id text NOT NULL,
    task_id uuid,
    execution_time_seconds integer,
    quality_score real,
    user_feedback_score real,
    retry_required boolean DEFAULT false NOT NULL,
    error_message text,
    tokens_used integer,
    cost numeric(14,4),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT agent_runs_cost_check CHECK ((cost >= (0)::numeric)),
    CONSTRAINT agent_runs_execution_time_seconds_check CHECK ((execution_time_seconds >= 0)),
    CONSTRAINT agent_runs_quality_score_check CHECK (((quality_score >= (0)::double precision) AND (quality_score <= (100)::double precision))),
    CONSTRAINT agent_runs_tokens_used_check CHECK ((tokens_used >= 0)),
    CONSTRAINT agent_runs_user_feedback_score_check CHECK (((user_feedback_score >= (0)::double precision) AND (user_feedback_score <= (100)::double precision)))
);

CREATE TABLE public.agents (
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    description text,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT agents_id_check CHECK ((id ~ '^[A-Za-z0-9_-]{1,50}$'::text))
);

CREATE TABLE public.ai_analyses (
    id uuid DEFAULT public.uuid7() NOT NULL,
    kind text NOT NULL,
    job_id uuid,
    user_id uuid,
    input_hash bytea,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    provider text,
    error text,
    status text DEFAULT 'queued'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ai_analyses_kind_check CHECK ((kind = ANY (ARRAY['job'::text, 'team'::text, 'matching'::text, 'github'::text, 'resume'::text]))),
    CONSTRAINT ai_analyses_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'ok'::text, 'cached'::text, 'fallback'::text, 'failed'::text])))
);

CREATE TABLE public.announcements (
    id uuid DEFAULT public.uuid7() NOT NULL,
    created_by uuid,
    category text NOT NULL,
    priority text NOT NULL,
    title jsonb NOT NULL,
    content jsonb NOT NULL,
    link text,
    filter jsonb DEFAULT '{}'::jsonb NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    recipients integer NOT NULL,
    told integer DEFAULT 0 NOT NULL,
    last_user_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT announcements_category_known CHECK ((category = ANY (ARRAY['marketing'::text, 'security'::text]))),
    CONSTRAINT announcements_content_check CHECK ((content ? 'en'::text)),
    CONSTRAINT announcements_ended CHECK (((ended_at IS NULL) = (status = 'running'::text))),
    CONSTRAINT announcements_link_check CHECK (((char_length(link) >= 1) AND (char_length(link) <= 500))),
    CONSTRAINT announcements_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT announcements_status_known CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text]))),
    CONSTRAINT announcements_title_check CHECK ((title ? 'en'::text))
);

CREATE TABLE public.audit_log (
    id uuid DEFAULT public.uuid7() NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    entity_type text NOT NULL,
    entity_id text NOT NULL,
    old_values jsonb,
    new_values jsonb,
    ip inet,
    user_agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
)
PARTITION BY RANGE (created_at);

CREATE TABLE public.auth_tokens (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT auth_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['verify_email'::text, 'reset_password'::text, 'verify_phone'::text])))
);

CREATE TABLE public.backfills (
    name text NOT NULL,
    conversation_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    user_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    owner uuid,
    leased_until timestamp with time zone,
    done_at timestamp with time zone
);

CREATE TABLE public.categories (
    id uuid DEFAULT public.uuid7() NOT NULL,
    parent_id uuid,
    slug text NOT NULL,
    name text NOT NULL,
    names jsonb DEFAULT '{}'::jsonb NOT NULL,
    description text,
    icon_url text,
    is_active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT categories_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT categories_parent_id_other CHECK ((parent_id <> id)),
    CONSTRAINT categories_slug_check CHECK ((slug ~ '^[a-z0-9-]{1,100}$'::text))
);

CREATE TABLE public.certifications (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    level smallint NOT NULL,
    exam_score real,
    practical_score real,
    industry_tracks text[] DEFAULT '{}'::text[] NOT NULL,
    certified_at timestamp with time zone,
    expires_at timestamp with time zone,
    renewal_count integer DEFAULT 0 NOT NULL,
    continuing_education_hours integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'in_progress'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT certifications_exam_score_check CHECK (((exam_score >= (0)::double precision) AND (exam_score <= (100)::double precision))),
    CONSTRAINT certifications_level_check CHECK ((level = ANY (ARRAY[1, 2, 3]))),
    CONSTRAINT certifications_practical_score_check CHECK (((practical_score >= (0)::double precision) AND (practical_score <= (100)::double precision))),
    CONSTRAINT certifications_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'active'::text, 'expired'::text, 'revoked'::text])))
);

CREATE VIEW public.certifications_unveiled AS
 SELECT id,
    user_id,
    level,
    industry_tracks,
    status,
    created_at
   FROM public.certifications;

CREATE TABLE public.chargebacks (
    id uuid NOT NULL,
    deposit_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    provider_reference text NOT NULL,
    amount numeric(14,2) NOT NULL,
    currency text NOT NULL,
    reason text,
    status text DEFAULT 'opened'::text NOT NULL,
    closed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT chargebacks_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT chargebacks_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT chargebacks_provider_check CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 50))),
    CONSTRAINT chargebacks_status_check CHECK ((status = ANY (ARRAY['opened'::text, 'won'::text, 'lost'::text])))
);

CREATE TABLE public.client_private (
    user_id uuid NOT NULL,
    total_spent numeric(14,2) DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    CONSTRAINT client_private_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.client_profiles (
    user_id uuid NOT NULL,
    company_name text NOT NULL,
    company_logo_url text,
    industry text,
    company_size text,
    website_url text,
    description text,
    country text,
    jobs_posted integer DEFAULT 0 NOT NULL,
    rating real DEFAULT 0 NOT NULL,
    total_reviews integer DEFAULT 0 NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    verified_at timestamp with time zone,
    payment_verified boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT client_profiles_company_name_check CHECK (((char_length(company_name) >= 1) AND (char_length(company_name) <= 200))),
    CONSTRAINT client_profiles_company_size_check CHECK ((company_size = ANY (ARRAY['1-10'::text, '11-50'::text, '51-200'::text, '201-500'::text, '501-1000'::text, '1000+'::text]))),
    CONSTRAINT client_profiles_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT client_profiles_description_check CHECK ((char_length(description) <= 10000)),
    CONSTRAINT client_profiles_industry_check CHECK ((char_length(industry) <= 100)),
    CONSTRAINT client_profiles_rating_check CHECK (((rating >= (0)::double precision) AND (rating <= (5)::double precision)))
);

CREATE TABLE public.community_events (
    id uuid DEFAULT public.uuid7() NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    organizer_id uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    location text,
    join_url text,
    attendee_count integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'scheduled'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT community_events_ends_at_order CHECK ((ends_at > starts_at)),
    CONSTRAINT community_events_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'live'::text, 'ended'::text, 'cancelled'::text]))),
    CONSTRAINT community_events_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

CREATE TABLE public.contract_amendments (
    id uuid NOT NULL,
    contract_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    reason text NOT NULL,
    milestones jsonb DEFAULT '[]'::jsonb NOT NULL,
    scope_of_work text,
    deadline date,
    total_amount numeric(14,2) NOT NULL,
    currency text NOT NULL,
    status text DEFAULT 'proposed'::text NOT NULL,
    answered_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT contract_amendments_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT contract_amendments_deadline_calendar CHECK (public.in_calendar(deadline)),
    CONSTRAINT contract_amendments_reason_check CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 5000))),
    CONSTRAINT contract_amendments_scope_of_work_check CHECK ((char_length(scope_of_work) <= 20000)),
    CONSTRAINT contract_amendments_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text, 'expired'::text]))),
    CONSTRAINT contract_amendments_total_amount_check CHECK ((total_amount > (0)::numeric))
);

CREATE TABLE public.contract_answers (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    gig_requirement_id uuid,
    question text NOT NULL,
    answer text NOT NULL,
    file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contract_answers_answer_check CHECK ((char_length(answer) <= 10000))
);

CREATE TABLE public.contract_cancellations (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    reason text NOT NULL,
    client_amount numeric(14,2) NOT NULL,
    freelancer_amount numeric(14,2) NOT NULL,
    status text DEFAULT 'proposed'::text NOT NULL,
    answered_at timestamp with time zone,
    expires_at timestamp with time zone DEFAULT (now() + '7 days'::interval) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT contract_cancellations_client_amount_check CHECK ((client_amount >= (0)::numeric)),
    CONSTRAINT contract_cancellations_freelancer_amount_check CHECK ((freelancer_amount >= (0)::numeric)),
    CONSTRAINT contract_cancellations_reason_check CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 5000))),
    CONSTRAINT contract_cancellations_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'agreed'::text, 'declined'::text, 'withdrawn'::text, 'expired'::text])))
);

CREATE TABLE public.contract_extras (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    gig_extra_id uuid,
    title text NOT NULL,
    price numeric(14,2) NOT NULL,
    quantity integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contract_extras_price_check CHECK ((price > (0)::numeric)),
    CONSTRAINT contract_extras_quantity_check CHECK (((quantity >= 1) AND (quantity <= 100)))
);

CREATE TABLE public.contract_members (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    share_bp integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    status text DEFAULT 'accepted'::text NOT NULL,
    answered_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    contract_title text,
    contract_scope text,
    CONSTRAINT contract_members_role_check CHECK (((char_length(role) >= 1) AND (char_length(role) <= 50))),
    CONSTRAINT contract_members_share_bp_check CHECK (((share_bp >= 0) AND (share_bp <= 10000))),
    CONSTRAINT contract_members_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'accepted'::text, 'declined'::text, 'left'::text])))
);

CREATE TABLE public.contracts (
    id uuid DEFAULT public.uuid7() NOT NULL,
    job_id uuid,
    proposal_id uuid,
    gig_id uuid,
    gig_package_id uuid,
    client_id uuid NOT NULL,
    freelancer_id uuid NOT NULL,
    conversation_id uuid,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    scope_of_work text DEFAULT ''::text NOT NULL,
    terms text,
    terms_hash bytea,
    deliverable_description text,
    total_amount numeric(14,2) NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    platform_fee numeric(14,2) DEFAULT 0 NOT NULL,
    payout numeric(14,2) GENERATED ALWAYS AS ((total_amount - platform_fee)) STORED,
    start_date date,
    deadline date,
    estimated_hours integer,
    revisions_allowed integer DEFAULT 0 NOT NULL,
    revisions_used integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'pending_acceptance'::text NOT NULL,
    status_before_dispute text,
    accepted_at timestamp with time zone,
    started_at timestamp with time zone,
    submitted_at timestamp with time zone,
    completed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    fee_base_released numeric(14,2) DEFAULT 0 NOT NULL,
    fee_base_taken numeric(14,2) DEFAULT 0 NOT NULL,
    idle_since timestamp with time zone,
    dispute_ended_at timestamp with time zone,
    timers_left jsonb,
    expires_at timestamp with time zone,
    CONSTRAINT contracts_check CHECK ((client_id <> freelancer_id)),
    CONSTRAINT contracts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT contracts_deadline_calendar CHECK (public.in_calendar(deadline)),
    CONSTRAINT contracts_deadline_order CHECK ((deadline >= start_date)),
    CONSTRAINT contracts_estimated_hours_check CHECK ((estimated_hours > 0)),
    CONSTRAINT contracts_fee_base_released_check CHECK ((fee_base_released >= (0)::numeric)),
    CONSTRAINT contracts_fee_base_taken_check CHECK ((fee_base_taken >= (0)::numeric)),
    CONSTRAINT contracts_one_origin CHECK ((((job_id IS NOT NULL) AND (proposal_id IS NOT NULL) AND (gig_id IS NULL)) OR ((gig_id IS NOT NULL) AND (job_id IS NULL) AND (proposal_id IS NULL)))),
    CONSTRAINT contracts_platform_fee_check CHECK ((platform_fee >= (0)::numeric)),
    CONSTRAINT contracts_platform_fee_part CHECK ((platform_fee <= total_amount)),
    CONSTRAINT contracts_revisions_allowed_check CHECK ((revisions_allowed >= 0)),
    CONSTRAINT contracts_revisions_used_check CHECK ((revisions_used >= 0)),
    CONSTRAINT contracts_start_date_calendar CHECK (public.in_calendar(start_date)),
    CONSTRAINT contracts_status_check CHECK ((status = ANY (ARRAY['pending_payment'::text, 'pending_acceptance'::text, 'active'::text, 'in_review'::text, 'revision_requested'::text, 'completed'::text, 'cancelled'::text, 'disputed'::text, 'terminated'::text, 'refunded'::text]))),
    CONSTRAINT contracts_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200))),
    CONSTRAINT contracts_total_amount_check CHECK ((total_amount > (0)::numeric))
);

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
    joined_rev bigint DEFAULT 0 NOT NULL,
    left_rev bigint,
    archived_seq bigint,
    noticed boolean DEFAULT false NOT NULL,
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
    relayed_rev bigint DEFAULT 0 NOT NULL,
    relayed_at timestamp with time zone,
    relayed_follows boolean DEFAULT false NOT NULL,
    CONSTRAINT conversations_direct_has_key CHECK (((type = 'direct'::text) = (direct_key IS NOT NULL))),
    CONSTRAINT conversations_fanout_known CHECK ((fanout = ANY (ARRAY['user'::text, 'conversation'::text]))),
    CONSTRAINT conversations_status_known CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text]))),
    CONSTRAINT conversations_type_known CHECK ((type = ANY (ARRAY['direct'::text, 'group'::text, 'job_inquiry'::text, 'contract_discussion'::text, 'support'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

CREATE TABLE public.course_enrollments (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    course_id uuid NOT NULL,
    progress_percentage integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'enrolled'::text NOT NULL,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT course_enrollments_progress_percentage_check CHECK (((progress_percentage >= 0) AND (progress_percentage <= 100))),
    CONSTRAINT course_enrollments_status_check CHECK ((status = ANY (ARRAY['enrolled'::text, 'in_progress'::text, 'completed'::text])))
);

CREATE TABLE public.courses (
    id uuid DEFAULT public.uuid7() NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    skill_id uuid,
    url text,
    hours integer,
    credits integer DEFAULT 0 NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT courses_credits_check CHECK ((credits >= 0)),
    CONSTRAINT courses_hours_check CHECK ((hours >= 0)),
    CONSTRAINT courses_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

CREATE TABLE public.credit_awards (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    credits integer NOT NULL,
    reason text NOT NULL,
    source_type text NOT NULL,
    source_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT credit_awards_credits_check CHECK ((credits <> 0))
);

CREATE TABLE public.daily_stats (
    day date NOT NULL,
    area text NOT NULL,
    subject_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    name text NOT NULL,
    value numeric(20,4) NOT NULL,
    id uuid DEFAULT public.uuid7() NOT NULL,
    CONSTRAINT daily_stats_area_check CHECK ((area = ANY (ARRAY['gigs'::text, 'orders'::text, 'payments'::text, 'messaging'::text, 'reviews'::text])))
);

CREATE TABLE public.data_requests (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    status text DEFAULT 'received'::text NOT NULL,
    result_file_id uuid,
    reason text,
    due_at timestamp with time zone DEFAULT (now() + '30 days'::interval) NOT NULL,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT data_requests_kind_check CHECK ((kind = ANY (ARRAY['export'::text, 'erasure'::text]))),
    CONSTRAINT data_requests_status_check CHECK ((status = ANY (ARRAY['received'::text, 'verifying'::text, 'processing'::text, 'completed'::text, 'rejected'::text])))
);

CREATE TABLE public.deliverables (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    milestone_id uuid NOT NULL,
    delivery_number integer DEFAULT 1 NOT NULL,
    title text,
    description text,
    video_urls jsonb DEFAULT '[]'::jsonb NOT NULL,
    file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    client_feedback text,
    revision_notes text,
    status text DEFAULT 'submitted'::text NOT NULL,
    reviewed_at timestamp with time zone,
    approved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT deliverables_delivery_number_check CHECK ((delivery_number > 0)),
    CONSTRAINT deliverables_description_check CHECK ((char_length(description) <= 10000)),
    CONSTRAINT deliverables_status_check CHECK ((status = ANY (ARRAY['submitted'::text, 'under_review'::text, 'approved'::text, 'revision_requested'::text, 'rejected'::text]))),
    CONSTRAINT deliverables_title_check CHECK ((char_length(title) <= 200))
);

CREATE TABLE public.deposit_returns (
    id uuid NOT NULL,
    deposit_id uuid NOT NULL,
    user_id uuid NOT NULL,
    amount numeric(14,2) NOT NULL,
    processing_fee numeric(14,2) DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    provider_reference text,
    attempts integer DEFAULT 0 NOT NULL,
    error_message text,
    request_key text,
    status text DEFAULT 'requested'::text NOT NULL,
    settled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    tried_at timestamp with time zone,
    CONSTRAINT deposit_returns_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT deposit_returns_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT deposit_returns_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT deposit_returns_processing_fee_check CHECK ((processing_fee >= (0)::numeric)),
    CONSTRAINT deposit_returns_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'processing'::text, 'succeeded'::text, 'failed'::text])))
);

CREATE TABLE public.deposits (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    contract_id uuid,
    milestone_id uuid,
    payment_method_id uuid,
    provider text NOT NULL,
    provider_reference text,
    method text NOT NULL,
    amount numeric(14,2) NOT NULL,
    processing_fee numeric(14,2) DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    returned numeric(14,2) DEFAULT 0 NOT NULL,
    is_unmatched boolean DEFAULT false NOT NULL,
    action_url text,
    error_message text,
    request_key text,
    status text DEFAULT 'pending'::text NOT NULL,
    captured_at timestamp with time zone,
    failed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT deposits_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT deposits_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT deposits_method_check CHECK (((char_length(method) >= 1) AND (char_length(method) <= 50))),
    CONSTRAINT deposits_processing_fee_check CHECK ((processing_fee >= (0)::numeric)),
    CONSTRAINT deposits_provider_check CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 50))),
    CONSTRAINT deposits_returned_part CHECK (((returned >= (0)::numeric) AND (returned <= amount))),
    CONSTRAINT deposits_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'captured'::text, 'failed'::text])))
);

CREATE TABLE public.dispute_offers (
    id uuid NOT NULL,
    dispute_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    offered_by uuid NOT NULL,
    message text,
    client_amount numeric(14,2) NOT NULL,
    freelancer_amount numeric(14,2) NOT NULL,
    goes_on boolean DEFAULT false NOT NULL,
    status text DEFAULT 'offered'::text NOT NULL,
    answered_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT dispute_offers_client_amount_check CHECK ((client_amount >= (0)::numeric)),
    CONSTRAINT dispute_offers_freelancer_amount_check CHECK ((freelancer_amount >= (0)::numeric)),
    CONSTRAINT dispute_offers_message_check CHECK ((char_length(message) <= 5000)),
    CONSTRAINT dispute_offers_status_check CHECK ((status = ANY (ARRAY['offered'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text, 'expired'::text])))
);

CREATE TABLE public.disputes (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    raised_by uuid NOT NULL,
    client_id uuid NOT NULL,
    freelancer_id uuid NOT NULL,
    type text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    evidence_urls jsonb DEFAULT '[]'::jsonb NOT NULL,
    evidence_file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    assigned_to uuid,
    resolution text,
    client_amount numeric(14,2),
    freelancer_amount numeric(14,2),
    resolved_by uuid,
    status text DEFAULT 'open'::text NOT NULL,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    raiser_client_amount numeric(14,2),
    raiser_freelancer_amount numeric(14,2),
    raiser_goes_on boolean DEFAULT false NOT NULL,
    answer text,
    answer_file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    answer_client_amount numeric(14,2),
    answer_freelancer_amount numeric(14,2),
    answer_goes_on boolean DEFAULT false NOT NULL,
    answered_at timestamp with time zone,
    answer_due_at timestamp with time zone,
    escalated_at timestamp with time zone,
    goes_on boolean DEFAULT false NOT NULL,
    outcome text,
    alerted_at timestamp with time zone,
    CONSTRAINT disputes_answer_check CHECK (((char_length(answer) >= 1) AND (char_length(answer) <= 20000))),
    CONSTRAINT disputes_answer_client_amount_check CHECK ((answer_client_amount >= (0)::numeric)),
    CONSTRAINT disputes_answer_file_ids_check CHECK ((cardinality(answer_file_ids) <= 20)),
    CONSTRAINT disputes_answer_freelancer_amount_check CHECK ((answer_freelancer_amount >= (0)::numeric)),
    CONSTRAINT disputes_check CHECK (((resolved_by <> client_id) AND (resolved_by <> freelancer_id))),
    CONSTRAINT disputes_client_amount_check CHECK ((client_amount >= (0)::numeric)),
    CONSTRAINT disputes_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 20000))),
    CONSTRAINT disputes_freelancer_amount_check CHECK ((freelancer_amount >= (0)::numeric)),
    CONSTRAINT disputes_outcome_check CHECK ((outcome = ANY (ARRAY['resolved'::text, 'settled'::text, 'withdrawn'::text, 'unanswered'::text, 'mean'::text]))),
    CONSTRAINT disputes_raiser_client_amount_check CHECK ((raiser_client_amount >= (0)::numeric)),
    CONSTRAINT disputes_raiser_freelancer_amount_check CHECK ((raiser_freelancer_amount >= (0)::numeric)),
    CONSTRAINT disputes_status_check CHECK ((status = ANY (ARRAY['open'::text, 'under_review'::text, 'escalated'::text, 'closed'::text]))),
    CONSTRAINT disputes_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200))),
    CONSTRAINT disputes_type_check CHECK ((type = ANY (ARRAY['quality'::text, 'payment'::text, 'timeline'::text, 'scope'::text, 'other'::text])))
);

CREATE TABLE public.educations (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    institution text NOT NULL,
    degree text,
    field_of_study text,
    start_year integer,
    end_year integer,
    description text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT educations_degree_check CHECK ((char_length(degree) <= 200)),
    CONSTRAINT educations_end_year_check CHECK (((end_year >= 1900) AND (end_year <= 2200))),
    CONSTRAINT educations_end_year_order CHECK ((end_year >= start_year)),
    CONSTRAINT educations_field_of_study_check CHECK ((char_length(field_of_study) <= 200)),
    CONSTRAINT educations_institution_check CHECK (((char_length(institution) >= 1) AND (char_length(institution) <= 200))),
    CONSTRAINT educations_start_year_check CHECK (((start_year >= 1900) AND (start_year <= 2200)))
);

CREATE TABLE public.embeddings (
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    model text NOT NULL,
    embedding public.vector(768) NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT embeddings_entity_type_check CHECK ((entity_type = ANY (ARRAY['job'::text, 'task'::text, 'profile'::text, 'gig'::text, 'repository'::text, 'resume'::text])))
);

CREATE TABLE public.escrows (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    currency text NOT NULL,
    total_amount numeric(14,2) DEFAULT 0 NOT NULL,
    held_amount numeric(14,2) DEFAULT 0 NOT NULL,
    released_amount numeric(14,2) DEFAULT 0 NOT NULL,
    refunded_amount numeric(14,2) DEFAULT 0 NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    charged_back numeric(14,2) DEFAULT 0 NOT NULL,
    CONSTRAINT escrows_adds_up CHECK ((total_amount = (((held_amount + released_amount) + refunded_amount) + charged_back))),
    CONSTRAINT escrows_charged_back_check CHECK ((charged_back >= (0)::numeric)),
    CONSTRAINT escrows_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT escrows_held_amount_check CHECK ((held_amount >= (0)::numeric)),
    CONSTRAINT escrows_refunded_amount_check CHECK ((refunded_amount >= (0)::numeric)),
    CONSTRAINT escrows_released_amount_check CHECK ((released_amount >= (0)::numeric)),
    CONSTRAINT escrows_status_check CHECK ((status = ANY (ARRAY['active'::text, 'releasing'::text, 'released'::text, 'refunding'::text, 'refunded'::text]))),
    CONSTRAINT escrows_total_amount_check CHECK ((total_amount >= (0)::numeric))
);

CREATE TABLE public.event_attendees (
    id uuid DEFAULT public.uuid7() NOT NULL,
    community_event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.favorites (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    favorited_type text NOT NULL,
    favorited_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT favorites_favorited_type_check CHECK ((favorited_type = ANY (ARRAY['gig'::text, 'freelancer'::text, 'job'::text])))
);

CREATE TABLE public.fee_structure (
    id uuid DEFAULT public.uuid7() NOT NULL,
    kind text DEFAULT 'platform'::text NOT NULL,
    tier_name text NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    min_amount numeric(14,2) NOT NULL,
    max_amount numeric(14,2),
    platform_fee_percentage numeric(5,2) NOT NULL,
    processing_fee_percentage numeric(5,2) DEFAULT 0 NOT NULL,
    fixed_fee numeric(14,2) DEFAULT 0 NOT NULL,
    effective_from timestamp with time zone NOT NULL,
    effective_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT fee_structure_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT fee_structure_effective_from_calendar CHECK (public.in_calendar(effective_from)),
    CONSTRAINT fee_structure_effective_until_calendar CHECK (public.in_calendar(effective_until)),
    CONSTRAINT fee_structure_effective_until_order CHECK ((effective_until > effective_from)),
    CONSTRAINT fee_structure_fixed_fee_check CHECK ((fixed_fee >= (0)::numeric)),
    CONSTRAINT fee_structure_kind_check CHECK ((kind = ANY (ARRAY['platform'::text, 'creator'::text, 'certification'::text]))),
    CONSTRAINT fee_structure_max_amount_order CHECK ((max_amount > min_amount)),
    CONSTRAINT fee_structure_min_amount_check CHECK ((min_amount >= (0)::numeric)),
    CONSTRAINT fee_structure_platform_fee_percentage_check CHECK (((platform_fee_percentage >= (0)::numeric) AND (platform_fee_percentage <= (100)::numeric))),
    CONSTRAINT fee_structure_processing_fee_percentage_check CHECK (((processing_fee_percentage >= (0)::numeric) AND (processing_fee_percentage <= (100)::numeric))),
    CONSTRAINT fee_structure_tier_name_check CHECK (((char_length(tier_name) >= 1) AND (char_length(tier_name) <= 50)))
);

CREATE TABLE public.file_removals (
    file_id uuid NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.file_uploads (
    file_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT file_uploads_bytes_check CHECK ((bytes >= 0))
);

CREATE TABLE public.file_usage (
    owner_id uuid NOT NULL,
    bytes bigint NOT NULL
);

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
    unnamed_since timestamp with time zone DEFAULT now(),
    thumbnail_bytes integer,
    CONSTRAINT files_state_known CHECK ((state = ANY (ARRAY['ready'::text, 'deleted'::text])))
);

CREATE TABLE public.freelancer_private (
    user_id uuid NOT NULL,
    total_earnings numeric(14,2) DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    CONSTRAINT freelancer_private_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.freelancer_profiles (
    user_id uuid NOT NULL,
    tagline text,
    bio text,
    profile_image_url text,
    cover_image_url text,
    portfolio_video_url text,
    years_of_experience integer,
    experience_level text,
    hourly_rate numeric(14,2),
    currency text DEFAULT 'USD'::text NOT NULL,
    availability text DEFAULT 'available'::text NOT NULL,
    response_time_hours integer,
    is_verified boolean DEFAULT false NOT NULL,
    verification_level text DEFAULT 'none'::text NOT NULL,
    verified_at timestamp with time zone,
    instagram_handle text,
    tiktok_handle text,
    youtube_channel text,
    website_url text,
    country text,
    city text,
    languages jsonb DEFAULT '[]'::jsonb NOT NULL,
    github_analysis jsonb DEFAULT '{}'::jsonb NOT NULL,
    reputation real DEFAULT 0 NOT NULL,
    jobs_completed integer DEFAULT 0 NOT NULL,
    success_rate real,
    on_time_rate real,
    rating real DEFAULT 0 NOT NULL,
    total_reviews integer DEFAULT 0 NOT NULL,
    view_count integer DEFAULT 0 NOT NULL,
    is_featured boolean DEFAULT false NOT NULL,
    certification_level smallint DEFAULT 0 NOT NULL,
    search_vector tsvector GENERATED ALWAYS AS ((public.weighed_tokens(tagline, 'A'::"char") || public.weighed_tokens(bio, 'B'::"char"))) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search_terms tsvector,
    CONSTRAINT freelancer_profiles_availability_check CHECK ((availability = ANY (ARRAY['available'::text, 'busy'::text, 'unavailable'::text]))),
    CONSTRAINT freelancer_profiles_bio_check CHECK ((char_length(bio) <= 10000)),
    CONSTRAINT freelancer_profiles_certification_level_check CHECK (((certification_level >= 0) AND (certification_level <= 3))),
    CONSTRAINT freelancer_profiles_city_check CHECK ((char_length(city) <= 100)),
    CONSTRAINT freelancer_profiles_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT freelancer_profiles_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT freelancer_profiles_experience_level_check CHECK ((experience_level = ANY (ARRAY['entry'::text, 'intermediate'::text, 'expert'::text]))),
    CONSTRAINT freelancer_profiles_hourly_rate_check CHECK ((hourly_rate >= (0)::numeric)),
    CONSTRAINT freelancer_profiles_on_time_rate_check CHECK (((on_time_rate >= (0)::double precision) AND (on_time_rate <= (100)::double precision))),
    CONSTRAINT freelancer_profiles_rating_check CHECK (((rating >= (0)::double precision) AND (rating <= (5)::double precision))),
    CONSTRAINT freelancer_profiles_response_time_hours_check CHECK ((response_time_hours >= 0)),
    CONSTRAINT freelancer_profiles_success_rate_check CHECK (((success_rate >= (0)::double precision) AND (success_rate <= (100)::double precision))),
    CONSTRAINT freelancer_profiles_tagline_check CHECK ((char_length(tagline) <= 200)),
    CONSTRAINT freelancer_profiles_verification_level_check CHECK ((verification_level = ANY (ARRAY['none'::text, 'basic'::text, 'pro'::text, 'elite'::text]))),
    CONSTRAINT freelancer_profiles_years_of_experience_check CHECK (((years_of_experience >= 0) AND (years_of_experience <= 80)))
);

CREATE VIEW public.freelancer_profiles_unveiled AS
 SELECT user_id,
    years_of_experience,
    experience_level,
    hourly_rate,
    currency,
    availability,
    country,
    is_verified,
    verification_level,
    jobs_completed,
    rating,
    is_featured,
    certification_level,
    created_at
   FROM public.freelancer_profiles;

CREATE TABLE public.gig_counters (
    gig_id uuid NOT NULL,
    status text NOT NULL,
    view_count integer DEFAULT 0 NOT NULL,
    order_count integer DEFAULT 0 NOT NULL,
    favorite_count integer DEFAULT 0 NOT NULL,
    trend_score double precision DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.gig_extras (
    id uuid DEFAULT public.uuid7() NOT NULL,
    gig_id uuid NOT NULL,
    title text NOT NULL,
    description text,
    price numeric(14,2) NOT NULL,
    extra_days integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT gig_extras_description_check CHECK ((char_length(description) <= 2000)),
    CONSTRAINT gig_extras_extra_days_check CHECK (((extra_days >= 0) AND (extra_days <= 365))),
    CONSTRAINT gig_extras_price_check CHECK ((price > (0)::numeric)),
    CONSTRAINT gig_extras_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

CREATE TABLE public.gig_faqs (
    id uuid DEFAULT public.uuid7() NOT NULL,
    gig_id uuid NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    display_order integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT gig_faqs_answer_check CHECK (((char_length(answer) >= 1) AND (char_length(answer) <= 5000))),
    CONSTRAINT gig_faqs_question_check CHECK (((char_length(question) >= 1) AND (char_length(question) <= 500)))
);

CREATE TABLE public.gig_packages (
    id uuid DEFAULT public.uuid7() NOT NULL,
    gig_id uuid NOT NULL,
    tier text NOT NULL,
    name text,
    description text,
    price numeric(14,2) NOT NULL,
    delivery_days integer NOT NULL,
    revisions integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT gig_packages_delivery_days_check CHECK (((delivery_days >= 1) AND (delivery_days <= 365))),
    CONSTRAINT gig_packages_description_check CHECK ((char_length(description) <= 2000)),
    CONSTRAINT gig_packages_name_check CHECK ((char_length(name) <= 100)),
    CONSTRAINT gig_packages_price_check CHECK ((price > (0)::numeric)),
    CONSTRAINT gig_packages_revisions_check CHECK (((revisions >= 0) AND (revisions <= 100))),
    CONSTRAINT gig_packages_tier_check CHECK ((tier = ANY (ARRAY['basic'::text, 'standard'::text, 'premium'::text])))
);

CREATE TABLE public.gig_requirements (
    id uuid DEFAULT public.uuid7() NOT NULL,
    gig_id uuid NOT NULL,
    question text NOT NULL,
    kind text DEFAULT 'text'::text NOT NULL,
    choices text[] DEFAULT '{}'::text[] NOT NULL,
    is_required boolean DEFAULT true NOT NULL,
    display_order integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT gig_requirements_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'file'::text, 'choice'::text]))),
    CONSTRAINT gig_requirements_question_check CHECK (((char_length(question) >= 1) AND (char_length(question) <= 1000)))
);

CREATE VIEW public.gig_stats WITH (security_invoker='true') AS
 SELECT day,
    subject_id AS gig_id,
    name,
    value,
    id
   FROM public.daily_stats d
  WHERE (area = 'gigs'::text);

CREATE TABLE public.gigs (
    id uuid DEFAULT public.uuid7() NOT NULL,
    freelancer_id uuid NOT NULL,
    title text NOT NULL,
    slug text NOT NULL,
    description text NOT NULL,
    category_id uuid NOT NULL,
    subcategory_id uuid,
    video_type text,
    thumbnail_url text,
    media jsonb DEFAULT '[]'::jsonb NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    requirements_note text,
    currency text DEFAULT 'USD'::text NOT NULL,
    starting_price numeric(14,2),
    rating real DEFAULT 0 NOT NULL,
    total_reviews integer DEFAULT 0 NOT NULL,
    is_featured boolean DEFAULT false NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    published_at timestamp with time zone,
    search_vector tsvector GENERATED ALWAYS AS (((public.weighed_tokens(title, 'A'::"char") || public.weighed_tokens(description, 'B'::"char")) || public.weighed_tokens(public.words_of(tags), 'C'::"char"))) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search_terms tsvector,
    CONSTRAINT gigs_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT gigs_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 20000))),
    CONSTRAINT gigs_rating_check CHECK (((rating >= (0)::double precision) AND (rating <= (5)::double precision))),
    CONSTRAINT gigs_slug_check CHECK ((slug ~ '^[a-z0-9-]{1,250}$'::text)),
    CONSTRAINT gigs_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'suspended'::text, 'deleted'::text]))),
    CONSTRAINT gigs_tags_check CHECK ((cardinality(tags) <= 20)),
    CONSTRAINT gigs_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200))),
    CONSTRAINT gigs_video_type_check CHECK ((char_length(video_type) <= 50))
);

CREATE VIEW public.gigs_unveiled AS
 SELECT g.id,
    g.freelancer_id,
    g.slug,
    g.category_id,
    g.subcategory_id,
    g.video_type,
    g.tags,
    g.currency,
    g.starting_price,
    c.order_count,
    g.rating,
    g.is_featured,
    g.status,
    g.created_at,
    c.trend_score,
    c.gig_id AS counted_id,
    c.status AS counted_status
   FROM (public.gigs g
     LEFT JOIN public.gig_counters c ON ((c.gig_id = g.id)));

CREATE TABLE public.hidden_people (
    hidden_id uuid NOT NULL
);

CREATE TABLE public.idempotency_keys (
    user_id uuid NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb DEFAULT '{}'::jsonb NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);

CREATE TABLE public.identity_verifications (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    document_file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    rejection_reason text,
    reviewed_by uuid,
    reviewed_at timestamp with time zone,
    expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT identity_verifications_kind_check CHECK ((kind = ANY (ARRAY['id_card'::text, 'passport'::text, 'driving_licence'::text, 'business'::text]))),
    CONSTRAINT identity_verifications_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text, 'expired'::text])))
);

CREATE TABLE public.job_counters (
    job_id uuid NOT NULL,
    status text NOT NULL,
    view_count integer DEFAULT 0 NOT NULL,
    proposal_count integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.job_skills (
    id uuid DEFAULT public.uuid7() NOT NULL,
    job_id uuid NOT NULL,
    skill_id uuid NOT NULL,
    is_required boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.jobs (
    id uuid DEFAULT public.uuid7() NOT NULL,
    client_id uuid NOT NULL,
    platform text DEFAULT 'internal'::text NOT NULL,
    external_job_id text,
    external_client_id text,
    external_client_name text,
    title text NOT NULL,
    description text NOT NULL,
    category_id uuid,
    job_type text,
    video_type text,
    video_duration_preference text,
    platform_preference text,
    budget_type text DEFAULT 'fixed'::text NOT NULL,
    budget_min numeric(14,2),
    budget_max numeric(14,2),
    budget_estimate numeric(14,2),
    currency text DEFAULT 'USD'::text NOT NULL,
    timeline_estimate interval,
    deadline timestamp with time zone,
    estimated_duration_days integer,
    estimated_hours integer,
    complexity text DEFAULT 'moderate'::text NOT NULL,
    experience_level text DEFAULT 'any'::text NOT NULL,
    requirements jsonb DEFAULT '{}'::jsonb NOT NULL,
    work_breakdown jsonb DEFAULT '{}'::jsonb NOT NULL,
    deliverables jsonb DEFAULT '[]'::jsonb NOT NULL,
    attachment_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    senior_developer_id uuid,
    qa_score real,
    user_approved_at timestamp with time zone,
    client_approved_at timestamp with time zone,
    revision_count integer DEFAULT 0 NOT NULL,
    is_featured boolean DEFAULT false NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    published_at timestamp with time zone,
    closed_at timestamp with time zone,
    completed_at timestamp with time zone,
    search_vector tsvector GENERATED ALWAYS AS (((public.weighed_tokens(title, 'A'::"char") || public.weighed_tokens(description, 'B'::"char")) || public.weighed_tokens(public.words_of(tags), 'C'::"char"))) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search_terms tsvector,
    milestone_plan text DEFAULT 'single'::text NOT NULL,
    CONSTRAINT jobs_attachment_ids_check CHECK ((cardinality(attachment_ids) <= 20)),
    CONSTRAINT jobs_budget_estimate_check CHECK ((budget_estimate >= (0)::numeric)),
    CONSTRAINT jobs_budget_max_check CHECK ((budget_max >= (0)::numeric)),
    CONSTRAINT jobs_budget_max_order CHECK ((budget_min <= budget_max)),
    CONSTRAINT jobs_budget_min_check CHECK ((budget_min >= (0)::numeric)),
    CONSTRAINT jobs_budget_type_check CHECK ((budget_type = ANY (ARRAY['fixed'::text, 'hourly'::text, 'range'::text]))),
    CONSTRAINT jobs_complexity_check CHECK ((complexity = ANY (ARRAY['simple'::text, 'moderate'::text, 'complex'::text, 'expert'::text]))),
    CONSTRAINT jobs_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT jobs_deadline_calendar CHECK (public.in_calendar(deadline)),
    CONSTRAINT jobs_deadline_future CHECK ((deadline > created_at)),
    CONSTRAINT jobs_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 20000))),
    CONSTRAINT jobs_estimated_duration_days_check CHECK ((estimated_duration_days > 0)),
    CONSTRAINT jobs_estimated_hours_check CHECK ((estimated_hours > 0)),
    CONSTRAINT jobs_experience_level_check CHECK ((experience_level = ANY (ARRAY['entry'::text, 'intermediate'::text, 'expert'::text, 'any'::text]))),
    CONSTRAINT jobs_job_type_check CHECK ((char_length(job_type) <= 100)),
    CONSTRAINT jobs_milestone_plan_check CHECK ((milestone_plan = ANY (ARRAY['single'::text, 'quarters'::text]))),
    CONSTRAINT jobs_platform_check CHECK ((platform = ANY (ARRAY['internal'::text, 'upwork'::text, 'freelancer'::text, 'fiverr'::text]))),
    CONSTRAINT jobs_platform_external CHECK (((platform = 'internal'::text) = (external_job_id IS NULL))),
    CONSTRAINT jobs_platform_preference_check CHECK ((char_length(platform_preference) <= 50)),
    CONSTRAINT jobs_qa_score_check CHECK (((qa_score >= (0)::double precision) AND (qa_score <= (100)::double precision))),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'analyzing'::text, 'open'::text, 'closed'::text, 'pending'::text, 'active'::text, 'in_progress'::text, 'review'::text, 'delivered'::text, 'completed'::text, 'disputed'::text, 'cancelled'::text]))),
    CONSTRAINT jobs_tags_check CHECK ((cardinality(tags) <= 20)),
    CONSTRAINT jobs_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200))),
    CONSTRAINT jobs_video_duration_preference_check CHECK ((char_length(video_duration_preference) <= 50)),
    CONSTRAINT jobs_video_type_check CHECK ((char_length(video_type) <= 50))
);

CREATE VIEW public.job_stats WITH (security_invoker='true') AS
 SELECT j.id,
    j.title,
    j.status,
    j.budget_max,
    j.client_id,
    p.total_proposals,
    p.average_amount,
    p.min_amount,
    p.max_amount,
    j.created_at,
    ((EXTRACT(epoch FROM (now() - j.created_at)) / (3600)::numeric))::numeric(14,2) AS hours_since_posted
   FROM (( SELECT o.id,
            o.title,
            o.status,
            o.budget_max,
            o.client_id,
            o.created_at
           FROM public.jobs o
          WHERE (o.client_id = ( SELECT public.app_user() AS app_user))
        UNION ALL
         SELECT o.id,
            o.title,
            o.status,
            o.budget_max,
            o.client_id,
            o.created_at
           FROM public.jobs o
          WHERE (( SELECT public.app_is_staff() AS app_is_staff) AND (o.client_id <> ( SELECT public.app_user() AS app_user)))) j
     CROSS JOIN LATERAL ( SELECT (count(*))::integer AS total_proposals,
            (avg(a.amount))::numeric(14,2) AS average_amount,
            min(a.amount) AS min_amount,
            max(a.amount) AS max_amount
           FROM public.proposals a
          WHERE (a.job_id = j.id)) p);

CREATE VIEW public.jobs_unveiled AS
 SELECT id,
    client_id,
    platform,
    category_id,
    job_type,
    video_type,
    budget_type,
    budget_min,
    budget_max,
    currency,
    deadline,
    complexity,
    experience_level,
    tags,
    is_featured,
    status,
    created_at
   FROM public.jobs;

CREATE TABLE public.journal_lines (
    journal_id uuid NOT NULL,
    line integer NOT NULL,
    account_id uuid NOT NULL,
    amount numeric(14,2) NOT NULL,
    currency text NOT NULL,
    id uuid DEFAULT public.uuid7() NOT NULL,
    deposit_id uuid,
    milestone_id uuid,
    CONSTRAINT journal_lines_amount_check CHECK ((amount <> (0)::numeric)),
    CONSTRAINT journal_lines_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.journals (
    id uuid DEFAULT public.uuid7() NOT NULL,
    business_key text NOT NULL,
    kind text NOT NULL,
    contract_id uuid,
    milestone_id uuid,
    reverses_id uuid,
    description text,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.learning_path_items (
    id uuid DEFAULT public.uuid7() NOT NULL,
    learning_path_id uuid NOT NULL,
    course_id uuid NOT NULL,
    seq integer NOT NULL,
    CONSTRAINT learning_path_items_seq_check CHECK ((seq > 0))
);

CREATE TABLE public.learning_paths (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    current_skills jsonb DEFAULT '[]'::jsonb NOT NULL,
    target_skills jsonb DEFAULT '[]'::jsonb NOT NULL,
    progress_percentage integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT learning_paths_progress_percentage_check CHECK (((progress_percentage >= 0) AND (progress_percentage <= 100)))
);

CREATE TABLE public.ledger_accounts (
    id uuid DEFAULT public.uuid7() NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    contract_id uuid,
    currency text NOT NULL,
    balance numeric(16,2) DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ledger_accounts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT ledger_accounts_kind_check CHECK ((kind = ANY (ARRAY['wallet_funded'::text, 'wallet_earned'::text, 'pending'::text, 'withdrawing'::text, 'debt'::text, 'escrow'::text, 'fee'::text, 'cash'::text, 'cost'::text, 'adjustment'::text]))),
    CONSTRAINT ledger_accounts_owner CHECK ((((kind = ANY (ARRAY['wallet_funded'::text, 'wallet_earned'::text, 'pending'::text, 'withdrawing'::text, 'debt'::text])) = (user_id IS NOT NULL)) AND ((kind = 'escrow'::text) = (contract_id IS NOT NULL)))),
    CONSTRAINT ledger_accounts_sign CHECK (
CASE
    WHEN (kind = 'debt'::text) THEN (balance <= (0)::numeric)
    WHEN (kind = ANY (ARRAY['fee'::text, 'cash'::text, 'cost'::text, 'adjustment'::text])) THEN (balance = (0)::numeric)
    ELSE (balance >= (0)::numeric)
END)
);

CREATE TABLE public.ledger_daily (
    day date NOT NULL,
    kind text NOT NULL,
    currency text NOT NULL,
    amount numeric(16,2) NOT NULL,
    CONSTRAINT ledger_daily_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT ledger_daily_kind_check CHECK ((kind = ANY (ARRAY['fee'::text, 'cash'::text, 'cost'::text, 'adjustment'::text])))
);

CREATE TABLE public.ledger_lots (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    deposit_id uuid,
    milestone_id uuid,
    currency text NOT NULL,
    amount numeric(14,2) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_lots_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT ledger_lots_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.local_provider_events (
    id text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    body text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    number integer NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    sent integer DEFAULT 0 NOT NULL,
    CONSTRAINT local_provider_events_times_check CHECK ((times >= 0))
);

CREATE TABLE public.local_provider_operations (
    key text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    of_key text,
    token text NOT NULL,
    amount numeric NOT NULL,
    fee numeric DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    refusal text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT local_provider_operations_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT local_provider_operations_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255))),
    CONSTRAINT local_provider_operations_kind_check CHECK ((kind = ANY (ARRAY['charge'::text, 'return'::text, 'payout'::text])))
);

CREATE TABLE public.login_networks (
    user_id uuid NOT NULL,
    network cidr NOT NULL,
    last_login_at timestamp with time zone NOT NULL
);

CREATE TABLE public.mail_suppressions (
    address_key bytea NOT NULL,
    reason text,
    code text,
    since timestamp with time zone,
    until timestamp with time zone,
    soft_at timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    soft_events bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    released_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT mail_suppressions_key_whole CHECK ((octet_length(address_key) = 32)),
    CONSTRAINT mail_suppressions_reason_known CHECK ((reason = ANY (ARRAY['hard'::text, 'soft'::text, 'complaint'::text]))),
    CONSTRAINT mail_suppressions_since_whole CHECK (((reason IS NULL) = (since IS NULL))),
    CONSTRAINT mail_suppressions_soft_until CHECK (((until IS NOT NULL) = (NOT (reason IS DISTINCT FROM 'soft'::text)))),
    CONSTRAINT mail_suppressions_soft_whole CHECK ((cardinality(soft_at) = cardinality(soft_events)))
);

CREATE TABLE public.meetings (
    id uuid DEFAULT public.uuid7() NOT NULL,
    conversation_id uuid NOT NULL,
    created_by uuid NOT NULL,
    title text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    join_url text,
    status text DEFAULT 'scheduled'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT meetings_ends_at_calendar CHECK (public.in_calendar(ends_at)),
    CONSTRAINT meetings_ends_at_order CHECK ((ends_at > starts_at)),
    CONSTRAINT meetings_starts_at_calendar CHECK (public.in_calendar(starts_at)),
    CONSTRAINT meetings_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'live'::text, 'ended'::text, 'cancelled'::text]))),
    CONSTRAINT meetings_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
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

CREATE TABLE public.message_tombstones (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL
);

CREATE TABLE public.message_words (
    conversation_id uuid NOT NULL,
    page bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    tokens tsvector,
    fold smallint DEFAULT 0 NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.message_words ALTER COLUMN tokens SET STORAGE EXTERNAL;

CREATE VIEW public.messaging_stats WITH (security_invoker='true') AS
 SELECT day,
    subject_id AS user_id,
    name,
    value,
    id
   FROM public.daily_stats d
  WHERE (area = 'messaging'::text);

CREATE TABLE public.mfa_factors (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    kind text DEFAULT 'totp'::text NOT NULL,
    secret_encrypted bytea NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mfa_factors_kind_check CHECK ((kind = 'totp'::text))
);

CREATE TABLE public.mfa_recovery_codes (
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.milestones (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    seq integer NOT NULL,
    title text NOT NULL,
    description text,
    amount numeric(14,2) NOT NULL,
    percentage integer,
    due_date timestamp with time zone,
    status text DEFAULT 'pending'::text NOT NULL,
    funded_at timestamp with time zone,
    submitted_at timestamp with time zone,
    approved_at timestamp with time zone,
    paid_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    released numeric(14,2) DEFAULT 0 NOT NULL,
    refunded numeric(14,2) DEFAULT 0 NOT NULL,
    sent_back_at timestamp with time zone,
    auto_approve_at timestamp with time zone,
    timers_left jsonb,
    awaited_since timestamp with time zone,
    CONSTRAINT milestones_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT milestones_awaited_since_calendar CHECK (public.in_calendar(awaited_since)),
    CONSTRAINT milestones_due_date_calendar CHECK (public.in_calendar(due_date)),
    CONSTRAINT milestones_percentage_check CHECK (((percentage >= 1) AND (percentage <= 100))),
    CONSTRAINT milestones_refunded_check CHECK ((refunded >= (0)::numeric)),
    CONSTRAINT milestones_released_check CHECK ((released >= (0)::numeric)),
    CONSTRAINT milestones_seq_check CHECK ((seq > 0)),
    CONSTRAINT milestones_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'submitted'::text, 'approved'::text, 'paid'::text, 'cancelled'::text]))),
    CONSTRAINT milestones_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

CREATE TABLE public.notification_deliveries (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    channel text NOT NULL,
    endpoint text NOT NULL,
    group_key text NOT NULL,
    edition bigint NOT NULL,
    category text NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    rank smallint DEFAULT 1 NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    reason text,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    lease uuid,
    lapses integer DEFAULT 0 NOT NULL,
    message_id text,
    error text,
    held_since timestamp with time zone,
    told bigint,
    sent_at timestamp with time zone,
    tried_since timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    notification_id uuid,
    CONSTRAINT deliveries_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text]))),
    CONSTRAINT deliveries_leased_by CHECK (((lease IS NOT NULL) = (status = 'leased'::text))),
    CONSTRAINT deliveries_open_is_due CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text])))),
    CONSTRAINT deliveries_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT deliveries_rank_known CHECK (((rank >= 0) AND (rank <= 2))),
    CONSTRAINT deliveries_reason_known CHECK ((reason = ANY (ARRAY['sent'::text, 'read'::text, 'deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text, 'muted'::text, 'expired'::text, 'active_until'::text, 'quiet_until'::text, 'snoozed_until'::text, 'preference_off'::text, 'digest'::text, 'capped'::text, 'switched_off'::text, 'device_gone'::text, 'suppressed'::text, 'replaced'::text, 'failed'::text]))),
    CONSTRAINT deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text, 'sent'::text, 'cancelled'::text, 'suppressed'::text, 'dead'::text])))
)
PARTITION BY HASH (user_id);

CREATE TABLE public.notification_deliveries_0 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notification_deliveries_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notification_deliveries_user_id_not_null NOT NULL,
    channel text CONSTRAINT notification_deliveries_channel_not_null NOT NULL,
    endpoint text CONSTRAINT notification_deliveries_endpoint_not_null NOT NULL,
    group_key text CONSTRAINT notification_deliveries_group_key_not_null NOT NULL,
    edition bigint CONSTRAINT notification_deliveries_edition_not_null NOT NULL,
    category text CONSTRAINT notification_deliveries_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notification_deliveries_priority_not_null NOT NULL,
    rank smallint DEFAULT 1 CONSTRAINT notification_deliveries_rank_not_null NOT NULL,
    status text DEFAULT 'pending'::text CONSTRAINT notification_deliveries_status_not_null NOT NULL,
    reason text,
    attempts integer DEFAULT 0 CONSTRAINT notification_deliveries_attempts_not_null NOT NULL,
    next_attempt_at timestamp with time zone,
    lease uuid,
    lapses integer DEFAULT 0 CONSTRAINT notification_deliveries_lapses_not_null NOT NULL,
    message_id text,
    error text,
    held_since timestamp with time zone,
    told bigint,
    sent_at timestamp with time zone,
    tried_since timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_created_at_not_null NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_updated_at_not_null NOT NULL,
    notification_id uuid,
    CONSTRAINT deliveries_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text]))),
    CONSTRAINT deliveries_leased_by CHECK (((lease IS NOT NULL) = (status = 'leased'::text))),
    CONSTRAINT deliveries_open_is_due CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text])))),
    CONSTRAINT deliveries_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT deliveries_rank_known CHECK (((rank >= 0) AND (rank <= 2))),
    CONSTRAINT deliveries_reason_known CHECK ((reason = ANY (ARRAY['sent'::text, 'read'::text, 'deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text, 'muted'::text, 'expired'::text, 'active_until'::text, 'quiet_until'::text, 'snoozed_until'::text, 'preference_off'::text, 'digest'::text, 'capped'::text, 'switched_off'::text, 'device_gone'::text, 'suppressed'::text, 'replaced'::text, 'failed'::text]))),
    CONSTRAINT deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text, 'sent'::text, 'cancelled'::text, 'suppressed'::text, 'dead'::text])))
);

CREATE TABLE public.notification_deliveries_1 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notification_deliveries_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notification_deliveries_user_id_not_null NOT NULL,
    channel text CONSTRAINT notification_deliveries_channel_not_null NOT NULL,
    endpoint text CONSTRAINT notification_deliveries_endpoint_not_null NOT NULL,
    group_key text CONSTRAINT notification_deliveries_group_key_not_null NOT NULL,
    edition bigint CONSTRAINT notification_deliveries_edition_not_null NOT NULL,
    category text CONSTRAINT notification_deliveries_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notification_deliveries_priority_not_null NOT NULL,
    rank smallint DEFAULT 1 CONSTRAINT notification_deliveries_rank_not_null NOT NULL,
    status text DEFAULT 'pending'::text CONSTRAINT notification_deliveries_status_not_null NOT NULL,
    reason text,
    attempts integer DEFAULT 0 CONSTRAINT notification_deliveries_attempts_not_null NOT NULL,
    next_attempt_at timestamp with time zone,
    lease uuid,
    lapses integer DEFAULT 0 CONSTRAINT notification_deliveries_lapses_not_null NOT NULL,
    message_id text,
    error text,
    held_since timestamp with time zone,
    told bigint,
    sent_at timestamp with time zone,
    tried_since timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_created_at_not_null NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_updated_at_not_null NOT NULL,
    notification_id uuid,
    CONSTRAINT deliveries_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text]))),
    CONSTRAINT deliveries_leased_by CHECK (((lease IS NOT NULL) = (status = 'leased'::text))),
    CONSTRAINT deliveries_open_is_due CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text])))),
    CONSTRAINT deliveries_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT deliveries_rank_known CHECK (((rank >= 0) AND (rank <= 2))),
    CONSTRAINT deliveries_reason_known CHECK ((reason = ANY (ARRAY['sent'::text, 'read'::text, 'deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text, 'muted'::text, 'expired'::text, 'active_until'::text, 'quiet_until'::text, 'snoozed_until'::text, 'preference_off'::text, 'digest'::text, 'capped'::text, 'switched_off'::text, 'device_gone'::text, 'suppressed'::text, 'replaced'::text, 'failed'::text]))),
    CONSTRAINT deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text, 'sent'::text, 'cancelled'::text, 'suppressed'::text, 'dead'::text])))
);

CREATE TABLE public.notification_deliveries_2 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notification_deliveries_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notification_deliveries_user_id_not_null NOT NULL,
    channel text CONSTRAINT notification_deliveries_channel_not_null NOT NULL,
    endpoint text CONSTRAINT notification_deliveries_endpoint_not_null NOT NULL,
    group_key text CONSTRAINT notification_deliveries_group_key_not_null NOT NULL,
    edition bigint CONSTRAINT notification_deliveries_edition_not_null NOT NULL,
    category text CONSTRAINT notification_deliveries_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notification_deliveries_priority_not_null NOT NULL,
    rank smallint DEFAULT 1 CONSTRAINT notification_deliveries_rank_not_null NOT NULL,
    status text DEFAULT 'pending'::text CONSTRAINT notification_deliveries_status_not_null NOT NULL,
    reason text,
    attempts integer DEFAULT 0 CONSTRAINT notification_deliveries_attempts_not_null NOT NULL,
    next_attempt_at timestamp with time zone,
    lease uuid,
    lapses integer DEFAULT 0 CONSTRAINT notification_deliveries_lapses_not_null NOT NULL,
    message_id text,
    error text,
    held_since timestamp with time zone,
    told bigint,
    sent_at timestamp with time zone,
    tried_since timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_created_at_not_null NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_updated_at_not_null NOT NULL,
    notification_id uuid,
    CONSTRAINT deliveries_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text]))),
    CONSTRAINT deliveries_leased_by CHECK (((lease IS NOT NULL) = (status = 'leased'::text))),
    CONSTRAINT deliveries_open_is_due CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text])))),
    CONSTRAINT deliveries_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT deliveries_rank_known CHECK (((rank >= 0) AND (rank <= 2))),
    CONSTRAINT deliveries_reason_known CHECK ((reason = ANY (ARRAY['sent'::text, 'read'::text, 'deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text, 'muted'::text, 'expired'::text, 'active_until'::text, 'quiet_until'::text, 'snoozed_until'::text, 'preference_off'::text, 'digest'::text, 'capped'::text, 'switched_off'::text, 'device_gone'::text, 'suppressed'::text, 'replaced'::text, 'failed'::text]))),
    CONSTRAINT deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text, 'sent'::text, 'cancelled'::text, 'suppressed'::text, 'dead'::text])))
);

CREATE TABLE public.notification_deliveries_3 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notification_deliveries_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notification_deliveries_user_id_not_null NOT NULL,
    channel text CONSTRAINT notification_deliveries_channel_not_null NOT NULL,
    endpoint text CONSTRAINT notification_deliveries_endpoint_not_null NOT NULL,
    group_key text CONSTRAINT notification_deliveries_group_key_not_null NOT NULL,
    edition bigint CONSTRAINT notification_deliveries_edition_not_null NOT NULL,
    category text CONSTRAINT notification_deliveries_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notification_deliveries_priority_not_null NOT NULL,
    rank smallint DEFAULT 1 CONSTRAINT notification_deliveries_rank_not_null NOT NULL,
    status text DEFAULT 'pending'::text CONSTRAINT notification_deliveries_status_not_null NOT NULL,
    reason text,
    attempts integer DEFAULT 0 CONSTRAINT notification_deliveries_attempts_not_null NOT NULL,
    next_attempt_at timestamp with time zone,
    lease uuid,
    lapses integer DEFAULT 0 CONSTRAINT notification_deliveries_lapses_not_null NOT NULL,
    message_id text,
    error text,
    held_since timestamp with time zone,
    told bigint,
    sent_at timestamp with time zone,
    tried_since timestamp with time zone,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_created_at_not_null NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT notification_deliveries_updated_at_not_null NOT NULL,
    notification_id uuid,
    CONSTRAINT deliveries_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text]))),
    CONSTRAINT deliveries_leased_by CHECK (((lease IS NOT NULL) = (status = 'leased'::text))),
    CONSTRAINT deliveries_open_is_due CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text])))),
    CONSTRAINT deliveries_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT deliveries_rank_known CHECK (((rank >= 0) AND (rank <= 2))),
    CONSTRAINT deliveries_reason_known CHECK ((reason = ANY (ARRAY['sent'::text, 'read'::text, 'deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text, 'muted'::text, 'expired'::text, 'active_until'::text, 'quiet_until'::text, 'snoozed_until'::text, 'preference_off'::text, 'digest'::text, 'capped'::text, 'switched_off'::text, 'device_gone'::text, 'suppressed'::text, 'replaced'::text, 'failed'::text]))),
    CONSTRAINT deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'deferred'::text, 'leased'::text, 'sent'::text, 'cancelled'::text, 'suppressed'::text, 'dead'::text])))
);

CREATE TABLE public.notification_delivery_items (
    user_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    delivery_id uuid NOT NULL
)
PARTITION BY HASH (user_id);

CREATE TABLE public.notification_delivery_items_0 (
    user_id uuid CONSTRAINT notification_delivery_items_user_id_not_null NOT NULL,
    notification_id uuid CONSTRAINT notification_delivery_items_notification_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT notification_delivery_items_delivery_id_not_null NOT NULL
);

CREATE TABLE public.notification_delivery_items_1 (
    user_id uuid CONSTRAINT notification_delivery_items_user_id_not_null NOT NULL,
    notification_id uuid CONSTRAINT notification_delivery_items_notification_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT notification_delivery_items_delivery_id_not_null NOT NULL
);

CREATE TABLE public.notification_delivery_items_2 (
    user_id uuid CONSTRAINT notification_delivery_items_user_id_not_null NOT NULL,
    notification_id uuid CONSTRAINT notification_delivery_items_notification_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT notification_delivery_items_delivery_id_not_null NOT NULL
);

CREATE TABLE public.notification_delivery_items_3 (
    user_id uuid CONSTRAINT notification_delivery_items_user_id_not_null NOT NULL,
    notification_id uuid CONSTRAINT notification_delivery_items_notification_id_not_null NOT NULL,
    delivery_id uuid CONSTRAINT notification_delivery_items_delivery_id_not_null NOT NULL
);

CREATE TABLE public.notification_preferences (
    user_id uuid NOT NULL,
    category text NOT NULL,
    channel text NOT NULL,
    is_enabled boolean NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid DEFAULT public.uuid7() NOT NULL,
    CONSTRAINT notification_preferences_category_known CHECK ((category = ANY (ARRAY['message'::text, 'job'::text, 'proposal'::text, 'contract'::text, 'payment'::text, 'review'::text, 'marketing'::text, 'security'::text]))),
    CONSTRAINT notification_preferences_channel_known CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text, 'in_app'::text]))),
    CONSTRAINT notification_preferences_is_enabled_always CHECK ((is_enabled OR (category <> ALL (ARRAY['security'::text, 'payment'::text])) OR (channel <> ALL (ARRAY['in_app'::text, 'email'::text]))))
);

CREATE TABLE public.notification_settings (
    user_id uuid NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone,
    digest text DEFAULT 'off'::text NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    digest_hour integer DEFAULT 9 NOT NULL,
    digest_weekday integer DEFAULT 0 NOT NULL,
    snooze_until timestamp with time zone,
    show_text boolean DEFAULT true NOT NULL,
    CONSTRAINT notification_settings_digest_hour_known CHECK (((digest_hour >= 0) AND (digest_hour <= 23))),
    CONSTRAINT notification_settings_digest_known CHECK ((digest = ANY (ARRAY['off'::text, 'hourly'::text, 'daily'::text, 'weekly'::text]))),
    CONSTRAINT notification_settings_digest_weekday_known CHECK (((digest_weekday >= 0) AND (digest_weekday <= 6))),
    CONSTRAINT notification_settings_quiet_from_day CHECK ((quiet_from < '24:00:00'::time without time zone)),
    CONSTRAINT notification_settings_quiet_until_day CHECK ((quiet_until < '24:00:00'::time without time zone)),
    CONSTRAINT notification_settings_quiet_until_other CHECK ((quiet_from <> quiet_until)),
    CONSTRAINT notification_settings_quiet_whole CHECK (((quiet_from IS NULL) = (quiet_until IS NULL))),
    CONSTRAINT notification_settings_snooze_until_calendar CHECK (public.in_calendar(snooze_until))
);

CREATE TABLE public.notifications_0 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text,
    content text,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_updated_at_not_null NOT NULL,
    in_app boolean DEFAULT true CONSTRAINT notifications_in_app_not_null NOT NULL,
    subject_id uuid,
    subject_type text,
    actor_id uuid,
    seq bigint,
    seqs bigint[],
    ended text,
    again_at timestamp with time zone,
    CONSTRAINT notifications_ended_known CHECK ((ended = ANY (ARRAY['deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text]))),
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_1 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text,
    content text,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_updated_at_not_null NOT NULL,
    in_app boolean DEFAULT true CONSTRAINT notifications_in_app_not_null NOT NULL,
    subject_id uuid,
    subject_type text,
    actor_id uuid,
    seq bigint,
    seqs bigint[],
    ended text,
    again_at timestamp with time zone,
    CONSTRAINT notifications_ended_known CHECK ((ended = ANY (ARRAY['deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text]))),
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_2 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text,
    content text,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_updated_at_not_null NOT NULL,
    in_app boolean DEFAULT true CONSTRAINT notifications_in_app_not_null NOT NULL,
    subject_id uuid,
    subject_type text,
    actor_id uuid,
    seq bigint,
    seqs bigint[],
    ended text,
    again_at timestamp with time zone,
    CONSTRAINT notifications_ended_known CHECK ((ended = ANY (ARRAY['deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text]))),
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.notifications_3 (
    id uuid DEFAULT public.uuid7() CONSTRAINT notifications_id_not_null NOT NULL,
    user_id uuid CONSTRAINT notifications_user_id_not_null NOT NULL,
    type text CONSTRAINT notifications_type_not_null NOT NULL,
    category text CONSTRAINT notifications_category_not_null NOT NULL,
    priority text DEFAULT 'normal'::text CONSTRAINT notifications_priority_not_null NOT NULL,
    title text,
    content text,
    data jsonb DEFAULT '{}'::jsonb CONSTRAINT notifications_data_not_null NOT NULL,
    action_url text,
    group_key text,
    count integer DEFAULT 1 CONSTRAINT notifications_count_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_created_at_not_null NOT NULL,
    seen_at timestamp with time zone,
    read_at timestamp with time zone,
    archived_at timestamp with time zone,
    expires_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT date_trunc('milliseconds'::text, clock_timestamp()) CONSTRAINT notifications_updated_at_not_null NOT NULL,
    in_app boolean DEFAULT true CONSTRAINT notifications_in_app_not_null NOT NULL,
    subject_id uuid,
    subject_type text,
    actor_id uuid,
    seq bigint,
    seqs bigint[],
    ended text,
    again_at timestamp with time zone,
    CONSTRAINT notifications_ended_known CHECK ((ended = ANY (ARRAY['deleted'::text, 'settled'::text, 'left'::text, 'blocked'::text, 'account_closed'::text]))),
    CONSTRAINT notifications_priority_known CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text])))
);

CREATE TABLE public.oauth_identities (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    subject text NOT NULL,
    login text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT oauth_identities_provider_check CHECK ((provider = ANY (ARRAY['github'::text, 'google'::text, 'wechat'::text, 'apple'::text])))
);

CREATE VIEW public.order_stats WITH (security_invoker='true') AS
 SELECT day,
    subject_id AS user_id,
    name,
    value,
    id
   FROM public.daily_stats d
  WHERE (area = 'orders'::text);

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
    tries smallint DEFAULT 0 NOT NULL,
    CONSTRAINT outbox_consumer_told CHECK ((consumer = ANY (ARRAY['realtime'::text, 'search'::text, 'notifications'::text, 'message_runs'::text, 'copies'::text, 'domain'::text, 'payments'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_cost_delay='0', toast_tuple_target='8160');

CREATE TABLE public.outbox_aside (
    id bigint NOT NULL,
    consumer text NOT NULL,
    kind text NOT NULL,
    conversation_ids uuid[],
    seqs bigint[],
    revs bigint[],
    user_ids uuid[],
    data jsonb,
    created_at timestamp with time zone NOT NULL,
    tries smallint NOT NULL,
    error text NOT NULL,
    set_aside_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox_paused (
    consumer text NOT NULL,
    kind text NOT NULL,
    try_at timestamp with time zone NOT NULL
);

CREATE TABLE public.outbox_turns (
    consumer text NOT NULL,
    owner uuid NOT NULL,
    until timestamp with time zone NOT NULL
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
               FROM ( SELECT max((g.emoji COLLATE "C")) AS emoji,
                        count(*) AS total,
                        min(g.created_at) AS first_at,
                        (array_agg(g.user_id ORDER BY g.created_at, g.user_id))[1:100] AS users
                       FROM ( SELECT public.reaction_key(r.emoji) AS key,
                                r.user_id,
                                max((r.emoji COLLATE "C")) AS emoji,
                                min(r.created_at) AS created_at
                               FROM public.message_reactions r
                              WHERE ((r.conversation_id = m.conversation_id) AND (r.seq = m.seq))
                              GROUP BY (public.reaction_key(r.emoji)), r.user_id) g
                      GROUP BY g.key) e)
            ELSE NULL::json
        END AS reactions,
    system
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
    messages_from text DEFAULT 'everyone'::text NOT NULL,
    CONSTRAINT users_display_name_check CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 80))),
    CONSTRAINT users_kind_check CHECK ((kind = ANY (ARRAY['client'::text, 'freelancer'::text, 'both'::text]))),
    CONSTRAINT users_locale_check CHECK (((char_length(locale) >= 2) AND (char_length(locale) <= 35))),
    CONSTRAINT users_messages_from_check CHECK ((messages_from = ANY (ARRAY['everyone'::text, 'connected'::text, 'nobody'::text]))),
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
    m.reactions,
    m.system
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
            s.reactions,
            s.system
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
    public.is_archived_at(me.archived_seq, me.is_archived, me.is_muted, v.c_last_seq) AS own_is_archived,
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
    v.reactions,
    v.system
   FROM (public.conversation_participants me
     JOIN public.shown_conversations v ON ((v.c_id = me.conversation_id)))
  WHERE (me.left_at IS NULL);

CREATE TABLE public.payment_methods (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    provider text DEFAULT 'local'::text NOT NULL,
    provider_token text NOT NULL,
    type text NOT NULL,
    last_four text,
    brand text,
    expiry_month integer,
    expiry_year integer,
    is_default boolean DEFAULT false NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT payment_methods_expiry_month_check CHECK (((expiry_month >= 1) AND (expiry_month <= 12))),
    CONSTRAINT payment_methods_expiry_year_check CHECK (((expiry_year >= 2000) AND (expiry_year <= 2200))),
    CONSTRAINT payment_methods_last_four_check CHECK ((last_four ~ '^[0-9A-Za-z]{1,4}$'::text)),
    CONSTRAINT payment_methods_provider_check CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 50))),
    CONSTRAINT payment_methods_type_check CHECK ((type = ANY (ARRAY['card'::text, 'bank_account'::text, 'paypal'::text, 'crypto'::text, 'alipay'::text, 'wechat'::text])))
);

CREATE VIEW public.payment_stats WITH (security_invoker='true') AS
 SELECT day,
    subject_id AS user_id,
    name,
    value,
    id
   FROM public.daily_stats d
  WHERE (area = 'payments'::text);

CREATE TABLE public.payout_batches (
    id uuid DEFAULT public.uuid7() NOT NULL,
    provider text NOT NULL,
    currency text NOT NULL,
    total_amount numeric(14,2) DEFAULT 0 NOT NULL,
    withdrawal_count integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    submitted_at timestamp with time zone,
    settled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT payout_batches_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT payout_batches_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'submitted'::text, 'settled'::text, 'partially_failed'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE TABLE public.payout_methods (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    provider text DEFAULT 'local'::text NOT NULL,
    provider_account_token text NOT NULL,
    type text NOT NULL,
    account_name text,
    last_four text,
    is_default boolean DEFAULT false NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    usable_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payout_methods_last_four_check CHECK ((last_four ~ '^[0-9A-Za-z]{1,4}$'::text)),
    CONSTRAINT payout_methods_provider_check CHECK (((char_length(provider) >= 1) AND (char_length(provider) <= 50))),
    CONSTRAINT payout_methods_type_check CHECK ((type = ANY (ARRAY['bank_transfer'::text, 'paypal'::text, 'stripe'::text, 'crypto'::text, 'alipay'::text, 'wechat'::text])))
);

CREATE TABLE public.people_names (
    user_id uuid NOT NULL,
    words text NOT NULL
);

CREATE TABLE public.platform_settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    description text,
    is_public boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    value_type text,
    minimum integer,
    maximum integer,
    CONSTRAINT platform_settings_bounded CHECK ((((value_type = 'integer'::text) IS TRUE) = ((minimum IS NOT NULL) AND (maximum IS NOT NULL)))),
    CONSTRAINT platform_settings_key_check CHECK ((key ~ '^[a-z][a-z0-9_]{1,99}$'::text)),
    CONSTRAINT platform_settings_value_type_check CHECK ((value_type = ANY (ARRAY['integer'::text, 'boolean'::text])))
);

CREATE TABLE public.portfolio_items (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL,
    description text,
    video_url text,
    thumbnail_url text,
    file_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    video_duration_seconds integer,
    project_type text,
    platform text,
    display_order integer DEFAULT 0 NOT NULL,
    is_featured boolean DEFAULT false NOT NULL,
    view_count integer DEFAULT 0 NOT NULL,
    like_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT portfolio_items_description_check CHECK ((char_length(description) <= 10000)),
    CONSTRAINT portfolio_items_platform_check CHECK ((char_length(platform) <= 50)),
    CONSTRAINT portfolio_items_project_type_check CHECK ((char_length(project_type) <= 50)),
    CONSTRAINT portfolio_items_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200))),
    CONSTRAINT portfolio_items_video_duration_seconds_check CHECK ((video_duration_seconds >= 0))
);

CREATE TABLE public.provider_events (
    id uuid DEFAULT public.uuid7() NOT NULL,
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_at timestamp with time zone,
    error text,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    parked_at timestamp with time zone,
    CONSTRAINT provider_events_parked CHECK (((state = 'parked'::text) = (parked_at IS NOT NULL))),
    CONSTRAINT provider_events_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'applied'::text, 'refused'::text, 'parked'::text]))),
    CONSTRAINT provider_events_waits CHECK (((state = 'waiting'::text) = (next_attempt_at IS NOT NULL)))
);

CREATE TABLE public.push_devices (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    platform text NOT NULL,
    token text NOT NULL,
    locale text,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    session_id uuid,
    p256dh bytea,
    auth bytea,
    expires_at timestamp with time zone,
    stale_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT push_devices_auth_check CHECK ((octet_length(auth) = 16)),
    CONSTRAINT push_devices_keys_check CHECK ((((platform = 'web'::text) = (p256dh IS NOT NULL)) AND ((platform = 'web'::text) = (auth IS NOT NULL)))),
    CONSTRAINT push_devices_p256dh_check CHECK ((octet_length(p256dh) = 65)),
    CONSTRAINT push_devices_platform_check CHECK ((platform = ANY (ARRAY['ios'::text, 'android'::text, 'web'::text]))),
    CONSTRAINT push_devices_token_check CHECK (((char_length(token) >= 1) AND (char_length(token) <= 4096)))
);

CREATE TABLE public.quiet_hours (
    user_id uuid NOT NULL,
    weekday integer NOT NULL,
    "from" time without time zone NOT NULL,
    until time without time zone NOT NULL,
    CONSTRAINT quiet_hours_from_day CHECK (("from" < '24:00:00'::time without time zone)),
    CONSTRAINT quiet_hours_until_day CHECK ((until < '24:00:00'::time without time zone)),
    CONSTRAINT quiet_hours_until_other CHECK (("from" <> until)),
    CONSTRAINT quiet_hours_weekday_known CHECK (((weekday >= 0) AND (weekday <= 6)))
);

CREATE TABLE public.refunds (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    requested_by uuid NOT NULL,
    journal_id uuid,
    amount numeric(14,2) NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'requested'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    release_id uuid,
    fee numeric(14,2),
    answered_at timestamp with time zone,
    CONSTRAINT refunds_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT refunds_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT refunds_fee_check CHECK ((fee >= (0)::numeric)),
    CONSTRAINT refunds_reason_check CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 5000))),
    CONSTRAINT refunds_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'succeeded'::text])))
);

CREATE TABLE public.release_lots (
    id uuid NOT NULL,
    release_id uuid NOT NULL,
    deposit_id uuid,
    currency text NOT NULL,
    amount numeric(14,2) NOT NULL,
    returned numeric(14,2) DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT release_lots_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT release_lots_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT release_lots_returned_part CHECK (((returned >= (0)::numeric) AND (returned <= amount)))
);

CREATE TABLE public.releases (
    id uuid NOT NULL,
    kind text NOT NULL,
    contract_id uuid,
    milestone_id uuid,
    job_id uuid,
    client_id uuid,
    freelancer_id uuid NOT NULL,
    user_id uuid NOT NULL,
    journal_id uuid NOT NULL,
    gross numeric(14,2) NOT NULL,
    fee numeric(14,2) NOT NULL,
    net numeric(14,2) GENERATED ALWAYS AS ((gross - fee)) STORED,
    refunded numeric(14,2) DEFAULT 0 NOT NULL,
    refunded_fee numeric(14,2) DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    request_key text,
    status text DEFAULT 'pending'::text NOT NULL,
    clears_at timestamp with time zone,
    timers_left jsonb,
    cleared_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    is_decided boolean DEFAULT false NOT NULL,
    CONSTRAINT releases_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT releases_fee_check CHECK ((fee >= (0)::numeric)),
    CONSTRAINT releases_fee_part CHECK ((fee <= gross)),
    CONSTRAINT releases_gross_check CHECK ((gross > (0)::numeric)),
    CONSTRAINT releases_kind_check CHECK ((kind = ANY (ARRAY['milestone'::text, 'tip'::text, 'external'::text]))),
    CONSTRAINT releases_of_something CHECK (
CASE kind
    WHEN 'milestone'::text THEN ((contract_id IS NOT NULL) AND (milestone_id IS NOT NULL) AND (client_id IS NOT NULL))
    WHEN 'tip'::text THEN ((contract_id IS NOT NULL) AND (milestone_id IS NULL) AND (client_id IS NOT NULL))
    ELSE ((job_id IS NOT NULL) AND (contract_id IS NULL))
END),
    CONSTRAINT releases_refunded_fee_part CHECK ((((refunded_fee >= (0)::numeric) AND (refunded_fee <= fee)) AND (refunded_fee <= refunded))),
    CONSTRAINT releases_refunded_part CHECK (((refunded >= (0)::numeric) AND (refunded <= gross))),
    CONSTRAINT releases_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'frozen'::text, 'cleared'::text, 'reversed'::text])))
);

CREATE TABLE public.review_invitations (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    reviewee_id uuid NOT NULL,
    status text DEFAULT 'invited'::text NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '14 days'::interval) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    timers_left jsonb,
    CONSTRAINT review_invitations_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'accepted'::text, 'expired'::text])))
);

CREATE VIEW public.review_stats WITH (security_invoker='true') AS
 SELECT day,
    subject_id AS user_id,
    name,
    value,
    id
   FROM public.daily_stats d
  WHERE (area = 'reviews'::text);

CREATE TABLE public.review_votes (
    id uuid DEFAULT public.uuid7() NOT NULL,
    review_id uuid NOT NULL,
    user_id uuid NOT NULL,
    is_helpful boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.reviews (
    id uuid DEFAULT public.uuid7() NOT NULL,
    contract_id uuid NOT NULL,
    gig_id uuid,
    reviewer_id uuid NOT NULL,
    reviewee_id uuid NOT NULL,
    reviewer_role text NOT NULL,
    overall_rating smallint NOT NULL,
    communication_rating smallint,
    quality_rating smallint,
    professionalism_rating smallint,
    value_rating smallint,
    title text,
    comment text,
    response_text text,
    response_at timestamp with time zone,
    is_featured boolean DEFAULT false NOT NULL,
    is_flagged boolean DEFAULT false NOT NULL,
    helpful_count integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    published_at timestamp with time zone,
    search_vector tsvector GENERATED ALWAYS AS ((public.weighed_tokens(title, 'A'::"char") || public.weighed_tokens(comment, 'B'::"char"))) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search_terms tsvector,
    CONSTRAINT reviews_check CHECK ((reviewer_id <> reviewee_id)),
    CONSTRAINT reviews_comment_check CHECK ((char_length(comment) <= 10000)),
    CONSTRAINT reviews_communication_rating_check CHECK (((communication_rating >= 1) AND (communication_rating <= 5))),
    CONSTRAINT reviews_overall_rating_check CHECK (((overall_rating >= 1) AND (overall_rating <= 5))),
    CONSTRAINT reviews_professionalism_rating_check CHECK (((professionalism_rating >= 1) AND (professionalism_rating <= 5))),
    CONSTRAINT reviews_quality_rating_check CHECK (((quality_rating >= 1) AND (quality_rating <= 5))),
    CONSTRAINT reviews_response_text_check CHECK ((char_length(response_text) <= 10000)),
    CONSTRAINT reviews_reviewer_role_check CHECK ((reviewer_role = ANY (ARRAY['client'::text, 'freelancer'::text]))),
    CONSTRAINT reviews_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'published'::text, 'hidden'::text]))),
    CONSTRAINT reviews_title_check CHECK ((char_length(title) <= 200)),
    CONSTRAINT reviews_value_rating_check CHECK (((value_rating >= 1) AND (value_rating <= 5)))
);

CREATE TABLE public.saved_searches (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    search_type text NOT NULL,
    name text NOT NULL,
    search_params jsonb NOT NULL,
    alert_enabled boolean DEFAULT false NOT NULL,
    alert_frequency text DEFAULT 'daily'::text NOT NULL,
    alerted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT saved_searches_alert_frequency_check CHECK ((alert_frequency = ANY (ARRAY['immediate'::text, 'daily'::text, 'weekly'::text]))),
    CONSTRAINT saved_searches_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT saved_searches_search_type_check CHECK ((search_type = ANY (ARRAY['gigs'::text, 'jobs'::text, 'freelancers'::text])))
);

CREATE TABLE public.schedules (
    name text NOT NULL,
    next_at timestamp with time zone NOT NULL,
    last_started_at timestamp with time zone,
    last_ended_at timestamp with time zone,
    last_result jsonb,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT schedules_name_check CHECK ((name ~ '^[a-z][a-z_]{0,49}$'::text))
);

CREATE TABLE public.search_history (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    search_type text NOT NULL,
    query text NOT NULL,
    filters jsonb DEFAULT '{}'::jsonb NOT NULL,
    results_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT search_history_query_check CHECK ((char_length(query) <= 200)),
    CONSTRAINT search_history_search_type_check CHECK ((search_type = ANY (ARRAY['gigs'::text, 'jobs'::text, 'freelancers'::text, 'reviews'::text])))
);

CREATE TABLE public.search_rebuilds (
    subject text NOT NULL,
    fold smallint NOT NULL,
    "position" text DEFAULT ''::text NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    finished_at timestamp with time zone
);

CREATE TABLE public.search_words (
    word text NOT NULL,
    shortened text[] NOT NULL
);

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

CREATE TABLE public.shadowing_sessions (
    id uuid DEFAULT public.uuid7() NOT NULL,
    student_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    client_id uuid NOT NULL,
    job_id uuid NOT NULL,
    start_date timestamp with time zone NOT NULL,
    end_date timestamp with time zone NOT NULL,
    learning_credits_awarded integer DEFAULT 0 NOT NULL,
    mentor_approved_at timestamp with time zone,
    client_approved_at timestamp with time zone,
    nda_signed_at timestamp with time zone,
    status text DEFAULT 'requested'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT shadowing_sessions_check CHECK ((student_id <> mentor_id)),
    CONSTRAINT shadowing_sessions_end_date_order CHECK ((end_date > start_date)),
    CONSTRAINT shadowing_sessions_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'approved'::text, 'active'::text, 'completed'::text])))
);

CREATE VIEW public.shown_notifications WITH (security_invoker='true') AS
 SELECT n.id,
    n.user_id,
    n.type,
    n.category,
    n.priority,
    n.data,
    n.action_url,
    n.group_key,
    n.subject_type,
    n.subject_id,
    n.actor_id,
    n.seq,
    n.ended,
    n.in_app,
        CASE
            WHEN (n.type = 'message.run'::text) THEN (GREATEST((1)::bigint, ((c.last_seq - p.last_read_seq) - ( SELECT count(*) AS count
               FROM public.message_tombstones t
              WHERE ((t.conversation_id = c.id) AND (t.seq > p.last_read_seq))))))::integer
            ELSE (GREATEST((1)::bigint, (n.count - COALESCE(( SELECT count(*) AS count
               FROM unnest(n.seqs) s(s)
              WHERE (s.s <= p.last_read_seq)), (0)::bigint))))::integer
        END AS count,
    n.created_at,
    n.updated_at,
    n.seen_at,
    n.archived_at,
    n.expires_at,
    n.read_at AS stamped_at,
    COALESCE(n.read_at,
        CASE
            WHEN ((n.subject_type = 'conversation'::text) AND ((p.user_id IS NULL) OR (p.left_at IS NOT NULL) OR (n.seq <= p.last_read_seq))) THEN n.updated_at
            ELSE NULL::timestamp with time zone
        END) AS read_at
   FROM ((public.notifications n
     LEFT JOIN public.conversation_participants p ON (((n.subject_type = 'conversation'::text) AND (n.read_at IS NULL) AND (p.conversation_id = n.subject_id) AND (p.user_id = n.user_id))))
     LEFT JOIN public.conversations c ON (((n.type = 'message.run'::text) AND (c.id = p.conversation_id))));

CREATE TABLE public.skill_edges (
    from_skill_id uuid NOT NULL,
    to_skill_id uuid NOT NULL,
    kind text NOT NULL,
    weight real DEFAULT 1 NOT NULL,
    id uuid DEFAULT public.uuid7() NOT NULL,
    CONSTRAINT skill_edges_check CHECK ((from_skill_id <> to_skill_id)),
    CONSTRAINT skill_edges_kind_check CHECK ((kind = ANY (ARRAY['related'::text, 'requires'::text, 'part_of'::text, 'alternative'::text]))),
    CONSTRAINT skill_edges_weight_check CHECK (((weight >= (0)::double precision) AND (weight <= (1)::double precision)))
);

CREATE TABLE public.skills (
    id uuid DEFAULT public.uuid7() NOT NULL,
    name text NOT NULL,
    names jsonb DEFAULT '{}'::jsonb NOT NULL,
    category_id uuid,
    description text,
    icon_url text,
    is_active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    search_terms tsvector,
    CONSTRAINT skills_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

CREATE TABLE public.split_items (
    id uuid NOT NULL,
    contract_id uuid NOT NULL,
    cancellation_id uuid,
    dispute_id uuid,
    side text,
    offer_id uuid,
    milestone_id uuid,
    release_id uuid,
    client_amount numeric(14,2) NOT NULL,
    freelancer_amount numeric(14,2) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT split_items_about_one CHECK ((num_nonnulls(milestone_id, release_id) = 1)),
    CONSTRAINT split_items_client_amount_check CHECK ((client_amount >= (0)::numeric)),
    CONSTRAINT split_items_freelancer_amount_check CHECK ((freelancer_amount >= (0)::numeric)),
    CONSTRAINT split_items_of_one CHECK ((num_nonnulls(cancellation_id, dispute_id, offer_id) = 1)),
    CONSTRAINT split_items_side CHECK (((side IS NULL) = (dispute_id IS NULL))),
    CONSTRAINT split_items_side_check CHECK ((side = ANY (ARRAY['raiser'::text, 'answer'::text, 'resolution'::text])))
);

CREATE TABLE public.status_history (
    id uuid DEFAULT public.uuid7() NOT NULL,
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    action text,
    from_status text,
    to_status text NOT NULL,
    actor_id uuid,
    note text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.status_transitions (
    table_name text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL
);

CREATE TABLE public.strangers_reached (
    user_id uuid NOT NULL,
    reached_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    stranger_id uuid NOT NULL
);

CREATE TABLE public.support_tickets (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    category text NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    subject text NOT NULL,
    description text NOT NULL,
    attachment_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    assigned_to uuid,
    status text DEFAULT 'open'::text NOT NULL,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT support_tickets_attachment_ids_check CHECK ((cardinality(attachment_ids) <= 20)),
    CONSTRAINT support_tickets_category_check CHECK (((char_length(category) >= 1) AND (char_length(category) <= 50))),
    CONSTRAINT support_tickets_description_check CHECK (((char_length(description) >= 1) AND (char_length(description) <= 20000))),
    CONSTRAINT support_tickets_priority_check CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT support_tickets_status_check CHECK ((status = ANY (ARRAY['open'::text, 'in_progress'::text, 'waiting_on_customer'::text, 'resolved'::text, 'closed'::text]))),
    CONSTRAINT support_tickets_subject_check CHECK (((char_length(subject) >= 1) AND (char_length(subject) <= 200)))
);

CREATE TABLE public.task_dependencies (
    task_id uuid NOT NULL,
    depends_on_id uuid NOT NULL,
    id uuid DEFAULT public.uuid7() NOT NULL,
    CONSTRAINT task_dependencies_check CHECK ((task_id <> depends_on_id))
);

CREATE TABLE public.task_matches (
    id uuid DEFAULT public.uuid7() NOT NULL,
    task_id uuid NOT NULL,
    user_id uuid NOT NULL,
    match_score real NOT NULL,
    vector_score real DEFAULT 0 NOT NULL,
    graph_score real DEFAULT 0 NOT NULL,
    availability_score real DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.tasks (
    id uuid DEFAULT public.uuid7() NOT NULL,
    job_id uuid NOT NULL,
    client_id uuid NOT NULL,
    title text NOT NULL,
    task_type text,
    description text DEFAULT ''::text NOT NULL,
    requirements jsonb DEFAULT '{}'::jsonb NOT NULL,
    required_skills jsonb DEFAULT '[]'::jsonb NOT NULL,
    assignee_id uuid,
    agent_id text,
    priority integer DEFAULT 5 NOT NULL,
    estimated_hours integer,
    estimated_duration_minutes integer,
    actual_duration_minutes integer,
    completion_percentage integer DEFAULT 0 NOT NULL,
    output jsonb,
    quality_score real,
    retry_count integer DEFAULT 0 NOT NULL,
    max_retries integer DEFAULT 3 NOT NULL,
    lease_owner uuid,
    lease_until timestamp with time zone,
    status text DEFAULT 'pending'::text NOT NULL,
    assigned_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT tasks_actual_duration_minutes_check CHECK ((actual_duration_minutes >= 0)),
    CONSTRAINT tasks_check CHECK (((assignee_id IS NULL) OR (agent_id IS NULL))),
    CONSTRAINT tasks_completion_percentage_check CHECK (((completion_percentage >= 0) AND (completion_percentage <= 100))),
    CONSTRAINT tasks_estimated_duration_minutes_check CHECK ((estimated_duration_minutes > 0)),
    CONSTRAINT tasks_estimated_hours_check CHECK ((estimated_hours > 0)),
    CONSTRAINT tasks_max_retries_check CHECK ((max_retries >= 0)),
    CONSTRAINT tasks_priority_check CHECK (((priority >= 1) AND (priority <= 10))),
    CONSTRAINT tasks_quality_score_check CHECK (((quality_score >= (0)::double precision) AND (quality_score <= (100)::double precision))),
    CONSTRAINT tasks_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'assigned'::text, 'in_progress'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT tasks_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
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

CREATE TABLE public.timers_paused (
    is_only boolean DEFAULT true NOT NULL,
    since timestamp with time zone NOT NULL,
    reason text NOT NULL,
    CONSTRAINT timers_paused_is_only_check CHECK (is_only)
);

CREATE TABLE public.transactions (
    id uuid DEFAULT public.uuid7() NOT NULL,
    type text NOT NULL,
    payer_id uuid,
    payee_id uuid,
    contract_id uuid,
    milestone_id uuid,
    job_id uuid,
    contract_member_id uuid,
    journal_id uuid,
    payment_method_id uuid,
    gross_amount numeric(14,2) NOT NULL,
    platform_fee numeric(14,2) DEFAULT 0 NOT NULL,
    processing_fee numeric(14,2) DEFAULT 0 NOT NULL,
    creator_fee numeric(14,2) DEFAULT 0 NOT NULL,
    net_amount numeric(14,2) NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    provider text,
    provider_transaction_id text,
    chain_hash text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    description text,
    error_message text,
    status text DEFAULT 'pending'::text NOT NULL,
    completed_at timestamp with time zone,
    failed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT transactions_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT transactions_fees_positive CHECK (((platform_fee >= (0)::numeric) AND (processing_fee >= (0)::numeric) AND (creator_fee >= (0)::numeric))),
    CONSTRAINT transactions_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'refunded'::text]))),
    CONSTRAINT transactions_type_check CHECK ((type = ANY (ARRAY['payment'::text, 'refund'::text, 'payout'::text, 'escrow_hold'::text, 'escrow_release'::text, 'platform_fee'::text, 'processing_fee'::text, 'tip'::text, 'adjustment'::text, 'certification_fee'::text])))
)
PARTITION BY RANGE (created_at);

CREATE TABLE public.user_blocks (
    blocker_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT blocks_not_oneself CHECK ((blocker_id <> blocked_id))
);

CREATE TABLE public.user_categories (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    category_id uuid NOT NULL,
    is_primary boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.user_consents (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    consent_type text NOT NULL,
    document_version text DEFAULT '1'::text NOT NULL,
    granted boolean NOT NULL,
    granted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    ip inet,
    user_agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_consents_consent_type_check CHECK (((char_length(consent_type) >= 1) AND (char_length(consent_type) <= 50)))
);

CREATE VIEW public.user_dashboard WITH (security_invoker='true') AS
 SELECT id,
    display_name,
    kind,
        CASE
            WHEN (kind = ANY (ARRAY['client'::text, 'both'::text])) THEN ( SELECT jsonb_build_object('active_jobs', count(*) FILTER (WHERE (j.status = ANY (ARRAY['open'::text, 'in_progress'::text]))), 'completed_jobs', count(*) FILTER (WHERE (j.status = 'completed'::text)), 'spent', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('currency', s.currency, 'amount', (round(s.amount, public.currency_decimals(s.currency)))::text) ORDER BY s.currency), '[]'::jsonb) AS "coalesce"
                       FROM public.spent_by(u.id) s(currency, amount, since))) AS jsonb_build_object
               FROM public.jobs j
              WHERE (j.client_id = u.id))
            ELSE NULL::jsonb
        END AS client,
        CASE
            WHEN (kind = ANY (ARRAY['freelancer'::text, 'both'::text])) THEN ( SELECT jsonb_build_object('active_contracts', count(*) FILTER (WHERE (c.status = 'active'::text)), 'completed_contracts', count(*) FILTER (WHERE (c.status = 'completed'::text)), 'earned', ( SELECT COALESCE(jsonb_agg(jsonb_build_object('currency', s.currency, 'amount', (round(s.amount, public.currency_decimals(s.currency)))::text) ORDER BY s.currency), '[]'::jsonb) AS "coalesce"
                       FROM public.earned_by(u.id) s(currency, amount, since)), 'pending_proposals', ( SELECT count(*) AS count
                       FROM public.proposals p
                      WHERE ((p.freelancer_id = u.id) AND (p.status = 'pending'::text)))) AS jsonb_build_object
               FROM public.contracts c
              WHERE (c.freelancer_id = u.id))
            ELSE NULL::jsonb
        END AS freelancer
   FROM public.users u
  WHERE ((id = ( SELECT public.app_user() AS app_user)) AND (status = 'active'::text));

CREATE TABLE public.user_keys (
    user_id uuid NOT NULL,
    wrapped_key bytea NOT NULL,
    key_version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
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
    email_canonical public.citext,
    CONSTRAINT user_private_email_check CHECK (((char_length((email)::text) >= 3) AND (char_length((email)::text) <= 254)))
);

CREATE TABLE public.user_ratings (
    user_id uuid NOT NULL,
    average_rating real DEFAULT 0 NOT NULL,
    total_reviews integer DEFAULT 0 NOT NULL,
    communication_rating real,
    quality_rating real,
    professionalism_rating real,
    value_rating real,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.user_secrets (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    password_changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.user_skills (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    skill_id uuid NOT NULL,
    level smallint DEFAULT 3 NOT NULL,
    years_experience integer,
    is_verified boolean DEFAULT false NOT NULL,
    verified_at timestamp with time zone,
    verified_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_skills_level_check CHECK (((level >= 1) AND (level <= 5))),
    CONSTRAINT user_skills_years_experience_check CHECK (((years_experience >= 0) AND (years_experience <= 80)))
);

CREATE TABLE public.view_events (
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    viewer_id uuid,
    ip inet,
    user_agent text,
    referrer text,
    viewed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT view_events_entity_type_check CHECK ((entity_type = ANY (ARRAY['gig'::text, 'job'::text, 'freelancer'::text, 'portfolio_item'::text])))
)
PARTITION BY RANGE (viewed_at);

CREATE VIEW public.wallets WITH (security_invoker='true') AS
 SELECT user_id,
    currency,
    round(COALESCE(sum(balance) FILTER (WHERE (kind = ANY (ARRAY['wallet_funded'::text, 'wallet_earned'::text]))), (0)::numeric), 2) AS balance,
    round(COALESCE(sum(balance) FILTER (WHERE (kind = 'pending'::text)), (0)::numeric), 2) AS pending,
    round(COALESCE(sum(balance) FILTER (WHERE (kind = 'withdrawing'::text)), (0)::numeric), 2) AS withdrawing,
    (((user_id)::text || '-'::text) || currency) AS id,
    round(COALESCE(sum(balance) FILTER (WHERE (kind = 'wallet_funded'::text)), (0)::numeric), 2) AS funded,
    round(COALESCE(sum(balance) FILTER (WHERE (kind = 'wallet_earned'::text)), (0)::numeric), 2) AS earned,
    round(COALESCE(( SELECT sum(((r.net - r.refunded) + r.refunded_fee)) AS sum
           FROM public.releases r
          WHERE ((r.user_id = a.user_id) AND (r.currency = a.currency) AND (r.status = 'frozen'::text))), (0)::numeric), 2) AS frozen,
    round((- COALESCE(sum(balance) FILTER (WHERE (kind = 'debt'::text)), (0)::numeric)), 2) AS debt
   FROM public.ledger_accounts a
  WHERE (user_id IS NOT NULL)
  GROUP BY user_id, currency;

CREATE TABLE public.webhook_deliveries (
    id uuid DEFAULT public.uuid7() NOT NULL,
    webhook_endpoint_id uuid NOT NULL,
    event text NOT NULL,
    body jsonb NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    response_status integer,
    status text DEFAULT 'pending'::text NOT NULL,
    delivered_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'ok'::text, 'dead'::text])))
);

CREATE TABLE public.webhook_endpoints (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    url text NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    secret_encrypted bytea,
    failing_since timestamp with time zone,
    status text DEFAULT 'enabled'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT webhook_endpoints_events_check CHECK ((cardinality(events) <= 50)),
    CONSTRAINT webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text]))),
    CONSTRAINT webhook_endpoints_url_check CHECK (((url ~ '^https?://'::text) AND (char_length(url) <= 2000)))
);

CREATE TABLE public.withdrawals (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    payout_method_id uuid,
    payout_batch_id uuid,
    journal_id uuid,
    amount numeric(14,2) NOT NULL,
    currency text NOT NULL,
    provider_reference text,
    error_message text,
    status text DEFAULT 'requested'::text NOT NULL,
    paid_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    request_key text,
    CONSTRAINT withdrawals_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT withdrawals_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT withdrawals_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'approved'::text, 'processing'::text, 'paid'::text, 'failed'::text, 'cancelled'::text, 'returned'::text])))
);

CREATE TABLE public.work_experiences (
    id uuid DEFAULT public.uuid7() NOT NULL,
    user_id uuid NOT NULL,
    company text NOT NULL,
    "position" text NOT NULL,
    start_date date NOT NULL,
    end_date date,
    description text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT work_experiences_company_check CHECK (((char_length(company) >= 1) AND (char_length(company) <= 200))),
    CONSTRAINT work_experiences_end_date_calendar CHECK (public.in_calendar(end_date)),
    CONSTRAINT work_experiences_end_date_order CHECK ((end_date >= start_date)),
    CONSTRAINT work_experiences_position_check CHECK (((char_length("position") >= 1) AND (char_length("position") <= 200))),
    CONSTRAINT work_experiences_start_date_calendar CHECK (public.in_calendar(start_date))
);

CREATE TABLE public.workflow_clock (
    is_only boolean DEFAULT true NOT NULL,
    ahead interval DEFAULT '00:00:00'::interval NOT NULL,
    jumped interval DEFAULT '00:00:00'::interval NOT NULL,
    CONSTRAINT workflow_clock_is_only_check CHECK (is_only)
);

ALTER TABLE ONLY public.notification_deliveries ATTACH PARTITION public.notification_deliveries_0 FOR VALUES WITH (modulus 4, remainder 0);

ALTER TABLE ONLY public.notification_deliveries ATTACH PARTITION public.notification_deliveries_1 FOR VALUES WITH (modulus 4, remainder 1);

ALTER TABLE ONLY public.notification_deliveries ATTACH PARTITION public.notification_deliveries_2 FOR VALUES WITH (modulus 4, remainder 2);

ALTER TABLE ONLY public.notification_deliveries ATTACH PARTITION public.notification_deliveries_3 FOR VALUES WITH (modulus 4, remainder 3);

ALTER TABLE ONLY public.notification_delivery_items ATTACH PARTITION public.notification_delivery_items_0 FOR VALUES WITH (modulus 4, remainder 0);

ALTER TABLE ONLY public.notification_delivery_items ATTACH PARTITION public.notification_delivery_items_1 FOR VALUES WITH (modulus 4, remainder 1);

ALTER TABLE ONLY public.notification_delivery_items ATTACH PARTITION public.notification_delivery_items_2 FOR VALUES WITH (modulus 4, remainder 2);

ALTER TABLE ONLY public.notification_delivery_items ATTACH PARTITION public.notification_delivery_items_3 FOR VALUES WITH (modulus 4, remainder 3);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_0 FOR VALUES WITH (modulus 4, remainder 0);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_1 FOR VALUES WITH (modulus 4, remainder 1);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_2 FOR VALUES WITH (modulus 4, remainder 2);

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_3 FOR VALUES WITH (modulus 4, remainder 3);

ALTER TABLE ONLY public.agent_runs
    ADD CONSTRAINT agent_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ai_analyses
    ADD CONSTRAINT ai_analyses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id, created_at);

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.certifications
    ADD CONSTRAINT certifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chargebacks
    ADD CONSTRAINT chargebacks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chargebacks
    ADD CONSTRAINT chargebacks_provider_provider_reference_key UNIQUE (provider, provider_reference);

ALTER TABLE ONLY public.client_private
    ADD CONSTRAINT client_private_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.client_profiles
    ADD CONSTRAINT client_profiles_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.community_events
    ADD CONSTRAINT community_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_amendments
    ADD CONSTRAINT contract_amendments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_answers
    ADD CONSTRAINT contract_answers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_cancellations
    ADD CONSTRAINT contract_cancellations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_extras
    ADD CONSTRAINT contract_extras_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_members
    ADD CONSTRAINT contract_members_contract_id_user_id_key UNIQUE (contract_id, user_id);

ALTER TABLE ONLY public.contract_members
    ADD CONSTRAINT contract_members_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (id);

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

ALTER TABLE ONLY public.course_enrollments
    ADD CONSTRAINT course_enrollments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.course_enrollments
    ADD CONSTRAINT course_enrollments_user_id_course_id_key UNIQUE (user_id, course_id);

ALTER TABLE ONLY public.courses
    ADD CONSTRAINT courses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.credit_awards
    ADD CONSTRAINT credit_awards_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.credit_awards
    ADD CONSTRAINT credit_awards_user_id_source_type_source_id_key UNIQUE (user_id, source_type, source_id);

ALTER TABLE ONLY public.daily_stats
    ADD CONSTRAINT daily_stats_id_key UNIQUE (id);

ALTER TABLE ONLY public.daily_stats
    ADD CONSTRAINT daily_stats_pkey PRIMARY KEY (area, day, subject_id, name);

ALTER TABLE ONLY public.data_requests
    ADD CONSTRAINT data_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliverables
    ADD CONSTRAINT deliverables_milestone_id_delivery_number_key UNIQUE (milestone_id, delivery_number);

ALTER TABLE ONLY public.deliverables
    ADD CONSTRAINT deliverables_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT deliveries_once UNIQUE (user_id, channel, endpoint, group_key, edition);

ALTER TABLE ONLY public.deposit_returns
    ADD CONSTRAINT deposit_returns_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_provider_provider_reference_key UNIQUE (provider, provider_reference);

ALTER TABLE ONLY public.dispute_offers
    ADD CONSTRAINT dispute_offers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.educations
    ADD CONSTRAINT educations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.embeddings
    ADD CONSTRAINT embeddings_pkey PRIMARY KEY (entity_type, entity_id, model);

ALTER TABLE ONLY public.escrows
    ADD CONSTRAINT escrows_contract_id_key UNIQUE (contract_id);

ALTER TABLE ONLY public.escrows
    ADD CONSTRAINT escrows_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event_attendees
    ADD CONSTRAINT event_attendees_community_event_id_user_id_key UNIQUE (community_event_id, user_id);

ALTER TABLE ONLY public.event_attendees
    ADD CONSTRAINT event_attendees_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.favorites
    ADD CONSTRAINT favorites_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.favorites
    ADD CONSTRAINT favorites_user_id_favorited_type_favorited_id_key UNIQUE (user_id, favorited_type, favorited_id);

ALTER TABLE ONLY public.fee_structure
    ADD CONSTRAINT fee_structure_no_overlap EXCLUDE USING gist (kind WITH =, currency WITH =, numrange(min_amount, max_amount) WITH &&, tstzrange(effective_from, effective_until) WITH &&);

ALTER TABLE ONLY public.fee_structure
    ADD CONSTRAINT fee_structure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.file_removals
    ADD CONSTRAINT file_removals_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT file_uploads_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.file_usage
    ADD CONSTRAINT file_usage_pkey PRIMARY KEY (owner_id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.freelancer_private
    ADD CONSTRAINT freelancer_private_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.freelancer_profiles
    ADD CONSTRAINT freelancer_profiles_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.gig_counters
    ADD CONSTRAINT gig_counters_pkey PRIMARY KEY (gig_id);

ALTER TABLE ONLY public.gig_extras
    ADD CONSTRAINT gig_extras_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gig_faqs
    ADD CONSTRAINT gig_faqs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gig_packages
    ADD CONSTRAINT gig_packages_gig_id_tier_key UNIQUE (gig_id, tier);

ALTER TABLE ONLY public.gig_packages
    ADD CONSTRAINT gig_packages_pkey PRIMARY KEY (id);

ALTER TABLE public.gig_requirements
    ADD CONSTRAINT gig_requirements_choices_of_kind CHECK (((kind = 'choice'::text) = (choices <> '{}'::text[]))) NOT VALID;

ALTER TABLE ONLY public.gig_requirements
    ADD CONSTRAINT gig_requirements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gigs
    ADD CONSTRAINT gigs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gigs
    ADD CONSTRAINT gigs_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.hidden_people
    ADD CONSTRAINT hidden_people_pkey PRIMARY KEY (hidden_id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, method, path, key);

ALTER TABLE ONLY public.identity_verifications
    ADD CONSTRAINT identity_verifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_counters
    ADD CONSTRAINT job_counters_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.job_skills
    ADD CONSTRAINT job_skills_job_id_skill_id_key UNIQUE (job_id, skill_id);

ALTER TABLE ONLY public.job_skills
    ADD CONSTRAINT job_skills_pkey PRIMARY KEY (id);

ALTER TABLE public.jobs
    ADD CONSTRAINT jobs_category_named CHECK (((category_id IS NOT NULL) OR (status = 'draft'::text) OR (platform <> 'internal'::text))) NOT VALID;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_id_key UNIQUE (id);

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_pkey PRIMARY KEY (journal_id, line);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_business_key_key UNIQUE (business_key);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_reverses_id_key UNIQUE (reverses_id);

ALTER TABLE ONLY public.learning_path_items
    ADD CONSTRAINT learning_path_items_learning_path_id_seq_key UNIQUE (learning_path_id, seq);

ALTER TABLE ONLY public.learning_path_items
    ADD CONSTRAINT learning_path_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.learning_paths
    ADD CONSTRAINT learning_paths_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_accounts
    ADD CONSTRAINT ledger_accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_daily
    ADD CONSTRAINT ledger_daily_pkey PRIMARY KEY (day, kind, currency);

ALTER TABLE ONLY public.ledger_lots
    ADD CONSTRAINT ledger_lots_once UNIQUE NULLS NOT DISTINCT (account_id, deposit_id, milestone_id);

ALTER TABLE ONLY public.ledger_lots
    ADD CONSTRAINT ledger_lots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.local_provider_events
    ADD CONSTRAINT local_provider_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.local_provider_operations
    ADD CONSTRAINT local_provider_operations_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.local_provider_operations
    ADD CONSTRAINT local_provider_operations_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.login_networks
    ADD CONSTRAINT login_networks_pkey PRIMARY KEY (user_id, network);

ALTER TABLE ONLY public.mail_suppressions
    ADD CONSTRAINT mail_suppressions_pkey PRIMARY KEY (address_key);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.message_attachments
    ADD CONSTRAINT message_attachments_pkey PRIMARY KEY (conversation_id, seq, "position");

ALTER TABLE ONLY public.message_pins
    ADD CONSTRAINT message_pins_pkey PRIMARY KEY (conversation_id, seq);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_pkey PRIMARY KEY (conversation_id, seq, emoji, user_id);

ALTER TABLE ONLY public.message_tombstones
    ADD CONSTRAINT message_tombstones_pkey PRIMARY KEY (conversation_id, seq);

ALTER TABLE ONLY public.message_words
    ADD CONSTRAINT message_words_pkey PRIMARY KEY (conversation_id, page);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, seq, created_at);

ALTER TABLE ONLY public.mfa_factors
    ADD CONSTRAINT mfa_factors_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.mfa_recovery_codes
    ADD CONSTRAINT mfa_recovery_codes_pkey PRIMARY KEY (user_id, code_hash);

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_contract_id_seq_key UNIQUE (contract_id, seq);

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notification_deliveries_0
    ADD CONSTRAINT notification_deliveries_0_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notification_deliveries_0
    ADD CONSTRAINT notification_deliveries_0_user_id_channel_endpoint_group_ke_key UNIQUE (user_id, channel, endpoint, group_key, edition);

ALTER TABLE ONLY public.notification_deliveries_1
    ADD CONSTRAINT notification_deliveries_1_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notification_deliveries_1
    ADD CONSTRAINT notification_deliveries_1_user_id_channel_endpoint_group_ke_key UNIQUE (user_id, channel, endpoint, group_key, edition);

ALTER TABLE ONLY public.notification_deliveries_2
    ADD CONSTRAINT notification_deliveries_2_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notification_deliveries_2
    ADD CONSTRAINT notification_deliveries_2_user_id_channel_endpoint_group_ke_key UNIQUE (user_id, channel, endpoint, group_key, edition);

ALTER TABLE ONLY public.notification_deliveries_3
    ADD CONSTRAINT notification_deliveries_3_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY public.notification_deliveries_3
    ADD CONSTRAINT notification_deliveries_3_user_id_channel_endpoint_group_ke_key UNIQUE (user_id, channel, endpoint, group_key, edition);

ALTER TABLE ONLY public.notification_delivery_items
    ADD CONSTRAINT notification_delivery_items_pkey PRIMARY KEY (user_id, notification_id, delivery_id);

ALTER TABLE ONLY public.notification_delivery_items_0
    ADD CONSTRAINT notification_delivery_items_0_pkey PRIMARY KEY (user_id, notification_id, delivery_id);

ALTER TABLE ONLY public.notification_delivery_items_1
    ADD CONSTRAINT notification_delivery_items_1_pkey PRIMARY KEY (user_id, notification_id, delivery_id);

ALTER TABLE ONLY public.notification_delivery_items_2
    ADD CONSTRAINT notification_delivery_items_2_pkey PRIMARY KEY (user_id, notification_id, delivery_id);

ALTER TABLE ONLY public.notification_delivery_items_3
    ADD CONSTRAINT notification_delivery_items_3_pkey PRIMARY KEY (user_id, notification_id, delivery_id);

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_id_key UNIQUE (id);

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

ALTER TABLE ONLY public.oauth_identities
    ADD CONSTRAINT oauth_identities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.oauth_identities
    ADD CONSTRAINT oauth_identities_provider_subject_key UNIQUE (provider, subject);

ALTER TABLE ONLY public.outbox_aside
    ADD CONSTRAINT outbox_aside_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_paused
    ADD CONSTRAINT outbox_paused_pkey PRIMARY KEY (consumer, kind);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_turns
    ADD CONSTRAINT outbox_turns_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY public.payment_methods
    ADD CONSTRAINT payment_methods_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_methods
    ADD CONSTRAINT payment_methods_user_id_provider_provider_token_key UNIQUE (user_id, provider, provider_token);

ALTER TABLE ONLY public.payout_batches
    ADD CONSTRAINT payout_batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payout_methods
    ADD CONSTRAINT payout_methods_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payout_methods
    ADD CONSTRAINT payout_methods_user_id_provider_provider_account_token_key UNIQUE (user_id, provider, provider_account_token);

ALTER TABLE ONLY public.people_names
    ADD CONSTRAINT people_names_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.platform_settings
    ADD CONSTRAINT platform_settings_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.portfolio_items
    ADD CONSTRAINT portfolio_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_job_id_freelancer_id_key UNIQUE (job_id, freelancer_id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_events
    ADD CONSTRAINT provider_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_events
    ADD CONSTRAINT provider_events_provider_event_id_key UNIQUE (provider, event_id);

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_token_key UNIQUE (token);

ALTER TABLE ONLY public.quiet_hours
    ADD CONSTRAINT quiet_hours_pkey PRIMARY KEY (user_id, weekday, "from");

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.release_lots
    ADD CONSTRAINT release_lots_once UNIQUE NULLS NOT DISTINCT (release_id, deposit_id);

ALTER TABLE ONLY public.release_lots
    ADD CONSTRAINT release_lots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.review_invitations
    ADD CONSTRAINT review_invitations_contract_id_reviewer_id_key UNIQUE (contract_id, reviewer_id);

ALTER TABLE ONLY public.review_invitations
    ADD CONSTRAINT review_invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.review_votes
    ADD CONSTRAINT review_votes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.review_votes
    ADD CONSTRAINT review_votes_review_id_user_id_key UNIQUE (review_id, user_id);

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_contract_id_reviewer_id_key UNIQUE (contract_id, reviewer_id);

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.search_history
    ADD CONSTRAINT search_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.search_rebuilds
    ADD CONSTRAINT search_rebuilds_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.session_replaced_tokens
    ADD CONSTRAINT session_replaced_tokens_pkey PRIMARY KEY (refresh_hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_access_hash_key UNIQUE (access_hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_refresh_hash_key UNIQUE (refresh_hash);

ALTER TABLE ONLY public.shadowing_sessions
    ADD CONSTRAINT shadowing_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.skill_edges
    ADD CONSTRAINT skill_edges_id_key UNIQUE (id);

ALTER TABLE ONLY public.skill_edges
    ADD CONSTRAINT skill_edges_pkey PRIMARY KEY (from_skill_id, to_skill_id, kind);

ALTER TABLE ONLY public.skills
    ADD CONSTRAINT skills_name_key UNIQUE (name);

ALTER TABLE ONLY public.skills
    ADD CONSTRAINT skills_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_once UNIQUE NULLS NOT DISTINCT (cancellation_id, dispute_id, side, offer_id, milestone_id, release_id);

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.status_history
    ADD CONSTRAINT status_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.status_transitions
    ADD CONSTRAINT status_transitions_pkey PRIMARY KEY (table_name, from_status, to_status);

ALTER TABLE ONLY public.support_tickets
    ADD CONSTRAINT support_tickets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.task_dependencies
    ADD CONSTRAINT task_dependencies_id_key UNIQUE (id);

ALTER TABLE ONLY public.task_dependencies
    ADD CONSTRAINT task_dependencies_pkey PRIMARY KEY (task_id, depends_on_id);

ALTER TABLE ONLY public.task_matches
    ADD CONSTRAINT task_matches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.task_matches
    ADD CONSTRAINT task_matches_task_id_user_id_key UNIQUE (task_id, user_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_once UNIQUE (machine, entity_id, action, kind, number);

ALTER TABLE ONLY public.timers_paused
    ADD CONSTRAINT timers_paused_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (id, created_at);

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_pkey PRIMARY KEY (blocker_id, blocked_id);

ALTER TABLE ONLY public.user_categories
    ADD CONSTRAINT user_categories_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_categories
    ADD CONSTRAINT user_categories_user_id_category_id_key UNIQUE (user_id, category_id);

ALTER TABLE ONLY public.user_consents
    ADD CONSTRAINT user_consents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_keys
    ADD CONSTRAINT user_keys_pkey PRIMARY KEY (user_id);

ALTER TABLE public.user_private
    ADD CONSTRAINT user_private_email_is_one CHECK ((email OPERATOR(public.~) '^[^[:space:]]+@[^[:space:]@]+$'::public.citext)) NOT VALID;

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_phone_index_key UNIQUE (phone_index);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_wechat_id_index_key UNIQUE (wechat_id_index);

ALTER TABLE ONLY public.user_ratings
    ADD CONSTRAINT user_ratings_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_secrets
    ADD CONSTRAINT user_secrets_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_skills
    ADD CONSTRAINT user_skills_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_skills
    ADD CONSTRAINT user_skills_user_id_skill_id_key UNIQUE (user_id, skill_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.work_experiences
    ADD CONSTRAINT work_experiences_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workflow_clock
    ADD CONSTRAINT workflow_clock_pkey PRIMARY KEY (is_only);

CREATE INDEX agent_runs_newest ON public.agent_runs USING btree (created_at DESC, id DESC);

CREATE INDEX agent_runs_of_agent ON public.agent_runs USING btree (agent_id, created_at DESC);

CREATE INDEX agent_runs_of_task ON public.agent_runs USING btree (task_id, id);

CREATE INDEX ai_analyses_by_status ON public.ai_analyses USING btree (status, created_at DESC, id DESC);

CREATE INDEX ai_analyses_of_job ON public.ai_analyses USING btree (job_id, kind, id DESC);

CREATE INDEX ai_analyses_of_user ON public.ai_analyses USING btree (user_id, kind, id DESC);

CREATE INDEX ai_analyses_same ON public.ai_analyses USING btree (kind, input_hash) WHERE (status = 'ok'::text);

CREATE INDEX announcements_running ON public.announcements USING btree (created_at, id) WHERE (status = 'running'::text);

CREATE INDEX audit_log_newest ON ONLY public.audit_log USING btree (created_at DESC, id DESC);

CREATE INDEX audit_log_of_actor ON ONLY public.audit_log USING btree (actor_id, created_at DESC);

CREATE INDEX audit_log_of_entity ON ONLY public.audit_log USING btree (entity_type, entity_id, created_at DESC);

CREATE INDEX auth_tokens_expiring ON public.auth_tokens USING btree (expires_at);

CREATE INDEX auth_tokens_of_user ON public.auth_tokens USING btree (user_id, purpose);

CREATE INDEX categories_of_parent ON public.categories USING btree (parent_id, sort_order, id);

CREATE INDEX certifications_by_level ON public.certifications USING btree (level, status);

CREATE INDEX certifications_by_status ON public.certifications USING btree (status, created_at DESC, id DESC);

CREATE INDEX certifications_expiring ON public.certifications USING btree (expires_at) WHERE (status = 'active'::text);

CREATE INDEX certifications_newest ON public.certifications USING btree (created_at DESC, id DESC);

CREATE INDEX certifications_of_user ON public.certifications USING btree (user_id, level, id);

CREATE INDEX chargebacks_of_deposit ON public.chargebacks USING btree (deposit_id, id);

CREATE INDEX chargebacks_of_user ON public.chargebacks USING btree (user_id, id);

CREATE INDEX client_profiles_best ON public.client_profiles USING btree (rating DESC, user_id DESC);

CREATE INDEX client_profiles_newest ON public.client_profiles USING btree (created_at DESC, user_id DESC);

CREATE INDEX client_profiles_verified ON public.client_profiles USING btree (is_verified, rating DESC, user_id DESC);

CREATE INDEX community_events_by_status ON public.community_events USING btree (status, created_at DESC, id DESC);

CREATE INDEX community_events_newest ON public.community_events USING btree (created_at DESC, id DESC);

CREATE INDEX community_events_next ON public.community_events USING btree (starts_at, id);

CREATE INDEX community_events_of_organizer ON public.community_events USING btree (organizer_id, id);

CREATE INDEX contract_amendments_by_status ON public.contract_amendments USING btree (status, created_at DESC, id DESC);

CREATE INDEX contract_amendments_newest ON public.contract_amendments USING btree (created_at DESC, id DESC);

CREATE INDEX contract_amendments_of_contract ON public.contract_amendments USING btree (contract_id, id);

CREATE INDEX contract_amendments_of_proposer ON public.contract_amendments USING btree (proposed_by, id);

CREATE UNIQUE INDEX contract_amendments_one_open ON public.contract_amendments USING btree (contract_id) WHERE (status = 'proposed'::text);

CREATE INDEX contract_answers_files ON public.contract_answers USING gin (file_ids) WHERE (file_ids <> '{}'::uuid[]);

CREATE INDEX contract_answers_of_contract ON public.contract_answers USING btree (contract_id, id);

CREATE INDEX contract_cancellations_of_contract ON public.contract_cancellations USING btree (contract_id, id);

CREATE UNIQUE INDEX contract_cancellations_one_open ON public.contract_cancellations USING btree (contract_id) WHERE (status = 'proposed'::text);

CREATE INDEX contract_extras_of_contract ON public.contract_extras USING btree (contract_id, id);

CREATE INDEX contract_members_of_user ON public.contract_members USING btree (user_id, contract_id);

CREATE INDEX contracts_by_deadline ON public.contracts USING btree (deadline, id) WHERE (status = ANY (ARRAY['active'::text, 'in_review'::text]));

CREATE INDEX contracts_by_status ON public.contracts USING btree (status, created_at DESC, id DESC);

CREATE INDEX contracts_newest ON public.contracts USING btree (created_at DESC, id DESC);

CREATE INDEX contracts_of_client ON public.contracts USING btree (client_id, created_at DESC, id DESC);

CREATE INDEX contracts_of_client_live ON public.contracts USING btree (client_id, status, deadline) WHERE (status = ANY (ARRAY['active'::text, 'in_review'::text]));

CREATE INDEX contracts_of_freelancer ON public.contracts USING btree (freelancer_id, created_at DESC, id DESC);

CREATE INDEX contracts_of_freelancer_live ON public.contracts USING btree (freelancer_id, status, deadline) WHERE (status = ANY (ARRAY['active'::text, 'in_review'::text]));

CREATE INDEX contracts_of_gig ON public.contracts USING btree (gig_id) WHERE (gig_id IS NOT NULL);

CREATE INDEX contracts_of_job ON public.contracts USING btree (job_id) WHERE (job_id IS NOT NULL);

CREATE INDEX contracts_of_proposal ON public.contracts USING btree (proposal_id) WHERE (proposal_id IS NOT NULL);

CREATE UNIQUE INDEX contracts_one_live_of_proposal ON public.contracts USING btree (proposal_id) WHERE (status <> ALL (ARRAY['cancelled'::text, 'terminated'::text, 'refunded'::text]));

CREATE INDEX contracts_unpaid ON public.contracts USING btree (client_id, gig_id) WHERE (status = 'pending_payment'::text);

CREATE INDEX conversation_participants_departed ON public.conversation_participants USING btree (conversation_id, left_rev) WHERE (left_rev IS NOT NULL);

CREATE INDEX conversations_contract ON public.conversations USING btree (contract_id) WHERE (contract_id IS NOT NULL);

CREATE INDEX conversations_job ON public.conversations USING btree (job_id) WHERE (job_id IS NOT NULL);

CREATE INDEX course_enrollments_by_status ON public.course_enrollments USING btree (status, created_at DESC, id DESC);

CREATE INDEX course_enrollments_of_course ON public.course_enrollments USING btree (course_id, created_at DESC, id DESC);

CREATE INDEX courses_newest ON public.courses USING btree (created_at DESC, id DESC);

CREATE INDEX courses_of_skill ON public.courses USING btree (skill_id, id);

CREATE INDEX daily_stats_of_subject ON public.daily_stats USING btree (subject_id, area, day);

CREATE INDEX data_requests_by_status ON public.data_requests USING btree (status, created_at DESC, id DESC);

CREATE INDEX data_requests_of_user ON public.data_requests USING btree (user_id, id);

CREATE INDEX data_requests_open ON public.data_requests USING btree (due_at) WHERE (status = ANY (ARRAY['received'::text, 'verifying'::text, 'processing'::text]));

CREATE INDEX data_requests_result_file ON public.data_requests USING btree (result_file_id) WHERE (result_file_id IS NOT NULL);

CREATE INDEX deliverables_by_status ON public.deliverables USING btree (status, id);

CREATE INDEX deliverables_files ON public.deliverables USING gin (file_ids) WHERE (file_ids <> '{}'::uuid[]);

CREATE INDEX deliverables_of_contract ON public.deliverables USING btree (contract_id, id);

CREATE UNIQUE INDEX deposit_returns_asked_once ON public.deposit_returns USING btree (user_id, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX deposit_returns_by_status ON public.deposit_returns USING btree (status, created_at DESC, id DESC);

CREATE INDEX deposit_returns_newest ON public.deposit_returns USING btree (created_at DESC, id DESC);

CREATE INDEX deposit_returns_of_deposit ON public.deposit_returns USING btree (deposit_id, id);

CREATE INDEX deposit_returns_of_user ON public.deposit_returns USING btree (user_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX deposits_asked_once ON public.deposits USING btree (user_id, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX deposits_by_status ON public.deposits USING btree (status, created_at DESC, id DESC);

CREATE INDEX deposits_newest ON public.deposits USING btree (created_at DESC, id DESC);

CREATE INDEX deposits_of_contract ON public.deposits USING btree (contract_id, id) WHERE (contract_id IS NOT NULL);

CREATE INDEX deposits_of_milestone ON public.deposits USING btree (milestone_id, id) WHERE (milestone_id IS NOT NULL);

CREATE INDEX deposits_of_user ON public.deposits USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX dispute_offers_by_status ON public.dispute_offers USING btree (status, created_at DESC, id DESC);

CREATE INDEX dispute_offers_newest ON public.dispute_offers USING btree (created_at DESC, id DESC);

CREATE INDEX dispute_offers_of_contract ON public.dispute_offers USING btree (contract_id, id);

CREATE INDEX dispute_offers_of_dispute ON public.dispute_offers USING btree (dispute_id, id);

CREATE INDEX dispute_offers_of_offerer ON public.dispute_offers USING btree (offered_by, id);

CREATE INDEX disputes_answer_files ON public.disputes USING gin (answer_file_ids) WHERE (answer_file_ids <> '{}'::uuid[]);

CREATE INDEX disputes_assigned ON public.disputes USING btree (assigned_to, created_at DESC, id DESC) WHERE (assigned_to IS NOT NULL);

CREATE INDEX disputes_by_status ON public.disputes USING btree (status, created_at DESC, id DESC);

CREATE INDEX disputes_files ON public.disputes USING gin (evidence_file_ids) WHERE (evidence_file_ids <> '{}'::uuid[]);

CREATE INDEX disputes_newest ON public.disputes USING btree (created_at DESC, id DESC);

CREATE INDEX disputes_of_client ON public.disputes USING btree (client_id, created_at DESC, id DESC);

CREATE INDEX disputes_of_contract ON public.disputes USING btree (contract_id, created_at DESC, id DESC);

CREATE INDEX disputes_of_freelancer ON public.disputes USING btree (freelancer_id, created_at DESC, id DESC);

CREATE INDEX disputes_of_raiser ON public.disputes USING btree (raised_by, created_at DESC, id DESC);

CREATE UNIQUE INDEX disputes_one_open ON public.disputes USING btree (contract_id) WHERE (status = ANY (ARRAY['open'::text, 'under_review'::text, 'escalated'::text]));

CREATE INDEX educations_newest ON public.educations USING btree (created_at DESC, id DESC);

CREATE INDEX educations_of_user ON public.educations USING btree (user_id, id);

CREATE INDEX embeddings_near ON public.embeddings USING hnsw (embedding public.vector_cosine_ops);

CREATE INDEX escrows_by_status ON public.escrows USING btree (status, id);

CREATE INDEX event_attendees_of_user ON public.event_attendees USING btree (user_id, id);

CREATE INDEX favorites_of_thing ON public.favorites USING btree (favorited_type, favorited_id);

CREATE INDEX favorites_of_user ON public.favorites USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX fee_structure_effective ON public.fee_structure USING btree (effective_from, id);

CREATE INDEX file_removals_due ON public.file_removals USING btree (due_at);

CREATE INDEX file_uploads_of_owner ON public.file_uploads USING btree (owner_id);

CREATE INDEX file_uploads_oldest ON public.file_uploads USING btree (created_at);

CREATE INDEX files_of_owner ON public.files USING btree (owner_id, id);

CREATE INDEX files_unnamed ON public.files USING btree (unnamed_since) WHERE (unnamed_since IS NOT NULL);

CREATE INDEX freelancer_profiles_available ON public.freelancer_profiles USING btree (availability, is_verified, rating DESC, user_id DESC);

CREATE INDEX freelancer_profiles_best ON public.freelancer_profiles USING btree (rating DESC, user_id DESC);

CREATE INDEX freelancer_profiles_busiest ON public.freelancer_profiles USING btree (jobs_completed DESC, user_id DESC);

CREATE INDEX freelancer_profiles_by_rate ON public.freelancer_profiles USING btree (hourly_rate, user_id);

CREATE INDEX freelancer_profiles_featured ON public.freelancer_profiles USING btree (rating DESC, user_id DESC) WHERE is_featured;

CREATE INDEX freelancer_profiles_newest ON public.freelancer_profiles USING btree (created_at DESC, user_id DESC);

CREATE INDEX freelancer_profiles_search ON public.freelancer_profiles USING gin (search_vector);

CREATE INDEX freelancer_profiles_tagline ON public.freelancer_profiles USING gin (tagline public.gin_trgm_ops);

CREATE INDEX freelancer_profiles_terms ON public.freelancer_profiles USING gin (search_terms) WHERE (search_terms IS NOT NULL);

CREATE INDEX gig_counters_most_ordered ON public.gig_counters USING btree (order_count DESC, gig_id DESC) WHERE (status = 'active'::text);

CREATE INDEX gig_counters_trending ON public.gig_counters USING btree (trend_score DESC, gig_id DESC) WHERE (status = 'active'::text);

CREATE INDEX gig_extras_newest ON public.gig_extras USING btree (created_at DESC, id DESC);

CREATE INDEX gig_extras_of_gig ON public.gig_extras USING btree (gig_id, id);

CREATE INDEX gig_faqs_newest ON public.gig_faqs USING btree (created_at DESC, id DESC);

CREATE INDEX gig_faqs_of_gig ON public.gig_faqs USING btree (gig_id, display_order, id);

CREATE INDEX gig_faqs_ordered ON public.gig_faqs USING btree (display_order, id);

CREATE INDEX gig_packages_by_days ON public.gig_packages USING btree (delivery_days, gig_id);

CREATE INDEX gig_packages_newest ON public.gig_packages USING btree (created_at DESC, id DESC);

CREATE INDEX gig_requirements_newest ON public.gig_requirements USING btree (created_at DESC, id DESC);

CREATE INDEX gig_requirements_of_gig ON public.gig_requirements USING btree (gig_id, display_order, id);

CREATE INDEX gig_requirements_ordered ON public.gig_requirements USING btree (display_order, id);

CREATE INDEX gigs_best ON public.gigs USING btree (rating DESC, id DESC) WHERE (status = 'active'::text);

CREATE INDEX gigs_by_status ON public.gigs USING btree (status, created_at DESC, id DESC);

CREATE INDEX gigs_cheapest ON public.gigs USING btree (starting_price, id) WHERE (status = 'active'::text);

CREATE INDEX gigs_featured ON public.gigs USING btree (rating DESC, id DESC) WHERE ((status = 'active'::text) AND is_featured);

CREATE INDEX gigs_newest ON public.gigs USING btree (created_at DESC, id DESC) WHERE (status = 'active'::text);

CREATE INDEX gigs_of_category ON public.gigs USING btree (category_id, created_at DESC, id DESC) WHERE (status = 'active'::text);

CREATE INDEX gigs_of_freelancer ON public.gigs USING btree (freelancer_id, created_at DESC, id DESC);

CREATE INDEX gigs_of_subcategory ON public.gigs USING btree (subcategory_id, created_at DESC, id DESC) WHERE (status = 'active'::text);

CREATE INDEX gigs_published ON public.gigs USING btree (published_at) WHERE (status = 'active'::text);

CREATE INDEX gigs_search ON public.gigs USING gin (search_vector) WHERE (status = 'active'::text);

CREATE INDEX gigs_tags ON public.gigs USING gin (tags);

CREATE INDEX gigs_terms ON public.gigs USING gin (search_terms) WHERE ((status = 'active'::text) AND (search_terms IS NOT NULL));

CREATE INDEX gigs_title ON public.gigs USING gin (title public.gin_trgm_ops) WHERE (status = 'active'::text);

CREATE INDEX gigs_top_of_category ON public.gigs USING btree (category_id, rating DESC, id DESC) WHERE (status = 'active'::text);

CREATE INDEX idempotency_keys_old ON public.idempotency_keys USING btree (created_at);

CREATE INDEX identity_verifications_by_status ON public.identity_verifications USING btree (status, id);

CREATE INDEX identity_verifications_expiring ON public.identity_verifications USING btree (expires_at) WHERE (status = 'approved'::text);

CREATE INDEX identity_verifications_files ON public.identity_verifications USING gin (document_file_ids) WHERE (document_file_ids <> '{}'::uuid[]);

CREATE INDEX identity_verifications_of_user ON public.identity_verifications USING btree (user_id, id);

CREATE INDEX job_skills_newest ON public.job_skills USING btree (created_at DESC, id DESC);

CREATE INDEX job_skills_of_skill ON public.job_skills USING btree (skill_id, job_id);

CREATE INDEX job_skills_of_skill_newest ON public.job_skills USING btree (skill_id, created_at DESC, id DESC);

CREATE INDEX jobs_best_paid ON public.jobs USING btree (budget_max DESC NULLS LAST, id DESC) WHERE (status = 'open'::text);

CREATE INDEX jobs_budget ON public.jobs USING btree (category_id, budget_min, budget_max, created_at DESC) WHERE (status = 'open'::text);

CREATE INDEX jobs_by_deadline ON public.jobs USING btree (deadline, id) WHERE (status = 'open'::text);

CREATE INDEX jobs_by_least ON public.jobs USING btree (budget_min, id) WHERE (status = 'open'::text);

CREATE INDEX jobs_by_status ON public.jobs USING btree (status, created_at DESC, id DESC);

CREATE UNIQUE INDEX jobs_external_once ON public.jobs USING btree (platform, external_job_id) WHERE (external_job_id IS NOT NULL);

CREATE INDEX jobs_featured ON public.jobs USING btree (created_at DESC, id DESC) WHERE ((status = 'open'::text) AND is_featured);

CREATE INDEX jobs_files ON public.jobs USING gin (attachment_ids) WHERE (attachment_ids <> '{}'::uuid[]);

CREATE INDEX jobs_newest ON public.jobs USING btree (created_at DESC, id DESC) WHERE (status = 'open'::text);

CREATE INDEX jobs_of_category ON public.jobs USING btree (category_id, created_at DESC, id DESC) WHERE (status = 'open'::text);

CREATE INDEX jobs_of_client ON public.jobs USING btree (client_id, created_at DESC, id DESC);

CREATE INDEX jobs_of_platform ON public.jobs USING btree (platform, created_at DESC, id DESC) WHERE (platform <> 'internal'::text);

CREATE INDEX jobs_of_senior ON public.jobs USING btree (senior_developer_id) WHERE (senior_developer_id IS NOT NULL);

CREATE INDEX jobs_published ON public.jobs USING btree (published_at) WHERE (status = 'open'::text);

CREATE INDEX jobs_search ON public.jobs USING gin (search_vector) WHERE (status = 'open'::text);

CREATE INDEX jobs_tags ON public.jobs USING gin (tags);

CREATE INDEX jobs_terms ON public.jobs USING gin (search_terms) WHERE ((status = 'open'::text) AND (search_terms IS NOT NULL));

CREATE INDEX jobs_title ON public.jobs USING gin (title public.gin_trgm_ops) WHERE (status = 'open'::text);

CREATE INDEX journal_lines_of_account ON public.journal_lines USING btree (account_id, journal_id);

CREATE INDEX journals_by_day ON public.journals USING btree (created_at);

CREATE INDEX journals_of_contract ON public.journals USING btree (contract_id, id) WHERE (contract_id IS NOT NULL);

CREATE INDEX learning_paths_of_user ON public.learning_paths USING btree (user_id, id);

CREATE INDEX ledger_accounts_of_contract ON public.ledger_accounts USING btree (contract_id) WHERE (contract_id IS NOT NULL);

CREATE INDEX ledger_accounts_of_user ON public.ledger_accounts USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE UNIQUE INDEX ledger_accounts_once ON public.ledger_accounts USING btree (kind, currency, COALESCE(user_id, contract_id, '00000000-0000-0000-0000-000000000000'::uuid));

CREATE INDEX ledger_lots_of_deposit ON public.ledger_lots USING btree (deposit_id) WHERE (deposit_id IS NOT NULL);

CREATE INDEX ledger_lots_of_milestone ON public.ledger_lots USING btree (milestone_id) WHERE (milestone_id IS NOT NULL);

CREATE INDEX local_provider_events_due ON public.local_provider_events USING btree (due_at, number, id) WHERE (sent < times);

CREATE INDEX local_provider_events_of ON public.local_provider_events USING btree (key, due_at);

CREATE INDEX local_provider_operations_of ON public.local_provider_operations USING btree (of_key) WHERE (of_key IS NOT NULL);

CREATE INDEX login_networks_by_age ON public.login_networks USING btree (last_login_at);

CREATE INDEX mail_suppressions_updated ON public.mail_suppressions USING btree (updated_at);

CREATE INDEX meetings_of_conversation ON public.meetings USING btree (conversation_id, starts_at);

CREATE INDEX meetings_of_creator ON public.meetings USING btree (created_by, created_at DESC, id DESC);

CREATE INDEX message_attachments_of_file ON public.message_attachments USING btree (file_id, conversation_id);

CREATE INDEX message_keys_of_client ON ONLY public.message_keys USING btree (client_id);

CREATE INDEX messages_changed ON ONLY public.messages USING btree (conversation_id, rev) WHERE is_changed;

CREATE INDEX messages_replies ON ONLY public.messages USING btree (conversation_id, parent_id, seq) WHERE (parent_id IS NOT NULL);

CREATE UNIQUE INDEX mfa_factors_once ON public.mfa_factors USING btree (user_id, kind);

CREATE INDEX milestones_by_status ON public.milestones USING btree (status, due_date);

CREATE INDEX notification_deliveries_due ON ONLY public.notification_deliveries USING btree (channel, rank, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notification_deliveries_0_channel_rank_next_attempt_at_idx ON public.notification_deliveries_0 USING btree (channel, rank, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notification_deliveries_dead ON ONLY public.notification_deliveries USING btree (updated_at) WHERE (status = 'dead'::text);

CREATE INDEX notification_deliveries_0_updated_at_idx ON public.notification_deliveries_0 USING btree (updated_at) WHERE (status = 'dead'::text);

CREATE INDEX notification_deliveries_leased ON ONLY public.notification_deliveries USING btree (user_id, channel, id) WHERE (status = 'leased'::text);

CREATE INDEX notification_deliveries_0_user_id_channel_id_idx ON public.notification_deliveries_0 USING btree (user_id, channel, id) WHERE (status = 'leased'::text);

CREATE INDEX notification_deliveries_tried ON ONLY public.notification_deliveries USING btree (user_id, channel, tried_since) WHERE (tried_since IS NOT NULL);

CREATE INDEX notification_deliveries_0_user_id_channel_tried_since_idx ON public.notification_deliveries_0 USING btree (user_id, channel, tried_since) WHERE (tried_since IS NOT NULL);

CREATE INDEX notification_deliveries_listed ON ONLY public.notification_deliveries USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX notification_deliveries_0_user_id_created_at_id_idx ON public.notification_deliveries_0 USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX notification_deliveries_digested ON ONLY public.notification_deliveries USING btree (user_id, updated_at) WHERE ((status = 'cancelled'::text) AND (reason = 'digest'::text));

CREATE INDEX notification_deliveries_0_user_id_updated_at_idx ON public.notification_deliveries_0 USING btree (user_id, updated_at) WHERE ((status = 'cancelled'::text) AND (reason = 'digest'::text));

CREATE INDEX notification_deliveries_1_channel_rank_next_attempt_at_idx ON public.notification_deliveries_1 USING btree (channel, rank, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notification_deliveries_1_updated_at_idx ON public.notification_deliveries_1 USING btree (updated_at) WHERE (status = 'dead'::text);

CREATE INDEX notification_deliveries_1_user_id_channel_id_idx ON public.notification_deliveries_1 USING btree (user_id, channel, id) WHERE (status = 'leased'::text);

CREATE INDEX notification_deliveries_1_user_id_channel_tried_since_idx ON public.notification_deliveries_1 USING btree (user_id, channel, tried_since) WHERE (tried_since IS NOT NULL);

CREATE INDEX notification_deliveries_1_user_id_created_at_id_idx ON public.notification_deliveries_1 USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX notification_deliveries_1_user_id_updated_at_idx ON public.notification_deliveries_1 USING btree (user_id, updated_at) WHERE ((status = 'cancelled'::text) AND (reason = 'digest'::text));

CREATE INDEX notification_deliveries_2_channel_rank_next_attempt_at_idx ON public.notification_deliveries_2 USING btree (channel, rank, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notification_deliveries_2_updated_at_idx ON public.notification_deliveries_2 USING btree (updated_at) WHERE (status = 'dead'::text);

CREATE INDEX notification_deliveries_2_user_id_channel_id_idx ON public.notification_deliveries_2 USING btree (user_id, channel, id) WHERE (status = 'leased'::text);

CREATE INDEX notification_deliveries_2_user_id_channel_tried_since_idx ON public.notification_deliveries_2 USING btree (user_id, channel, tried_since) WHERE (tried_since IS NOT NULL);

CREATE INDEX notification_deliveries_2_user_id_created_at_id_idx ON public.notification_deliveries_2 USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX notification_deliveries_2_user_id_updated_at_idx ON public.notification_deliveries_2 USING btree (user_id, updated_at) WHERE ((status = 'cancelled'::text) AND (reason = 'digest'::text));

CREATE INDEX notification_deliveries_3_channel_rank_next_attempt_at_idx ON public.notification_deliveries_3 USING btree (channel, rank, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX notification_deliveries_3_updated_at_idx ON public.notification_deliveries_3 USING btree (updated_at) WHERE (status = 'dead'::text);

CREATE INDEX notification_deliveries_3_user_id_channel_id_idx ON public.notification_deliveries_3 USING btree (user_id, channel, id) WHERE (status = 'leased'::text);

CREATE INDEX notification_deliveries_3_user_id_channel_tried_since_idx ON public.notification_deliveries_3 USING btree (user_id, channel, tried_since) WHERE (tried_since IS NOT NULL);

CREATE INDEX notification_deliveries_3_user_id_created_at_id_idx ON public.notification_deliveries_3 USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX notification_deliveries_3_user_id_updated_at_idx ON public.notification_deliveries_3 USING btree (user_id, updated_at) WHERE ((status = 'cancelled'::text) AND (reason = 'digest'::text));

CREATE INDEX notification_delivery_items_of ON ONLY public.notification_delivery_items USING btree (user_id, delivery_id);

CREATE INDEX notification_delivery_items_0_user_id_delivery_id_idx ON public.notification_delivery_items_0 USING btree (user_id, delivery_id);

CREATE INDEX notification_delivery_items_1_user_id_delivery_id_idx ON public.notification_delivery_items_1 USING btree (user_id, delivery_id);

CREATE INDEX notification_delivery_items_2_user_id_delivery_id_idx ON public.notification_delivery_items_2 USING btree (user_id, delivery_id);

CREATE INDEX notification_delivery_items_3_user_id_delivery_id_idx ON public.notification_delivery_items_3 USING btree (user_id, delivery_id);

CREATE INDEX notifications_listed ON ONLY public.notifications USING btree (user_id, updated_at DESC, id DESC) WHERE ((archived_at IS NULL) AND in_app);

CREATE INDEX notifications_0_changed ON public.notifications_0 USING btree (user_id, updated_at DESC, id DESC) WHERE ((archived_at IS NULL) AND in_app);

CREATE INDEX notifications_open ON ONLY public.notifications USING btree (user_id, subject_id) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_0_open ON public.notifications_0 USING btree (user_id, subject_id) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_put_away ON ONLY public.notifications USING btree (user_id, subject_id) WHERE ((type = 'message.run'::text) AND (archived_at IS NOT NULL));

CREATE INDEX notifications_0_put_away ON public.notifications_0 USING btree (user_id, subject_id) WHERE ((type = 'message.run'::text) AND (archived_at IS NOT NULL));

CREATE UNIQUE INDEX notifications_unread_group ON ONLY public.notifications USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE UNIQUE INDEX notifications_0_user_id_group_key_expires_at_idx ON public.notifications_0 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_1_changed ON public.notifications_1 USING btree (user_id, updated_at DESC, id DESC) WHERE ((archived_at IS NULL) AND in_app);

CREATE INDEX notifications_1_open ON public.notifications_1 USING btree (user_id, subject_id) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_1_put_away ON public.notifications_1 USING btree (user_id, subject_id) WHERE ((type = 'message.run'::text) AND (archived_at IS NOT NULL));

CREATE UNIQUE INDEX notifications_1_user_id_group_key_expires_at_idx ON public.notifications_1 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_2_changed ON public.notifications_2 USING btree (user_id, updated_at DESC, id DESC) WHERE ((archived_at IS NULL) AND in_app);

CREATE INDEX notifications_2_open ON public.notifications_2 USING btree (user_id, subject_id) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_2_put_away ON public.notifications_2 USING btree (user_id, subject_id) WHERE ((type = 'message.run'::text) AND (archived_at IS NOT NULL));

CREATE UNIQUE INDEX notifications_2_user_id_group_key_expires_at_idx ON public.notifications_2 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_3_changed ON public.notifications_3 USING btree (user_id, updated_at DESC, id DESC) WHERE ((archived_at IS NULL) AND in_app);

CREATE INDEX notifications_3_open ON public.notifications_3 USING btree (user_id, subject_id) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX notifications_3_put_away ON public.notifications_3 USING btree (user_id, subject_id) WHERE ((type = 'message.run'::text) AND (archived_at IS NOT NULL));

CREATE UNIQUE INDEX notifications_3_user_id_group_key_expires_at_idx ON public.notifications_3 USING btree (user_id, group_key) INCLUDE (expires_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL));

CREATE INDEX oauth_identities_of_user ON public.oauth_identities USING btree (user_id);

CREATE INDEX outbox_aside_of_kind ON public.outbox_aside USING btree (consumer, kind, set_aside_at);

CREATE INDEX outbox_of_consumer ON public.outbox USING btree (consumer, id);

CREATE INDEX participants_of_user ON public.conversation_participants USING btree (user_id, conversation_id);

CREATE INDEX payment_methods_of_user ON public.payment_methods USING btree (user_id, id);

CREATE UNIQUE INDEX payment_methods_one_default ON public.payment_methods USING btree (user_id) WHERE is_default;

CREATE INDEX payout_batches_newest ON public.payout_batches USING btree (created_at DESC, id DESC);

CREATE INDEX payout_methods_of_user ON public.payout_methods USING btree (user_id, id);

CREATE UNIQUE INDEX payout_methods_one_default ON public.payout_methods USING btree (user_id) WHERE is_default;

CREATE INDEX people_names_words ON public.people_names USING gin (words public.gin_trgm_ops);

CREATE INDEX portfolio_items_featured ON public.portfolio_items USING btree (display_order, id) WHERE is_featured;

CREATE INDEX portfolio_items_files ON public.portfolio_items USING gin (file_ids) WHERE (file_ids <> '{}'::uuid[]);

CREATE INDEX portfolio_items_newest ON public.portfolio_items USING btree (created_at DESC, id DESC);

CREATE INDEX portfolio_items_of_user ON public.portfolio_items USING btree (user_id, display_order, id);

CREATE INDEX portfolio_items_ordered ON public.portfolio_items USING btree (display_order, id);

CREATE INDEX proposals_by_status ON public.proposals USING btree (status, created_at DESC, id DESC);

CREATE INDEX proposals_files ON public.proposals USING gin (attachment_ids) WHERE (attachment_ids <> '{}'::uuid[]);

CREATE INDEX proposals_of_client ON public.proposals USING btree (client_id, created_at DESC, id DESC);

CREATE INDEX proposals_of_freelancer ON public.proposals USING btree (freelancer_id, created_at DESC, id DESC);

CREATE INDEX proposals_of_job ON public.proposals USING btree (job_id, created_at DESC, id DESC);

CREATE INDEX proposals_rejected_by ON public.proposals USING btree (rejected_by) WHERE (rejected_by IS NOT NULL);

CREATE INDEX provider_events_due ON public.provider_events USING btree (next_attempt_at, id) WHERE (state = 'waiting'::text);

CREATE INDEX provider_events_parked ON public.provider_events USING btree (parked_at) WHERE (state = 'parked'::text);

CREATE INDEX push_devices_of_session ON public.push_devices USING btree (session_id);

CREATE INDEX push_devices_of_user ON public.push_devices USING btree (user_id, id);

CREATE INDEX refunds_by_status ON public.refunds USING btree (status, id);

CREATE INDEX refunds_of_contract ON public.refunds USING btree (contract_id, id);

CREATE INDEX refunds_of_release ON public.refunds USING btree (release_id, id);

CREATE UNIQUE INDEX refunds_one_asked ON public.refunds USING btree (release_id) WHERE (status = 'requested'::text);

CREATE INDEX release_lots_of_deposit ON public.release_lots USING btree (deposit_id) WHERE (deposit_id IS NOT NULL);

CREATE UNIQUE INDEX releases_asked_once ON public.releases USING btree (client_id, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX releases_by_status ON public.releases USING btree (status, created_at DESC, id DESC);

CREATE INDEX releases_newest ON public.releases USING btree (created_at DESC, id DESC);

CREATE INDEX releases_of_client ON public.releases USING btree (client_id, created_at DESC, id DESC) WHERE (client_id IS NOT NULL);

CREATE INDEX releases_of_contract ON public.releases USING btree (contract_id, id) WHERE (contract_id IS NOT NULL);

CREATE INDEX releases_of_freelancer ON public.releases USING btree (freelancer_id, created_at DESC, id DESC);

CREATE INDEX releases_of_job ON public.releases USING btree (job_id) WHERE (job_id IS NOT NULL);

CREATE INDEX releases_of_milestone ON public.releases USING btree (milestone_id);

CREATE INDEX releases_of_user ON public.releases USING btree (user_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX releases_once ON public.releases USING btree (milestone_id, user_id) WHERE (milestone_id IS NOT NULL);

CREATE INDEX releases_uncleared ON public.releases USING btree (user_id, currency) WHERE (status = ANY (ARRAY['pending'::text, 'frozen'::text]));

CREATE INDEX reports_by_status ON public.reports USING btree (status, id);

CREATE INDEX reports_of_reporter ON public.reports USING btree (reporter_id, created_at DESC, id DESC);

CREATE INDEX reports_on_subject ON public.reports USING btree (subject_id);

CREATE UNIQUE INDEX reports_open_once ON public.reports USING btree (reporter_id, subject_type, subject_id) WHERE (status = 'open'::text);

CREATE INDEX review_invitations_by_status ON public.review_invitations USING btree (status, created_at DESC, id DESC);

CREATE INDEX review_invitations_expiring ON public.review_invitations USING btree (expires_at) WHERE (status = 'invited'::text);

CREATE INDEX review_invitations_of_reviewer ON public.review_invitations USING btree (reviewer_id, id);

CREATE INDEX review_votes_of_user ON public.review_votes USING btree (user_id, id);

CREATE INDEX reviews_best ON public.reviews USING btree (overall_rating DESC, id DESC) WHERE (status = 'published'::text);

CREATE INDEX reviews_by_status ON public.reviews USING btree (status, created_at DESC, id DESC);

CREATE INDEX reviews_newest ON public.reviews USING btree (created_at DESC, id DESC) WHERE (status = 'published'::text);

CREATE INDEX reviews_of_gig ON public.reviews USING btree (gig_id, created_at DESC, id DESC) WHERE (gig_id IS NOT NULL);

CREATE INDEX reviews_of_reviewee ON public.reviews USING btree (reviewee_id, created_at DESC, id DESC);

CREATE INDEX reviews_of_reviewer ON public.reviews USING btree (reviewer_id, created_at DESC, id DESC);

CREATE INDEX reviews_search ON public.reviews USING gin (search_vector) WHERE (status = 'published'::text);

CREATE INDEX reviews_terms ON public.reviews USING gin (search_terms) WHERE ((status = 'published'::text) AND (search_terms IS NOT NULL));

CREATE INDEX reviews_title ON public.reviews USING gin (title public.gin_trgm_ops) WHERE (status = 'published'::text);

CREATE INDEX saved_searches_due ON public.saved_searches USING btree (search_type, alert_frequency, COALESCE(alerted_at, created_at), id) WHERE alert_enabled;

CREATE INDEX saved_searches_of_user ON public.saved_searches USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX search_history_of_user ON public.search_history USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX search_history_old ON public.search_history USING btree (created_at);

CREATE INDEX search_words_shortened ON public.search_words USING gin (shortened);

CREATE INDEX session_replaced_tokens_replaced_at_idx ON public.session_replaced_tokens USING btree (replaced_at);

CREATE INDEX session_replaced_tokens_session_id_idx ON public.session_replaced_tokens USING btree (session_id);

CREATE INDEX sessions_revoked_at_idx ON public.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id, id);

CREATE INDEX shadowing_sessions_by_status ON public.shadowing_sessions USING btree (status, created_at DESC, id DESC);

CREATE INDEX shadowing_sessions_newest ON public.shadowing_sessions USING btree (created_at DESC, id DESC);

CREATE INDEX shadowing_sessions_of_client ON public.shadowing_sessions USING btree (client_id, id);

CREATE INDEX shadowing_sessions_of_job ON public.shadowing_sessions USING btree (job_id, created_at DESC, id DESC);

CREATE INDEX shadowing_sessions_of_mentor ON public.shadowing_sessions USING btree (mentor_id, id);

CREATE INDEX shadowing_sessions_of_student ON public.shadowing_sessions USING btree (student_id, id);

CREATE INDEX skill_edges_back ON public.skill_edges USING btree (to_skill_id, kind);

CREATE INDEX skills_listed ON public.skills USING btree (sort_order, id);

CREATE INDEX skills_name ON public.skills USING gin (name public.gin_trgm_ops);

CREATE INDEX skills_of_category ON public.skills USING btree (category_id, sort_order, id);

CREATE INDEX skills_terms ON public.skills USING gin (search_terms) WHERE (search_terms IS NOT NULL);

CREATE INDEX split_items_newest ON public.split_items USING btree (created_at DESC, id DESC);

CREATE INDEX split_items_of_contract ON public.split_items USING btree (contract_id, id);

CREATE INDEX split_items_of_dispute ON public.split_items USING btree (dispute_id) WHERE (dispute_id IS NOT NULL);

CREATE INDEX split_items_of_milestone ON public.split_items USING btree (milestone_id) WHERE (milestone_id IS NOT NULL);

CREATE INDEX split_items_of_offer ON public.split_items USING btree (offer_id) WHERE (offer_id IS NOT NULL);

CREATE INDEX split_items_of_release ON public.split_items USING btree (release_id) WHERE (release_id IS NOT NULL);

CREATE INDEX status_history_of_entity ON public.status_history USING btree (entity_type, entity_id, id);

CREATE INDEX status_history_of_one ON public.status_history USING btree (entity_id, created_at DESC, id DESC);

CREATE INDEX strangers_reached_lately ON public.strangers_reached USING btree (user_id, reached_at);

CREATE INDEX support_tickets_assigned ON public.support_tickets USING btree (assigned_to, status) WHERE (assigned_to IS NOT NULL);

CREATE INDEX support_tickets_by_status ON public.support_tickets USING btree (status, priority, id);

CREATE INDEX support_tickets_files ON public.support_tickets USING gin (attachment_ids) WHERE (attachment_ids <> '{}'::uuid[]);

CREATE INDEX support_tickets_newest ON public.support_tickets USING btree (created_at DESC, id DESC);

CREATE INDEX support_tickets_of_user ON public.support_tickets USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX task_dependencies_back ON public.task_dependencies USING btree (depends_on_id);

CREATE INDEX task_matches_of_user ON public.task_matches USING btree (user_id, match_score DESC);

CREATE INDEX tasks_by_status ON public.tasks USING btree (status, created_at DESC, id DESC);

CREATE INDEX tasks_of_agent ON public.tasks USING btree (agent_id, status) WHERE (agent_id IS NOT NULL);

CREATE INDEX tasks_of_assignee ON public.tasks USING btree (assignee_id, status, id) WHERE (assignee_id IS NOT NULL);

CREATE INDEX tasks_of_client ON public.tasks USING btree (client_id, id);

CREATE INDEX tasks_of_job ON public.tasks USING btree (job_id, priority DESC, id);

CREATE INDEX tasks_ready ON public.tasks USING btree (status, priority DESC, id) WHERE (status = 'pending'::text);

CREATE INDEX templates_of_user ON public.templates USING btree (user_id, id);

CREATE INDEX timers_due ON public.timers USING btree (earliest) WHERE ((parked_at IS NULL) AND (told_at IS NULL));

CREATE INDEX timers_parked ON public.timers USING btree (parked_at) WHERE (parked_at IS NOT NULL);

CREATE INDEX transactions_by_status ON ONLY public.transactions USING btree (status, created_at DESC, id DESC);

CREATE INDEX transactions_by_type ON ONLY public.transactions USING btree (type, created_at DESC, id DESC);

CREATE INDEX transactions_newest ON ONLY public.transactions USING btree (created_at DESC, id DESC);

CREATE INDEX transactions_of_contract ON ONLY public.transactions USING btree (contract_id, created_at DESC);

CREATE INDEX transactions_of_job ON ONLY public.transactions USING btree (job_id, created_at DESC, id DESC);

CREATE INDEX transactions_of_milestone ON ONLY public.transactions USING btree (milestone_id, created_at DESC, id DESC);

CREATE INDEX transactions_of_payee ON ONLY public.transactions USING btree (payee_id, created_at DESC, id DESC);

CREATE INDEX transactions_of_payer ON ONLY public.transactions USING btree (payer_id, created_at DESC, id DESC);

CREATE INDEX transactions_unfinished ON ONLY public.transactions USING btree (created_at DESC) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

CREATE INDEX user_blocks_blocked ON public.user_blocks USING btree (blocked_id, blocker_id);

CREATE INDEX user_categories_newest ON public.user_categories USING btree (created_at DESC, id DESC);

CREATE INDEX user_categories_of_category ON public.user_categories USING btree (category_id, user_id);

CREATE UNIQUE INDEX user_categories_one_primary ON public.user_categories USING btree (user_id) WHERE is_primary;

CREATE INDEX user_consents_of_user ON public.user_consents USING btree (user_id, consent_type, id DESC);

CREATE INDEX user_private_email_idx ON public.user_private USING hash (email);

CREATE UNIQUE INDEX user_private_email_key ON public.user_private USING btree (email_canonical) WHERE (email_canonical IS NOT NULL);

CREATE INDEX user_private_without_canonical ON public.user_private USING btree (user_id) WHERE (email_canonical IS NULL);

CREATE INDEX user_skills_newest ON public.user_skills USING btree (created_at DESC, id DESC);

CREATE INDEX user_skills_of_skill ON public.user_skills USING btree (skill_id, level DESC, user_id);

CREATE INDEX view_events_of_entity ON ONLY public.view_events USING btree (entity_type, entity_id, viewed_at);

CREATE INDEX view_events_of_viewer ON ONLY public.view_events USING btree (viewer_id) WHERE (viewer_id IS NOT NULL);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (next_attempt_at) WHERE (status = 'pending'::text);

CREATE INDEX webhook_deliveries_of_endpoint ON public.webhook_deliveries USING btree (webhook_endpoint_id, id DESC);

CREATE INDEX webhook_endpoints_by_status ON public.webhook_endpoints USING btree (status, created_at DESC, id DESC);

CREATE INDEX webhook_endpoints_of_user ON public.webhook_endpoints USING btree (user_id, id);

CREATE UNIQUE INDEX withdrawals_asked_once ON public.withdrawals USING btree (user_id, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX withdrawals_by_status ON public.withdrawals USING btree (status, id);

CREATE INDEX withdrawals_of_batch ON public.withdrawals USING btree (payout_batch_id) WHERE (payout_batch_id IS NOT NULL);

CREATE INDEX withdrawals_of_user ON public.withdrawals USING btree (user_id, created_at DESC, id DESC);

CREATE INDEX work_experiences_newest ON public.work_experiences USING btree (created_at DESC, id DESC);

CREATE INDEX work_experiences_of_user ON public.work_experiences USING btree (user_id, id);

ALTER INDEX public.notification_deliveries_due ATTACH PARTITION public.notification_deliveries_0_channel_rank_next_attempt_at_idx;

ALTER INDEX public.notification_deliveries_pkey ATTACH PARTITION public.notification_deliveries_0_pkey;

ALTER INDEX public.notification_deliveries_dead ATTACH PARTITION public.notification_deliveries_0_updated_at_idx;

ALTER INDEX public.deliveries_once ATTACH PARTITION public.notification_deliveries_0_user_id_channel_endpoint_group_ke_key;

ALTER INDEX public.notification_deliveries_leased ATTACH PARTITION public.notification_deliveries_0_user_id_channel_id_idx;

ALTER INDEX public.notification_deliveries_tried ATTACH PARTITION public.notification_deliveries_0_user_id_channel_tried_since_idx;

ALTER INDEX public.notification_deliveries_listed ATTACH PARTITION public.notification_deliveries_0_user_id_created_at_id_idx;

ALTER INDEX public.notification_deliveries_digested ATTACH PARTITION public.notification_deliveries_0_user_id_updated_at_idx;

ALTER INDEX public.notification_deliveries_due ATTACH PARTITION public.notification_deliveries_1_channel_rank_next_attempt_at_idx;

ALTER INDEX public.notification_deliveries_pkey ATTACH PARTITION public.notification_deliveries_1_pkey;

ALTER INDEX public.notification_deliveries_dead ATTACH PARTITION public.notification_deliveries_1_updated_at_idx;

ALTER INDEX public.deliveries_once ATTACH PARTITION public.notification_deliveries_1_user_id_channel_endpoint_group_ke_key;

ALTER INDEX public.notification_deliveries_leased ATTACH PARTITION public.notification_deliveries_1_user_id_channel_id_idx;

ALTER INDEX public.notification_deliveries_tried ATTACH PARTITION public.notification_deliveries_1_user_id_channel_tried_since_idx;

ALTER INDEX public.notification_deliveries_listed ATTACH PARTITION public.notification_deliveries_1_user_id_created_at_id_idx;

ALTER INDEX public.notification_deliveries_digested ATTACH PARTITION public.notification_deliveries_1_user_id_updated_at_idx;

ALTER INDEX public.notification_deliveries_due ATTACH PARTITION public.notification_deliveries_2_channel_rank_next_attempt_at_idx;

ALTER INDEX public.notification_deliveries_pkey ATTACH PARTITION public.notification_deliveries_2_pkey;

ALTER INDEX public.notification_deliveries_dead ATTACH PARTITION public.notification_deliveries_2_updated_at_idx;

ALTER INDEX public.deliveries_once ATTACH PARTITION public.notification_deliveries_2_user_id_channel_endpoint_group_ke_key;

ALTER INDEX public.notification_deliveries_leased ATTACH PARTITION public.notification_deliveries_2_user_id_channel_id_idx;

ALTER INDEX public.notification_deliveries_tried ATTACH PARTITION public.notification_deliveries_2_user_id_channel_tried_since_idx;

ALTER INDEX public.notification_deliveries_listed ATTACH PARTITION public.notification_deliveries_2_user_id_created_at_id_idx;

ALTER INDEX public.notification_deliveries_digested ATTACH PARTITION public.notification_deliveries_2_user_id_updated_at_idx;

ALTER INDEX public.notification_deliveries_due ATTACH PARTITION public.notification_deliveries_3_channel_rank_next_attempt_at_idx;

ALTER INDEX public.notification_deliveries_pkey ATTACH PARTITION public.notification_deliveries_3_pkey;

ALTER INDEX public.notification_deliveries_dead ATTACH PARTITION public.notification_deliveries_3_updated_at_idx;

ALTER INDEX public.deliveries_once ATTACH PARTITION public.notification_deliveries_3_user_id_channel_endpoint_group_ke_key;

ALTER INDEX public.notification_deliveries_leased ATTACH PARTITION public.notification_deliveries_3_user_id_channel_id_idx;

ALTER INDEX public.notification_deliveries_tried ATTACH PARTITION public.notification_deliveries_3_user_id_channel_tried_since_idx;

ALTER INDEX public.notification_deliveries_listed ATTACH PARTITION public.notification_deliveries_3_user_id_created_at_id_idx;

ALTER INDEX public.notification_deliveries_digested ATTACH PARTITION public.notification_deliveries_3_user_id_updated_at_idx;

ALTER INDEX public.notification_delivery_items_pkey ATTACH PARTITION public.notification_delivery_items_0_pkey;

ALTER INDEX public.notification_delivery_items_of ATTACH PARTITION public.notification_delivery_items_0_user_id_delivery_id_idx;

ALTER INDEX public.notification_delivery_items_pkey ATTACH PARTITION public.notification_delivery_items_1_pkey;

ALTER INDEX public.notification_delivery_items_of ATTACH PARTITION public.notification_delivery_items_1_user_id_delivery_id_idx;

ALTER INDEX public.notification_delivery_items_pkey ATTACH PARTITION public.notification_delivery_items_2_pkey;

ALTER INDEX public.notification_delivery_items_of ATTACH PARTITION public.notification_delivery_items_2_user_id_delivery_id_idx;

ALTER INDEX public.notification_delivery_items_pkey ATTACH PARTITION public.notification_delivery_items_3_pkey;

ALTER INDEX public.notification_delivery_items_of ATTACH PARTITION public.notification_delivery_items_3_user_id_delivery_id_idx;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_0_changed;

ALTER INDEX public.notifications_open ATTACH PARTITION public.notifications_0_open;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_0_pkey;

ALTER INDEX public.notifications_put_away ATTACH PARTITION public.notifications_0_put_away;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_0_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_1_changed;

ALTER INDEX public.notifications_open ATTACH PARTITION public.notifications_1_open;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_1_pkey;

ALTER INDEX public.notifications_put_away ATTACH PARTITION public.notifications_1_put_away;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_1_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_2_changed;

ALTER INDEX public.notifications_open ATTACH PARTITION public.notifications_2_open;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_2_pkey;

ALTER INDEX public.notifications_put_away ATTACH PARTITION public.notifications_2_put_away;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_2_user_id_group_key_expires_at_idx;

ALTER INDEX public.notifications_listed ATTACH PARTITION public.notifications_3_changed;

ALTER INDEX public.notifications_open ATTACH PARTITION public.notifications_3_open;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_3_pkey;

ALTER INDEX public.notifications_put_away ATTACH PARTITION public.notifications_3_put_away;

ALTER INDEX public.notifications_unread_group ATTACH PARTITION public.notifications_3_user_id_group_key_expires_at_idx;

CREATE TRIGGER ai_analyses_guarded BEFORE INSERT OR UPDATE OF status ON public.ai_analyses FOR EACH ROW EXECUTE FUNCTION public.guard_status('ai_analyses');

CREATE TRIGGER ai_analyses_touch BEFORE UPDATE OF id, kind, job_id, user_id, input_hash, result, provider, error, status, created_at ON public.ai_analyses FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER categories_audited AFTER INSERT OR DELETE OR UPDATE ON public.categories FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER categories_copied AFTER INSERT OR DELETE OR UPDATE OF description, icon_url, is_active, name, names, parent_id, slug, sort_order ON public.categories FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER categories_touch BEFORE UPDATE OF id, parent_id, slug, name, names, description, icon_url, is_active, sort_order, created_at ON public.categories FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER certifications_guarded BEFORE INSERT OR UPDATE OF status ON public.certifications FOR EACH ROW EXECUTE FUNCTION public.guard_status('certifications');

CREATE TRIGGER certifications_touch BEFORE UPDATE OF id, user_id, level, exam_score, practical_score, industry_tracks, certified_at, expires_at, renewal_count, continuing_education_hours, status, created_at ON public.certifications FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER chargebacks_audited AFTER INSERT OR DELETE OR UPDATE ON public.chargebacks FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER client_profiles_copied AFTER INSERT OR DELETE OR UPDATE OF company_logo_url, company_name, company_size, country, description, industry, is_verified, jobs_posted, payment_verified, rating, total_reviews, verified_at, website_url ON public.client_profiles FOR EACH ROW EXECUTE FUNCTION public.tell_copies('user_id');

CREATE TRIGGER client_profiles_figures BEFORE INSERT ON public.client_profiles FOR EACH ROW EXECUTE FUNCTION public.figures_before('freelancer');

CREATE TRIGGER client_profiles_jobs_posted BEFORE INSERT ON public.client_profiles FOR EACH ROW EXECUTE FUNCTION public.jobs_posted_before();

CREATE TRIGGER client_profiles_spent AFTER INSERT ON public.client_profiles FOR EACH ROW EXECUTE FUNCTION public.spent_before();

CREATE TRIGGER client_profiles_touch BEFORE UPDATE OF user_id, company_name, company_logo_url, industry, company_size, website_url, description, country, is_verified, verified_at, payment_verified, created_at ON public.client_profiles FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER community_events_guarded BEFORE INSERT OR UPDATE OF status ON public.community_events FOR EACH ROW EXECUTE FUNCTION public.guard_status('community_events');

CREATE TRIGGER community_events_touch BEFORE UPDATE OF id, title, description, organizer_id, starts_at, ends_at, location, join_url, status, created_at ON public.community_events FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER contract_amendments_audited AFTER INSERT OR DELETE OR UPDATE ON public.contract_amendments FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER contract_amendments_guarded BEFORE INSERT OR UPDATE OF status ON public.contract_amendments FOR EACH ROW EXECUTE FUNCTION public.guard_status('contract_amendments');

CREATE TRIGGER contract_amendments_touch BEFORE UPDATE ON public.contract_amendments FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER contract_answers_files_named BEFORE INSERT OR UPDATE OF file_ids ON public.contract_answers FOR EACH ROW EXECUTE FUNCTION public.name_files('file_ids');

CREATE TRIGGER contract_answers_files_owned AFTER INSERT OR UPDATE OF file_ids ON public.contract_answers FOR EACH ROW WHEN ((new.file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('file_ids');

CREATE TRIGGER contract_answers_files_released AFTER DELETE OR UPDATE OF file_ids ON public.contract_answers FOR EACH ROW EXECUTE FUNCTION public.release_files('file_ids');

CREATE TRIGGER contract_cancellations_audited AFTER INSERT OR DELETE OR UPDATE ON public.contract_cancellations FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER contract_cancellations_guarded BEFORE INSERT OR UPDATE OF status ON public.contract_cancellations FOR EACH ROW EXECUTE FUNCTION public.guard_status('contract_cancellations');

CREATE TRIGGER contract_cancellations_touch BEFORE UPDATE OF id, contract_id, proposed_by, reason, client_amount, freelancer_amount, status, answered_at, expires_at, created_at ON public.contract_cancellations FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER contract_members_guarded BEFORE INSERT OR UPDATE OF status ON public.contract_members FOR EACH ROW EXECUTE FUNCTION public.guard_status('contract_members');

CREATE CONSTRAINT TRIGGER contract_members_hold_all AFTER INSERT OR DELETE OR UPDATE ON public.contract_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.members_must_hold_all();

CREATE TRIGGER contract_members_touch BEFORE UPDATE ON public.contract_members FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER contracts_audited AFTER INSERT OR DELETE OR UPDATE ON public.contracts FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER contracts_copied AFTER INSERT OR DELETE OR UPDATE OF accepted_at, cancelled_at, client_id, completed_at, conversation_id, currency, deadline, deliverable_description, description, dispute_ended_at, estimated_hours, expires_at, freelancer_id, gig_id, gig_package_id, idle_since, job_id, payout, platform_fee, proposal_id, revisions_allowed, revisions_used, scope_of_work, start_date, started_at, status, submitted_at, terms, title, total_amount ON public.contracts FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER contracts_expiry BEFORE INSERT OR UPDATE OF status ON public.contracts FOR EACH ROW EXECUTE FUNCTION public.keep_contract_expiry();

CREATE CONSTRAINT TRIGGER contracts_figures AFTER UPDATE OF status ON public.contracts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.status <> old.status) AND (new.status = ANY (ARRAY['completed'::text, 'refunded'::text, 'cancelled'::text, 'terminated'::text])))) EXECUTE FUNCTION public.keep_freelancer_figures();

CREATE TRIGGER contracts_guarded BEFORE INSERT OR UPDATE OF status ON public.contracts FOR EACH ROW EXECUTE FUNCTION public.guard_status('contracts');

CREATE TRIGGER contracts_touch BEFORE UPDATE ON public.contracts FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER course_enrollments_guarded BEFORE INSERT OR UPDATE OF status ON public.course_enrollments FOR EACH ROW EXECUTE FUNCTION public.guard_status('course_enrollments');

CREATE TRIGGER course_enrollments_touch BEFORE UPDATE OF id, user_id, course_id, progress_percentage, status, completed_at, created_at ON public.course_enrollments FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER courses_touch BEFORE UPDATE OF id, title, description, skill_id, url, hours, credits, is_active, created_at ON public.courses FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER data_requests_files_named BEFORE INSERT OR UPDATE OF result_file_id ON public.data_requests FOR EACH ROW EXECUTE FUNCTION public.name_files('result_file_id');

CREATE TRIGGER data_requests_files_released AFTER DELETE OR UPDATE OF result_file_id ON public.data_requests FOR EACH ROW EXECUTE FUNCTION public.release_files('result_file_id');

CREATE TRIGGER data_requests_guarded BEFORE INSERT OR UPDATE OF status ON public.data_requests FOR EACH ROW EXECUTE FUNCTION public.guard_status('data_requests');

CREATE TRIGGER data_requests_touch BEFORE UPDATE OF id, user_id, kind, status, result_file_id, reason, due_at, completed_at, created_at ON public.data_requests FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER deliverables_files_named BEFORE INSERT OR UPDATE OF file_ids ON public.deliverables FOR EACH ROW EXECUTE FUNCTION public.name_files('file_ids');

CREATE TRIGGER deliverables_files_owned AFTER INSERT OR UPDATE OF file_ids ON public.deliverables FOR EACH ROW WHEN ((new.file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('file_ids');

CREATE TRIGGER deliverables_files_released AFTER DELETE OR UPDATE OF file_ids ON public.deliverables FOR EACH ROW EXECUTE FUNCTION public.release_files('file_ids');

CREATE TRIGGER deliverables_guarded BEFORE INSERT OR UPDATE OF status ON public.deliverables FOR EACH ROW EXECUTE FUNCTION public.guard_status('deliverables');

CREATE TRIGGER deliverables_touch BEFORE UPDATE OF id, contract_id, milestone_id, delivery_number, title, description, video_urls, file_ids, client_feedback, revision_notes, status, reviewed_at, approved_at, created_at ON public.deliverables FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER deposit_returns_audited AFTER INSERT OR DELETE OR UPDATE ON public.deposit_returns FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER deposit_returns_guarded BEFORE INSERT OR UPDATE OF status ON public.deposit_returns FOR EACH ROW EXECUTE FUNCTION public.guard_status('deposit_returns');

CREATE TRIGGER deposit_returns_touch BEFORE UPDATE ON public.deposit_returns FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER deposits_audited AFTER INSERT OR DELETE OR UPDATE ON public.deposits FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER deposits_guarded BEFORE INSERT OR UPDATE OF status ON public.deposits FOR EACH ROW EXECUTE FUNCTION public.guard_status('deposits');

CREATE TRIGGER deposits_touch BEFORE UPDATE ON public.deposits FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER dispute_offers_guarded BEFORE INSERT OR UPDATE OF status ON public.dispute_offers FOR EACH ROW EXECUTE FUNCTION public.guard_status('dispute_offers');

CREATE TRIGGER dispute_offers_touch BEFORE UPDATE ON public.dispute_offers FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER disputes_answer_files_named BEFORE INSERT OR UPDATE OF answer_file_ids ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.name_files('answer_file_ids');

CREATE TRIGGER disputes_answer_files_owned AFTER INSERT OR UPDATE OF answer_file_ids ON public.disputes FOR EACH ROW WHEN ((new.answer_file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('answer_file_ids');

CREATE TRIGGER disputes_answer_files_released AFTER DELETE OR UPDATE OF answer_file_ids ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.release_files('answer_file_ids');

CREATE TRIGGER disputes_audited AFTER INSERT OR DELETE OR UPDATE ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'description', 'resolution');

CREATE TRIGGER disputes_files_named BEFORE INSERT OR UPDATE OF evidence_file_ids ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.name_files('evidence_file_ids');

CREATE TRIGGER disputes_files_owned AFTER INSERT OR UPDATE OF evidence_file_ids ON public.disputes FOR EACH ROW WHEN ((new.evidence_file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('evidence_file_ids');

CREATE TRIGGER disputes_files_released AFTER DELETE OR UPDATE OF evidence_file_ids ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.release_files('evidence_file_ids');

CREATE TRIGGER disputes_guarded BEFORE INSERT OR UPDATE OF status ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.guard_status('disputes');

CREATE TRIGGER disputes_touch BEFORE UPDATE ON public.disputes FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER educations_touch BEFORE UPDATE OF id, user_id, institution, degree, field_of_study, start_year, end_year, description, created_at ON public.educations FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER escrows_audited AFTER INSERT OR DELETE OR UPDATE ON public.escrows FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER escrows_guarded BEFORE INSERT OR UPDATE OF status ON public.escrows FOR EACH ROW EXECUTE FUNCTION public.guard_status('escrows');

CREATE TRIGGER escrows_touch BEFORE UPDATE ON public.escrows FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER favorites_counted AFTER INSERT OR DELETE ON public.favorites FOR EACH ROW EXECUTE FUNCTION public.count_favorite();

CREATE TRIGGER fee_structure_amounts AFTER INSERT OR UPDATE OF min_amount, max_amount, fixed_fee, currency ON public.fee_structure FOR EACH ROW WHEN ((public.currency_decimals(new.currency) = 0)) EXECUTE FUNCTION public.guard_amounts('min_amount', 'max_amount', 'fixed_fee');

CREATE TRIGGER fee_structure_audited AFTER INSERT OR DELETE OR UPDATE ON public.fee_structure FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER fee_structure_touch BEFORE UPDATE OF id, kind, tier_name, currency, min_amount, max_amount, platform_fee_percentage, processing_fee_percentage, fixed_fee, effective_from, effective_until, created_at ON public.fee_structure FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER file_uploads_counted AFTER INSERT OR DELETE OR UPDATE OF bytes ON public.file_uploads FOR EACH ROW EXECUTE FUNCTION public.count_file_bytes();

CREATE TRIGGER files_counted AFTER INSERT OR DELETE OR UPDATE OF bytes ON public.files FOR EACH ROW EXECUTE FUNCTION public.count_file_bytes();

CREATE TRIGGER freelancer_profiles_amounts AFTER INSERT OR UPDATE OF hourly_rate, currency ON public.freelancer_profiles FOR EACH ROW WHEN ((public.currency_decimals(new.currency) = 0)) EXECUTE FUNCTION public.guard_amounts('hourly_rate');

CREATE TRIGGER freelancer_profiles_copied AFTER INSERT OR DELETE OR UPDATE OF availability, bio, certification_level, city, country, cover_image_url, currency, experience_level, github_analysis, hourly_rate, instagram_handle, is_featured, is_verified, jobs_completed, languages, on_time_rate, portfolio_video_url, profile_image_url, rating, reputation, response_time_hours, success_rate, tagline, tiktok_handle, total_reviews, verification_level, verified_at, website_url, years_of_experience, youtube_channel ON public.freelancer_profiles FOR EACH ROW EXECUTE FUNCTION public.tell_copies('user_id');

CREATE TRIGGER freelancer_profiles_earned AFTER INSERT ON public.freelancer_profiles FOR EACH ROW EXECUTE FUNCTION public.earned_before();

CREATE TRIGGER freelancer_profiles_figures BEFORE INSERT ON public.freelancer_profiles FOR EACH ROW EXECUTE FUNCTION public.figures_before('client');

CREATE TRIGGER freelancer_profiles_terms BEFORE INSERT OR UPDATE OF tagline, bio, search_terms ON public.freelancer_profiles FOR EACH ROW EXECUTE FUNCTION public.keep_profile_terms();

CREATE TRIGGER freelancer_profiles_touch BEFORE UPDATE OF availability, bio, certification_level, city, country, cover_image_url, created_at, currency, experience_level, github_analysis, hourly_rate, instagram_handle, is_featured, is_verified, languages, portfolio_video_url, profile_image_url, response_time_hours, tagline, tiktok_handle, user_id, verification_level, verified_at, website_url, years_of_experience, youtube_channel ON public.freelancer_profiles FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER gig_counters_copied AFTER UPDATE OF favorite_count, order_count ON public.gig_counters FOR EACH ROW EXECUTE FUNCTION public.tell_copies('gig_id');

CREATE TRIGGER gig_counters_ordered BEFORE UPDATE OF order_count ON public.gig_counters FOR EACH ROW WHEN ((new.order_count > old.order_count)) EXECUTE FUNCTION public.trend_by_order();

CREATE TRIGGER gig_extras_amounts AFTER INSERT OR UPDATE OF price, gig_id ON public.gig_extras FOR EACH ROW WHEN ((new.price <> round(new.price))) EXECUTE FUNCTION public.guard_gig_price();

CREATE TRIGGER gig_extras_touch BEFORE UPDATE OF id, gig_id, title, description, price, extra_days, created_at ON public.gig_extras FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER gig_faqs_touch BEFORE UPDATE OF id, gig_id, question, answer, display_order, created_at ON public.gig_faqs FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER gig_packages_amounts AFTER INSERT OR UPDATE OF price, gig_id ON public.gig_packages FOR EACH ROW WHEN ((new.price <> round(new.price))) EXECUTE FUNCTION public.guard_gig_price();

CREATE TRIGGER gig_packages_kept AFTER DELETE ON public.gig_packages FOR EACH ROW EXECUTE FUNCTION public.guard_last_package();

CREATE TRIGGER gig_packages_price AFTER INSERT OR DELETE OR UPDATE OF price ON public.gig_packages FOR EACH ROW EXECUTE FUNCTION public.price_gig();

CREATE TRIGGER gig_packages_touch BEFORE UPDATE OF id, gig_id, tier, name, description, price, delivery_days, revisions, created_at ON public.gig_packages FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER gig_requirements_touch BEFORE UPDATE OF id, gig_id, question, kind, choices, is_required, display_order, created_at ON public.gig_requirements FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER gigs_audited AFTER INSERT OR DELETE OR UPDATE OF title, description, category_id, status, is_featured ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER gigs_changes_told AFTER UPDATE OF category_id, currency, description, media, requirements_note, subcategory_id, tags, thumbnail_url, title, video_type ON public.gigs FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.tell_of_change('gig', 'gigs', 'freelancer_id');

CREATE TRIGGER gigs_copied AFTER INSERT OR DELETE OR UPDATE OF category_id, currency, description, freelancer_id, is_featured, media, published_at, rating, requirements_note, slug, starting_price, status, subcategory_id, tags, thumbnail_url, title, total_reviews, video_type ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER gigs_counters_kept AFTER INSERT OR UPDATE OF status ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.keep_gig_counters();

CREATE TRIGGER gigs_guarded BEFORE INSERT OR UPDATE OF status ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.guard_status('gigs');

CREATE TRIGGER gigs_prices_finer AFTER UPDATE OF currency ON public.gigs FOR EACH ROW WHEN (((old.currency IS DISTINCT FROM new.currency) AND (public.currency_decimals(new.currency) = 0))) EXECUTE FUNCTION public.guard_gig_currency();

CREATE TRIGGER gigs_terms BEFORE INSERT OR UPDATE OF title, description, tags, search_terms ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.keep_listing_terms();

CREATE TRIGGER gigs_touch BEFORE UPDATE OF id, freelancer_id, title, slug, description, category_id, subcategory_id, video_type, thumbnail_url, media, tags, requirements_note, currency, is_featured, status, published_at, created_at ON public.gigs FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER identity_verifications_audited AFTER INSERT OR DELETE OR UPDATE ON public.identity_verifications FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'document_file_ids');

CREATE TRIGGER identity_verifications_files_named BEFORE INSERT OR UPDATE OF document_file_ids ON public.identity_verifications FOR EACH ROW EXECUTE FUNCTION public.name_files('document_file_ids');

CREATE TRIGGER identity_verifications_files_owned AFTER INSERT OR UPDATE OF document_file_ids ON public.identity_verifications FOR EACH ROW WHEN ((new.document_file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('document_file_ids', 'user_id');

CREATE TRIGGER identity_verifications_files_released AFTER DELETE OR UPDATE OF document_file_ids ON public.identity_verifications FOR EACH ROW EXECUTE FUNCTION public.release_files('document_file_ids');

CREATE TRIGGER identity_verifications_guarded BEFORE INSERT OR UPDATE OF status ON public.identity_verifications FOR EACH ROW EXECUTE FUNCTION public.guard_status('identity_verifications');

CREATE TRIGGER identity_verifications_touch BEFORE UPDATE OF id, user_id, kind, document_file_ids, status, rejection_reason, reviewed_by, reviewed_at, expires_at, created_at ON public.identity_verifications FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER job_counters_copied AFTER UPDATE OF proposal_count ON public.job_counters FOR EACH ROW EXECUTE FUNCTION public.tell_copies('job_id');

CREATE TRIGGER jobs_amounts AFTER INSERT OR UPDATE OF budget_min, budget_max, budget_estimate, currency ON public.jobs FOR EACH ROW WHEN ((public.currency_decimals(new.currency) = 0)) EXECUTE FUNCTION public.guard_amounts('budget_min', 'budget_max', 'budget_estimate');

CREATE TRIGGER jobs_audited AFTER INSERT OR DELETE OR UPDATE OF title, description, budget_min, budget_max, status, is_featured ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'external_client_name');

CREATE TRIGGER jobs_budget_type_fixed BEFORE UPDATE OF budget_type ON public.jobs FOR EACH ROW WHEN (((old.budget_type = 'hourly'::text) <> (new.budget_type = 'hourly'::text))) EXECUTE FUNCTION public.guard_job_budget_type();

CREATE TRIGGER jobs_changes_told AFTER UPDATE OF attachment_ids, budget_max, budget_min, budget_type, category_id, complexity, currency, deadline, description, estimated_duration_days, estimated_hours, experience_level, job_type, milestone_plan, platform_preference, requirements, tags, title, video_duration_preference, video_type ON public.jobs FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.tell_of_change('job', 'jobs', 'client_id');

CREATE TRIGGER jobs_copied AFTER INSERT OR DELETE OR UPDATE OF attachment_ids, budget_estimate, budget_max, budget_min, budget_type, category_id, client_approved_at, client_id, closed_at, completed_at, complexity, currency, deadline, deliverables, description, estimated_duration_days, estimated_hours, experience_level, is_featured, job_type, milestone_plan, platform, platform_preference, published_at, qa_score, requirements, revision_count, senior_developer_id, status, tags, title, user_approved_at, video_duration_preference, video_type, work_breakdown ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER jobs_counters_kept AFTER INSERT OR UPDATE OF status ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.keep_job_counters();

CREATE TRIGGER jobs_currency_fixed BEFORE UPDATE OF currency ON public.jobs FOR EACH ROW WHEN ((old.currency IS DISTINCT FROM new.currency)) EXECUTE FUNCTION public.guard_job_currency();

CREATE TRIGGER jobs_deadline_moved AFTER UPDATE OF deadline ON public.jobs FOR EACH ROW WHEN (((new.status = 'open'::text) AND (old.status = 'open'::text) AND (old.deadline IS DISTINCT FROM new.deadline))) EXECUTE FUNCTION public.move_job_deadline();

CREATE TRIGGER jobs_files_named BEFORE INSERT OR UPDATE OF attachment_ids ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.name_files('attachment_ids');

CREATE TRIGGER jobs_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON public.jobs FOR EACH ROW WHEN ((new.attachment_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('attachment_ids', 'client_id');

CREATE TRIGGER jobs_files_released AFTER DELETE OR UPDATE OF attachment_ids ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.release_files('attachment_ids');

CREATE TRIGGER jobs_guarded BEFORE INSERT OR UPDATE OF status ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.guard_status('jobs');

CREATE TRIGGER jobs_terms BEFORE INSERT OR UPDATE OF title, description, tags, search_terms ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.keep_listing_terms();

CREATE TRIGGER jobs_touch BEFORE UPDATE OF attachment_ids, budget_estimate, budget_max, budget_min, budget_type, category_id, client_approved_at, client_id, closed_at, completed_at, complexity, created_at, currency, deadline, deliverables, description, estimated_duration_days, estimated_hours, experience_level, external_client_id, external_client_name, external_job_id, id, is_featured, job_type, milestone_plan, platform, platform_preference, published_at, qa_score, requirements, revision_count, senior_developer_id, status, tags, timeline_estimate, title, user_approved_at, video_duration_preference, video_type, work_breakdown ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER journal_lines_append_only BEFORE DELETE OR UPDATE ON public.journal_lines FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE CONSTRAINT TRIGGER journal_lines_balance AFTER INSERT ON public.journal_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.journal_must_balance();

CREATE TRIGGER journal_lines_fineness BEFORE INSERT ON public.journal_lines FOR EACH ROW EXECUTE FUNCTION public.guard_line_fineness();

CREATE TRIGGER journals_append_only BEFORE DELETE OR UPDATE ON public.journals FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER learning_paths_touch BEFORE UPDATE OF id, user_id, current_skills, target_skills, progress_percentage, created_at ON public.learning_paths FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER meetings_guarded BEFORE INSERT OR UPDATE OF status ON public.meetings FOR EACH ROW EXECUTE FUNCTION public.guard_status('meetings');

CREATE TRIGGER meetings_touch BEFORE UPDATE OF id, conversation_id, created_by, title, starts_at, ends_at, join_url, status, created_at ON public.meetings FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER message_attachments_released AFTER DELETE ON public.message_attachments FOR EACH ROW EXECUTE FUNCTION public.release_files('file_id');

CREATE TRIGGER message_tombstones_told AFTER INSERT ON public.message_tombstones FOR EACH ROW EXECUTE FUNCTION public.tell_deleted();

CREATE TRIGGER milestones_audited AFTER INSERT OR DELETE OR UPDATE ON public.milestones FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER milestones_guarded BEFORE INSERT OR UPDATE OF status ON public.milestones FOR EACH ROW EXECUTE FUNCTION public.guard_status('milestones');

CREATE TRIGGER milestones_touch BEFORE UPDATE ON public.milestones FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER notification_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON public.notification_deliveries FOR EACH ROW EXECUTE FUNCTION public.guard_status('notification_deliveries');

CREATE TRIGGER notification_preferences_stamped BEFORE UPDATE ON public.notification_preferences FOR EACH ROW EXECUTE FUNCTION public.stamp_change();

CREATE TRIGGER notification_settings_judged_again AFTER UPDATE ON public.notification_settings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.judge_changed_again();

CREATE TRIGGER notification_settings_made_judged_again AFTER INSERT ON public.notification_settings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.judge_changed_again();

CREATE TRIGGER notification_settings_quiet AFTER INSERT OR UPDATE OF quiet_from, quiet_until ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION public.keep_quiet_hours();

CREATE TRIGGER notification_settings_stamped BEFORE UPDATE ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION public.stamp_change();

CREATE TRIGGER payment_methods_audited AFTER INSERT OR DELETE OR UPDATE ON public.payment_methods FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'provider_token', 'last_four');

CREATE TRIGGER payment_methods_default BEFORE INSERT OR UPDATE OF is_default ON public.payment_methods FOR EACH ROW WHEN (new.is_default) EXECUTE FUNCTION public.replace_default_method();

CREATE TRIGGER payment_methods_touch BEFORE UPDATE OF id, user_id, provider, provider_token, type, last_four, brand, expiry_month, expiry_year, is_default, is_verified, created_at ON public.payment_methods FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER payout_batches_guarded BEFORE INSERT OR UPDATE OF status ON public.payout_batches FOR EACH ROW EXECUTE FUNCTION public.guard_status('payout_batches');

CREATE TRIGGER payout_batches_touch BEFORE UPDATE OF id, provider, currency, total_amount, withdrawal_count, status, submitted_at, settled_at, created_at ON public.payout_batches FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER payout_methods_audited AFTER INSERT OR DELETE OR UPDATE ON public.payout_methods FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'provider_account_token', 'account_name', 'last_four');

CREATE TRIGGER payout_methods_default BEFORE INSERT OR UPDATE OF is_default ON public.payout_methods FOR EACH ROW WHEN (new.is_default) EXECUTE FUNCTION public.replace_default_method();

CREATE TRIGGER payout_methods_gone BEFORE DELETE ON public.payout_methods FOR EACH ROW EXECUTE FUNCTION public.cancel_withdrawals_of_method();

CREATE TRIGGER payout_methods_made BEFORE INSERT ON public.payout_methods FOR EACH ROW EXECUTE FUNCTION public.stamp_by_workflow_clock();

CREATE TRIGGER payout_methods_touch BEFORE UPDATE ON public.payout_methods FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER payout_methods_usable BEFORE INSERT OR UPDATE OF created_at ON public.payout_methods FOR EACH ROW EXECUTE FUNCTION public.keep_payout_method_usable();

CREATE TRIGGER platform_settings_audited AFTER INSERT OR DELETE OR UPDATE ON public.platform_settings FOR EACH ROW EXECUTE FUNCTION public.audit_row('key');

CREATE TRIGGER platform_settings_fits BEFORE INSERT OR UPDATE OF value, value_type, minimum, maximum ON public.platform_settings FOR EACH ROW EXECUTE FUNCTION public.guard_setting();

CREATE TRIGGER platform_settings_touch BEFORE UPDATE ON public.platform_settings FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER portfolio_items_files_named BEFORE INSERT OR UPDATE OF file_ids ON public.portfolio_items FOR EACH ROW EXECUTE FUNCTION public.name_files('file_ids');

CREATE TRIGGER portfolio_items_files_owned AFTER INSERT OR UPDATE OF file_ids ON public.portfolio_items FOR EACH ROW WHEN ((new.file_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('file_ids', 'user_id');

CREATE TRIGGER portfolio_items_files_released AFTER DELETE OR UPDATE OF file_ids ON public.portfolio_items FOR EACH ROW EXECUTE FUNCTION public.release_files('file_ids');

CREATE TRIGGER portfolio_items_touch BEFORE UPDATE OF id, user_id, title, description, video_url, thumbnail_url, file_ids, video_duration_seconds, project_type, platform, display_order, is_featured, created_at ON public.portfolio_items FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER proposals_amounts AFTER INSERT OR UPDATE OF amount, currency ON public.proposals FOR EACH ROW WHEN ((public.currency_decimals(new.currency) = 0)) EXECUTE FUNCTION public.guard_amounts('amount');

CREATE TRIGGER proposals_audited AFTER INSERT OR DELETE OR UPDATE ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER proposals_changes_told AFTER UPDATE OF amount, attachment_ids, cover_letter, delivery_date, estimated_hours, milestones, portfolio_item_ids, revisions, timeline_days ON public.proposals FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.tell_of_change('proposal', 'proposals', 'client_id', 'freelancer_id');

CREATE TRIGGER proposals_counted AFTER INSERT OR DELETE ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.count_proposal();

CREATE TRIGGER proposals_files_named BEFORE INSERT OR UPDATE OF attachment_ids ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.name_files('attachment_ids');

CREATE TRIGGER proposals_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON public.proposals FOR EACH ROW WHEN ((new.attachment_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('attachment_ids', 'freelancer_id');

CREATE TRIGGER proposals_files_released AFTER DELETE OR UPDATE OF attachment_ids ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.release_files('attachment_ids');

CREATE TRIGGER proposals_guarded BEFORE INSERT OR UPDATE OF status ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.guard_status('proposals');

CREATE TRIGGER proposals_of_job BEFORE INSERT ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.proposal_of_job();

CREATE TRIGGER proposals_plan_fits AFTER INSERT OR UPDATE OF amount, estimated_hours, milestones ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.guard_proposal_plan();

CREATE TRIGGER proposals_plan_spelt BEFORE INSERT OR UPDATE OF milestones ON public.proposals FOR EACH ROW WHEN ((new.milestones <> '[]'::jsonb)) EXECUTE FUNCTION public.spell_proposal_plan();

CREATE TRIGGER proposals_portfolio_owned AFTER INSERT OR UPDATE OF portfolio_item_ids ON public.proposals FOR EACH ROW WHEN ((new.portfolio_item_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_portfolio_items();

CREATE TRIGGER proposals_times_ahead AFTER INSERT OR UPDATE OF delivery_date, milestones ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.guard_proposal_times();

CREATE TRIGGER proposals_touch BEFORE UPDATE ON public.proposals FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER quiet_hours_gone_judged_again AFTER DELETE ON public.quiet_hours REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.judge_changed_again();

CREATE TRIGGER quiet_hours_judged_again AFTER UPDATE ON public.quiet_hours REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.judge_changed_again();

CREATE TRIGGER quiet_hours_made_judged_again AFTER INSERT ON public.quiet_hours REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.judge_changed_again();

CREATE TRIGGER refunds_audited AFTER INSERT OR DELETE OR UPDATE ON public.refunds FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'reason');

CREATE TRIGGER refunds_guarded BEFORE INSERT OR UPDATE OF status ON public.refunds FOR EACH ROW EXECUTE FUNCTION public.guard_status('refunds');

CREATE TRIGGER refunds_touch BEFORE UPDATE ON public.refunds FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER releases_counted AFTER INSERT OR UPDATE OF refunded ON public.releases FOR EACH ROW EXECUTE FUNCTION public.count_release();

CREATE TRIGGER releases_guarded BEFORE INSERT OR UPDATE OF status ON public.releases FOR EACH ROW EXECUTE FUNCTION public.guard_status('releases');

CREATE TRIGGER releases_touch BEFORE UPDATE ON public.releases FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER reports_guarded BEFORE UPDATE OF status ON public.reports FOR EACH ROW EXECUTE FUNCTION public.guard_status('reports');

CREATE TRIGGER review_invitations_guarded BEFORE INSERT OR UPDATE OF status ON public.review_invitations FOR EACH ROW EXECUTE FUNCTION public.guard_status('review_invitations');

CREATE TRIGGER review_invitations_touch BEFORE UPDATE ON public.review_invitations FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER review_votes_counted AFTER INSERT OR DELETE OR UPDATE ON public.review_votes FOR EACH ROW EXECUTE FUNCTION public.count_vote();

CREATE TRIGGER reviews_audited AFTER INSERT OR DELETE OR UPDATE OF overall_rating, title, comment, response_text, status ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER reviews_changes_told AFTER UPDATE OF comment, communication_rating, overall_rating, professionalism_rating, quality_rating, title, value_rating ON public.reviews FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.tell_of_change('review', 'reviews', 'reviewer_id');

CREATE TRIGGER reviews_guarded BEFORE INSERT OR UPDATE OF status ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.guard_status('reviews');

CREATE TRIGGER reviews_of_contract BEFORE INSERT ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.review_of_contract();

CREATE TRIGGER reviews_rate AFTER INSERT OR DELETE OR UPDATE OF status, overall_rating ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.keep_ratings();

CREATE TRIGGER reviews_terms BEFORE INSERT OR UPDATE OF title, comment, search_terms ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.keep_review_terms();

CREATE TRIGGER reviews_touch BEFORE UPDATE OF id, contract_id, gig_id, reviewer_id, reviewee_id, reviewer_role, overall_rating, communication_rating, quality_rating, professionalism_rating, value_rating, title, comment, response_text, response_at, is_featured, is_flagged, status, published_at, created_at ON public.reviews FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER saved_searches_touch BEFORE UPDATE OF alert_enabled, alert_frequency, created_at, id, name, search_params, search_type, user_id ON public.saved_searches FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER sessions_end_push_devices AFTER UPDATE OF revoked_at ON public.sessions FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION public.end_push_devices();

CREATE TRIGGER shadowing_sessions_guarded BEFORE INSERT OR UPDATE OF status ON public.shadowing_sessions FOR EACH ROW EXECUTE FUNCTION public.guard_status('shadowing_sessions');

CREATE TRIGGER shadowing_sessions_touch BEFORE UPDATE OF id, student_id, mentor_id, client_id, job_id, start_date, end_date, learning_credits_awarded, mentor_approved_at, client_approved_at, nda_signed_at, status, created_at ON public.shadowing_sessions FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER skills_audited AFTER INSERT OR DELETE OR UPDATE OF name, names, category_id, description, icon_url, is_active, sort_order ON public.skills FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER skills_copied AFTER INSERT OR DELETE OR UPDATE OF category_id, description, icon_url, is_active, name, names, sort_order ON public.skills FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER skills_terms BEFORE INSERT OR UPDATE OF name, names, description, search_terms ON public.skills FOR EACH ROW EXECUTE FUNCTION public.keep_skill_terms();

CREATE TRIGGER skills_touch BEFORE UPDATE OF id, name, names, category_id, description, icon_url, is_active, sort_order, created_at ON public.skills FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER support_tickets_changes_told AFTER UPDATE OF attachment_ids, category, description, priority, subject ON public.support_tickets FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION public.tell_of_change('ticket', 'support-tickets', 'user_id', 'assigned_to');

CREATE TRIGGER support_tickets_files_named BEFORE INSERT OR UPDATE OF attachment_ids ON public.support_tickets FOR EACH ROW EXECUTE FUNCTION public.name_files('attachment_ids');

CREATE TRIGGER support_tickets_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON public.support_tickets FOR EACH ROW WHEN ((new.attachment_ids <> '{}'::uuid[])) EXECUTE FUNCTION public.guard_files('attachment_ids', 'user_id');

CREATE TRIGGER support_tickets_files_released AFTER DELETE OR UPDATE OF attachment_ids ON public.support_tickets FOR EACH ROW EXECUTE FUNCTION public.release_files('attachment_ids');

CREATE TRIGGER support_tickets_guarded BEFORE INSERT OR UPDATE OF status ON public.support_tickets FOR EACH ROW EXECUTE FUNCTION public.guard_status('support_tickets');

CREATE TRIGGER support_tickets_touch BEFORE UPDATE OF id, user_id, category, priority, subject, description, attachment_ids, assigned_to, status, resolved_at, created_at ON public.support_tickets FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER task_dependencies_acyclic BEFORE INSERT OR UPDATE ON public.task_dependencies FOR EACH ROW EXECUTE FUNCTION public.refuse_circle();

CREATE TRIGGER tasks_guarded BEFORE INSERT OR UPDATE OF status ON public.tasks FOR EACH ROW EXECUTE FUNCTION public.guard_status('tasks');

CREATE TRIGGER tasks_of_job_row BEFORE INSERT ON public.tasks FOR EACH ROW EXECUTE FUNCTION public.task_of_job();

CREATE TRIGGER tasks_touch BEFORE UPDATE OF id, job_id, client_id, title, task_type, description, requirements, required_skills, assignee_id, agent_id, priority, estimated_hours, estimated_duration_minutes, actual_duration_minutes, completion_percentage, output, quality_score, retry_count, max_retries, lease_owner, lease_until, status, assigned_at, completed_at, created_at ON public.tasks FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER transactions_guarded BEFORE INSERT OR UPDATE OF status ON public.transactions FOR EACH ROW EXECUTE FUNCTION public.guard_status('transactions');

CREATE TRIGGER transactions_touch BEFORE UPDATE OF id, type, payer_id, payee_id, contract_id, milestone_id, job_id, contract_member_id, journal_id, payment_method_id, gross_amount, platform_fee, processing_fee, creator_fee, net_amount, currency, provider, provider_transaction_id, chain_hash, details, description, error_message, status, completed_at, failed_at, created_at ON public.transactions FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER user_blocks_told AFTER INSERT ON public.user_blocks FOR EACH ROW EXECUTE FUNCTION public.tell_blocked();

CREATE TRIGGER user_private_audited AFTER INSERT OR DELETE OR UPDATE OF email, first_name, last_name, phone_encrypted, wechat_id_encrypted, deleted_at ON public.user_private FOR EACH ROW EXECUTE FUNCTION public.audit_row('user_id', 'email', 'email_canonical', 'first_name', 'last_name', 'phone_encrypted', 'phone_index', 'wechat_id_encrypted', 'wechat_id_index', 'github_username', 'provider_ids', 'preferences', 'profile_data');

CREATE TRIGGER user_private_spelled BEFORE INSERT ON public.user_private FOR EACH ROW WHEN ((new.email_canonical IS NULL)) EXECUTE FUNCTION public.spell_email();

CREATE TRIGGER user_private_spelled_anew BEFORE UPDATE OF email ON public.user_private FOR EACH ROW WHEN (((new.email IS DISTINCT FROM old.email) AND (NOT (new.email_canonical IS DISTINCT FROM old.email_canonical)))) EXECUTE FUNCTION public.spell_email();

CREATE TRIGGER user_private_touch BEFORE UPDATE ON public.user_private FOR EACH ROW WHEN (((old.login_count = new.login_count) AND ((NOT (old.email_canonical IS DISTINCT FROM new.email_canonical)) OR (old.email IS DISTINCT FROM new.email)))) EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER users_audited AFTER INSERT OR DELETE OR UPDATE OF display_name, kind, staff_role, status ON public.users FOR EACH ROW EXECUTE FUNCTION public.audit_row('id', 'display_name', 'avatar');

CREATE TRIGGER users_closed AFTER UPDATE OF status ON public.users FOR EACH ROW WHEN (((new.status = ANY (ARRAY['deleted'::text, 'anonymized'::text])) AND (old.status <> ALL (ARRAY['deleted'::text, 'anonymized'::text])))) EXECUTE FUNCTION public.tell_closed_account();

CREATE TRIGGER users_copied AFTER DELETE OR UPDATE OF avatar, display_name, kind, locale, messages_from, staff_role, status, timezone ON public.users FOR EACH ROW EXECUTE FUNCTION public.tell_copies('id');

CREATE TRIGGER users_guarded BEFORE UPDATE OF status ON public.users FOR EACH ROW EXECUTE FUNCTION public.guard_status('users');

CREATE TRIGGER users_hidden AFTER INSERT OR UPDATE OF status ON public.users FOR EACH ROW EXECUTE FUNCTION public.hide_person();

CREATE TRIGGER users_judged_again AFTER UPDATE OF timezone ON public.users FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION public.judge_user_again();

CREATE TRIGGER users_named AFTER INSERT OR UPDATE OF display_name ON public.users FOR EACH ROW EXECUTE FUNCTION public.keep_name_words();

CREATE TRIGGER users_touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER webhook_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON public.webhook_deliveries FOR EACH ROW EXECUTE FUNCTION public.guard_status('webhook_deliveries');

CREATE TRIGGER webhook_deliveries_touch BEFORE UPDATE OF id, webhook_endpoint_id, event, body, attempts, next_attempt_at, response_status, status, delivered_at, created_at ON public.webhook_deliveries FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER webhook_endpoints_guarded BEFORE INSERT OR UPDATE OF status ON public.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION public.guard_status('webhook_endpoints');

CREATE TRIGGER webhook_endpoints_touch BEFORE UPDATE OF id, user_id, url, events, secret_encrypted, failing_since, status, created_at ON public.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER withdrawals_audited AFTER INSERT OR DELETE OR UPDATE ON public.withdrawals FOR EACH ROW EXECUTE FUNCTION public.audit_row('id');

CREATE TRIGGER withdrawals_guarded BEFORE INSERT OR UPDATE OF status ON public.withdrawals FOR EACH ROW EXECUTE FUNCTION public.guard_status('withdrawals');

CREATE TRIGGER withdrawals_touch BEFORE UPDATE ON public.withdrawals FOR EACH ROW EXECUTE FUNCTION public.touch_row();

CREATE TRIGGER work_experiences_touch BEFORE UPDATE OF id, user_id, company, "position", start_date, end_date, description, created_at ON public.work_experiences FOR EACH ROW EXECUTE FUNCTION public.touch_row();

ALTER TABLE ONLY public.agent_runs
    ADD CONSTRAINT agent_runs_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id);

ALTER TABLE ONLY public.agent_runs
    ADD CONSTRAINT agent_runs_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_analyses
    ADD CONSTRAINT ai_analyses_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_analyses
    ADD CONSTRAINT ai_analyses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.announcements
    ADD CONSTRAINT announcements_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.auth_tokens
    ADD CONSTRAINT auth_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.categories(id);

ALTER TABLE ONLY public.certifications
    ADD CONSTRAINT certifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chargebacks
    ADD CONSTRAINT chargebacks_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.chargebacks
    ADD CONSTRAINT chargebacks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.client_private
    ADD CONSTRAINT client_private_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.client_profiles(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.client_profiles
    ADD CONSTRAINT client_profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.community_events
    ADD CONSTRAINT community_events_organizer_id_fkey FOREIGN KEY (organizer_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_amendments
    ADD CONSTRAINT contract_amendments_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_amendments
    ADD CONSTRAINT contract_amendments_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.contract_answers
    ADD CONSTRAINT contract_answers_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_answers
    ADD CONSTRAINT contract_answers_gig_requirement_id_fkey FOREIGN KEY (gig_requirement_id) REFERENCES public.gig_requirements(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.contract_cancellations
    ADD CONSTRAINT contract_cancellations_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_cancellations
    ADD CONSTRAINT contract_cancellations_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.contract_extras
    ADD CONSTRAINT contract_extras_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_extras
    ADD CONSTRAINT contract_extras_gig_extra_id_fkey FOREIGN KEY (gig_extra_id) REFERENCES public.gig_extras(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.contract_members
    ADD CONSTRAINT contract_members_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contract_members
    ADD CONSTRAINT contract_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_freelancer_id_fkey FOREIGN KEY (freelancer_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_gig_package_id_fkey FOREIGN KEY (gig_package_id) REFERENCES public.gig_packages(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposals(id);

ALTER TABLE ONLY public.conversation_participants
    ADD CONSTRAINT conversation_participants_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_participants
    ADD CONSTRAINT conversation_participants_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.course_enrollments
    ADD CONSTRAINT course_enrollments_course_id_fkey FOREIGN KEY (course_id) REFERENCES public.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.course_enrollments
    ADD CONSTRAINT course_enrollments_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.courses
    ADD CONSTRAINT courses_skill_id_fkey FOREIGN KEY (skill_id) REFERENCES public.skills(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.credit_awards
    ADD CONSTRAINT credit_awards_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.data_requests
    ADD CONSTRAINT data_requests_result_file_id_fkey FOREIGN KEY (result_file_id) REFERENCES public.files(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.data_requests
    ADD CONSTRAINT data_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.deliverables
    ADD CONSTRAINT deliverables_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.deliverables
    ADD CONSTRAINT deliverables_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.deposit_returns
    ADD CONSTRAINT deposit_returns_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.deposit_returns
    ADD CONSTRAINT deposit_returns_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_payment_method_id_fkey FOREIGN KEY (payment_method_id) REFERENCES public.payment_methods(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.dispute_offers
    ADD CONSTRAINT dispute_offers_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.dispute_offers
    ADD CONSTRAINT dispute_offers_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES public.disputes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.dispute_offers
    ADD CONSTRAINT dispute_offers_offered_by_fkey FOREIGN KEY (offered_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_freelancer_id_fkey FOREIGN KEY (freelancer_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_raised_by_fkey FOREIGN KEY (raised_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.educations
    ADD CONSTRAINT educations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.escrows
    ADD CONSTRAINT escrows_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.event_attendees
    ADD CONSTRAINT event_attendees_community_event_id_fkey FOREIGN KEY (community_event_id) REFERENCES public.community_events(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event_attendees
    ADD CONSTRAINT event_attendees_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.favorites
    ADD CONSTRAINT favorites_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_uploads
    ADD CONSTRAINT file_uploads_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.file_usage
    ADD CONSTRAINT file_usage_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.freelancer_private
    ADD CONSTRAINT freelancer_private_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.freelancer_profiles(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.freelancer_profiles
    ADD CONSTRAINT freelancer_profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gig_counters
    ADD CONSTRAINT gig_counters_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gig_extras
    ADD CONSTRAINT gig_extras_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gig_faqs
    ADD CONSTRAINT gig_faqs_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gig_packages
    ADD CONSTRAINT gig_packages_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gig_requirements
    ADD CONSTRAINT gig_requirements_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gigs
    ADD CONSTRAINT gigs_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.categories(id);

ALTER TABLE ONLY public.gigs
    ADD CONSTRAINT gigs_freelancer_id_fkey FOREIGN KEY (freelancer_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gigs
    ADD CONSTRAINT gigs_subcategory_id_fkey FOREIGN KEY (subcategory_id) REFERENCES public.categories(id);

ALTER TABLE ONLY public.hidden_people
    ADD CONSTRAINT hidden_people_hidden_id_fkey FOREIGN KEY (hidden_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_verifications
    ADD CONSTRAINT identity_verifications_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.identity_verifications
    ADD CONSTRAINT identity_verifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_counters
    ADD CONSTRAINT job_counters_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_skills
    ADD CONSTRAINT job_skills_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.job_skills
    ADD CONSTRAINT job_skills_skill_id_fkey FOREIGN KEY (skill_id) REFERENCES public.skills(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.categories(id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_senior_developer_id_fkey FOREIGN KEY (senior_developer_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.ledger_accounts(id);

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journals(id);

ALTER TABLE ONLY public.journal_lines
    ADD CONSTRAINT journal_lines_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.journals
    ADD CONSTRAINT journals_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES public.journals(id);

ALTER TABLE ONLY public.learning_path_items
    ADD CONSTRAINT learning_path_items_course_id_fkey FOREIGN KEY (course_id) REFERENCES public.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.learning_path_items
    ADD CONSTRAINT learning_path_items_learning_path_id_fkey FOREIGN KEY (learning_path_id) REFERENCES public.learning_paths(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.learning_paths
    ADD CONSTRAINT learning_paths_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ledger_accounts
    ADD CONSTRAINT ledger_accounts_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.ledger_accounts
    ADD CONSTRAINT ledger_accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.ledger_lots
    ADD CONSTRAINT ledger_lots_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.ledger_accounts(id);

ALTER TABLE ONLY public.ledger_lots
    ADD CONSTRAINT ledger_lots_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.ledger_lots
    ADD CONSTRAINT ledger_lots_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.local_provider_events
    ADD CONSTRAINT local_provider_events_key_fkey FOREIGN KEY (key) REFERENCES public.local_provider_operations(key) ON DELETE CASCADE;

ALTER TABLE ONLY public.login_networks
    ADD CONSTRAINT login_networks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.message_attachments
    ADD CONSTRAINT message_attachments_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id);

ALTER TABLE ONLY public.mfa_factors
    ADD CONSTRAINT mfa_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mfa_recovery_codes
    ADD CONSTRAINT mfa_recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_delivery_items_0
    ADD CONSTRAINT notification_delivery_items_0_user_id_delivery_id_fkey FOREIGN KEY (user_id, delivery_id) REFERENCES public.notification_deliveries_0(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_delivery_items_1
    ADD CONSTRAINT notification_delivery_items_1_user_id_delivery_id_fkey FOREIGN KEY (user_id, delivery_id) REFERENCES public.notification_deliveries_1(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_delivery_items_2
    ADD CONSTRAINT notification_delivery_items_2_user_id_delivery_id_fkey FOREIGN KEY (user_id, delivery_id) REFERENCES public.notification_deliveries_2(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_delivery_items_3
    ADD CONSTRAINT notification_delivery_items_3_user_id_delivery_id_fkey FOREIGN KEY (user_id, delivery_id) REFERENCES public.notification_deliveries_3(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE public.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.oauth_identities
    ADD CONSTRAINT oauth_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.payment_methods
    ADD CONSTRAINT payment_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.payout_methods
    ADD CONSTRAINT payout_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.people_names
    ADD CONSTRAINT people_names_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.portfolio_items
    ADD CONSTRAINT portfolio_items_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_freelancer_id_fkey FOREIGN KEY (freelancer_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_rejected_by_fkey FOREIGN KEY (rejected_by) REFERENCES public.contracts(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_devices
    ADD CONSTRAINT push_devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.quiet_hours
    ADD CONSTRAINT quiet_hours_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journals(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_release_id_fkey FOREIGN KEY (release_id) REFERENCES public.releases(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.release_lots
    ADD CONSTRAINT release_lots_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.release_lots
    ADD CONSTRAINT release_lots_release_id_fkey FOREIGN KEY (release_id) REFERENCES public.releases(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_freelancer_id_fkey FOREIGN KEY (freelancer_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journals(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.review_invitations
    ADD CONSTRAINT review_invitations_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.review_invitations
    ADD CONSTRAINT review_invitations_reviewee_id_fkey FOREIGN KEY (reviewee_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.review_invitations
    ADD CONSTRAINT review_invitations_reviewer_id_fkey FOREIGN KEY (reviewer_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.review_votes
    ADD CONSTRAINT review_votes_review_id_fkey FOREIGN KEY (review_id) REFERENCES public.reviews(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.review_votes
    ADD CONSTRAINT review_votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_gig_id_fkey FOREIGN KEY (gig_id) REFERENCES public.gigs(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_reviewee_id_fkey FOREIGN KEY (reviewee_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_reviewer_id_fkey FOREIGN KEY (reviewer_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_history
    ADD CONSTRAINT search_history_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.session_replaced_tokens
    ADD CONSTRAINT session_replaced_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shadowing_sessions
    ADD CONSTRAINT shadowing_sessions_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shadowing_sessions
    ADD CONSTRAINT shadowing_sessions_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shadowing_sessions
    ADD CONSTRAINT shadowing_sessions_mentor_id_fkey FOREIGN KEY (mentor_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shadowing_sessions
    ADD CONSTRAINT shadowing_sessions_student_id_fkey FOREIGN KEY (student_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.skill_edges
    ADD CONSTRAINT skill_edges_from_skill_id_fkey FOREIGN KEY (from_skill_id) REFERENCES public.skills(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.skill_edges
    ADD CONSTRAINT skill_edges_to_skill_id_fkey FOREIGN KEY (to_skill_id) REFERENCES public.skills(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.skills
    ADD CONSTRAINT skills_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.categories(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_cancellation_id_fkey FOREIGN KEY (cancellation_id) REFERENCES public.contract_cancellations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES public.disputes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES public.dispute_offers(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.split_items
    ADD CONSTRAINT split_items_release_id_fkey FOREIGN KEY (release_id) REFERENCES public.releases(id);

ALTER TABLE ONLY public.status_history
    ADD CONSTRAINT status_history_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.support_tickets
    ADD CONSTRAINT support_tickets_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.support_tickets
    ADD CONSTRAINT support_tickets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_dependencies
    ADD CONSTRAINT task_dependencies_depends_on_id_fkey FOREIGN KEY (depends_on_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_dependencies
    ADD CONSTRAINT task_dependencies_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_matches
    ADD CONSTRAINT task_matches_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_matches
    ADD CONSTRAINT task_matches_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_setting_fkey FOREIGN KEY (setting) REFERENCES public.platform_settings(key);

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_contract_member_id_fkey FOREIGN KEY (contract_member_id) REFERENCES public.contract_members(id) ON DELETE SET NULL;

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE SET NULL;

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journals(id);

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id);

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_payee_id_fkey FOREIGN KEY (payee_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE public.transactions
    ADD CONSTRAINT transactions_payment_method_id_fkey FOREIGN KEY (payment_method_id) REFERENCES public.payment_methods(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.user_blocks
    ADD CONSTRAINT user_blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.user_categories
    ADD CONSTRAINT user_categories_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.categories(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_categories
    ADD CONSTRAINT user_categories_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_consents
    ADD CONSTRAINT user_consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_keys
    ADD CONSTRAINT user_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.user_private
    ADD CONSTRAINT user_private_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_ratings
    ADD CONSTRAINT user_ratings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_secrets
    ADD CONSTRAINT user_secrets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_skills
    ADD CONSTRAINT user_skills_skill_id_fkey FOREIGN KEY (skill_id) REFERENCES public.skills(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_skills
    ADD CONSTRAINT user_skills_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_skills
    ADD CONSTRAINT user_skills_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journals(id);

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_payout_batch_id_fkey FOREIGN KEY (payout_batch_id) REFERENCES public.payout_batches(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_payout_method_id_fkey FOREIGN KEY (payout_method_id) REFERENCES public.payout_methods(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.work_experiences
    ADD CONSTRAINT work_experiences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE public.agent_runs ENABLE ROW LEVEL SECURITY;

CREATE POLICY agent_runs_read ON public.agent_runs FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.tasks p
  WHERE (p.id = agent_runs.task_id))));

CREATE POLICY agent_runs_readonly ON public.agent_runs FOR SELECT TO parley_readonly USING (true);

CREATE POLICY agent_runs_service ON public.agent_runs TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;

CREATE POLICY agents_read ON public.agents FOR SELECT TO parley_app USING ((is_active OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY agents_readonly ON public.agents FOR SELECT TO parley_readonly USING (true);

CREATE POLICY agents_service ON public.agents TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.ai_analyses ENABLE ROW LEVEL SECURITY;

CREATE POLICY ai_analyses_read ON public.ai_analyses FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = ai_analyses.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY ai_analyses_readonly ON public.ai_analyses FOR SELECT TO parley_readonly USING (true);

CREATE POLICY ai_analyses_service ON public.ai_analyses TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_log_read ON public.audit_log FOR SELECT TO parley_app USING (( SELECT public.app_is_staff() AS app_is_staff));

CREATE POLICY audit_log_readonly ON public.audit_log FOR SELECT TO parley_readonly USING (true);

CREATE POLICY audit_log_service ON public.audit_log TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.categories ENABLE ROW LEVEL SECURITY;

CREATE POLICY categories_change ON public.categories FOR UPDATE TO parley_app USING (( SELECT public.app_is_admin() AS app_is_admin)) WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY categories_create ON public.categories FOR INSERT TO parley_app WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY categories_read ON public.categories FOR SELECT TO parley_app USING (true);

CREATE POLICY categories_readonly ON public.categories FOR SELECT TO parley_readonly USING (true);

CREATE POLICY categories_service ON public.categories TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.certifications ENABLE ROW LEVEL SECURITY;

CREATE POLICY certifications_read ON public.certifications FOR SELECT TO parley_app USING (((status = 'active'::text) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY certifications_readonly ON public.certifications FOR SELECT TO parley_readonly USING (true);

CREATE POLICY certifications_service ON public.certifications TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.client_private ENABLE ROW LEVEL SECURITY;

CREATE POLICY client_private_read ON public.client_private FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY client_private_readonly ON public.client_private FOR SELECT TO parley_readonly USING (true);

CREATE POLICY client_private_service ON public.client_private TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.client_profiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY client_profiles_change ON public.client_profiles FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY client_profiles_create ON public.client_profiles FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.users p
  WHERE ((p.id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.kind <> 'freelancer'::text) AND (p.status = 'active'::text))))));

CREATE POLICY client_profiles_read ON public.client_profiles FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = client_profiles.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY client_profiles_readonly ON public.client_profiles FOR SELECT TO parley_readonly USING (true);

CREATE POLICY client_profiles_service ON public.client_profiles TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.community_events ENABLE ROW LEVEL SECURITY;

CREATE POLICY community_events_read ON public.community_events FOR SELECT TO parley_app USING (true);

CREATE POLICY community_events_readonly ON public.community_events FOR SELECT TO parley_readonly USING (true);

CREATE POLICY community_events_service ON public.community_events TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contract_amendments ENABLE ROW LEVEL SECURITY;

CREATE POLICY contract_amendments_read ON public.contract_amendments FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = contract_amendments.contract_id))));

CREATE POLICY contract_amendments_readonly ON public.contract_amendments FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contract_amendments_service ON public.contract_amendments TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contract_answers ENABLE ROW LEVEL SECURITY;

CREATE POLICY contract_answers_read ON public.contract_answers FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = contract_answers.contract_id))));

CREATE POLICY contract_answers_readonly ON public.contract_answers FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contract_answers_service ON public.contract_answers TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contract_cancellations ENABLE ROW LEVEL SECURITY;

CREATE POLICY contract_cancellations_read ON public.contract_cancellations FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = contract_cancellations.contract_id))));

CREATE POLICY contract_cancellations_readonly ON public.contract_cancellations FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contract_cancellations_service ON public.contract_cancellations TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contract_extras ENABLE ROW LEVEL SECURITY;

CREATE POLICY contract_extras_read ON public.contract_extras FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = contract_extras.contract_id))));

CREATE POLICY contract_extras_readonly ON public.contract_extras FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contract_extras_service ON public.contract_extras TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contract_members ENABLE ROW LEVEL SECURITY;

CREATE POLICY contract_members_read ON public.contract_members FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = contract_members.contract_id)))));

CREATE POLICY contract_members_readonly ON public.contract_members FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contract_members_service ON public.contract_members TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.contracts ENABLE ROW LEVEL SECURITY;

CREATE POLICY contracts_read ON public.contracts FOR SELECT TO parley_app USING (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (id = ANY (( SELECT public.app_member_contracts() AS app_member_contracts)::uuid[]))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY contracts_readonly ON public.contracts FOR SELECT TO parley_readonly USING (true);

CREATE POLICY contracts_service ON public.contracts TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.course_enrollments ENABLE ROW LEVEL SECURITY;

CREATE POLICY course_enrollments_read ON public.course_enrollments FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY course_enrollments_readonly ON public.course_enrollments FOR SELECT TO parley_readonly USING (true);

CREATE POLICY course_enrollments_service ON public.course_enrollments TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.courses ENABLE ROW LEVEL SECURITY;

CREATE POLICY courses_change ON public.courses FOR UPDATE TO parley_app USING (( SELECT public.app_is_admin() AS app_is_admin)) WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY courses_create ON public.courses FOR INSERT TO parley_app WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY courses_read ON public.courses FOR SELECT TO parley_app USING ((is_active OR ( SELECT public.app_is_admin() AS app_is_admin)));

CREATE POLICY courses_readonly ON public.courses FOR SELECT TO parley_readonly USING (true);

CREATE POLICY courses_service ON public.courses TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.credit_awards ENABLE ROW LEVEL SECURITY;

CREATE POLICY credit_awards_read ON public.credit_awards FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY credit_awards_readonly ON public.credit_awards FOR SELECT TO parley_readonly USING (true);

CREATE POLICY credit_awards_service ON public.credit_awards TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.daily_stats ENABLE ROW LEVEL SECURITY;

CREATE POLICY daily_stats_read ON public.daily_stats FOR SELECT TO parley_app USING (((subject_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ((area = 'gigs'::text) AND (EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = daily_stats.subject_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY daily_stats_readonly ON public.daily_stats FOR SELECT TO parley_readonly USING (true);

CREATE POLICY daily_stats_service ON public.daily_stats TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.data_requests ENABLE ROW LEVEL SECURITY;

CREATE POLICY data_requests_read ON public.data_requests FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY data_requests_readonly ON public.data_requests FOR SELECT TO parley_readonly USING (true);

CREATE POLICY data_requests_service ON public.data_requests TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.deliverables ENABLE ROW LEVEL SECURITY;

CREATE POLICY deliverables_read ON public.deliverables FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = deliverables.contract_id))));

CREATE POLICY deliverables_readonly ON public.deliverables FOR SELECT TO parley_readonly USING (true);

CREATE POLICY deliverables_service ON public.deliverables TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.deposit_returns ENABLE ROW LEVEL SECURITY;

CREATE POLICY deposit_returns_read ON public.deposit_returns FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY deposit_returns_readonly ON public.deposit_returns FOR SELECT TO parley_readonly USING (true);

CREATE POLICY deposit_returns_service ON public.deposit_returns TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.deposits ENABLE ROW LEVEL SECURITY;

CREATE POLICY deposits_read ON public.deposits FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY deposits_readonly ON public.deposits FOR SELECT TO parley_readonly USING (true);

CREATE POLICY deposits_service ON public.deposits TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.dispute_offers ENABLE ROW LEVEL SECURITY;

CREATE POLICY dispute_offers_read ON public.dispute_offers FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = dispute_offers.contract_id))));

CREATE POLICY dispute_offers_readonly ON public.dispute_offers FOR SELECT TO parley_readonly USING (true);

CREATE POLICY dispute_offers_service ON public.dispute_offers TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.disputes ENABLE ROW LEVEL SECURITY;

CREATE POLICY disputes_read ON public.disputes FOR SELECT TO parley_app USING (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (contract_id = ANY (( SELECT public.app_team_contracts() AS app_team_contracts)::uuid[]))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY disputes_readonly ON public.disputes FOR SELECT TO parley_readonly USING (true);

CREATE POLICY disputes_service ON public.disputes TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.educations ENABLE ROW LEVEL SECURITY;

CREATE POLICY educations_change ON public.educations FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY educations_create ON public.educations FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY educations_delete ON public.educations FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY educations_read ON public.educations FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = educations.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY educations_readonly ON public.educations FOR SELECT TO parley_readonly USING (true);

CREATE POLICY educations_service ON public.educations TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.escrows ENABLE ROW LEVEL SECURITY;

CREATE POLICY escrows_read ON public.escrows FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = escrows.contract_id))));

CREATE POLICY escrows_readonly ON public.escrows FOR SELECT TO parley_readonly USING (true);

CREATE POLICY escrows_service ON public.escrows TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.event_attendees ENABLE ROW LEVEL SECURITY;

CREATE POLICY event_attendees_create ON public.event_attendees FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.community_events p
  WHERE ((p.id = event_attendees.community_event_id) AND (p.status = 'scheduled'::text))))));

CREATE POLICY event_attendees_delete ON public.event_attendees FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY event_attendees_read ON public.event_attendees FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY event_attendees_readonly ON public.event_attendees FOR SELECT TO parley_readonly USING (true);

CREATE POLICY event_attendees_service ON public.event_attendees TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.favorites ENABLE ROW LEVEL SECURITY;

CREATE POLICY favorites_create ON public.favorites FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND
CASE favorited_type
    WHEN 'gig'::text THEN (EXISTS ( SELECT
       FROM public.gigs p
      WHERE (p.id = favorites.favorited_id)))
    WHEN 'job'::text THEN (EXISTS ( SELECT
       FROM public.jobs p
      WHERE (p.id = favorites.favorited_id)))
    ELSE (EXISTS ( SELECT
       FROM public.freelancer_profiles p
      WHERE (p.user_id = favorites.favorited_id)))
END));

CREATE POLICY favorites_delete ON public.favorites FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY favorites_read ON public.favorites FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY favorites_readonly ON public.favorites FOR SELECT TO parley_readonly USING (true);

CREATE POLICY favorites_service ON public.favorites TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.fee_structure ENABLE ROW LEVEL SECURITY;

CREATE POLICY fee_structure_change ON public.fee_structure FOR UPDATE TO parley_app USING (( SELECT public.app_is_admin() AS app_is_admin)) WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY fee_structure_create ON public.fee_structure FOR INSERT TO parley_app WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY fee_structure_read ON public.fee_structure FOR SELECT TO parley_app USING (true);

CREATE POLICY fee_structure_readonly ON public.fee_structure FOR SELECT TO parley_readonly USING (true);

CREATE POLICY fee_structure_service ON public.fee_structure TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.files ENABLE ROW LEVEL SECURITY;

CREATE POLICY files_read ON public.files FOR SELECT TO parley_app USING ((owner_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY files_readonly ON public.files FOR SELECT TO parley_readonly USING (true);

CREATE POLICY files_service ON public.files TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.freelancer_private ENABLE ROW LEVEL SECURITY;

CREATE POLICY freelancer_private_read ON public.freelancer_private FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY freelancer_private_readonly ON public.freelancer_private FOR SELECT TO parley_readonly USING (true);

CREATE POLICY freelancer_private_service ON public.freelancer_private TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.freelancer_profiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY freelancer_profiles_change ON public.freelancer_profiles FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY freelancer_profiles_create ON public.freelancer_profiles FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.users p
  WHERE ((p.id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.kind <> 'client'::text) AND (p.status = 'active'::text))))));

CREATE POLICY freelancer_profiles_read ON public.freelancer_profiles FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = freelancer_profiles.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY freelancer_profiles_readonly ON public.freelancer_profiles FOR SELECT TO parley_readonly USING (true);

CREATE POLICY freelancer_profiles_service ON public.freelancer_profiles TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gig_counters ENABLE ROW LEVEL SECURITY;

CREATE POLICY gig_counters_read ON public.gig_counters FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE (p.id = gig_counters.gig_id))));

CREATE POLICY gig_counters_readonly ON public.gig_counters FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gig_counters_service ON public.gig_counters TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gig_extras ENABLE ROW LEVEL SECURITY;

CREATE POLICY gig_extras_change ON public.gig_extras FOR UPDATE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_extras.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_extras.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_extras_create ON public.gig_extras FOR INSERT TO parley_app WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_extras.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_extras_delete ON public.gig_extras FOR DELETE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_extras.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_extras_read ON public.gig_extras FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.gigs p
  WHERE (p.id = gig_extras.gig_id))) OR (EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_extras.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))));

CREATE POLICY gig_extras_readonly ON public.gig_extras FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gig_extras_service ON public.gig_extras TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gig_faqs ENABLE ROW LEVEL SECURITY;

CREATE POLICY gig_faqs_change ON public.gig_faqs FOR UPDATE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_faqs.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_faqs.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_faqs_create ON public.gig_faqs FOR INSERT TO parley_app WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_faqs.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_faqs_delete ON public.gig_faqs FOR DELETE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_faqs.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_faqs_read ON public.gig_faqs FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.gigs p
  WHERE (p.id = gig_faqs.gig_id))) OR (EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_faqs.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))));

CREATE POLICY gig_faqs_readonly ON public.gig_faqs FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gig_faqs_service ON public.gig_faqs TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gig_packages ENABLE ROW LEVEL SECURITY;

CREATE POLICY gig_packages_change ON public.gig_packages FOR UPDATE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_packages.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_packages.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_packages_create ON public.gig_packages FOR INSERT TO parley_app WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_packages.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_packages_delete ON public.gig_packages FOR DELETE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_packages.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_packages_read ON public.gig_packages FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.gigs p
  WHERE (p.id = gig_packages.gig_id))) OR (EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_packages.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))));

CREATE POLICY gig_packages_readonly ON public.gig_packages FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gig_packages_service ON public.gig_packages TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gig_requirements ENABLE ROW LEVEL SECURITY;

CREATE POLICY gig_requirements_change ON public.gig_requirements FOR UPDATE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_requirements.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_requirements.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_requirements_create ON public.gig_requirements FOR INSERT TO parley_app WITH CHECK ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_requirements.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_requirements_delete ON public.gig_requirements FOR DELETE TO parley_app USING ((EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_requirements.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text)))));

CREATE POLICY gig_requirements_read ON public.gig_requirements FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.gigs p
  WHERE (p.id = gig_requirements.gig_id))) OR (EXISTS ( SELECT
   FROM public.gigs p
  WHERE ((p.id = gig_requirements.gig_id) AND (p.freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.status <> 'deleted'::text))))));

CREATE POLICY gig_requirements_readonly ON public.gig_requirements FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gig_requirements_service ON public.gig_requirements TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.gigs ENABLE ROW LEVEL SECURITY;

CREATE POLICY gigs_change ON public.gigs FOR UPDATE TO parley_app USING (((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text])))) WITH CHECK ((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY gigs_create ON public.gigs FOR INSERT TO parley_app WITH CHECK (((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.users p
  WHERE ((p.id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.kind <> 'client'::text) AND (p.status = 'active'::text))))));

CREATE POLICY gigs_read ON public.gigs FOR SELECT TO parley_app USING ((((status = 'active'::text) AND (NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = gigs.freelancer_id))))) OR (freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY gigs_readonly ON public.gigs FOR SELECT TO parley_readonly USING (true);

CREATE POLICY gigs_service ON public.gigs TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.identity_verifications ENABLE ROW LEVEL SECURITY;

CREATE POLICY identity_verifications_read ON public.identity_verifications FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY identity_verifications_readonly ON public.identity_verifications FOR SELECT TO parley_readonly USING (true);

CREATE POLICY identity_verifications_service ON public.identity_verifications TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.job_counters ENABLE ROW LEVEL SECURITY;

CREATE POLICY job_counters_read ON public.job_counters FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE (p.id = job_counters.job_id))));

CREATE POLICY job_counters_readonly ON public.job_counters FOR SELECT TO parley_readonly USING (true);

CREATE POLICY job_counters_service ON public.job_counters TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.job_skills ENABLE ROW LEVEL SECURITY;

CREATE POLICY job_skills_change ON public.job_skills FOR UPDATE TO parley_app USING ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = job_skills.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))))) WITH CHECK ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = job_skills.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))));

CREATE POLICY job_skills_create ON public.job_skills FOR INSERT TO parley_app WITH CHECK ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = job_skills.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))));

CREATE POLICY job_skills_delete ON public.job_skills FOR DELETE TO parley_app USING ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = job_skills.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))));

CREATE POLICY job_skills_read ON public.job_skills FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.jobs p
  WHERE (p.id = job_skills.job_id))) OR (EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = job_skills.job_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")))))));

CREATE POLICY job_skills_readonly ON public.job_skills FOR SELECT TO parley_readonly USING (true);

CREATE POLICY job_skills_service ON public.job_skills TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

CREATE POLICY jobs_change ON public.jobs FOR UPDATE TO parley_app USING (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = ANY (ARRAY['draft'::text, 'open'::text, 'closed'::text])))) WITH CHECK ((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY jobs_create ON public.jobs FOR INSERT TO parley_app WITH CHECK (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND ((platform = 'internal'::text) AND (EXISTS ( SELECT
   FROM public.users p
  WHERE ((p.id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.kind <> 'freelancer'::text) AND (p.status = 'active'::text)))))));

CREATE POLICY jobs_read ON public.jobs FOR SELECT TO parley_app USING ((((status = 'open'::text) AND (NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = jobs.client_id))))) OR (client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (id = ANY (( SELECT public.app_offered_jobs() AS app_offered_jobs)::uuid[])) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY jobs_readonly ON public.jobs FOR SELECT TO parley_readonly USING (true);

CREATE POLICY jobs_service ON public.jobs TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.journal_lines ENABLE ROW LEVEL SECURITY;

CREATE POLICY journal_lines_read ON public.journal_lines FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.ledger_accounts p
  WHERE ((p.id = journal_lines.account_id) AND (p.user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY journal_lines_readonly ON public.journal_lines FOR SELECT TO parley_readonly USING (true);

CREATE POLICY journal_lines_service ON public.journal_lines TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.journals ENABLE ROW LEVEL SECURITY;

CREATE POLICY journals_read ON public.journals FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.journal_lines l
  WHERE (l.journal_id = journals.id))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY journals_readonly ON public.journals FOR SELECT TO parley_readonly USING (true);

CREATE POLICY journals_service ON public.journals TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.learning_path_items ENABLE ROW LEVEL SECURITY;

CREATE POLICY learning_path_items_read ON public.learning_path_items FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.learning_paths p
  WHERE (p.id = learning_path_items.learning_path_id))));

CREATE POLICY learning_path_items_readonly ON public.learning_path_items FOR SELECT TO parley_readonly USING (true);

CREATE POLICY learning_path_items_service ON public.learning_path_items TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.learning_paths ENABLE ROW LEVEL SECURITY;

CREATE POLICY learning_paths_change ON public.learning_paths FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY learning_paths_create ON public.learning_paths FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY learning_paths_delete ON public.learning_paths FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY learning_paths_read ON public.learning_paths FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY learning_paths_readonly ON public.learning_paths FOR SELECT TO parley_readonly USING (true);

CREATE POLICY learning_paths_service ON public.learning_paths TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.ledger_accounts ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_accounts_read ON public.ledger_accounts FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY ledger_accounts_readonly ON public.ledger_accounts FOR SELECT TO parley_readonly USING (true);

CREATE POLICY ledger_accounts_service ON public.ledger_accounts TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.ledger_lots ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_lots_read ON public.ledger_lots FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.ledger_accounts p
  WHERE ((p.id = ledger_lots.account_id) AND (p.user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY ledger_lots_readonly ON public.ledger_lots FOR SELECT TO parley_readonly USING (true);

CREATE POLICY ledger_lots_service ON public.ledger_lots TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.meetings ENABLE ROW LEVEL SECURITY;

CREATE POLICY meetings_change ON public.meetings FOR UPDATE TO parley_app USING (((created_by = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = 'scheduled'::text))) WITH CHECK ((created_by = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY meetings_create ON public.meetings FOR INSERT TO parley_app WITH CHECK (((created_by = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (conversation_id = ANY (( SELECT public.app_conversations() AS app_conversations)::uuid[]))));

CREATE POLICY meetings_read ON public.meetings FOR SELECT TO parley_app USING (((created_by = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (conversation_id = ANY (( SELECT public.app_conversations() AS app_conversations)::uuid[]))));

CREATE POLICY meetings_readonly ON public.meetings FOR SELECT TO parley_readonly USING (true);

CREATE POLICY meetings_service ON public.meetings TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.milestones ENABLE ROW LEVEL SECURITY;

CREATE POLICY milestones_read ON public.milestones FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = milestones.contract_id))));

CREATE POLICY milestones_readonly ON public.milestones FOR SELECT TO parley_readonly USING (true);

CREATE POLICY milestones_service ON public.milestones TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.notification_deliveries ENABLE ROW LEVEL SECURITY;

CREATE POLICY notification_deliveries_read ON public.notification_deliveries FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_deliveries_readonly ON public.notification_deliveries FOR SELECT TO parley_readonly USING (true);

CREATE POLICY notification_deliveries_service ON public.notification_deliveries TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.notification_preferences ENABLE ROW LEVEL SECURITY;

CREATE POLICY notification_preferences_change ON public.notification_preferences FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_preferences_create ON public.notification_preferences FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_preferences_delete ON public.notification_preferences FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_preferences_read ON public.notification_preferences FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_preferences_readonly ON public.notification_preferences FOR SELECT TO parley_readonly USING (true);

CREATE POLICY notification_preferences_service ON public.notification_preferences TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.notification_settings ENABLE ROW LEVEL SECURITY;

CREATE POLICY notification_settings_change ON public.notification_settings FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_settings_create ON public.notification_settings FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_settings_read ON public.notification_settings FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY notification_settings_readonly ON public.notification_settings FOR SELECT TO parley_readonly USING (true);

CREATE POLICY notification_settings_service ON public.notification_settings TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.payment_methods ENABLE ROW LEVEL SECURITY;

CREATE POLICY payment_methods_change ON public.payment_methods FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payment_methods_create ON public.payment_methods FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = payment_methods.user_id))))));

CREATE POLICY payment_methods_delete ON public.payment_methods FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payment_methods_read ON public.payment_methods FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payment_methods_readonly ON public.payment_methods FOR SELECT TO parley_readonly USING (true);

CREATE POLICY payment_methods_service ON public.payment_methods TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.payout_batches ENABLE ROW LEVEL SECURITY;

CREATE POLICY payout_batches_read ON public.payout_batches FOR SELECT TO parley_app USING (( SELECT public.app_is_staff() AS app_is_staff));

CREATE POLICY payout_batches_readonly ON public.payout_batches FOR SELECT TO parley_readonly USING (true);

CREATE POLICY payout_batches_service ON public.payout_batches TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.payout_methods ENABLE ROW LEVEL SECURITY;

CREATE POLICY payout_methods_change ON public.payout_methods FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payout_methods_create ON public.payout_methods FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = payout_methods.user_id))))));

CREATE POLICY payout_methods_delete ON public.payout_methods FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payout_methods_read ON public.payout_methods FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY payout_methods_readonly ON public.payout_methods FOR SELECT TO parley_readonly USING (true);

CREATE POLICY payout_methods_service ON public.payout_methods TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.platform_settings ENABLE ROW LEVEL SECURITY;

CREATE POLICY platform_settings_change ON public.platform_settings FOR UPDATE TO parley_app USING (( SELECT public.app_is_admin() AS app_is_admin)) WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY platform_settings_read ON public.platform_settings FOR SELECT TO parley_app USING ((is_public OR ( SELECT public.app_is_admin() AS app_is_admin) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY platform_settings_readonly ON public.platform_settings FOR SELECT TO parley_readonly USING (true);

CREATE POLICY platform_settings_service ON public.platform_settings TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.portfolio_items ENABLE ROW LEVEL SECURITY;

CREATE POLICY portfolio_items_change ON public.portfolio_items FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY portfolio_items_create ON public.portfolio_items FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY portfolio_items_delete ON public.portfolio_items FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY portfolio_items_read ON public.portfolio_items FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = portfolio_items.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY portfolio_items_readonly ON public.portfolio_items FOR SELECT TO parley_readonly USING (true);

CREATE POLICY portfolio_items_service ON public.portfolio_items TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.proposals ENABLE ROW LEVEL SECURITY;

CREATE POLICY proposals_change ON public.proposals FOR UPDATE TO parley_app USING (((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = ANY (ARRAY['pending'::text, 'shortlisted'::text])))) WITH CHECK ((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY proposals_create ON public.proposals FOR INSERT TO parley_app WITH CHECK (((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND ((EXISTS ( SELECT
   FROM public.jobs p
  WHERE ((p.id = proposals.job_id) AND (p.status = 'open'::text) AND (p.platform = 'internal'::text)))) AND (client_id <> ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.users p
  WHERE ((p.id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (p.kind <> 'client'::text) AND (p.status = 'active'::text)))))));

CREATE POLICY proposals_read ON public.proposals FOR SELECT TO parley_app USING (((freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY proposals_readonly ON public.proposals FOR SELECT TO parley_readonly USING (true);

CREATE POLICY proposals_service ON public.proposals TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.push_devices ENABLE ROW LEVEL SECURITY;

CREATE POLICY push_devices_delete ON public.push_devices FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY push_devices_read ON public.push_devices FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY push_devices_readonly ON public.push_devices FOR SELECT TO parley_readonly USING (true);

CREATE POLICY push_devices_service ON public.push_devices TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.refunds ENABLE ROW LEVEL SECURITY;

CREATE POLICY refunds_read ON public.refunds FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.releases p
  WHERE (p.id = refunds.release_id))));

CREATE POLICY refunds_readonly ON public.refunds FOR SELECT TO parley_readonly USING (true);

CREATE POLICY refunds_service ON public.refunds TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.release_lots ENABLE ROW LEVEL SECURITY;

CREATE POLICY release_lots_read ON public.release_lots FOR SELECT TO parley_app USING (((EXISTS ( SELECT
   FROM public.releases p
  WHERE ((p.id = release_lots.release_id) AND (p.client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY release_lots_readonly ON public.release_lots FOR SELECT TO parley_readonly USING (true);

CREATE POLICY release_lots_service ON public.release_lots TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.releases ENABLE ROW LEVEL SECURITY;

CREATE POLICY releases_read ON public.releases FOR SELECT TO parley_app USING (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (freelancer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY releases_readonly ON public.releases FOR SELECT TO parley_readonly USING (true);

CREATE POLICY releases_service ON public.releases TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.reports ENABLE ROW LEVEL SECURITY;

CREATE POLICY reports_read ON public.reports FOR SELECT TO parley_app USING (((reporter_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY reports_readonly ON public.reports FOR SELECT TO parley_readonly USING (true);

CREATE POLICY reports_service ON public.reports TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.review_invitations ENABLE ROW LEVEL SECURITY;

CREATE POLICY review_invitations_read ON public.review_invitations FOR SELECT TO parley_app USING (((reviewer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY review_invitations_readonly ON public.review_invitations FOR SELECT TO parley_readonly USING (true);

CREATE POLICY review_invitations_service ON public.review_invitations TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.review_votes ENABLE ROW LEVEL SECURITY;

CREATE POLICY review_votes_change ON public.review_votes FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY review_votes_create ON public.review_votes FOR INSERT TO parley_app WITH CHECK (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.reviews p
  WHERE ((p.id = review_votes.review_id) AND (p.status = 'published'::text) AND ((( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif") <> p.reviewer_id) AND (( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif") <> p.reviewee_id)))))));

CREATE POLICY review_votes_delete ON public.review_votes FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY review_votes_read ON public.review_votes FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY review_votes_readonly ON public.review_votes FOR SELECT TO parley_readonly USING (true);

CREATE POLICY review_votes_service ON public.review_votes TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.reviews ENABLE ROW LEVEL SECURITY;

CREATE POLICY reviews_change ON public.reviews FOR UPDATE TO parley_app USING (((reviewer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = 'pending'::text))) WITH CHECK ((reviewer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY reviews_create ON public.reviews FOR INSERT TO parley_app WITH CHECK (((reviewer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (EXISTS ( SELECT
   FROM public.contracts p
  WHERE ((p.id = reviews.contract_id) AND (p.status = 'completed'::text) AND ((( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif") = p.client_id) OR (( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif") = p.freelancer_id)))))));

CREATE POLICY reviews_read ON public.reviews FOR SELECT TO parley_app USING (((status = 'published'::text) OR (reviewer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT public.app_is_staff() AS app_is_staff) AND ((status <> 'pending'::text) OR (reviewee_id <> ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))))));

CREATE POLICY reviews_readonly ON public.reviews FOR SELECT TO parley_readonly USING (true);

CREATE POLICY reviews_service ON public.reviews TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.saved_searches ENABLE ROW LEVEL SECURITY;

CREATE POLICY saved_searches_change ON public.saved_searches FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY saved_searches_create ON public.saved_searches FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY saved_searches_delete ON public.saved_searches FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY saved_searches_read ON public.saved_searches FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY saved_searches_readonly ON public.saved_searches FOR SELECT TO parley_readonly USING (true);

CREATE POLICY saved_searches_service ON public.saved_searches TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.search_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY search_history_delete ON public.search_history FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY search_history_read ON public.search_history FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY search_history_readonly ON public.search_history FOR SELECT TO parley_readonly USING (true);

CREATE POLICY search_history_service ON public.search_history TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.shadowing_sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY shadowing_sessions_read ON public.shadowing_sessions FOR SELECT TO parley_app USING (((student_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ((mentor_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY shadowing_sessions_readonly ON public.shadowing_sessions FOR SELECT TO parley_readonly USING (true);

CREATE POLICY shadowing_sessions_service ON public.shadowing_sessions TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.skill_edges ENABLE ROW LEVEL SECURITY;

CREATE POLICY skill_edges_read ON public.skill_edges FOR SELECT TO parley_app USING (true);

CREATE POLICY skill_edges_readonly ON public.skill_edges FOR SELECT TO parley_readonly USING (true);

CREATE POLICY skill_edges_service ON public.skill_edges TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.skills ENABLE ROW LEVEL SECURITY;

CREATE POLICY skills_change ON public.skills FOR UPDATE TO parley_app USING (( SELECT public.app_is_admin() AS app_is_admin)) WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY skills_create ON public.skills FOR INSERT TO parley_app WITH CHECK (( SELECT public.app_is_admin() AS app_is_admin));

CREATE POLICY skills_read ON public.skills FOR SELECT TO parley_app USING (true);

CREATE POLICY skills_readonly ON public.skills FOR SELECT TO parley_readonly USING (true);

CREATE POLICY skills_service ON public.skills TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.split_items ENABLE ROW LEVEL SECURITY;

CREATE POLICY split_items_read ON public.split_items FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.contracts p
  WHERE (p.id = split_items.contract_id))));

CREATE POLICY split_items_readonly ON public.split_items FOR SELECT TO parley_readonly USING (true);

CREATE POLICY split_items_service ON public.split_items TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.status_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY status_history_read ON public.status_history FOR SELECT TO parley_app USING ((
CASE entity_type
    WHEN 'contract'::text THEN (EXISTS ( SELECT
       FROM public.contracts p
      WHERE (p.id = status_history.entity_id)))
    WHEN 'milestone'::text THEN (EXISTS ( SELECT
       FROM public.milestones p
      WHERE (p.id = status_history.entity_id)))
    WHEN 'proposal'::text THEN (EXISTS ( SELECT
       FROM public.proposals p
      WHERE (p.id = status_history.entity_id)))
    WHEN 'dispute'::text THEN (EXISTS ( SELECT
       FROM public.disputes p
      WHERE (p.id = status_history.entity_id)))
    WHEN 'ticket'::text THEN (EXISTS ( SELECT
       FROM public.support_tickets p
      WHERE (p.id = status_history.entity_id)))
    ELSE false
END OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY status_history_readonly ON public.status_history FOR SELECT TO parley_readonly USING (true);

CREATE POLICY status_history_service ON public.status_history TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.support_tickets ENABLE ROW LEVEL SECURITY;

CREATE POLICY support_tickets_change ON public.support_tickets FOR UPDATE TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = 'open'::text))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY support_tickets_create ON public.support_tickets FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY support_tickets_read ON public.support_tickets FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY support_tickets_readonly ON public.support_tickets FOR SELECT TO parley_readonly USING (true);

CREATE POLICY support_tickets_service ON public.support_tickets TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.task_dependencies ENABLE ROW LEVEL SECURITY;

CREATE POLICY task_dependencies_read ON public.task_dependencies FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.tasks p
  WHERE (p.id = task_dependencies.task_id))));

CREATE POLICY task_dependencies_readonly ON public.task_dependencies FOR SELECT TO parley_readonly USING (true);

CREATE POLICY task_dependencies_service ON public.task_dependencies TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.task_matches ENABLE ROW LEVEL SECURITY;

CREATE POLICY task_matches_read ON public.task_matches FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (EXISTS ( SELECT
   FROM public.tasks p
  WHERE (p.id = task_matches.task_id)))));

CREATE POLICY task_matches_readonly ON public.task_matches FOR SELECT TO parley_readonly USING (true);

CREATE POLICY task_matches_service ON public.task_matches TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

CREATE POLICY tasks_read ON public.tasks FOR SELECT TO parley_app USING (((client_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (assignee_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY tasks_readonly ON public.tasks FOR SELECT TO parley_readonly USING (true);

CREATE POLICY tasks_service ON public.tasks TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.templates ENABLE ROW LEVEL SECURITY;

CREATE POLICY templates_read ON public.templates FOR SELECT TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY templates_readonly ON public.templates FOR SELECT TO parley_readonly USING (true);

CREATE POLICY templates_service ON public.templates TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.transactions ENABLE ROW LEVEL SECURITY;

CREATE POLICY transactions_read ON public.transactions FOR SELECT TO parley_app USING (((payer_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR (payee_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY transactions_readonly ON public.transactions FOR SELECT TO parley_readonly USING (true);

CREATE POLICY transactions_service ON public.transactions TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.user_categories ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_categories_change ON public.user_categories FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_categories_create ON public.user_categories FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_categories_delete ON public.user_categories FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_categories_read ON public.user_categories FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = user_categories.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY user_categories_readonly ON public.user_categories FOR SELECT TO parley_readonly USING (true);

CREATE POLICY user_categories_service ON public.user_categories TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.user_consents ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_consents_read ON public.user_consents FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY user_consents_readonly ON public.user_consents FOR SELECT TO parley_readonly USING (true);

CREATE POLICY user_consents_service ON public.user_consents TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.user_ratings ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_ratings_read ON public.user_ratings FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = user_ratings.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY user_ratings_readonly ON public.user_ratings FOR SELECT TO parley_readonly USING (true);

CREATE POLICY user_ratings_service ON public.user_ratings TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.user_skills ENABLE ROW LEVEL SECURITY;

CREATE POLICY user_skills_change ON public.user_skills FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_skills_create ON public.user_skills FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_skills_delete ON public.user_skills FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY user_skills_read ON public.user_skills FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = user_skills.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY user_skills_readonly ON public.user_skills FOR SELECT TO parley_readonly USING (true);

CREATE POLICY user_skills_service ON public.user_skills TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_change ON public.users FOR UPDATE TO parley_app USING (((id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) AND (status = 'active'::text))) WITH CHECK ((id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY users_read ON public.users FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = users.id)))) OR (id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY users_readonly ON public.users FOR SELECT TO parley_readonly USING (true);

CREATE POLICY users_service ON public.users TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.webhook_deliveries ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_deliveries_read ON public.webhook_deliveries FOR SELECT TO parley_app USING ((EXISTS ( SELECT
   FROM public.webhook_endpoints p
  WHERE (p.id = webhook_deliveries.webhook_endpoint_id))));

CREATE POLICY webhook_deliveries_readonly ON public.webhook_deliveries FOR SELECT TO parley_readonly USING (true);

CREATE POLICY webhook_deliveries_service ON public.webhook_deliveries TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.webhook_endpoints ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_endpoints_change ON public.webhook_endpoints FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY webhook_endpoints_create ON public.webhook_endpoints FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY webhook_endpoints_delete ON public.webhook_endpoints FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY webhook_endpoints_read ON public.webhook_endpoints FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY webhook_endpoints_readonly ON public.webhook_endpoints FOR SELECT TO parley_readonly USING (true);

CREATE POLICY webhook_endpoints_service ON public.webhook_endpoints TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.withdrawals ENABLE ROW LEVEL SECURITY;

CREATE POLICY withdrawals_read ON public.withdrawals FOR SELECT TO parley_app USING (((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY withdrawals_readonly ON public.withdrawals FOR SELECT TO parley_readonly USING (true);

CREATE POLICY withdrawals_service ON public.withdrawals TO parley_service USING (true) WITH CHECK (true);

ALTER TABLE public.work_experiences ENABLE ROW LEVEL SECURITY;

CREATE POLICY work_experiences_change ON public.work_experiences FOR UPDATE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY work_experiences_create ON public.work_experiences FOR INSERT TO parley_app WITH CHECK ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY work_experiences_delete ON public.work_experiences FOR DELETE TO parley_app USING ((user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")));

CREATE POLICY work_experiences_read ON public.work_experiences FOR SELECT TO parley_app USING (((NOT (EXISTS ( SELECT
   FROM public.hidden_people h
  WHERE (h.hidden_id = work_experiences.user_id)))) OR (user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS "nullif")) OR ( SELECT public.app_is_staff() AS app_is_staff)));

CREATE POLICY work_experiences_readonly ON public.work_experiences FOR SELECT TO parley_readonly USING (true);

CREATE POLICY work_experiences_service ON public.work_experiences TO parley_service USING (true) WITH CHECK (true);

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO parley_app;
GRANT USAGE ON SCHEMA public TO parley_service;
GRANT USAGE ON SCHEMA public TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reports TO parley_service;

GRANT SELECT(id) ON TABLE public.reports TO parley_app;
GRANT SELECT(id) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(reporter_id) ON TABLE public.reports TO parley_app;
GRANT SELECT(reporter_id) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(subject_type) ON TABLE public.reports TO parley_app;
GRANT SELECT(subject_type) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(subject_id) ON TABLE public.reports TO parley_app;
GRANT SELECT(subject_id) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(conversation_id) ON TABLE public.reports TO parley_app;
GRANT SELECT(conversation_id) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.reports TO parley_app;
GRANT SELECT(reason) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(text) ON TABLE public.reports TO parley_app;

GRANT SELECT(status) ON TABLE public.reports TO parley_app;
GRANT SELECT(status) ON TABLE public.reports TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.reports TO parley_app;
GRANT SELECT(created_at) ON TABLE public.reports TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.proposals TO parley_service;

GRANT SELECT(id) ON TABLE public.proposals TO parley_app;
GRANT SELECT(id) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(job_id),INSERT(job_id) ON TABLE public.proposals TO parley_app;
GRANT SELECT(job_id) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(freelancer_id),INSERT(freelancer_id) ON TABLE public.proposals TO parley_app;
GRANT SELECT(freelancer_id) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.proposals TO parley_app;
GRANT SELECT(client_id) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(cover_letter),INSERT(cover_letter),UPDATE(cover_letter) ON TABLE public.proposals TO parley_app;
GRANT SELECT(cover_letter) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(amount),INSERT(amount),UPDATE(amount) ON TABLE public.proposals TO parley_app;
GRANT SELECT(amount) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.proposals TO parley_app;
GRANT SELECT(currency) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(timeline_days),INSERT(timeline_days),UPDATE(timeline_days) ON TABLE public.proposals TO parley_app;
GRANT SELECT(timeline_days) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(estimated_hours),INSERT(estimated_hours),UPDATE(estimated_hours) ON TABLE public.proposals TO parley_app;
GRANT SELECT(estimated_hours) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(delivery_date),INSERT(delivery_date),UPDATE(delivery_date) ON TABLE public.proposals TO parley_app;
GRANT SELECT(delivery_date) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(milestones),INSERT(milestones),UPDATE(milestones) ON TABLE public.proposals TO parley_app;
GRANT SELECT(milestones) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(attachment_ids),INSERT(attachment_ids),UPDATE(attachment_ids) ON TABLE public.proposals TO parley_app;
GRANT SELECT(attachment_ids) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(portfolio_item_ids),INSERT(portfolio_item_ids),UPDATE(portfolio_item_ids) ON TABLE public.proposals TO parley_app;
GRANT SELECT(portfolio_item_ids) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(status) ON TABLE public.proposals TO parley_app;
GRANT SELECT(status) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(rejection_reason) ON TABLE public.proposals TO parley_app;
GRANT SELECT(rejection_reason) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(reviewed_at) ON TABLE public.proposals TO parley_app;
GRANT SELECT(reviewed_at) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(accepted_at) ON TABLE public.proposals TO parley_app;
GRANT SELECT(accepted_at) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.proposals TO parley_app;
GRANT SELECT(created_at) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.proposals TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(version) ON TABLE public.proposals TO parley_app;
GRANT SELECT(version) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(rejected_by) ON TABLE public.proposals TO parley_app;
GRANT SELECT(rejected_by) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT(revisions),INSERT(revisions),UPDATE(revisions) ON TABLE public.proposals TO parley_app;
GRANT SELECT(revisions) ON TABLE public.proposals TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timers TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agent_runs TO parley_service;

GRANT SELECT(id) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(id) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(agent_id) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(agent_id) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(task_id) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(task_id) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(execution_time_seconds) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(execution_time_seconds) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(quality_score) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(quality_score) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(user_feedback_score) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(user_feedback_score) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(retry_required) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(retry_required) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(error_message) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(error_message) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(tokens_used) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(tokens_used) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(cost) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(cost) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.agent_runs TO parley_app;
GRANT SELECT(created_at) ON TABLE public.agent_runs TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO parley_service;

GRANT SELECT(id) ON TABLE public.agents TO parley_app;
GRANT SELECT(id) ON TABLE public.agents TO parley_readonly;

GRANT SELECT(name) ON TABLE public.agents TO parley_app;
GRANT SELECT(name) ON TABLE public.agents TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.agents TO parley_app;
GRANT SELECT(kind) ON TABLE public.agents TO parley_readonly;

GRANT SELECT(description) ON TABLE public.agents TO parley_app;
GRANT SELECT(description) ON TABLE public.agents TO parley_readonly;

GRANT SELECT(is_active) ON TABLE public.agents TO parley_app;
GRANT SELECT(is_active) ON TABLE public.agents TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.agents TO parley_app;
GRANT SELECT(created_at) ON TABLE public.agents TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ai_analyses TO parley_service;

GRANT SELECT(id) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(id) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(kind) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(job_id) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(user_id) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(result) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(result) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(provider) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(provider) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(error) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(error) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(status) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(status) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(created_at) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT(version) ON TABLE public.ai_analyses TO parley_app;
GRANT SELECT(version) ON TABLE public.ai_analyses TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.announcements TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.audit_log TO parley_service;

GRANT SELECT(id) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(id) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(actor_id) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(actor_id) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(action) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(action) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(entity_type) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(entity_type) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(entity_id) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(entity_id) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(old_values) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(old_values) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(new_values) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(new_values) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.audit_log TO parley_app;
GRANT SELECT(created_at) ON TABLE public.audit_log TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_tokens TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.backfills TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.categories TO parley_service;

GRANT SELECT(id) ON TABLE public.categories TO parley_app;
GRANT SELECT(id) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(parent_id),INSERT(parent_id),UPDATE(parent_id) ON TABLE public.categories TO parley_app;
GRANT SELECT(parent_id) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(slug),INSERT(slug),UPDATE(slug) ON TABLE public.categories TO parley_app;
GRANT SELECT(slug) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE public.categories TO parley_app;
GRANT SELECT(name) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(names),INSERT(names),UPDATE(names) ON TABLE public.categories TO parley_app;
GRANT SELECT(names) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.categories TO parley_app;
GRANT SELECT(description) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(icon_url),INSERT(icon_url),UPDATE(icon_url) ON TABLE public.categories TO parley_app;
GRANT SELECT(icon_url) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(is_active),INSERT(is_active),UPDATE(is_active) ON TABLE public.categories TO parley_app;
GRANT SELECT(is_active) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(sort_order),INSERT(sort_order),UPDATE(sort_order) ON TABLE public.categories TO parley_app;
GRANT SELECT(sort_order) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.categories TO parley_app;
GRANT SELECT(created_at) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.categories TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.categories TO parley_readonly;

GRANT SELECT(version) ON TABLE public.categories TO parley_app;
GRANT SELECT(version) ON TABLE public.categories TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.certifications TO parley_service;

GRANT SELECT(id) ON TABLE public.certifications TO parley_app;
GRANT SELECT(id) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.certifications TO parley_app;
GRANT SELECT(user_id) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(level) ON TABLE public.certifications TO parley_app;
GRANT SELECT(level) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(exam_score) ON TABLE public.certifications TO parley_app;
GRANT SELECT(exam_score) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(practical_score) ON TABLE public.certifications TO parley_app;
GRANT SELECT(practical_score) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(industry_tracks) ON TABLE public.certifications TO parley_app;
GRANT SELECT(industry_tracks) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(certified_at) ON TABLE public.certifications TO parley_app;
GRANT SELECT(certified_at) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.certifications TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(renewal_count) ON TABLE public.certifications TO parley_app;
GRANT SELECT(renewal_count) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(continuing_education_hours) ON TABLE public.certifications TO parley_app;
GRANT SELECT(continuing_education_hours) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(status) ON TABLE public.certifications TO parley_app;
GRANT SELECT(status) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.certifications TO parley_app;
GRANT SELECT(created_at) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.certifications TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT(version) ON TABLE public.certifications TO parley_app;
GRANT SELECT(version) ON TABLE public.certifications TO parley_readonly;

GRANT SELECT ON TABLE public.certifications_unveiled TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chargebacks TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.client_private TO parley_service;

GRANT SELECT(user_id) ON TABLE public.client_private TO parley_app;
GRANT SELECT(user_id) ON TABLE public.client_private TO parley_readonly;

GRANT SELECT(total_spent) ON TABLE public.client_private TO parley_app;
GRANT SELECT(total_spent) ON TABLE public.client_private TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.client_private TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.client_private TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.client_private TO parley_app;
GRANT SELECT(currency) ON TABLE public.client_private TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.client_profiles TO parley_service;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(user_id) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(company_name),INSERT(company_name),UPDATE(company_name) ON TABLE public.client_profiles TO parley_app;

GRANT SELECT(company_logo_url),INSERT(company_logo_url),UPDATE(company_logo_url) ON TABLE public.client_profiles TO parley_app;

GRANT SELECT(industry),INSERT(industry),UPDATE(industry) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(industry) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(company_size),INSERT(company_size),UPDATE(company_size) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(company_size) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(website_url),INSERT(website_url),UPDATE(website_url) ON TABLE public.client_profiles TO parley_app;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.client_profiles TO parley_app;

GRANT SELECT(country),INSERT(country),UPDATE(country) ON TABLE public.client_profiles TO parley_app;

GRANT SELECT(jobs_posted) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(jobs_posted) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(rating) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(rating) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(total_reviews) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(total_reviews) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(is_verified) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(is_verified) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(verified_at) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(verified_at) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(payment_verified) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(payment_verified) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(created_at) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT(version) ON TABLE public.client_profiles TO parley_app;
GRANT SELECT(version) ON TABLE public.client_profiles TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.community_events TO parley_service;

GRANT SELECT(id) ON TABLE public.community_events TO parley_app;
GRANT SELECT(id) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(title) ON TABLE public.community_events TO parley_app;
GRANT SELECT(title) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(description) ON TABLE public.community_events TO parley_app;
GRANT SELECT(description) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(organizer_id) ON TABLE public.community_events TO parley_app;
GRANT SELECT(organizer_id) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(starts_at) ON TABLE public.community_events TO parley_app;
GRANT SELECT(starts_at) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(ends_at) ON TABLE public.community_events TO parley_app;
GRANT SELECT(ends_at) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(location) ON TABLE public.community_events TO parley_app;
GRANT SELECT(location) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(attendee_count) ON TABLE public.community_events TO parley_app;
GRANT SELECT(attendee_count) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(status) ON TABLE public.community_events TO parley_app;
GRANT SELECT(status) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.community_events TO parley_app;
GRANT SELECT(created_at) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.community_events TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT(version) ON TABLE public.community_events TO parley_app;
GRANT SELECT(version) ON TABLE public.community_events TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_amendments TO parley_service;

GRANT SELECT(id) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(id) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(proposed_by) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(proposed_by) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(reason) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(milestones) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(milestones) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(scope_of_work) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(scope_of_work) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(deadline) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(deadline) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(total_amount) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(total_amount) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(currency) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(status) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(status) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT(version) ON TABLE public.contract_amendments TO parley_app;
GRANT SELECT(version) ON TABLE public.contract_amendments TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_answers TO parley_service;

GRANT SELECT(id) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(id) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT(gig_requirement_id) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(gig_requirement_id) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT(question) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(question) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT(answer) ON TABLE public.contract_answers TO parley_app;

GRANT SELECT(file_ids) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(file_ids) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contract_answers TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contract_answers TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_cancellations TO parley_service;

GRANT SELECT(id) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(id) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(proposed_by) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(proposed_by) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(reason) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(client_amount) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(client_amount) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(freelancer_amount) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(freelancer_amount) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(status) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(status) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT(version) ON TABLE public.contract_cancellations TO parley_app;
GRANT SELECT(version) ON TABLE public.contract_cancellations TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_extras TO parley_service;

GRANT SELECT(id) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(id) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(gig_extra_id) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(gig_extra_id) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(title) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(title) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(price) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(price) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(quantity) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(quantity) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contract_extras TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contract_extras TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_members TO parley_service;

GRANT SELECT(id) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(id) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(user_id) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(role) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(role) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(share_bp) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(share_bp) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(status) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(status) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(version) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(version) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(contract_title) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(contract_title) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT(contract_scope) ON TABLE public.contract_members TO parley_app;
GRANT SELECT(contract_scope) ON TABLE public.contract_members TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contracts TO parley_service;

GRANT SELECT(id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(job_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(proposal_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(proposal_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(gig_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(gig_package_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(gig_package_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(client_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(freelancer_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(freelancer_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(conversation_id) ON TABLE public.contracts TO parley_app;
GRANT SELECT(conversation_id) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(title) ON TABLE public.contracts TO parley_app;
GRANT SELECT(title) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(description) ON TABLE public.contracts TO parley_app;
GRANT SELECT(description) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(scope_of_work) ON TABLE public.contracts TO parley_app;
GRANT SELECT(scope_of_work) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(terms) ON TABLE public.contracts TO parley_app;
GRANT SELECT(terms) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(deliverable_description) ON TABLE public.contracts TO parley_app;
GRANT SELECT(deliverable_description) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(total_amount) ON TABLE public.contracts TO parley_app;
GRANT SELECT(total_amount) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.contracts TO parley_app;
GRANT SELECT(currency) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(platform_fee) ON TABLE public.contracts TO parley_app;
GRANT SELECT(platform_fee) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(payout) ON TABLE public.contracts TO parley_app;
GRANT SELECT(payout) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(start_date) ON TABLE public.contracts TO parley_app;
GRANT SELECT(start_date) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(deadline) ON TABLE public.contracts TO parley_app;
GRANT SELECT(deadline) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(estimated_hours) ON TABLE public.contracts TO parley_app;
GRANT SELECT(estimated_hours) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(revisions_allowed) ON TABLE public.contracts TO parley_app;
GRANT SELECT(revisions_allowed) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(revisions_used) ON TABLE public.contracts TO parley_app;
GRANT SELECT(revisions_used) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(status) ON TABLE public.contracts TO parley_app;
GRANT SELECT(status) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(accepted_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(accepted_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(started_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(started_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(submitted_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(submitted_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(cancelled_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(cancelled_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(created_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(version) ON TABLE public.contracts TO parley_app;
GRANT SELECT(version) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(idle_since) ON TABLE public.contracts TO parley_app;
GRANT SELECT(idle_since) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(dispute_ended_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(dispute_ended_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.contracts TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.contracts TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_months TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_participants TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.course_enrollments TO parley_service;

GRANT SELECT(id) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(id) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(user_id) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(course_id) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(course_id) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(progress_percentage) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(progress_percentage) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(status) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(status) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(created_at) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT(version) ON TABLE public.course_enrollments TO parley_app;
GRANT SELECT(version) ON TABLE public.course_enrollments TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.courses TO parley_service;

GRANT SELECT(id) ON TABLE public.courses TO parley_app;
GRANT SELECT(id) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.courses TO parley_app;
GRANT SELECT(title) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.courses TO parley_app;
GRANT SELECT(description) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(skill_id),INSERT(skill_id),UPDATE(skill_id) ON TABLE public.courses TO parley_app;
GRANT SELECT(skill_id) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(url),INSERT(url),UPDATE(url) ON TABLE public.courses TO parley_app;
GRANT SELECT(url) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(hours),INSERT(hours),UPDATE(hours) ON TABLE public.courses TO parley_app;
GRANT SELECT(hours) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(credits),INSERT(credits),UPDATE(credits) ON TABLE public.courses TO parley_app;
GRANT SELECT(credits) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(is_active),INSERT(is_active),UPDATE(is_active) ON TABLE public.courses TO parley_app;
GRANT SELECT(is_active) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.courses TO parley_app;
GRANT SELECT(created_at) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.courses TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.courses TO parley_readonly;

GRANT SELECT(version) ON TABLE public.courses TO parley_app;
GRANT SELECT(version) ON TABLE public.courses TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.credit_awards TO parley_service;

GRANT SELECT(id) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(id) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(user_id) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(credits) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(credits) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(reason) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(source_type) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(source_type) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(source_id) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(source_id) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.credit_awards TO parley_app;
GRANT SELECT(created_at) ON TABLE public.credit_awards TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.daily_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT(area) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(area) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT(subject_id) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(subject_id) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.daily_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.daily_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.data_requests TO parley_service;

GRANT SELECT(id) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(id) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(user_id) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(kind) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(status) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(status) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(due_at) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(due_at) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(created_at) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT(version) ON TABLE public.data_requests TO parley_app;
GRANT SELECT(version) ON TABLE public.data_requests TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deliverables TO parley_service;

GRANT SELECT(id) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(id) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(delivery_number) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(delivery_number) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(title) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(title) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(description) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(description) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(video_urls) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(video_urls) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(file_ids) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(file_ids) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(client_feedback) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(client_feedback) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(revision_notes) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(revision_notes) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(status) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(status) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(reviewed_at) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(reviewed_at) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(approved_at) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(approved_at) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(created_at) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT(version) ON TABLE public.deliverables TO parley_app;
GRANT SELECT(version) ON TABLE public.deliverables TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deposit_returns TO parley_service;

GRANT SELECT(id) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(id) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(deposit_id) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(deposit_id) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(user_id) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(amount) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(processing_fee) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(processing_fee) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(currency) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(attempts) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(attempts) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(error_message) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(error_message) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(status) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(status) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(settled_at) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(settled_at) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(created_at) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT(version) ON TABLE public.deposit_returns TO parley_app;
GRANT SELECT(version) ON TABLE public.deposit_returns TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deposits TO parley_service;

GRANT SELECT(id) ON TABLE public.deposits TO parley_app;
GRANT SELECT(id) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.deposits TO parley_app;
GRANT SELECT(user_id) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.deposits TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.deposits TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(payment_method_id) ON TABLE public.deposits TO parley_app;
GRANT SELECT(payment_method_id) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(provider) ON TABLE public.deposits TO parley_app;
GRANT SELECT(provider) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(method) ON TABLE public.deposits TO parley_app;
GRANT SELECT(method) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.deposits TO parley_app;
GRANT SELECT(amount) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(processing_fee) ON TABLE public.deposits TO parley_app;
GRANT SELECT(processing_fee) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.deposits TO parley_app;
GRANT SELECT(currency) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(returned) ON TABLE public.deposits TO parley_app;
GRANT SELECT(returned) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(is_unmatched) ON TABLE public.deposits TO parley_app;
GRANT SELECT(is_unmatched) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(action_url) ON TABLE public.deposits TO parley_app;
GRANT SELECT(action_url) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(error_message) ON TABLE public.deposits TO parley_app;
GRANT SELECT(error_message) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(status) ON TABLE public.deposits TO parley_app;
GRANT SELECT(status) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(captured_at) ON TABLE public.deposits TO parley_app;
GRANT SELECT(captured_at) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(failed_at) ON TABLE public.deposits TO parley_app;
GRANT SELECT(failed_at) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.deposits TO parley_app;
GRANT SELECT(created_at) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.deposits TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT(version) ON TABLE public.deposits TO parley_app;
GRANT SELECT(version) ON TABLE public.deposits TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dispute_offers TO parley_service;

GRANT SELECT(id) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(id) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(dispute_id) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(dispute_id) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(offered_by) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(offered_by) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(message) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(message) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(client_amount) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(client_amount) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(freelancer_amount) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(freelancer_amount) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(goes_on) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(goes_on) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(status) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(status) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(created_at) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT(version) ON TABLE public.dispute_offers TO parley_app;
GRANT SELECT(version) ON TABLE public.dispute_offers TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.disputes TO parley_service;

GRANT SELECT(id) ON TABLE public.disputes TO parley_app;
GRANT SELECT(id) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.disputes TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(raised_by) ON TABLE public.disputes TO parley_app;
GRANT SELECT(raised_by) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.disputes TO parley_app;
GRANT SELECT(client_id) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(freelancer_id) ON TABLE public.disputes TO parley_app;
GRANT SELECT(freelancer_id) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(type) ON TABLE public.disputes TO parley_app;
GRANT SELECT(type) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(title) ON TABLE public.disputes TO parley_app;
GRANT SELECT(title) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(description) ON TABLE public.disputes TO parley_app;
GRANT SELECT(description) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(evidence_urls) ON TABLE public.disputes TO parley_app;
GRANT SELECT(evidence_urls) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(evidence_file_ids) ON TABLE public.disputes TO parley_app;
GRANT SELECT(evidence_file_ids) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(assigned_to) ON TABLE public.disputes TO parley_app;
GRANT SELECT(assigned_to) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(resolution) ON TABLE public.disputes TO parley_app;
GRANT SELECT(resolution) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(client_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(client_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(freelancer_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(freelancer_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(resolved_by) ON TABLE public.disputes TO parley_app;
GRANT SELECT(resolved_by) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(status) ON TABLE public.disputes TO parley_app;
GRANT SELECT(status) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(resolved_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(resolved_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(created_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(version) ON TABLE public.disputes TO parley_app;
GRANT SELECT(version) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(raiser_client_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(raiser_client_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(raiser_freelancer_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(raiser_freelancer_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(raiser_goes_on) ON TABLE public.disputes TO parley_app;
GRANT SELECT(raiser_goes_on) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer_file_ids) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer_file_ids) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer_client_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer_client_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer_freelancer_amount) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer_freelancer_amount) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer_goes_on) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer_goes_on) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(answer_due_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(answer_due_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(escalated_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(escalated_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(goes_on) ON TABLE public.disputes TO parley_app;
GRANT SELECT(goes_on) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(outcome) ON TABLE public.disputes TO parley_app;
GRANT SELECT(outcome) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT(alerted_at) ON TABLE public.disputes TO parley_app;
GRANT SELECT(alerted_at) ON TABLE public.disputes TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.educations TO parley_service;
GRANT DELETE ON TABLE public.educations TO parley_app;

GRANT SELECT(id) ON TABLE public.educations TO parley_app;
GRANT SELECT(id) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.educations TO parley_app;
GRANT SELECT(user_id) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(institution),INSERT(institution),UPDATE(institution) ON TABLE public.educations TO parley_app;

GRANT SELECT(degree),INSERT(degree),UPDATE(degree) ON TABLE public.educations TO parley_app;

GRANT SELECT(field_of_study),INSERT(field_of_study),UPDATE(field_of_study) ON TABLE public.educations TO parley_app;

GRANT SELECT(start_year),INSERT(start_year),UPDATE(start_year) ON TABLE public.educations TO parley_app;
GRANT SELECT(start_year) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(end_year),INSERT(end_year),UPDATE(end_year) ON TABLE public.educations TO parley_app;
GRANT SELECT(end_year) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.educations TO parley_app;

GRANT SELECT(created_at) ON TABLE public.educations TO parley_app;
GRANT SELECT(created_at) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.educations TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.educations TO parley_readonly;

GRANT SELECT(version) ON TABLE public.educations TO parley_app;
GRANT SELECT(version) ON TABLE public.educations TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.embeddings TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escrows TO parley_service;

GRANT SELECT(id) ON TABLE public.escrows TO parley_app;
GRANT SELECT(id) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.escrows TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.escrows TO parley_app;
GRANT SELECT(currency) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(total_amount) ON TABLE public.escrows TO parley_app;
GRANT SELECT(total_amount) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(held_amount) ON TABLE public.escrows TO parley_app;
GRANT SELECT(held_amount) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(released_amount) ON TABLE public.escrows TO parley_app;
GRANT SELECT(released_amount) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(refunded_amount) ON TABLE public.escrows TO parley_app;
GRANT SELECT(refunded_amount) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(status) ON TABLE public.escrows TO parley_app;
GRANT SELECT(status) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.escrows TO parley_app;
GRANT SELECT(created_at) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.escrows TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(version) ON TABLE public.escrows TO parley_app;
GRANT SELECT(version) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT(charged_back) ON TABLE public.escrows TO parley_app;
GRANT SELECT(charged_back) ON TABLE public.escrows TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.event_attendees TO parley_service;
GRANT DELETE ON TABLE public.event_attendees TO parley_app;

GRANT SELECT(id) ON TABLE public.event_attendees TO parley_app;
GRANT SELECT(id) ON TABLE public.event_attendees TO parley_readonly;

GRANT SELECT(community_event_id),INSERT(community_event_id) ON TABLE public.event_attendees TO parley_app;
GRANT SELECT(community_event_id) ON TABLE public.event_attendees TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.event_attendees TO parley_app;
GRANT SELECT(user_id) ON TABLE public.event_attendees TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.event_attendees TO parley_app;
GRANT SELECT(created_at) ON TABLE public.event_attendees TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.favorites TO parley_service;
GRANT DELETE ON TABLE public.favorites TO parley_app;

GRANT SELECT(id) ON TABLE public.favorites TO parley_app;
GRANT SELECT(id) ON TABLE public.favorites TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.favorites TO parley_app;
GRANT SELECT(user_id) ON TABLE public.favorites TO parley_readonly;

GRANT SELECT(favorited_type),INSERT(favorited_type) ON TABLE public.favorites TO parley_app;
GRANT SELECT(favorited_type) ON TABLE public.favorites TO parley_readonly;

GRANT SELECT(favorited_id),INSERT(favorited_id) ON TABLE public.favorites TO parley_app;
GRANT SELECT(favorited_id) ON TABLE public.favorites TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.favorites TO parley_app;
GRANT SELECT(created_at) ON TABLE public.favorites TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fee_structure TO parley_service;

GRANT SELECT(id) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(id) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(kind),INSERT(kind) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(kind) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(tier_name),INSERT(tier_name),UPDATE(tier_name) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(tier_name) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(currency),INSERT(currency) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(currency) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(min_amount),INSERT(min_amount),UPDATE(min_amount) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(min_amount) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(max_amount),INSERT(max_amount),UPDATE(max_amount) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(max_amount) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(platform_fee_percentage),INSERT(platform_fee_percentage),UPDATE(platform_fee_percentage) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(platform_fee_percentage) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(processing_fee_percentage),INSERT(processing_fee_percentage),UPDATE(processing_fee_percentage) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(processing_fee_percentage) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(fixed_fee),INSERT(fixed_fee),UPDATE(fixed_fee) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(fixed_fee) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(effective_from),INSERT(effective_from),UPDATE(effective_from) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(effective_from) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(effective_until),INSERT(effective_until),UPDATE(effective_until) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(effective_until) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(created_at) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT(version) ON TABLE public.fee_structure TO parley_app;
GRANT SELECT(version) ON TABLE public.fee_structure TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.file_removals TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.file_uploads TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.file_usage TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.files TO parley_service;

GRANT SELECT(id) ON TABLE public.files TO parley_app;
GRANT SELECT(id) ON TABLE public.files TO parley_readonly;

GRANT SELECT(owner_id) ON TABLE public.files TO parley_app;
GRANT SELECT(owner_id) ON TABLE public.files TO parley_readonly;

GRANT SELECT(name) ON TABLE public.files TO parley_app;

GRANT SELECT(mime) ON TABLE public.files TO parley_app;
GRANT SELECT(mime) ON TABLE public.files TO parley_readonly;

GRANT SELECT(bytes) ON TABLE public.files TO parley_app;
GRANT SELECT(bytes) ON TABLE public.files TO parley_readonly;

GRANT SELECT(width) ON TABLE public.files TO parley_app;
GRANT SELECT(width) ON TABLE public.files TO parley_readonly;

GRANT SELECT(height) ON TABLE public.files TO parley_app;
GRANT SELECT(height) ON TABLE public.files TO parley_readonly;

GRANT SELECT(state) ON TABLE public.files TO parley_app;
GRANT SELECT(state) ON TABLE public.files TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.files TO parley_app;
GRANT SELECT(created_at) ON TABLE public.files TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.freelancer_private TO parley_service;

GRANT SELECT(user_id) ON TABLE public.freelancer_private TO parley_app;
GRANT SELECT(user_id) ON TABLE public.freelancer_private TO parley_readonly;

GRANT SELECT(total_earnings) ON TABLE public.freelancer_private TO parley_app;
GRANT SELECT(total_earnings) ON TABLE public.freelancer_private TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.freelancer_private TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.freelancer_private TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.freelancer_private TO parley_app;
GRANT SELECT(currency) ON TABLE public.freelancer_private TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.freelancer_profiles TO parley_service;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(user_id) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(tagline),INSERT(tagline),UPDATE(tagline) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(tagline) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(bio),INSERT(bio),UPDATE(bio) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(profile_image_url),INSERT(profile_image_url),UPDATE(profile_image_url) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(cover_image_url),INSERT(cover_image_url),UPDATE(cover_image_url) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(portfolio_video_url),INSERT(portfolio_video_url),UPDATE(portfolio_video_url) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(years_of_experience),INSERT(years_of_experience),UPDATE(years_of_experience) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(years_of_experience) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(experience_level),INSERT(experience_level),UPDATE(experience_level) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(experience_level) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(hourly_rate),INSERT(hourly_rate),UPDATE(hourly_rate) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(hourly_rate) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(currency),INSERT(currency),UPDATE(currency) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(currency) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(availability),INSERT(availability),UPDATE(availability) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(availability) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(response_time_hours) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(response_time_hours) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(is_verified) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(is_verified) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(verification_level) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(verification_level) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(verified_at) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(verified_at) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(instagram_handle),INSERT(instagram_handle),UPDATE(instagram_handle) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(tiktok_handle),INSERT(tiktok_handle),UPDATE(tiktok_handle) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(youtube_channel),INSERT(youtube_channel),UPDATE(youtube_channel) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(website_url),INSERT(website_url),UPDATE(website_url) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(country),INSERT(country),UPDATE(country) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE public.freelancer_profiles TO parley_app;

GRANT SELECT(languages),INSERT(languages),UPDATE(languages) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(languages) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(github_analysis) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(github_analysis) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(reputation) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(reputation) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(jobs_completed) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(jobs_completed) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(success_rate) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(success_rate) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(on_time_rate) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(on_time_rate) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(rating) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(rating) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(total_reviews) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(total_reviews) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(view_count) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(view_count) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(is_featured) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(is_featured) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(certification_level) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(certification_level) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(created_at) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT(version) ON TABLE public.freelancer_profiles TO parley_app;
GRANT SELECT(version) ON TABLE public.freelancer_profiles TO parley_readonly;

GRANT SELECT ON TABLE public.freelancer_profiles_unveiled TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_counters TO parley_service;

GRANT SELECT(gig_id) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT(status) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(status) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT(view_count) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(view_count) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT(order_count) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(order_count) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT(favorite_count) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(favorite_count) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT(trend_score) ON TABLE public.gig_counters TO parley_app;
GRANT SELECT(trend_score) ON TABLE public.gig_counters TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_extras TO parley_service;
GRANT DELETE ON TABLE public.gig_extras TO parley_app;

GRANT SELECT(id) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(id) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(gig_id),INSERT(gig_id) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(title) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(description) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(price),INSERT(price),UPDATE(price) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(price) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(extra_days),INSERT(extra_days),UPDATE(extra_days) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(extra_days) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(created_at) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT(version) ON TABLE public.gig_extras TO parley_app;
GRANT SELECT(version) ON TABLE public.gig_extras TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_faqs TO parley_service;
GRANT DELETE ON TABLE public.gig_faqs TO parley_app;

GRANT SELECT(id) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(id) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(gig_id),INSERT(gig_id) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(question),INSERT(question),UPDATE(question) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(question) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(answer),INSERT(answer),UPDATE(answer) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(answer) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(display_order),INSERT(display_order),UPDATE(display_order) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(display_order) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(created_at) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT(version) ON TABLE public.gig_faqs TO parley_app;
GRANT SELECT(version) ON TABLE public.gig_faqs TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_packages TO parley_service;
GRANT DELETE ON TABLE public.gig_packages TO parley_app;

GRANT SELECT(id) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(id) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(gig_id),INSERT(gig_id) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(tier),INSERT(tier) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(tier) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(name) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(description) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(price),INSERT(price),UPDATE(price) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(price) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(delivery_days),INSERT(delivery_days),UPDATE(delivery_days) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(delivery_days) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(revisions),INSERT(revisions),UPDATE(revisions) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(revisions) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(created_at) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT(version) ON TABLE public.gig_packages TO parley_app;
GRANT SELECT(version) ON TABLE public.gig_packages TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_requirements TO parley_service;
GRANT DELETE ON TABLE public.gig_requirements TO parley_app;

GRANT SELECT(id) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(id) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(gig_id),INSERT(gig_id) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(question),INSERT(question),UPDATE(question) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(question) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(kind),INSERT(kind),UPDATE(kind) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(kind) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(choices),INSERT(choices),UPDATE(choices) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(choices) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(is_required),INSERT(is_required),UPDATE(is_required) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(is_required) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(display_order),INSERT(display_order),UPDATE(display_order) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(display_order) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(created_at) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT(version) ON TABLE public.gig_requirements TO parley_app;
GRANT SELECT(version) ON TABLE public.gig_requirements TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gig_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.gig_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.gig_stats TO parley_readonly;

GRANT SELECT(gig_id) ON TABLE public.gig_stats TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.gig_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.gig_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.gig_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.gig_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.gig_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.gig_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.gig_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gigs TO parley_service;

GRANT SELECT(id) ON TABLE public.gigs TO parley_app;
GRANT SELECT(id) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(freelancer_id),INSERT(freelancer_id) ON TABLE public.gigs TO parley_app;
GRANT SELECT(freelancer_id) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.gigs TO parley_app;
GRANT SELECT(title) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(slug),INSERT(slug) ON TABLE public.gigs TO parley_app;
GRANT SELECT(slug) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.gigs TO parley_app;
GRANT SELECT(description) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(category_id),INSERT(category_id),UPDATE(category_id) ON TABLE public.gigs TO parley_app;
GRANT SELECT(category_id) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(subcategory_id),INSERT(subcategory_id),UPDATE(subcategory_id) ON TABLE public.gigs TO parley_app;
GRANT SELECT(subcategory_id) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(video_type),INSERT(video_type),UPDATE(video_type) ON TABLE public.gigs TO parley_app;
GRANT SELECT(video_type) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(thumbnail_url),INSERT(thumbnail_url),UPDATE(thumbnail_url) ON TABLE public.gigs TO parley_app;
GRANT SELECT(thumbnail_url) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(media),INSERT(media),UPDATE(media) ON TABLE public.gigs TO parley_app;
GRANT SELECT(media) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(tags),INSERT(tags),UPDATE(tags) ON TABLE public.gigs TO parley_app;
GRANT SELECT(tags) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(requirements_note),INSERT(requirements_note),UPDATE(requirements_note) ON TABLE public.gigs TO parley_app;
GRANT SELECT(requirements_note) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(currency),INSERT(currency),UPDATE(currency) ON TABLE public.gigs TO parley_app;
GRANT SELECT(currency) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(starting_price) ON TABLE public.gigs TO parley_app;
GRANT SELECT(starting_price) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(rating) ON TABLE public.gigs TO parley_app;
GRANT SELECT(rating) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(total_reviews) ON TABLE public.gigs TO parley_app;
GRANT SELECT(total_reviews) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(is_featured) ON TABLE public.gigs TO parley_app;
GRANT SELECT(is_featured) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(status) ON TABLE public.gigs TO parley_app;
GRANT SELECT(status) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(published_at) ON TABLE public.gigs TO parley_app;
GRANT SELECT(published_at) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.gigs TO parley_app;
GRANT SELECT(created_at) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.gigs TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT(version) ON TABLE public.gigs TO parley_app;
GRANT SELECT(version) ON TABLE public.gigs TO parley_readonly;

GRANT SELECT ON TABLE public.gigs_unveiled TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hidden_people TO parley_service;

GRANT SELECT(hidden_id) ON TABLE public.hidden_people TO parley_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_verifications TO parley_service;

GRANT SELECT(id) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(id) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(user_id) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(kind) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(status) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(status) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(rejection_reason) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(rejection_reason) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(reviewed_at) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(reviewed_at) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(created_at) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT(version) ON TABLE public.identity_verifications TO parley_app;
GRANT SELECT(version) ON TABLE public.identity_verifications TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_counters TO parley_service;

GRANT SELECT(job_id) ON TABLE public.job_counters TO parley_app;
GRANT SELECT(job_id) ON TABLE public.job_counters TO parley_readonly;

GRANT SELECT(status) ON TABLE public.job_counters TO parley_app;
GRANT SELECT(status) ON TABLE public.job_counters TO parley_readonly;

GRANT SELECT(view_count) ON TABLE public.job_counters TO parley_app;
GRANT SELECT(view_count) ON TABLE public.job_counters TO parley_readonly;

GRANT SELECT(proposal_count) ON TABLE public.job_counters TO parley_app;
GRANT SELECT(proposal_count) ON TABLE public.job_counters TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_skills TO parley_service;
GRANT DELETE ON TABLE public.job_skills TO parley_app;

GRANT SELECT(id) ON TABLE public.job_skills TO parley_app;
GRANT SELECT(id) ON TABLE public.job_skills TO parley_readonly;

GRANT SELECT(job_id),INSERT(job_id) ON TABLE public.job_skills TO parley_app;
GRANT SELECT(job_id) ON TABLE public.job_skills TO parley_readonly;

GRANT SELECT(skill_id),INSERT(skill_id) ON TABLE public.job_skills TO parley_app;
GRANT SELECT(skill_id) ON TABLE public.job_skills TO parley_readonly;

GRANT SELECT(is_required),INSERT(is_required),UPDATE(is_required) ON TABLE public.job_skills TO parley_app;
GRANT SELECT(is_required) ON TABLE public.job_skills TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.job_skills TO parley_app;
GRANT SELECT(created_at) ON TABLE public.job_skills TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO parley_service;

GRANT SELECT(id) ON TABLE public.jobs TO parley_app;
GRANT SELECT(id) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(client_id),INSERT(client_id) ON TABLE public.jobs TO parley_app;
GRANT SELECT(client_id) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(platform) ON TABLE public.jobs TO parley_app;
GRANT SELECT(platform) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.jobs TO parley_app;
GRANT SELECT(title) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.jobs TO parley_app;
GRANT SELECT(description) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(category_id),INSERT(category_id),UPDATE(category_id) ON TABLE public.jobs TO parley_app;
GRANT SELECT(category_id) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(job_type),INSERT(job_type),UPDATE(job_type) ON TABLE public.jobs TO parley_app;
GRANT SELECT(job_type) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(video_type),INSERT(video_type),UPDATE(video_type) ON TABLE public.jobs TO parley_app;
GRANT SELECT(video_type) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(video_duration_preference),INSERT(video_duration_preference),UPDATE(video_duration_preference) ON TABLE public.jobs TO parley_app;
GRANT SELECT(video_duration_preference) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(platform_preference),INSERT(platform_preference),UPDATE(platform_preference) ON TABLE public.jobs TO parley_app;
GRANT SELECT(platform_preference) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(budget_type),INSERT(budget_type),UPDATE(budget_type) ON TABLE public.jobs TO parley_app;
GRANT SELECT(budget_type) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(budget_min),INSERT(budget_min),UPDATE(budget_min) ON TABLE public.jobs TO parley_app;
GRANT SELECT(budget_min) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(budget_max),INSERT(budget_max),UPDATE(budget_max) ON TABLE public.jobs TO parley_app;
GRANT SELECT(budget_max) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(budget_estimate) ON TABLE public.jobs TO parley_app;
GRANT SELECT(budget_estimate) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(currency),INSERT(currency),UPDATE(currency) ON TABLE public.jobs TO parley_app;
GRANT SELECT(currency) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(deadline),INSERT(deadline),UPDATE(deadline) ON TABLE public.jobs TO parley_app;
GRANT SELECT(deadline) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(estimated_duration_days),INSERT(estimated_duration_days),UPDATE(estimated_duration_days) ON TABLE public.jobs TO parley_app;
GRANT SELECT(estimated_duration_days) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(estimated_hours),INSERT(estimated_hours),UPDATE(estimated_hours) ON TABLE public.jobs TO parley_app;
GRANT SELECT(estimated_hours) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(complexity),INSERT(complexity),UPDATE(complexity) ON TABLE public.jobs TO parley_app;
GRANT SELECT(complexity) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(experience_level),INSERT(experience_level),UPDATE(experience_level) ON TABLE public.jobs TO parley_app;
GRANT SELECT(experience_level) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(requirements),INSERT(requirements),UPDATE(requirements) ON TABLE public.jobs TO parley_app;
GRANT SELECT(requirements) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(work_breakdown) ON TABLE public.jobs TO parley_app;
GRANT SELECT(work_breakdown) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(deliverables) ON TABLE public.jobs TO parley_app;
GRANT SELECT(deliverables) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(attachment_ids),INSERT(attachment_ids),UPDATE(attachment_ids) ON TABLE public.jobs TO parley_app;
GRANT SELECT(attachment_ids) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(tags),INSERT(tags),UPDATE(tags) ON TABLE public.jobs TO parley_app;
GRANT SELECT(tags) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(senior_developer_id) ON TABLE public.jobs TO parley_app;
GRANT SELECT(senior_developer_id) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(qa_score) ON TABLE public.jobs TO parley_app;
GRANT SELECT(qa_score) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(user_approved_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(user_approved_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(client_approved_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(client_approved_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(revision_count) ON TABLE public.jobs TO parley_app;
GRANT SELECT(revision_count) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(is_featured) ON TABLE public.jobs TO parley_app;
GRANT SELECT(is_featured) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(status) ON TABLE public.jobs TO parley_app;
GRANT SELECT(status) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(published_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(published_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(closed_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(closed_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(created_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.jobs TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(version) ON TABLE public.jobs TO parley_app;
GRANT SELECT(version) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT(milestone_plan),INSERT(milestone_plan),UPDATE(milestone_plan) ON TABLE public.jobs TO parley_app;
GRANT SELECT(milestone_plan) ON TABLE public.jobs TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_stats TO parley_service;

GRANT SELECT(id) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(title) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(title) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(status) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(status) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(budget_max) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(budget_max) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(client_id) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(total_proposals) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(total_proposals) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(average_amount) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(average_amount) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(min_amount) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(min_amount) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(max_amount) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(max_amount) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(created_at) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT(hours_since_posted) ON TABLE public.job_stats TO parley_app;
GRANT SELECT(hours_since_posted) ON TABLE public.job_stats TO parley_readonly;

GRANT SELECT ON TABLE public.jobs_unveiled TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.journal_lines TO parley_service;

GRANT SELECT(journal_id) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(journal_id) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(line) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(line) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(account_id) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(account_id) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(amount) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(currency) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(id) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(id) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(deposit_id) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(deposit_id) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.journal_lines TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.journal_lines TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.journals TO parley_service;

GRANT SELECT(id) ON TABLE public.journals TO parley_app;
GRANT SELECT(id) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.journals TO parley_app;
GRANT SELECT(kind) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.journals TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.journals TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(reverses_id) ON TABLE public.journals TO parley_app;
GRANT SELECT(reverses_id) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(description) ON TABLE public.journals TO parley_app;
GRANT SELECT(description) ON TABLE public.journals TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.journals TO parley_app;
GRANT SELECT(created_at) ON TABLE public.journals TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.learning_path_items TO parley_service;

GRANT SELECT(id) ON TABLE public.learning_path_items TO parley_app;
GRANT SELECT(id) ON TABLE public.learning_path_items TO parley_readonly;

GRANT SELECT(learning_path_id) ON TABLE public.learning_path_items TO parley_app;
GRANT SELECT(learning_path_id) ON TABLE public.learning_path_items TO parley_readonly;

GRANT SELECT(course_id) ON TABLE public.learning_path_items TO parley_app;
GRANT SELECT(course_id) ON TABLE public.learning_path_items TO parley_readonly;

GRANT SELECT(seq) ON TABLE public.learning_path_items TO parley_app;
GRANT SELECT(seq) ON TABLE public.learning_path_items TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.learning_paths TO parley_service;
GRANT DELETE ON TABLE public.learning_paths TO parley_app;

GRANT SELECT(id) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(id) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(user_id) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(current_skills),INSERT(current_skills),UPDATE(current_skills) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(current_skills) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(target_skills),INSERT(target_skills),UPDATE(target_skills) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(target_skills) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(progress_percentage) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(progress_percentage) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(created_at) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT(version) ON TABLE public.learning_paths TO parley_app;
GRANT SELECT(version) ON TABLE public.learning_paths TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_accounts TO parley_service;

GRANT SELECT(id) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(id) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(kind) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(user_id) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(currency) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(balance) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(balance) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.ledger_accounts TO parley_app;
GRANT SELECT(created_at) ON TABLE public.ledger_accounts TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_daily TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_lots TO parley_service;

GRANT SELECT(id) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(id) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(account_id) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(account_id) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(deposit_id) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(deposit_id) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(currency) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(amount) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.ledger_lots TO parley_app;
GRANT SELECT(created_at) ON TABLE public.ledger_lots TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.local_provider_events TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.local_provider_operations TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login_networks TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_suppressions TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meetings TO parley_service;

GRANT SELECT(id) ON TABLE public.meetings TO parley_app;
GRANT SELECT(id) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(conversation_id),INSERT(conversation_id) ON TABLE public.meetings TO parley_app;
GRANT SELECT(conversation_id) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(created_by),INSERT(created_by) ON TABLE public.meetings TO parley_app;
GRANT SELECT(created_by) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.meetings TO parley_app;

GRANT SELECT(starts_at),INSERT(starts_at),UPDATE(starts_at) ON TABLE public.meetings TO parley_app;
GRANT SELECT(starts_at) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(ends_at),INSERT(ends_at),UPDATE(ends_at) ON TABLE public.meetings TO parley_app;
GRANT SELECT(ends_at) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(join_url),INSERT(join_url),UPDATE(join_url) ON TABLE public.meetings TO parley_app;

GRANT SELECT(status) ON TABLE public.meetings TO parley_app;
GRANT SELECT(status) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.meetings TO parley_app;
GRANT SELECT(created_at) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.meetings TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT(version) ON TABLE public.meetings TO parley_app;
GRANT SELECT(version) ON TABLE public.meetings TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_attachments TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_keys TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_pins TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_reactions TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_tombstones TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_words TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messaging_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.messaging_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.messaging_stats TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.messaging_stats TO parley_app;
GRANT SELECT(user_id) ON TABLE public.messaging_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.messaging_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.messaging_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.messaging_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.messaging_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.messaging_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.messaging_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mfa_factors TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mfa_recovery_codes TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.milestones TO parley_service;

GRANT SELECT(id) ON TABLE public.milestones TO parley_app;
GRANT SELECT(id) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.milestones TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(seq) ON TABLE public.milestones TO parley_app;
GRANT SELECT(seq) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(title) ON TABLE public.milestones TO parley_app;
GRANT SELECT(title) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(description) ON TABLE public.milestones TO parley_app;
GRANT SELECT(description) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.milestones TO parley_app;
GRANT SELECT(amount) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(percentage) ON TABLE public.milestones TO parley_app;
GRANT SELECT(percentage) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(due_date) ON TABLE public.milestones TO parley_app;
GRANT SELECT(due_date) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(status) ON TABLE public.milestones TO parley_app;
GRANT SELECT(status) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(funded_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(funded_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(submitted_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(submitted_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(approved_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(approved_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(paid_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(paid_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(created_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(version) ON TABLE public.milestones TO parley_app;
GRANT SELECT(version) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(released) ON TABLE public.milestones TO parley_app;
GRANT SELECT(released) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(refunded) ON TABLE public.milestones TO parley_app;
GRANT SELECT(refunded) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(sent_back_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(sent_back_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(auto_approve_at) ON TABLE public.milestones TO parley_app;
GRANT SELECT(auto_approve_at) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT(awaited_since) ON TABLE public.milestones TO parley_app;
GRANT SELECT(awaited_since) ON TABLE public.milestones TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries TO parley_service;

GRANT SELECT(id) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(id) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(user_id) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(channel) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(channel) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(category) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(category) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(priority) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(priority) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(status) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(status) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(reason) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(attempts) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(attempts) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(next_attempt_at) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(next_attempt_at) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(sent_at) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(sent_at) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.notification_deliveries TO parley_app;
GRANT SELECT(created_at) ON TABLE public.notification_deliveries TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries_0 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries_1 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries_2 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries_3 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_delivery_items TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_delivery_items_0 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_delivery_items_1 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_delivery_items_2 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_delivery_items_3 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_preferences TO parley_service;
GRANT DELETE ON TABLE public.notification_preferences TO parley_app;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(user_id) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT(category),INSERT(category) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(category) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT(channel),INSERT(channel) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(channel) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT(is_enabled),INSERT(is_enabled),UPDATE(is_enabled) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(is_enabled) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT(id) ON TABLE public.notification_preferences TO parley_app;
GRANT SELECT(id) ON TABLE public.notification_preferences TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_settings TO parley_service;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(user_id) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(quiet_from),INSERT(quiet_from),UPDATE(quiet_from) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(quiet_from) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(quiet_until),INSERT(quiet_until),UPDATE(quiet_until) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(quiet_until) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(digest),INSERT(digest),UPDATE(digest) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(digest) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(digest_hour),INSERT(digest_hour),UPDATE(digest_hour) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(digest_hour) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(digest_weekday),INSERT(digest_weekday),UPDATE(digest_weekday) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(digest_weekday) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(snooze_until),INSERT(snooze_until),UPDATE(snooze_until) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(snooze_until) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT(show_text),INSERT(show_text),UPDATE(show_text) ON TABLE public.notification_settings TO parley_app;
GRANT SELECT(show_text) ON TABLE public.notification_settings TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications_0 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications_1 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications_2 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications_3 TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.oauth_identities TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.order_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.order_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.order_stats TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.order_stats TO parley_app;
GRANT SELECT(user_id) ON TABLE public.order_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.order_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.order_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.order_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.order_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.order_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.order_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox_aside TO parley_service;

GRANT SELECT,USAGE ON SEQUENCE public.outbox_id_seq TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox_paused TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox_turns TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shown_messages TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO parley_service;

GRANT SELECT(id) ON TABLE public.users TO parley_app;
GRANT SELECT(id) ON TABLE public.users TO parley_readonly;

GRANT SELECT(display_name),UPDATE(display_name) ON TABLE public.users TO parley_app;

GRANT SELECT(kind) ON TABLE public.users TO parley_app;
GRANT SELECT(kind) ON TABLE public.users TO parley_readonly;

GRANT SELECT(staff_role) ON TABLE public.users TO parley_app;
GRANT SELECT(staff_role) ON TABLE public.users TO parley_readonly;

GRANT SELECT(status) ON TABLE public.users TO parley_app;
GRANT SELECT(status) ON TABLE public.users TO parley_readonly;

GRANT SELECT(avatar),UPDATE(avatar) ON TABLE public.users TO parley_app;

GRANT SELECT(locale),UPDATE(locale) ON TABLE public.users TO parley_app;
GRANT SELECT(locale) ON TABLE public.users TO parley_readonly;

GRANT SELECT(timezone),UPDATE(timezone) ON TABLE public.users TO parley_app;
GRANT SELECT(timezone) ON TABLE public.users TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.users TO parley_app;
GRANT SELECT(created_at) ON TABLE public.users TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.users TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.users TO parley_readonly;

GRANT SELECT(version) ON TABLE public.users TO parley_app;
GRANT SELECT(version) ON TABLE public.users TO parley_readonly;

GRANT SELECT(messages_from),UPDATE(messages_from) ON TABLE public.users TO parley_app;
GRANT SELECT(messages_from) ON TABLE public.users TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shown_conversations TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.own_conversations TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_methods TO parley_service;
GRANT DELETE ON TABLE public.payment_methods TO parley_app;

GRANT SELECT(id) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(id) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(user_id) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(provider),INSERT(provider) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(provider) ON TABLE public.payment_methods TO parley_readonly;

GRANT INSERT(provider_token) ON TABLE public.payment_methods TO parley_app;

GRANT SELECT(type),INSERT(type) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(type) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(last_four),INSERT(last_four) ON TABLE public.payment_methods TO parley_app;

GRANT SELECT(brand),INSERT(brand) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(brand) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(expiry_month),INSERT(expiry_month),UPDATE(expiry_month) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(expiry_month) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(expiry_year),INSERT(expiry_year),UPDATE(expiry_year) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(expiry_year) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(is_default),INSERT(is_default),UPDATE(is_default) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(is_default) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(is_verified) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(is_verified) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(created_at) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT(version) ON TABLE public.payment_methods TO parley_app;
GRANT SELECT(version) ON TABLE public.payment_methods TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.payment_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.payment_stats TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.payment_stats TO parley_app;
GRANT SELECT(user_id) ON TABLE public.payment_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.payment_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.payment_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.payment_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.payment_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.payment_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.payment_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payout_batches TO parley_service;

GRANT SELECT(id) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(id) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(provider) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(provider) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(currency) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(total_amount) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(total_amount) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(withdrawal_count) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(withdrawal_count) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(status) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(status) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(submitted_at) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(submitted_at) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(settled_at) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(settled_at) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(created_at) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT(version) ON TABLE public.payout_batches TO parley_app;
GRANT SELECT(version) ON TABLE public.payout_batches TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payout_methods TO parley_service;
GRANT DELETE ON TABLE public.payout_methods TO parley_app;

GRANT SELECT(id) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(id) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(user_id) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(provider),INSERT(provider) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(provider) ON TABLE public.payout_methods TO parley_readonly;

GRANT INSERT(provider_account_token) ON TABLE public.payout_methods TO parley_app;

GRANT SELECT(type),INSERT(type) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(type) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(account_name),INSERT(account_name) ON TABLE public.payout_methods TO parley_app;

GRANT SELECT(last_four),INSERT(last_four) ON TABLE public.payout_methods TO parley_app;

GRANT SELECT(is_default),INSERT(is_default),UPDATE(is_default) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(is_default) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(is_verified) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(is_verified) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(created_at) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(version) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(version) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT(usable_at) ON TABLE public.payout_methods TO parley_app;
GRANT SELECT(usable_at) ON TABLE public.payout_methods TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.people_names TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.platform_settings TO parley_service;

GRANT SELECT(key) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(key) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(value),UPDATE(value) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(value) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(description),UPDATE(description) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(description) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(is_public) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(is_public) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(created_at) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(version) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(version) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(value_type) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(value_type) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(minimum) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(minimum) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT(maximum) ON TABLE public.platform_settings TO parley_app;
GRANT SELECT(maximum) ON TABLE public.platform_settings TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.portfolio_items TO parley_service;
GRANT DELETE ON TABLE public.portfolio_items TO parley_app;

GRANT SELECT(id) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(id) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(user_id) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(title) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(description) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(video_url),INSERT(video_url),UPDATE(video_url) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(video_url) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(thumbnail_url),INSERT(thumbnail_url),UPDATE(thumbnail_url) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(thumbnail_url) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(file_ids),INSERT(file_ids),UPDATE(file_ids) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(file_ids) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(video_duration_seconds),INSERT(video_duration_seconds),UPDATE(video_duration_seconds) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(video_duration_seconds) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(project_type),INSERT(project_type),UPDATE(project_type) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(project_type) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(platform),INSERT(platform),UPDATE(platform) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(platform) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(display_order),INSERT(display_order),UPDATE(display_order) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(display_order) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(is_featured),INSERT(is_featured),UPDATE(is_featured) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(is_featured) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(view_count) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(view_count) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(like_count) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(like_count) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(created_at) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT(version) ON TABLE public.portfolio_items TO parley_app;
GRANT SELECT(version) ON TABLE public.portfolio_items TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_events TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_devices TO parley_service;
GRANT DELETE ON TABLE public.push_devices TO parley_app;

GRANT SELECT(id) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(id) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(user_id) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(platform) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(platform) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(locale) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(locale) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(last_seen_at) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(last_seen_at) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(created_at) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(stale_at) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(stale_at) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT(last_used_at) ON TABLE public.push_devices TO parley_app;
GRANT SELECT(last_used_at) ON TABLE public.push_devices TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.quiet_hours TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.refunds TO parley_service;

GRANT SELECT(id) ON TABLE public.refunds TO parley_app;
GRANT SELECT(id) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.refunds TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(requested_by) ON TABLE public.refunds TO parley_app;
GRANT SELECT(requested_by) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.refunds TO parley_app;
GRANT SELECT(amount) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.refunds TO parley_app;
GRANT SELECT(currency) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(reason) ON TABLE public.refunds TO parley_app;
GRANT SELECT(reason) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(status) ON TABLE public.refunds TO parley_app;
GRANT SELECT(status) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.refunds TO parley_app;
GRANT SELECT(created_at) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.refunds TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(version) ON TABLE public.refunds TO parley_app;
GRANT SELECT(version) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(release_id) ON TABLE public.refunds TO parley_app;
GRANT SELECT(release_id) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(fee) ON TABLE public.refunds TO parley_app;
GRANT SELECT(fee) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT(answered_at) ON TABLE public.refunds TO parley_app;
GRANT SELECT(answered_at) ON TABLE public.refunds TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.release_lots TO parley_service;

GRANT SELECT(id) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(id) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(release_id) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(release_id) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(deposit_id) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(deposit_id) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(currency) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(amount) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(returned) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(returned) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.release_lots TO parley_app;
GRANT SELECT(created_at) ON TABLE public.release_lots TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.releases TO parley_service;

GRANT SELECT(id) ON TABLE public.releases TO parley_app;
GRANT SELECT(id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.releases TO parley_app;
GRANT SELECT(kind) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(job_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(client_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(freelancer_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(freelancer_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.releases TO parley_app;
GRANT SELECT(user_id) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(gross) ON TABLE public.releases TO parley_app;
GRANT SELECT(gross) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(fee) ON TABLE public.releases TO parley_app;
GRANT SELECT(fee) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(net) ON TABLE public.releases TO parley_app;
GRANT SELECT(net) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(refunded) ON TABLE public.releases TO parley_app;
GRANT SELECT(refunded) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(refunded_fee) ON TABLE public.releases TO parley_app;
GRANT SELECT(refunded_fee) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.releases TO parley_app;
GRANT SELECT(currency) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(status) ON TABLE public.releases TO parley_app;
GRANT SELECT(status) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(clears_at) ON TABLE public.releases TO parley_app;
GRANT SELECT(clears_at) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(cleared_at) ON TABLE public.releases TO parley_app;
GRANT SELECT(cleared_at) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.releases TO parley_app;
GRANT SELECT(created_at) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.releases TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(version) ON TABLE public.releases TO parley_app;
GRANT SELECT(version) ON TABLE public.releases TO parley_readonly;

GRANT SELECT(is_decided) ON TABLE public.releases TO parley_app;
GRANT SELECT(is_decided) ON TABLE public.releases TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_invitations TO parley_service;

GRANT SELECT(id) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(id) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(reviewer_id) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(reviewer_id) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(reviewee_id) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(reviewee_id) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(status) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(status) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(expires_at) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(expires_at) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(created_at) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT(version) ON TABLE public.review_invitations TO parley_app;
GRANT SELECT(version) ON TABLE public.review_invitations TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_stats TO parley_service;

GRANT SELECT(day) ON TABLE public.review_stats TO parley_app;
GRANT SELECT(day) ON TABLE public.review_stats TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.review_stats TO parley_app;
GRANT SELECT(user_id) ON TABLE public.review_stats TO parley_readonly;

GRANT SELECT(name) ON TABLE public.review_stats TO parley_app;
GRANT SELECT(name) ON TABLE public.review_stats TO parley_readonly;

GRANT SELECT(value) ON TABLE public.review_stats TO parley_app;
GRANT SELECT(value) ON TABLE public.review_stats TO parley_readonly;

GRANT SELECT(id) ON TABLE public.review_stats TO parley_app;
GRANT SELECT(id) ON TABLE public.review_stats TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.review_votes TO parley_service;
GRANT DELETE ON TABLE public.review_votes TO parley_app;

GRANT SELECT(id) ON TABLE public.review_votes TO parley_app;
GRANT SELECT(id) ON TABLE public.review_votes TO parley_readonly;

GRANT SELECT(review_id),INSERT(review_id) ON TABLE public.review_votes TO parley_app;
GRANT SELECT(review_id) ON TABLE public.review_votes TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.review_votes TO parley_app;
GRANT SELECT(user_id) ON TABLE public.review_votes TO parley_readonly;

GRANT SELECT(is_helpful),INSERT(is_helpful),UPDATE(is_helpful) ON TABLE public.review_votes TO parley_app;
GRANT SELECT(is_helpful) ON TABLE public.review_votes TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.review_votes TO parley_app;
GRANT SELECT(created_at) ON TABLE public.review_votes TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reviews TO parley_service;

GRANT SELECT(id) ON TABLE public.reviews TO parley_app;
GRANT SELECT(id) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(contract_id),INSERT(contract_id) ON TABLE public.reviews TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(gig_id) ON TABLE public.reviews TO parley_app;
GRANT SELECT(gig_id) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(reviewer_id),INSERT(reviewer_id) ON TABLE public.reviews TO parley_app;
GRANT SELECT(reviewer_id) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(reviewee_id) ON TABLE public.reviews TO parley_app;
GRANT SELECT(reviewee_id) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(reviewer_role) ON TABLE public.reviews TO parley_app;
GRANT SELECT(reviewer_role) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(overall_rating),INSERT(overall_rating),UPDATE(overall_rating) ON TABLE public.reviews TO parley_app;
GRANT SELECT(overall_rating) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(communication_rating),INSERT(communication_rating),UPDATE(communication_rating) ON TABLE public.reviews TO parley_app;
GRANT SELECT(communication_rating) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(quality_rating),INSERT(quality_rating),UPDATE(quality_rating) ON TABLE public.reviews TO parley_app;
GRANT SELECT(quality_rating) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(professionalism_rating),INSERT(professionalism_rating),UPDATE(professionalism_rating) ON TABLE public.reviews TO parley_app;
GRANT SELECT(professionalism_rating) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(value_rating),INSERT(value_rating),UPDATE(value_rating) ON TABLE public.reviews TO parley_app;
GRANT SELECT(value_rating) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(title),INSERT(title),UPDATE(title) ON TABLE public.reviews TO parley_app;
GRANT SELECT(title) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(comment),INSERT(comment),UPDATE(comment) ON TABLE public.reviews TO parley_app;
GRANT SELECT(comment) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(response_text) ON TABLE public.reviews TO parley_app;
GRANT SELECT(response_text) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(response_at) ON TABLE public.reviews TO parley_app;
GRANT SELECT(response_at) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(is_featured) ON TABLE public.reviews TO parley_app;
GRANT SELECT(is_featured) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(helpful_count) ON TABLE public.reviews TO parley_app;
GRANT SELECT(helpful_count) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(status) ON TABLE public.reviews TO parley_app;
GRANT SELECT(status) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(published_at) ON TABLE public.reviews TO parley_app;
GRANT SELECT(published_at) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.reviews TO parley_app;
GRANT SELECT(created_at) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.reviews TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT(version) ON TABLE public.reviews TO parley_app;
GRANT SELECT(version) ON TABLE public.reviews TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.saved_searches TO parley_service;
GRANT DELETE ON TABLE public.saved_searches TO parley_app;

GRANT SELECT(id) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(id) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(user_id) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(search_type),INSERT(search_type) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(search_type) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(name) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(search_params),INSERT(search_params),UPDATE(search_params) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(search_params) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(alert_enabled),INSERT(alert_enabled),UPDATE(alert_enabled) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(alert_enabled) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(alert_frequency),INSERT(alert_frequency),UPDATE(alert_frequency) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(alert_frequency) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(alerted_at) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(alerted_at) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(created_at) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT(version) ON TABLE public.saved_searches TO parley_app;
GRANT SELECT(version) ON TABLE public.saved_searches TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedules TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_history TO parley_service;
GRANT DELETE ON TABLE public.search_history TO parley_app;

GRANT SELECT(id) ON TABLE public.search_history TO parley_app;
GRANT SELECT(id) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.search_history TO parley_app;
GRANT SELECT(user_id) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT(search_type) ON TABLE public.search_history TO parley_app;
GRANT SELECT(search_type) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT(query) ON TABLE public.search_history TO parley_app;

GRANT SELECT(filters) ON TABLE public.search_history TO parley_app;
GRANT SELECT(filters) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT(results_count) ON TABLE public.search_history TO parley_app;
GRANT SELECT(results_count) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.search_history TO parley_app;
GRANT SELECT(created_at) ON TABLE public.search_history TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_rebuilds TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_words TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session_replaced_tokens TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shadowing_sessions TO parley_service;

GRANT SELECT(id) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(id) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(student_id) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(student_id) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(mentor_id) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(mentor_id) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(client_id) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(job_id) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(start_date) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(start_date) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(end_date) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(end_date) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(learning_credits_awarded) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(learning_credits_awarded) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(mentor_approved_at) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(mentor_approved_at) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(client_approved_at) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(client_approved_at) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(nda_signed_at) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(nda_signed_at) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(status) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(status) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(created_at) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT(version) ON TABLE public.shadowing_sessions TO parley_app;
GRANT SELECT(version) ON TABLE public.shadowing_sessions TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shown_notifications TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.skill_edges TO parley_service;

GRANT SELECT(from_skill_id) ON TABLE public.skill_edges TO parley_app;
GRANT SELECT(from_skill_id) ON TABLE public.skill_edges TO parley_readonly;

GRANT SELECT(to_skill_id) ON TABLE public.skill_edges TO parley_app;
GRANT SELECT(to_skill_id) ON TABLE public.skill_edges TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.skill_edges TO parley_app;
GRANT SELECT(kind) ON TABLE public.skill_edges TO parley_readonly;

GRANT SELECT(weight) ON TABLE public.skill_edges TO parley_app;
GRANT SELECT(weight) ON TABLE public.skill_edges TO parley_readonly;

GRANT SELECT(id) ON TABLE public.skill_edges TO parley_app;
GRANT SELECT(id) ON TABLE public.skill_edges TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.skills TO parley_service;

GRANT SELECT(id) ON TABLE public.skills TO parley_app;
GRANT SELECT(id) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE public.skills TO parley_app;
GRANT SELECT(name) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(names),INSERT(names),UPDATE(names) ON TABLE public.skills TO parley_app;
GRANT SELECT(names) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(category_id),INSERT(category_id),UPDATE(category_id) ON TABLE public.skills TO parley_app;
GRANT SELECT(category_id) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.skills TO parley_app;
GRANT SELECT(description) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(icon_url),INSERT(icon_url),UPDATE(icon_url) ON TABLE public.skills TO parley_app;
GRANT SELECT(icon_url) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(is_active),INSERT(is_active),UPDATE(is_active) ON TABLE public.skills TO parley_app;
GRANT SELECT(is_active) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(sort_order),INSERT(sort_order),UPDATE(sort_order) ON TABLE public.skills TO parley_app;
GRANT SELECT(sort_order) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.skills TO parley_app;
GRANT SELECT(created_at) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.skills TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.skills TO parley_readonly;

GRANT SELECT(version) ON TABLE public.skills TO parley_app;
GRANT SELECT(version) ON TABLE public.skills TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.split_items TO parley_service;

GRANT SELECT(id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(cancellation_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(cancellation_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(dispute_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(dispute_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(side) ON TABLE public.split_items TO parley_app;
GRANT SELECT(side) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(offer_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(offer_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(release_id) ON TABLE public.split_items TO parley_app;
GRANT SELECT(release_id) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(client_amount) ON TABLE public.split_items TO parley_app;
GRANT SELECT(client_amount) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(freelancer_amount) ON TABLE public.split_items TO parley_app;
GRANT SELECT(freelancer_amount) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.split_items TO parley_app;
GRANT SELECT(created_at) ON TABLE public.split_items TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.status_history TO parley_service;

GRANT SELECT(id) ON TABLE public.status_history TO parley_app;
GRANT SELECT(id) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(entity_type) ON TABLE public.status_history TO parley_app;
GRANT SELECT(entity_type) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(entity_id) ON TABLE public.status_history TO parley_app;
GRANT SELECT(entity_id) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(action) ON TABLE public.status_history TO parley_app;
GRANT SELECT(action) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(from_status) ON TABLE public.status_history TO parley_app;
GRANT SELECT(from_status) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(to_status) ON TABLE public.status_history TO parley_app;
GRANT SELECT(to_status) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(actor_id) ON TABLE public.status_history TO parley_app;
GRANT SELECT(actor_id) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(note) ON TABLE public.status_history TO parley_app;
GRANT SELECT(note) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.status_history TO parley_app;
GRANT SELECT(created_at) ON TABLE public.status_history TO parley_readonly;

GRANT SELECT ON TABLE public.status_transitions TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.strangers_reached TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.support_tickets TO parley_service;

GRANT SELECT(id) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(id) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(user_id) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(category),INSERT(category),UPDATE(category) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(category) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(priority),INSERT(priority),UPDATE(priority) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(priority) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(subject),INSERT(subject),UPDATE(subject) ON TABLE public.support_tickets TO parley_app;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.support_tickets TO parley_app;

GRANT SELECT(attachment_ids),INSERT(attachment_ids),UPDATE(attachment_ids) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(attachment_ids) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(assigned_to) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(assigned_to) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(status) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(status) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(resolved_at) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(resolved_at) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(created_at) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT(version) ON TABLE public.support_tickets TO parley_app;
GRANT SELECT(version) ON TABLE public.support_tickets TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_dependencies TO parley_service;

GRANT SELECT(task_id) ON TABLE public.task_dependencies TO parley_app;
GRANT SELECT(task_id) ON TABLE public.task_dependencies TO parley_readonly;

GRANT SELECT(depends_on_id) ON TABLE public.task_dependencies TO parley_app;
GRANT SELECT(depends_on_id) ON TABLE public.task_dependencies TO parley_readonly;

GRANT SELECT(id) ON TABLE public.task_dependencies TO parley_app;
GRANT SELECT(id) ON TABLE public.task_dependencies TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_matches TO parley_service;

GRANT SELECT(id) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(id) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(task_id) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(task_id) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(user_id) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(match_score) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(match_score) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(vector_score) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(vector_score) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(graph_score) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(graph_score) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(availability_score) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(availability_score) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.task_matches TO parley_app;
GRANT SELECT(created_at) ON TABLE public.task_matches TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tasks TO parley_service;

GRANT SELECT(id) ON TABLE public.tasks TO parley_app;
GRANT SELECT(id) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.tasks TO parley_app;
GRANT SELECT(job_id) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(client_id) ON TABLE public.tasks TO parley_app;
GRANT SELECT(client_id) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(title) ON TABLE public.tasks TO parley_app;
GRANT SELECT(title) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(task_type) ON TABLE public.tasks TO parley_app;
GRANT SELECT(task_type) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(description) ON TABLE public.tasks TO parley_app;
GRANT SELECT(description) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(requirements) ON TABLE public.tasks TO parley_app;
GRANT SELECT(requirements) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(required_skills) ON TABLE public.tasks TO parley_app;
GRANT SELECT(required_skills) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(assignee_id) ON TABLE public.tasks TO parley_app;
GRANT SELECT(assignee_id) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(agent_id) ON TABLE public.tasks TO parley_app;
GRANT SELECT(agent_id) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(priority) ON TABLE public.tasks TO parley_app;
GRANT SELECT(priority) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(estimated_hours) ON TABLE public.tasks TO parley_app;
GRANT SELECT(estimated_hours) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(estimated_duration_minutes) ON TABLE public.tasks TO parley_app;
GRANT SELECT(estimated_duration_minutes) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(actual_duration_minutes) ON TABLE public.tasks TO parley_app;
GRANT SELECT(actual_duration_minutes) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(completion_percentage) ON TABLE public.tasks TO parley_app;
GRANT SELECT(completion_percentage) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(output) ON TABLE public.tasks TO parley_app;
GRANT SELECT(output) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(quality_score) ON TABLE public.tasks TO parley_app;
GRANT SELECT(quality_score) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(retry_count) ON TABLE public.tasks TO parley_app;
GRANT SELECT(retry_count) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(status) ON TABLE public.tasks TO parley_app;
GRANT SELECT(status) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(assigned_at) ON TABLE public.tasks TO parley_app;
GRANT SELECT(assigned_at) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.tasks TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.tasks TO parley_app;
GRANT SELECT(created_at) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.tasks TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT(version) ON TABLE public.tasks TO parley_app;
GRANT SELECT(version) ON TABLE public.tasks TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.templates TO parley_service;

GRANT SELECT(id) ON TABLE public.templates TO parley_app;
GRANT SELECT(id) ON TABLE public.templates TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.templates TO parley_app;
GRANT SELECT(user_id) ON TABLE public.templates TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.templates TO parley_app;
GRANT SELECT(kind) ON TABLE public.templates TO parley_readonly;

GRANT SELECT(title) ON TABLE public.templates TO parley_app;

GRANT SELECT(content) ON TABLE public.templates TO parley_app;

GRANT SELECT(created_at) ON TABLE public.templates TO parley_app;
GRANT SELECT(created_at) ON TABLE public.templates TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.timers_paused TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.transactions TO parley_service;

GRANT SELECT(id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(type) ON TABLE public.transactions TO parley_app;
GRANT SELECT(type) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(payer_id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(payer_id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(payee_id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(payee_id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(contract_id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(contract_id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(milestone_id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(milestone_id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(job_id) ON TABLE public.transactions TO parley_app;
GRANT SELECT(job_id) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(gross_amount) ON TABLE public.transactions TO parley_app;
GRANT SELECT(gross_amount) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(platform_fee) ON TABLE public.transactions TO parley_app;
GRANT SELECT(platform_fee) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(processing_fee) ON TABLE public.transactions TO parley_app;
GRANT SELECT(processing_fee) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(creator_fee) ON TABLE public.transactions TO parley_app;
GRANT SELECT(creator_fee) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(net_amount) ON TABLE public.transactions TO parley_app;
GRANT SELECT(net_amount) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.transactions TO parley_app;
GRANT SELECT(currency) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(provider) ON TABLE public.transactions TO parley_app;
GRANT SELECT(provider) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(chain_hash) ON TABLE public.transactions TO parley_app;
GRANT SELECT(chain_hash) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(description) ON TABLE public.transactions TO parley_app;
GRANT SELECT(description) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(status) ON TABLE public.transactions TO parley_app;
GRANT SELECT(status) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(completed_at) ON TABLE public.transactions TO parley_app;
GRANT SELECT(completed_at) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(failed_at) ON TABLE public.transactions TO parley_app;
GRANT SELECT(failed_at) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.transactions TO parley_app;
GRANT SELECT(created_at) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.transactions TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT(version) ON TABLE public.transactions TO parley_app;
GRANT SELECT(version) ON TABLE public.transactions TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_blocks TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_categories TO parley_service;
GRANT DELETE ON TABLE public.user_categories TO parley_app;

GRANT SELECT(id) ON TABLE public.user_categories TO parley_app;
GRANT SELECT(id) ON TABLE public.user_categories TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.user_categories TO parley_app;
GRANT SELECT(user_id) ON TABLE public.user_categories TO parley_readonly;

GRANT SELECT(category_id),INSERT(category_id) ON TABLE public.user_categories TO parley_app;
GRANT SELECT(category_id) ON TABLE public.user_categories TO parley_readonly;

GRANT SELECT(is_primary),INSERT(is_primary),UPDATE(is_primary) ON TABLE public.user_categories TO parley_app;
GRANT SELECT(is_primary) ON TABLE public.user_categories TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.user_categories TO parley_app;
GRANT SELECT(created_at) ON TABLE public.user_categories TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_consents TO parley_service;

GRANT SELECT(id) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(id) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(user_id) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(consent_type) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(consent_type) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(document_version) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(document_version) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(granted) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(granted) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(granted_at) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(granted_at) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(revoked_at) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(revoked_at) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.user_consents TO parley_app;
GRANT SELECT(created_at) ON TABLE public.user_consents TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_dashboard TO parley_service;

GRANT SELECT(id) ON TABLE public.user_dashboard TO parley_app;
GRANT SELECT(id) ON TABLE public.user_dashboard TO parley_readonly;

GRANT SELECT(display_name) ON TABLE public.user_dashboard TO parley_app;
GRANT SELECT(display_name) ON TABLE public.user_dashboard TO parley_readonly;

GRANT SELECT(kind) ON TABLE public.user_dashboard TO parley_app;
GRANT SELECT(kind) ON TABLE public.user_dashboard TO parley_readonly;

GRANT SELECT(client) ON TABLE public.user_dashboard TO parley_app;
GRANT SELECT(client) ON TABLE public.user_dashboard TO parley_readonly;

GRANT SELECT(freelancer) ON TABLE public.user_dashboard TO parley_app;
GRANT SELECT(freelancer) ON TABLE public.user_dashboard TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_keys TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_private TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_ratings TO parley_service;

GRANT SELECT(user_id) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(user_id) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(average_rating) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(average_rating) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(total_reviews) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(total_reviews) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(communication_rating) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(communication_rating) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(quality_rating) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(quality_rating) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(professionalism_rating) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(professionalism_rating) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(value_rating) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(value_rating) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.user_ratings TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.user_ratings TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_secrets TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_skills TO parley_service;
GRANT DELETE ON TABLE public.user_skills TO parley_app;

GRANT SELECT(id) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(id) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(user_id) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(skill_id),INSERT(skill_id) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(skill_id) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(level),INSERT(level),UPDATE(level) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(level) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(years_experience),INSERT(years_experience),UPDATE(years_experience) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(years_experience) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(is_verified) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(is_verified) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(verified_at) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(verified_at) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(verified_by) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(verified_by) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.user_skills TO parley_app;
GRANT SELECT(created_at) ON TABLE public.user_skills TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.view_events TO parley_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wallets TO parley_service;

GRANT SELECT(user_id) ON TABLE public.wallets TO parley_app;
GRANT SELECT(user_id) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.wallets TO parley_app;
GRANT SELECT(currency) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(balance) ON TABLE public.wallets TO parley_app;
GRANT SELECT(balance) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(pending) ON TABLE public.wallets TO parley_app;
GRANT SELECT(pending) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(withdrawing) ON TABLE public.wallets TO parley_app;
GRANT SELECT(withdrawing) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(id) ON TABLE public.wallets TO parley_app;
GRANT SELECT(id) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(funded) ON TABLE public.wallets TO parley_app;
GRANT SELECT(funded) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(earned) ON TABLE public.wallets TO parley_app;
GRANT SELECT(earned) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(frozen) ON TABLE public.wallets TO parley_app;
GRANT SELECT(frozen) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT(debt) ON TABLE public.wallets TO parley_app;
GRANT SELECT(debt) ON TABLE public.wallets TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_deliveries TO parley_service;

GRANT SELECT(id) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(id) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(webhook_endpoint_id) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(webhook_endpoint_id) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(event) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(event) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(body) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(body) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(attempts) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(attempts) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(next_attempt_at) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(next_attempt_at) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(response_status) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(response_status) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(status) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(status) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(delivered_at) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(delivered_at) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(created_at) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT(version) ON TABLE public.webhook_deliveries TO parley_app;
GRANT SELECT(version) ON TABLE public.webhook_deliveries TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_endpoints TO parley_service;
GRANT DELETE ON TABLE public.webhook_endpoints TO parley_app;

GRANT SELECT(id) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(id) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(user_id) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(url),INSERT(url),UPDATE(url) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(url) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(events),INSERT(events),UPDATE(events) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(events) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(failing_since) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(failing_since) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(status) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(status) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(created_at) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT(version) ON TABLE public.webhook_endpoints TO parley_app;
GRANT SELECT(version) ON TABLE public.webhook_endpoints TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.withdrawals TO parley_service;

GRANT SELECT(id) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(id) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(user_id) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(user_id) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(payout_method_id) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(payout_method_id) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(amount) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(amount) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(currency) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(currency) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(error_message) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(error_message) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(status) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(status) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(paid_at) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(paid_at) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(created_at) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(created_at) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT(version) ON TABLE public.withdrawals TO parley_app;
GRANT SELECT(version) ON TABLE public.withdrawals TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.work_experiences TO parley_service;
GRANT DELETE ON TABLE public.work_experiences TO parley_app;

GRANT SELECT(id) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(id) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(user_id) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(company),INSERT(company),UPDATE(company) ON TABLE public.work_experiences TO parley_app;

GRANT SELECT("position"),INSERT("position"),UPDATE("position") ON TABLE public.work_experiences TO parley_app;

GRANT SELECT(start_date),INSERT(start_date),UPDATE(start_date) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(start_date) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(end_date),INSERT(end_date),UPDATE(end_date) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(end_date) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(description),INSERT(description),UPDATE(description) ON TABLE public.work_experiences TO parley_app;

GRANT SELECT(created_at) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(created_at) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(updated_at) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(updated_at) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT(version) ON TABLE public.work_experiences TO parley_app;
GRANT SELECT(version) ON TABLE public.work_experiences TO parley_readonly;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workflow_clock TO parley_service;

ALTER DEFAULT PRIVILEGES FOR ROLE parley IN SCHEMA public GRANT SELECT,USAGE ON SEQUENCES TO parley_service;

ALTER DEFAULT PRIVILEGES FOR ROLE parley IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO parley_service;
