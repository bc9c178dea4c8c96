-- What ends notifications is put into the outbox where it happens; messages are looked at again later.

-- A group of messages: one row more, of its conversations, each once, for who will not have read them by then. Who writes has
-- read, and what that closes is put into the outbox; the row that is updated tells whether there may be something.
DO $$
DECLARE
    v_last text := '(''notifications'', interval ''0'', g.noticed_ids, g.noticed_seqs, g.noticed_revs)';
    v_some text := 'WHERE o.seqs IS NOT NULL';
    v_noticed text := 'array_agg(e.rev) FILTER (WHERE e.is_for_somebody) AS noticed_revs';
    v_read text := 'WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id';
    v_made text := pg_get_functiondef('commit_group'::regproc);
    v_each text;
BEGIN
    FOREACH v_each IN ARRAY ARRAY[v_last, v_some, v_noticed, v_read] LOOP
        IF strpos(v_made, v_each) = 0 THEN
            RAISE EXCEPTION 'commit_group does not note messages as in 0010: %', v_each;
        END IF;
    END LOOP;
    v_made := replace(v_made, v_last, v_last || E',\n            (''message_runs'', '
        'told_duration(''parley.run_delay'', interval ''20 seconds''), g.later_ids, g.later_seqs, NULL)');
    v_made := replace(v_made, v_noticed, v_noticed || E',\n                   '
        'array_agg(e.conversation_id) FILTER (WHERE e.is_last) AS later_ids,\n'
        '                   array_agg(e.seq) FILTER (WHERE e.is_last) AS later_seqs');
    v_made := replace(v_made, v_some, 'WHERE o.conversation_ids IS NOT NULL');
    EXECUTE replace(v_made, v_read, v_read || E'\n        RETURNING p.conversation_id, p.user_id, p.noticed\n'
        '    ), read_noticed AS (\n'
        '        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)\n'
        '        SELECT ''notifications'', ''conversation.read'', array_agg(r.conversation_id), array_agg(r.user_id)\n'
        '        FROM read r WHERE r.noticed HAVING count(*) > 0');
END $$;

-- And so for who says that they have read.
DO $$
DECLARE
    v_moved text := 'WHERE p.conversation_id = a.conversation_id AND p.user_id = a.user_id AND a.has_moved';
    v_made text := pg_get_functiondef('move_watermarks'::regproc);
BEGIN
    IF strpos(v_made, v_moved) = 0 THEN
        RAISE EXCEPTION 'move_watermarks does not move as in 0006';
    END IF;
    EXECUTE replace(v_made, v_moved, v_moved || E'\n        RETURNING p.conversation_id, p.user_id, p.noticed AND a.read_moved AS noticed\n'
        '    ), read_noticed AS (\n'
        '        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)\n'
        '        SELECT ''notifications'', ''conversation.read'', array_agg(m.conversation_id), array_agg(m.user_id)\n'
        '        FROM moved m WHERE m.noticed HAVING count(*) > 0');
END $$;

CREATE FUNCTION tell_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, conversation_ids, seqs)
    VALUES ('notifications', 'message.deleted', ARRAY[NEW.conversation_id], ARRAY[NEW.seq]);
    RETURN NULL;
END $$;
CREATE TRIGGER message_tombstones_told AFTER INSERT ON message_tombstones
    FOR EACH ROW EXECUTE FUNCTION tell_deleted();

CREATE FUNCTION tell_blocked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, user_ids)
    VALUES ('notifications', 'user.blocked', ARRAY[NEW.blocker_id, NEW.blocked_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER user_blocks_told AFTER INSERT ON user_blocks
    FOR EACH ROW EXECUTE FUNCTION tell_blocked();

CREATE FUNCTION tell_closed_account() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (consumer, kind, user_ids) VALUES ('notifications', 'account.closed', ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER users_closed AFTER UPDATE OF status ON users
    FOR EACH ROW
    WHEN (NEW.status IN ('deleted', 'anonymized') AND OLD.status NOT IN ('deleted', 'anonymized'))
    EXECUTE FUNCTION tell_closed_account();

DO $$
DECLARE
    v_told text := 'PERFORM put_in_outbox(''realtime'', ''member.left'', p_conversation, NULL, v_rev, ARRAY[p_user]);';
    v_made text := pg_get_functiondef('part_with_member'::regproc);
BEGIN
    IF strpos(v_made, v_told) = 0 THEN
        RAISE EXCEPTION 'part_with_member does not tell of who leaves as before';
    END IF;
    EXECUTE replace(v_made, v_told, v_told || E'\n    PERFORM put_in_outbox('
        '''notifications'', ''member.left'', p_conversation, NULL, NULL, ARRAY[p_user]);');
END $$;
