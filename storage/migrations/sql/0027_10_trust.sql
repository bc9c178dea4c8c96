-- What disputes, refunds and reviews keep.

-- When staff was told that a dispute has been open for long.
ALTER TABLE disputes ADD COLUMN alerted_at timestamptz;
CREATE INDEX disputes_assigned ON disputes (assigned_to, created_at DESC, id DESC) WHERE assigned_to IS NOT NULL;
-- What is left of the time to review while a dispute is open.
ALTER TABLE review_invitations ADD COLUMN timers_left jsonb;
-- The part of the platform's fee that went back with a refund, and when it was answered.
ALTER TABLE refunds
    ADD COLUMN fee numeric(14, 2) CHECK (fee >= 0),
    ADD COLUMN answered_at timestamptz;
-- Approved is succeeded at once; a dispute that is resolved is closed. No row was ever in the other states.
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check CHECK (status IN ('requested', 'approved', 'rejected', 'succeeded'));
ALTER TABLE disputes
    DROP CONSTRAINT disputes_status_check,
    ADD CONSTRAINT disputes_status_check CHECK (status IN ('open', 'under_review', 'escalated', 'closed'));
CREATE UNIQUE INDEX refunds_one_asked ON refunds (release_id) WHERE status = 'requested';

-- round(amount · part / whole) to the unit of the currency, half to even: as protocol/money/currency.py has it.
-- None may be negative.
CREATE FUNCTION proportion_of(p_amount numeric, p_part numeric, p_whole numeric, p_currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (q.whole + CASE
        WHEN 2 * q.rest > q.divisor OR (2 * q.rest = q.divisor AND q.whole % 2 = 1) THEN 1 ELSE 0 END
    ) / 10::numeric ^ currency_decimals(p_currency)
    FROM (
        SELECT div(u.units * p_part, p_whole) AS whole, (u.units * p_part) % p_whole AS rest, p_whole AS divisor
        FROM (SELECT p_amount * 10::numeric ^ currency_decimals(p_currency) AS units) u
    ) q
$$;

-- Of two that vote at once each counts both: the review is locked in a statement before the one that counts.
CREATE OR REPLACE FUNCTION count_vote() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_review uuid := coalesce(NEW.review_id, OLD.review_id);
BEGIN
    PERFORM FROM reviews r WHERE r.id = v_review FOR NO KEY UPDATE;
    UPDATE reviews r SET helpful_count = (
        SELECT count(*) FROM review_votes v WHERE v.review_id = v_review AND v.is_helpful)
    WHERE r.id = v_review;
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION count_vote() SET search_path = %s, pg_temp', v_path);
END $$;
