-- Whether a member has something open that reading the conversation closes.
ALTER TABLE conversation_participants ADD COLUMN IF NOT EXISTS noticed boolean NOT NULL DEFAULT false;
-- A consumer more, which is told of messages a while later.
ALTER TABLE outbox
    DROP CONSTRAINT IF EXISTS outbox_consumer_listed,
    ADD CONSTRAINT outbox_consumer_told CHECK (consumer IN (
        'realtime', 'search', 'notifications', 'message_runs', 'copies', 'domain', 'payments'));
