-- A change that somebody makes of a row with a machine is told to those whom it concerns, as its transitions are: by
-- a row of the outbox in the change's own transaction, which also says who they are. The arguments are the machine, the
-- path of the resource, and the columns of people. Of a job, those whose offer waits for an answer are told too.
CREATE FUNCTION tell_of_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_column text;
    v_user uuid;
    v_people uuid[] := '{}';
BEGIN
    FOREACH v_column IN ARRAY TG_ARGV[2:] LOOP
        EXECUTE format('SELECT ($1).%I', v_column) INTO v_user USING NEW;
        v_people := array_append(v_people, v_user);
    END LOOP;
    IF TG_TABLE_NAME = 'jobs' THEN
        v_people := v_people || ARRAY(
            SELECT p.freelancer_id FROM proposals p
            WHERE p.job_id = NEW.id AND p.status IN ('pending', 'shortlisted'));
    END IF;
    PERFORM workflow_tell(jsonb_build_array(jsonb_build_object(
        'name', TG_ARGV[0] || '.changed', 'audience', to_jsonb(array_remove(v_people, NULL)), 'resource', TG_ARGV[1],
        'id', NEW.id, 'status', NEW.status, 'version', NEW.version, 'action', 'change',
        'actor_id', nullif(current_setting('app.user_id', true), ''))));
    RETURN NULL;
END $$;

CREATE TRIGGER gigs_changes_told AFTER UPDATE OF
    category_id, currency, description, media, requirements_note, subcategory_id, tags, thumbnail_url, title,
    video_type
    ON gigs FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION tell_of_change('gig', 'gigs', 'freelancer_id');
CREATE TRIGGER jobs_changes_told AFTER UPDATE OF
    attachment_ids, budget_max, budget_min, budget_type, category_id, complexity, currency, deadline, description,
    estimated_duration_days, estimated_hours, experience_level, job_type, milestone_plan, platform_preference,
    requirements, tags, title, video_duration_preference, video_type
    ON jobs FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION tell_of_change('job', 'jobs', 'client_id');
CREATE TRIGGER proposals_changes_told AFTER UPDATE OF
    amount, attachment_ids, cover_letter, delivery_date, estimated_hours, milestones, portfolio_item_ids, revisions,
    timeline_days
    ON proposals FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION tell_of_change('proposal', 'proposals', 'client_id', 'freelancer_id');
CREATE TRIGGER reviews_changes_told AFTER UPDATE OF
    comment, communication_rating, overall_rating, professionalism_rating, quality_rating, title, value_rating
    ON reviews FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION tell_of_change('review', 'reviews', 'reviewer_id');
CREATE TRIGGER support_tickets_changes_told AFTER UPDATE OF
    attachment_ids, category, description, priority, subject
    ON support_tickets FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION tell_of_change('ticket', 'support-tickets', 'user_id', 'assigned_to');

-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'tell_of_change', 'guard_proposal_plan', 'guard_proposal_times', 'keep_contract_expiry',
        'keep_payout_method_usable'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
