-- Takes back what 0027 made.
CREATE OR REPLACE FUNCTION count_vote() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE reviews r SET helpful_count = (
        SELECT count(*) FROM review_votes v WHERE v.review_id = r.id AND v.is_helpful)
    WHERE r.id = coalesce(NEW.review_id, OLD.review_id);
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION count_vote() SET search_path = %s, pg_temp', v_path);
END $$;
DROP FUNCTION proportion_of(numeric, numeric, numeric, text);
DROP INDEX refunds_one_asked;
ALTER TABLE disputes
    DROP CONSTRAINT disputes_status_check,
    ADD CONSTRAINT disputes_status_check
        CHECK (status IN ('open', 'under_review', 'escalated', 'resolved', 'closed'));
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check
        CHECK (status IN ('requested', 'approved', 'rejected', 'processing', 'succeeded', 'failed'));
ALTER TABLE refunds DROP COLUMN fee, DROP COLUMN answered_at;
ALTER TABLE review_invitations DROP COLUMN timers_left;
DROP INDEX disputes_assigned;
ALTER TABLE disputes DROP COLUMN alerted_at;
