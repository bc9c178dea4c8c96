-- As before, but what a page said before a change of its text is forgotten with the change: a search reads
-- it, until its words are kept anew.
CREATE OR REPLACE FUNCTION message_changed(
    p_conversation uuid,
    p_seq bigint,
    p_created_at timestamptz,
    p_rev bigint,
    p_text_changed boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE conversation_months cm SET max_rev = greatest(cm.max_rev, p_rev)
    WHERE cm.conversation_id = p_conversation
      AND cm.month = date_trunc('month', p_created_at, 'UTC')
      AND cm.max_rev IS NOT NULL;
    PERFORM put_in_outbox('realtime', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    IF p_text_changed THEN
        DELETE FROM message_words w
        WHERE w.conversation_id = p_conversation AND w.page = page_of(p_seq);
        PERFORM put_in_outbox('search', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    END IF;
END $$;

-- Processes of the version before still index: what they write would never be emptied again. The table
-- goes when none of them is left.
CREATE FUNCTION keep_nothing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;

CREATE TRIGGER message_search_is_closed BEFORE INSERT ON message_search
    FOR EACH ROW EXECUTE FUNCTION keep_nothing();
TRUNCATE message_search;

-- The pages that are there are worked off in bounded steps, the newest first. Until then they are read.
INSERT INTO outbox (consumer, kind, conversation_ids, seqs)
SELECT 'search', 'message.updated', array_agg(p.id), array_agg(p.seq)
FROM (
    SELECT c.id, s.seq, row_number() OVER (ORDER BY c.last_message_at DESC, c.id, s.seq) AS n
    FROM conversations c, generate_series(last_seq_of(0), c.last_seq, last_seq_of(0)) AS s(seq)
) p
GROUP BY p.n / 16
ORDER BY p.n / 16;
