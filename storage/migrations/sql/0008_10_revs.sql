-- In the order in which a group of messages takes them.
LOCK TABLE conversations, conversation_participants IN ACCESS EXCLUSIVE MODE;

-- Of those who had left before this step nothing is left to tell.
UPDATE conversation_participants SET left_rev = 0 WHERE left_at IS NOT NULL;

-- The last change that the relay tells of, not the writer: an event that is published by another way within
-- 5 s of it may overtake it. relayed_follows: that change itself was made within 5 s of another such one.
ALTER TABLE conversations
    ADD COLUMN relayed_rev bigint NOT NULL DEFAULT 0,
    ADD COLUMN relayed_at timestamptz,
    ADD COLUMN relayed_follows boolean NOT NULL DEFAULT false;

-- How long the telling of a change may be under way. A slower one is told by `resync`.
CREATE FUNCTION is_under_way(p_changed_at timestamptz, p_now timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(p_changed_at > p_now - interval '5 seconds', false)
$$;

CREATE OR REPLACE FUNCTION next_rev(p_conversation uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    UPDATE conversations
    SET rev = rev + 1, relayed_rev = rev + 1, relayed_at = clock_timestamp(),
        relayed_follows = is_under_way(relayed_at, clock_timestamp())
    WHERE id = p_conversation
    RETURNING rev
$$;
