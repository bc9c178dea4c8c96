-- What a notification points to, and when it last changed. Its words are made when it is shown: rows from
-- here on have none.
ALTER TABLE notifications
    ALTER COLUMN title DROP NOT NULL,
    ALTER COLUMN content DROP NOT NULL,
    ALTER COLUMN updated_at SET DEFAULT date_trunc('milliseconds', clock_timestamp()),
    ADD COLUMN subject_type text,
    ADD COLUMN actor_id uuid,
    -- Of a conversation: the message that it is read with, and the newest hundred of those it tells of.
    ADD COLUMN seq bigint,
    ADD COLUMN seqs bigint[],
    -- Why the server has closed it; NULL while it is open, and where its owner has.
    ADD COLUMN ended text CONSTRAINT notifications_ended_known
        CHECK (ended IN ('deleted', 'settled', 'left', 'blocked', 'account_closed')),
    -- When an unread run is looked at again; NULL where nothing has come since it was told.
    ADD COLUMN again_at timestamptz;

-- Of what is open it is known now. How often it was repeated is not: it tells of one message at least.
UPDATE notifications SET
    updated_at = created_at,
    subject_type = CASE WHEN data ? 'conversation_id' THEN 'conversation' END,
    subject_id = (data ->> 'conversation_id')::uuid,
    actor_id = (data ->> 'sender_id')::uuid,
    seq = (data ->> 'seq')::bigint,
    seqs = CASE WHEN data ? 'seq' THEN ARRAY[(data ->> 'seq')::bigint] END,
    count = CASE WHEN data ? 'seq' THEN 1 ELSE count END
WHERE read_at IS NULL AND archived_at IS NULL;

-- What its owner has read in the conversation is read, and reading on closes the rest.
UPDATE notifications n
SET read_at = date_trunc('milliseconds', clock_timestamp()),
    seen_at = coalesce(n.seen_at, date_trunc('milliseconds', clock_timestamp()))
FROM conversation_participants p
WHERE n.read_at IS NULL AND n.archived_at IS NULL AND n.subject_type = 'conversation'
  AND p.conversation_id = n.subject_id AND p.user_id = n.user_id
  AND (p.last_read_seq >= n.seq OR p.left_at IS NOT NULL);
UPDATE conversation_participants p SET noticed = true
FROM notifications n
WHERE n.read_at IS NULL AND n.archived_at IS NULL AND n.subject_type = 'conversation' AND n.seq IS NOT NULL
  AND p.conversation_id = n.subject_id AND p.user_id = n.user_id;

DROP INDEX notifications_listed;
CREATE INDEX notifications_listed ON notifications (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
-- What is settled is found by what it points to.
CREATE INDEX notifications_open ON notifications (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
-- An unread run that was put away is told by no other.
CREATE INDEX notifications_put_away ON notifications (user_id, subject_id)
    WHERE type = 'message.run' AND archived_at IS NOT NULL;
