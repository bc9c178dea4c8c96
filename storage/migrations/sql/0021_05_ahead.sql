-- What a system message says, for readers to put into words: NULL in every other message.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS system jsonb;
-- Two consumers more.
ALTER TABLE outbox
    DROP CONSTRAINT IF EXISTS outbox_consumer_known,
    ADD CONSTRAINT outbox_consumer_listed
        CHECK (consumer IN ('realtime', 'search', 'notifications', 'copies', 'domain', 'payments'));
