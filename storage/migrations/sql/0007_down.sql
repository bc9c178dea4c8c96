-- Takes back what 0007 made. Rows that are set aside go with it: the version before would end on them.
DROP FUNCTION keep_message_words(bigint[]);
DROP TABLE outbox_aside, outbox_paused, outbox_turns;
ALTER TABLE outbox DROP COLUMN tries;
