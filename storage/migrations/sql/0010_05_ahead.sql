-- Columns of tables that are written all the time: up to which message a conversation is archived, up to when a
-- thread has to be looked for, and whom somebody is written to by.
ALTER TABLE conversation_participants ADD COLUMN IF NOT EXISTS archived_seq bigint;

ALTER TABLE messages ADD COLUMN IF NOT EXISTS last_deleted_reply_at timestamptz;

ALTER TABLE users ADD COLUMN IF NOT EXISTS messages_from text NOT NULL DEFAULT 'everyone'
    CONSTRAINT users_messages_from_check CHECK (messages_from IN ('everyone', 'connected', 'nobody'));
