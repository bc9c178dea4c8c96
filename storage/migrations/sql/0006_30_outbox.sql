-- A group's row holds some kilobytes of references for a moment: whole in its page it costs less than
-- compressed and cut in pieces.
ALTER TABLE outbox SET (toast_tuple_target = 8160);
