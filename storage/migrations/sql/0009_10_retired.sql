-- What earlier versions called goes: the version before (0006) calls none of it, neither by itself nor
-- through a function, a trigger or a view. What that version does call stays, since its processes run on this
-- schema during an update. Nothing of this version calls these three any more, and a step of the release after
-- may drop them, with what only they call: commit_messages (now commit_group), keep_message_words(integer) (now
-- with the ids of rows) and maintain_partitions() (now storage/partitions.py, a statement at a time).

DROP FUNCTION send_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                            uuid, bigint[], boolean, integer);
DROP FUNCTION mark_receipts(uuid[], uuid[], bigint[], bigint[], uuid, bigint[]);
DROP FUNCTION store_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                            uuid, bigint[], boolean, integer);

-- Search goes by pages since 0005; no row was put into the index of before from then on.
DROP TABLE message_search;
DROP FUNCTION keep_nothing();
