-- What a system message says, for readers to put into words: NULL in every other message.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS system jsonb;
