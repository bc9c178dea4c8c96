-- What a workflow writes into a conversation, as the last thing of its own transaction. The conversation is
-- the last lock of the order. Its log has its own clock, the same for everybody who writes: times of a clock
-- that tests move would stand between those of messages, in months that have no partition yet.

-- Appends a system message and returns its seq: also where the conversation is closed, where its people have
-- blocked each other, and where the actor is not in it. NULL, and nothing is said, without a conversation.
-- p_system is {action, resource, resource_id, actor_id, facts}. What no person did is sent by nobody.
CREATE FUNCTION workflow_say(p_conversation uuid, p_actor uuid, p_system jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
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

-- Makes the conversation of a contract. It is no approach to a stranger: nobody's blocks and nobody's count of
-- a day are asked. The client owns it, as if the client had begun it.
CREATE FUNCTION workflow_conversation(
    p_id uuid, p_contract uuid, p_job uuid, p_client uuid, p_freelancer uuid, p_title text
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
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

-- Takes somebody into a conversation; true unless the person is in it, or there is none. p_max_user_fanout is
-- how many people a conversation has before it gets a channel of its own.
CREATE FUNCTION workflow_join(
    p_conversation uuid, p_user uuid, p_max_user_fanout integer DEFAULT 32
) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
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
