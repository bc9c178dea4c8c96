-- What earlier versions called goes: the version before (0006) calls none of it, neither by itself nor
-- through a function, a trigger or a view. What that version does call stays.

DROP FUNCTION send_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                            uuid, bigint[], boolean, integer);
DROP FUNCTION mark_receipts(uuid[], uuid[], bigint[], bigint[], uuid, bigint[]);
DROP FUNCTION store_messages(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[],
                            uuid, bigint[], boolean, integer);

-- Search goes by pages since 0005; no row was put into the index of before from then on.
DROP TABLE message_search;
DROP FUNCTION keep_nothing();
