-- Takes back what 0006 made: functions and settings, and nothing that is stored changes.
ALTER TABLE outbox RESET (toast_tuple_target);
DROP FUNCTION move_watermarks(uuid[], uuid[], bigint[], bigint[], uuid, bigint[]);
DROP FUNCTION commit_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                              uuid, bigint[], boolean, integer);
DROP FUNCTION message_id(uuid, bigint, timestamptz);
