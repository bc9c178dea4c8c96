-- Takes back what 0032 made.
DROP TRIGGER gigs_changes_told ON gigs;
DROP TRIGGER jobs_changes_told ON jobs;
DROP TRIGGER proposals_changes_told ON proposals;
DROP TRIGGER reviews_changes_told ON reviews;
DROP TRIGGER support_tickets_changes_told ON support_tickets;
DROP FUNCTION tell_of_change();

DROP TRIGGER payout_methods_usable ON payout_methods;
DROP FUNCTION keep_payout_method_usable();
DROP TRIGGER contracts_expiry ON contracts;
DROP FUNCTION keep_contract_expiry();
-- Triggers that follow from declarations name columns that go; from here on they name the others.
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT DISTINCT t.tgname, t.tgrelid::regclass AS of, a.attname AS going, pg_get_triggerdef(t.oid) AS said
        FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
        WHERE (t.tgrelid, a.attname) IN (
            ('payout_methods'::regclass, 'usable_at'), ('contracts'::regclass, 'expires_at')
        )
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', v_trigger.tgname, v_trigger.of);
        EXECUTE regexp_replace(
            regexp_replace(v_trigger.said, format(', %s\M', v_trigger.going), '', 'g'),
            format(' %s, ', v_trigger.going), ' ', 'g'
        );
    END LOOP;
END $$;
ALTER TABLE payout_methods DROP COLUMN usable_at;
ALTER TABLE contracts DROP COLUMN expires_at;
UPDATE freelancer_profiles SET success_rate = coalesce(success_rate, 0), on_time_rate = coalesce(on_time_rate, 0)
WHERE success_rate IS NULL OR on_time_rate IS NULL;
ALTER TABLE freelancer_profiles
    ALTER COLUMN success_rate SET DEFAULT 0, ALTER COLUMN success_rate SET NOT NULL,
    ALTER COLUMN on_time_rate SET DEFAULT 0, ALTER COLUMN on_time_rate SET NOT NULL;

DROP TRIGGER proposals_times_ahead ON proposals;
DROP FUNCTION guard_proposal_times();
DROP FUNCTION plan_due_passed(jsonb, timestamptz, jsonb);
DROP TRIGGER proposals_plan_spelt ON proposals;
DROP FUNCTION spell_proposal_plan();
DROP FUNCTION plan_with_amounts(jsonb, text);
ALTER TABLE gig_requirements DROP CONSTRAINT gig_requirements_choices_of_kind;

-- What is wrong with a plan of milestones, in words for people; NULL for nothing, as of an empty one.
CREATE OR REPLACE FUNCTION milestone_plan_fault(p_plan jsonb, p_total numeric, p_currency text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_part jsonb;
    v_amount text;
    v_due text;
    v_sum numeric := 0;
BEGIN
    IF jsonb_typeof(p_plan) <> 'array' OR jsonb_array_length(p_plan) > 50 THEN
        RETURN 'must be a list of at most 50 milestones';
    END IF;
    FOR v_part IN SELECT e.value FROM jsonb_array_elements(p_plan) e LOOP
        IF jsonb_typeof(v_part) <> 'object' OR v_part - ARRAY['title', 'description', 'amount', 'due_date'] <> '{}' THEN
            RETURN 'must be objects with title, amount and, where there are such, description and due_date';
        END IF;
        IF (jsonb_typeof(v_part -> 'title') = 'string' AND char_length(v_part ->> 'title') BETWEEN 1 AND 200) IS NOT TRUE
        THEN
            RETURN 'must each have a title of 1 to 200 characters';
        END IF;
        IF jsonb_typeof(v_part -> 'description') NOT IN ('string', 'null')
            OR char_length(v_part ->> 'description') > 1000
        THEN
            RETURN 'must have descriptions of at most 1000 characters';
        END IF;
        v_amount := v_part ->> 'amount';
        IF (jsonb_typeof(v_part -> 'amount') IN ('string', 'number') AND v_amount ~ '^\d{1,12}(\.\d{1,2})?$') IS NOT TRUE
        THEN
            RETURN 'must each have an amount such as "100.00"';
        END IF;
        IF v_amount::numeric = 0 OR round(v_amount::numeric, currency_decimals(p_currency)) <> v_amount::numeric THEN
            RETURN format('must each have an amount above zero, with the decimals of %s', p_currency);
        END IF;
        v_sum := v_sum + v_amount::numeric;
        v_due := v_part ->> 'due_date';
        IF jsonb_typeof(v_part -> 'due_date') NOT IN ('string', 'null') OR NOT is_time_text(v_due) THEN
            RETURN 'must have times such as "2030-01-31T12:00:00Z" as due_date';
        END IF;
    END LOOP;
    IF jsonb_array_length(p_plan) > 0 AND v_sum <> p_total THEN
        RETURN format('must add up to what the proposal comes to, %s', p_total);
    END IF;
    RETURN NULL;
END $$;

-- A proposal can be accepted as it is. After the row, so that who may not write it is told that.
CREATE OR REPLACE FUNCTION guard_proposal_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_total numeric := proposal_total(NEW);
    v_fault text := milestone_plan_fault(NEW.milestones, v_total, NEW.currency);
BEGIN
    IF v_total IS NULL THEN
        RAISE check_violation USING
            MESSAGE = 'is missing: the job is paid by the hour', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_hours_offered', TABLE = 'proposals';
    ELSIF v_total >= 10 ^ 12 THEN
        RAISE check_violation USING
            MESSAGE = 'comes to more than a contract can hold', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_total_bounded', TABLE = 'proposals';
    ELSIF v_fault IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = v_fault, COLUMN = 'milestones', CONSTRAINT = 'proposals_plan_fits', TABLE = 'proposals';
    END IF;
    RETURN NULL;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION guard_proposal_plan() SET search_path = %s, pg_temp', (
        SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s));
END $$;
DROP FUNCTION milestone_plan_refused(jsonb, numeric, text);
