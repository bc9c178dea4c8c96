-- What a notification points to, and when it last changed. Its words are made when it is shown: rows from
-- here on have none.
ALTER TABLE notifications
    ALTER COLUMN title DROP NOT NULL,
    ALTER COLUMN content DROP NOT NULL,
    ADD COLUMN updated_at timestamptz DEFAULT date_trunc('milliseconds', clock_timestamp()),
    ADD COLUMN subject_type text,
    ADD COLUMN subject_id uuid,
    ADD COLUMN actor_id uuid,
    -- Of a conversation: the message that it is read with, and the newest hundred of those it tells of.
    ADD COLUMN seq bigint,
    ADD COLUMN seqs bigint[],
    -- Why the server has closed it; NULL while it is open, and where its owner has.
    ADD COLUMN ended text CONSTRAINT notifications_ended_known
        CHECK (ended IN ('deleted', 'settled', 'left', 'blocked', 'account_closed')),
    -- False where it is only sent elsewhere: it is not listed, counted or told.
    ADD COLUMN in_app boolean NOT NULL DEFAULT true,
    -- When an unread run is looked at again; NULL where nothing has come since it was told.
    ADD COLUMN again_at timestamptz;

UPDATE notifications SET
    updated_at = created_at,
    subject_type = CASE WHEN data ? 'conversation_id' THEN 'conversation' END,
    subject_id = (data ->> 'conversation_id')::uuid,
    actor_id = (data ->> 'sender_id')::uuid,
    seq = (data ->> 'seq')::bigint,
    seqs = CASE WHEN data ? 'seq' THEN ARRAY[(data ->> 'seq')::bigint] END;

ALTER TABLE notifications ALTER COLUMN updated_at SET NOT NULL;

DROP INDEX notifications_listed;
CREATE INDEX notifications_listed ON notifications (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
-- What is settled is found by what it points to.
CREATE INDEX notifications_open ON notifications (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
