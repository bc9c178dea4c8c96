-- What is asked of people can be answered, and what is offered can be agreed on.

-- A question with choices has some, any other none: a gig that asks otherwise is one that nobody can order.
UPDATE gig_requirements SET kind = 'text' WHERE kind = 'choice' AND choices = '{}';
UPDATE gig_requirements SET choices = '{}' WHERE kind <> 'choice' AND choices <> '{}';
ALTER TABLE gig_requirements ADD CONSTRAINT gig_requirements_choices_of_kind
    CHECK ((kind = 'choice') = (choices <> '{}')) NOT VALID;

-- A plan of milestones with amounts as they are shown: text with the decimals of the currency. What is no amount of
-- it stays, to be refused.
CREATE FUNCTION plan_with_amounts(p_plan jsonb, p_currency text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(p_plan) = 'array' THEN coalesce((
        SELECT jsonb_agg(CASE
            WHEN jsonb_typeof(e.value) = 'object' AND e.value ->> 'amount' ~ '^\d{1,12}(\.\d{1,2})?$' THEN CASE
                WHEN round((e.value ->> 'amount')::numeric, d.decimals) = (e.value ->> 'amount')::numeric
                THEN e.value || jsonb_build_object(
                    'amount', round((e.value ->> 'amount')::numeric, d.decimals)::text)
                ELSE e.value END
            ELSE e.value END ORDER BY e.ordinality)
        FROM jsonb_array_elements(p_plan) WITH ORDINALITY e
        CROSS JOIN (SELECT currency_decimals(p_currency) AS decimals) d
    ), '[]') ELSE p_plan END
$$;

-- After proposals_of_job, which knows the currency: triggers come in the order of their names.
CREATE FUNCTION spell_proposal_plan() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.milestones := plan_with_amounts(NEW.milestones, NEW.currency);
    RETURN NEW;
END $$;
CREATE TRIGGER proposals_plan_spelt BEFORE INSERT OR UPDATE OF milestones ON proposals
    FOR EACH ROW WHEN (NEW.milestones <> '[]') EXECUTE FUNCTION spell_proposal_plan();

-- What is wrong with a plan of milestones first: where, and why in words for people; nothing of one that is right.
CREATE FUNCTION milestone_plan_refused(
    p_plan jsonb, p_total numeric, p_currency text, OUT path text, OUT reason text
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_part jsonb;
    v_place integer;
    v_amount text;
    v_sum numeric := 0;
BEGIN
    path := 'milestones';
    IF jsonb_typeof(p_plan) <> 'array' OR jsonb_array_length(p_plan) > 50 THEN
        reason := 'must be a list of at most 50 milestones';
        RETURN;
    END IF;
    FOR v_part, v_place IN
        SELECT e.value, e.ordinality - 1 FROM jsonb_array_elements(p_plan) WITH ORDINALITY e ORDER BY e.ordinality
    LOOP
        path := format('milestones[%s]', v_place);
        IF jsonb_typeof(v_part) <> 'object' OR v_part - ARRAY['title', 'description', 'amount', 'due_date'] <> '{}' THEN
            reason := 'must be an object with title, amount and, where there are such, description and due_date';
            RETURN;
        END IF;
        path := format('milestones[%s].title', v_place);
        IF (jsonb_typeof(v_part -> 'title') = 'string' AND char_length(v_part ->> 'title') BETWEEN 1 AND 200) IS NOT TRUE
        THEN
            reason := 'must be text of 1 to 200 characters';
            RETURN;
        END IF;
        path := format('milestones[%s].description', v_place);
        IF jsonb_typeof(v_part -> 'description') NOT IN ('string', 'null')
            OR char_length(v_part ->> 'description') > 1000
        THEN
            reason := 'must be text of at most 1000 characters';
            RETURN;
        END IF;
        path := format('milestones[%s].amount', v_place);
        v_amount := v_part ->> 'amount';
        IF (jsonb_typeof(v_part -> 'amount') IN ('string', 'number') AND v_amount ~ '^\d{1,12}(\.\d{1,2})?$') IS NOT TRUE
        THEN
            reason := 'must be an amount such as 100.00';
            RETURN;
        END IF;
        IF v_amount::numeric = 0 OR round(v_amount::numeric, currency_decimals(p_currency)) <> v_amount::numeric THEN
            reason := format('must be an amount above zero, with the decimals of %s', p_currency);
            RETURN;
        END IF;
        v_sum := v_sum + v_amount::numeric;
        path := format('milestones[%s].due_date', v_place);
        IF jsonb_typeof(v_part -> 'due_date') NOT IN ('string', 'null') OR NOT is_time_text(v_part ->> 'due_date') THEN
            reason := 'must be a time with its zone, such as 2030-01-31T12:00:00Z';
            RETURN;
        END IF;
    END LOOP;
    path := 'milestones';
    IF jsonb_array_length(p_plan) > 0 AND v_sum <> p_total THEN
        reason := format('must add up to what the proposal comes to, %s', round(p_total, currency_decimals(p_currency)));
        RETURN;
    END IF;
    path := NULL;
END $$;

CREATE OR REPLACE FUNCTION milestone_plan_fault(p_plan jsonb, p_total numeric, p_currency text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT f.reason FROM milestone_plan_refused(p_plan, p_total, p_currency) f
$$;

CREATE OR REPLACE FUNCTION guard_proposal_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_total numeric := proposal_total(NEW);
    v_path text;
    v_reason text;
BEGIN
    IF v_total IS NULL THEN
        RAISE check_violation USING
            MESSAGE = 'is missing: the job is paid by the hour', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_hours_offered', TABLE = 'proposals';
    ELSIF v_total >= 10 ^ 12 THEN
        RAISE check_violation USING
            MESSAGE = 'comes to more than a contract can hold', COLUMN = 'estimated_hours',
            CONSTRAINT = 'proposals_total_bounded', TABLE = 'proposals';
    END IF;
    SELECT f.path, f.reason INTO v_path, v_reason FROM milestone_plan_refused(NEW.milestones, v_total, NEW.currency) f;
    IF v_reason IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = v_reason, COLUMN = v_path, CONSTRAINT = 'proposals_plan_fits', TABLE = 'proposals';
    END IF;
    RETURN NULL;
END $$;

-- The first of the times that a plan names and that have passed: its place, from 0; NULL where all are ahead. Today is.
CREATE FUNCTION plan_due_passed(p_plan jsonb, p_now timestamptz, p_before jsonb DEFAULT '[]') RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT (e.ordinality - 1)::integer FROM jsonb_array_elements(p_plan) WITH ORDINALITY e
    WHERE (e.value ->> 'due_date')::timestamptz < date_trunc('day', p_now, 'UTC')
      AND NOT EXISTS (
          SELECT FROM jsonb_array_elements(p_before) b WHERE b.value -> 'due_date' = e.value -> 'due_date')
    ORDER BY e.ordinality LIMIT 1
$$;

-- Times that are offered are ahead; one that has passed since it was offered stays until it is changed. After
-- proposals_plan_fits, which knows that they are times.
CREATE FUNCTION guard_proposal_times() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_now timestamptz := workflow_now();
    v_place integer;
BEGIN
    IF NEW.delivery_date < date_trunc('day', v_now, 'UTC')
        AND (TG_OP = 'INSERT' OR OLD.delivery_date IS DISTINCT FROM NEW.delivery_date)
    THEN
        RAISE check_violation USING
            MESSAGE = 'must not be past', COLUMN = 'delivery_date',
            CONSTRAINT = 'proposals_times_ahead', TABLE = 'proposals';
    END IF;
    v_place := plan_due_passed(NEW.milestones, v_now, CASE WHEN TG_OP = 'INSERT' THEN '[]' ELSE OLD.milestones END);
    IF v_place IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'must not be past', COLUMN = format('milestones[%s].due_date', v_place),
            CONSTRAINT = 'proposals_times_ahead', TABLE = 'proposals';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER proposals_times_ahead AFTER INSERT OR UPDATE OF delivery_date, milestones ON proposals
    FOR EACH ROW EXECUTE FUNCTION guard_proposal_times();

UPDATE proposals SET milestones = plan_with_amounts(milestones, currency)
WHERE milestones <> plan_with_amounts(milestones, currency)
  AND milestone_plan_fault(milestones, proposal_total(proposals), currency) IS NULL
  AND proposal_total(proposals) < 10 ^ 12;
