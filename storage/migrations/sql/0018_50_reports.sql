-- Reports on listings and reviews, and templates of reviews. No row that is there breaks the new check, which is
-- wider: it is not read for that.
ALTER TABLE reports DROP CONSTRAINT reports_subject_known;
ALTER TABLE reports ADD CONSTRAINT reports_subject_known
    CHECK (subject_type IN ('message', 'conversation', 'user', 'gig', 'job', 'review'));

-- Whether a user may see a listing or review, as the policies say it. The transaction goes on as who it was.
CREATE FUNCTION sees_subject(p_user uuid, p_type text, p_id uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
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

-- Whether what is reported is the reporter's own.
CREATE FUNCTION is_own_subject(p_user uuid, p_type text, p_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE p_type
        WHEN 'gig' THEN EXISTS (SELECT FROM gigs g WHERE g.id = p_id AND g.freelancer_id = p_user)
        WHEN 'job' THEN EXISTS (SELECT FROM jobs j WHERE j.id = p_id AND j.client_id = p_user)
        WHEN 'review' THEN EXISTS (SELECT FROM reviews r WHERE r.id = p_id AND r.reviewer_id = p_user)
        ELSE false END
$$;

CREATE OR REPLACE FUNCTION create_report(
    p_user uuid,
    p_subject_type text,
    p_subject uuid,
    p_reason text,
    p_text text
) RETURNS SETOF reports
LANGUAGE plpgsql VOLATILE AS $$
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

-- Verdicts: ok, also for what is kept already; too_many_templates. The limit is for each kind.
CREATE FUNCTION create_template(p_user uuid, p_kind text, p_title text, p_content text, p_max_templates integer)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
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
