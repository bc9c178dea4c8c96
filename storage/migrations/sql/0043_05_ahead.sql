-- Whether a member has something open that reading the conversation closes.
ALTER TABLE conversation_participants ADD COLUMN IF NOT EXISTS noticed boolean NOT NULL DEFAULT false;
-- A consumer more, which is told of messages a while later.
ALTER TABLE outbox
    DROP CONSTRAINT IF EXISTS outbox_consumer_listed,
    ADD CONSTRAINT outbox_consumer_told CHECK (consumer IN (
        'realtime', 'search', 'notifications', 'message_runs', 'copies', 'domain', 'payments'));
-- When it last changed: what was there before sorts behind all that comes, and among itself by id, hence by time. It is
-- shown as of when it was made.
ALTER TABLE notifications ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00Z';
-- False where it is only sent elsewhere: it is not listed, counted or told.
ALTER TABLE notifications ADD COLUMN IF NOT EXISTS in_app boolean NOT NULL DEFAULT true;
ALTER TABLE notifications ADD COLUMN IF NOT EXISTS subject_id uuid;

-- Of each partition; those of the whole table, which are made of them, are made by the step itself.
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_0_changed ON notifications_0 (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_0_open ON notifications_0 (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_1_changed ON notifications_1 (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_1_open ON notifications_1 (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_2_changed ON notifications_2 (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_2_open ON notifications_2 (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_3_changed ON notifications_3 (user_id, updated_at DESC, id DESC)
    WHERE archived_at IS NULL AND in_app;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_3_open ON notifications_3 (user_id, subject_id)
    WHERE read_at IS NULL AND archived_at IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_0_put_away ON notifications_0 (user_id, subject_id)
    WHERE type = 'message.run' AND archived_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_1_put_away ON notifications_1 (user_id, subject_id)
    WHERE type = 'message.run' AND archived_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_2_put_away ON notifications_2 (user_id, subject_id)
    WHERE type = 'message.run' AND archived_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_3_put_away ON notifications_3 (user_id, subject_id)
    WHERE type = 'message.run' AND archived_at IS NOT NULL;
