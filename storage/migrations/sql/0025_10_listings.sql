-- What is agreed on when a proposal is accepted: the parts of the work, how often it is revised, and when a job
-- is closed.

ALTER TABLE jobs
    -- Where a proposal names no milestones: one, or one for each quarter of the work.
    ADD COLUMN milestone_plan text NOT NULL DEFAULT 'single' CHECK (milestone_plan IN ('single', 'quarters'));
ALTER TABLE proposals
    ADD COLUMN revisions integer NOT NULL DEFAULT 2 CHECK (revisions BETWEEN 0 AND 100);

-- What a proposal comes to: by the hour, its rate for the hours that it offers; unknown while it offers none.
CREATE FUNCTION proposal_total(p proposals) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN j.budget_type = 'hourly' THEN p.amount * p.estimated_hours ELSE p.amount END
    FROM jobs j WHERE j.id = p.job_id
$$;

-- Whether a text is a time as JSON has it, with a zone; NULL for none.
CREATE FUNCTION is_time_text(p_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    -- The pattern lets through days that no month has.
    PERFORM p_text::timestamptz;
    RETURN p_text ~ '^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;

-- What is wrong with a plan of milestones, in words for people; NULL for nothing, as of an empty one.
CREATE FUNCTION milestone_plan_fault(p_plan jsonb, p_total numeric, p_currency text) RETURNS text
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
CREATE FUNCTION guard_proposal_plan() RETURNS trigger
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
CREATE TRIGGER proposals_plan_fits AFTER INSERT OR UPDATE OF amount, estimated_hours, milestones ON proposals
    FOR EACH ROW EXECUTE FUNCTION guard_proposal_plan();

-- What an amount is for, an hour or all of it, stays as it was when it was offered.
CREATE FUNCTION guard_job_budget_type() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM proposals p WHERE p.job_id = NEW.id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'cannot turn into one by the hour, or out of it, once there are proposals',
            COLUMN = 'budget_type', CONSTRAINT = 'jobs_budget_type_fixed', TABLE = 'jobs';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_budget_type_fixed BEFORE UPDATE OF budget_type ON jobs
    FOR EACH ROW WHEN ((OLD.budget_type = 'hourly') <> (NEW.budget_type = 'hourly'))
    EXECUTE FUNCTION guard_job_budget_type();

-- The timer that closes an open job stands at its deadline; where the deadline is changed, another takes its place.
CREATE FUNCTION move_job_deadline() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM timers t WHERE t.machine = 'job' AND t.entity_id = NEW.id AND t.action = 'close';
    IF NEW.deadline IS NOT NULL THEN
        INSERT INTO timers (machine, entity_id, action, state, start, seconds)
        VALUES ('job', NEW.id, 'close', NEW.status, NEW.deadline, 0);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_deadline_moved AFTER UPDATE OF deadline ON jobs
    FOR EACH ROW WHEN (NEW.status = 'open' AND OLD.status = 'open' AND OLD.deadline IS DISTINCT FROM NEW.deadline)
    EXECUTE FUNCTION move_job_deadline();
INSERT INTO timers (machine, entity_id, action, state, start, seconds)
SELECT 'job', j.id, 'close', 'open', j.deadline, 0 FROM jobs j WHERE j.status = 'open' AND j.deadline IS NOT NULL;

-- A profile that is made later knows the jobs that were posted before; each one after that is counted as it is.
CREATE FUNCTION jobs_posted_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    NEW.jobs_posted := (
        SELECT count(*) FROM jobs j
        WHERE j.client_id = NEW.user_id AND j.platform = 'internal' AND j.published_at IS NOT NULL);
    RETURN NEW;
END $$;
CREATE TRIGGER client_profiles_jobs_posted BEFORE INSERT ON client_profiles
    FOR EACH ROW EXECUTE FUNCTION jobs_posted_before();
UPDATE client_profiles p SET jobs_posted = j.posted
FROM (
    SELECT client_id, count(*) AS posted FROM jobs
    WHERE platform = 'internal' AND published_at IS NOT NULL GROUP BY client_id
) j WHERE j.client_id = p.user_id AND p.jobs_posted <> j.posted;

-- A trend weighs an order as 20 views.
CREATE FUNCTION trend_by_order() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.trend_score := trend_after(NEW.trend_score, 20, now());
    RETURN NEW;
END $$;
CREATE TRIGGER gig_counters_ordered BEFORE UPDATE OF order_count ON gig_counters
    FOR EACH ROW WHEN (NEW.order_count > OLD.order_count) EXECUTE FUNCTION trend_by_order();

-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'guard_proposal_plan', 'guard_job_budget_type', 'move_job_deadline', 'jobs_posted_before'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
