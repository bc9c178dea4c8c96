-- What rows of several tables say together, held by whoever writes them. A guard names the column that it
-- refuses and says why in words for people: as a check that is broken where the value is wrong by itself (422),
-- as a foreign key where it does not go with what is there (409).

-- Locks the job: its currency is that of the proposal, until there is one (guard_job_currency).
CREATE OR REPLACE FUNCTION proposal_of_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    -- Not shared: the proposal is counted in the same row, and two of one job would wait for each other.
    SELECT j.client_id, j.currency INTO NEW.client_id, NEW.currency FROM jobs j WHERE j.id = NEW.job_id
    FOR NO KEY UPDATE;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_job_currency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM proposals p WHERE p.job_id = NEW.id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'is fixed once there are proposals',
            COLUMN = 'currency', CONSTRAINT = 'jobs_proposals_exist', TABLE = 'jobs';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_currency_fixed BEFORE UPDATE OF currency ON jobs
    FOR EACH ROW WHEN (OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION guard_job_currency();

-- The gig is locked first, so that of two who take the last two packages away the second sees the first.
CREATE FUNCTION guard_last_package() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_status text;
BEGIN
    SELECT g.status INTO v_status FROM gigs g WHERE g.id = OLD.gig_id FOR NO KEY UPDATE;
    IF v_status = 'active' AND NOT EXISTS (SELECT FROM gig_packages p WHERE p.gig_id = OLD.gig_id) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'an active gig keeps a package: add another first, or pause the gig',
            COLUMN = 'gig_id', CONSTRAINT = 'gig_packages_kept', TABLE = 'gig_packages';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER gig_packages_kept AFTER DELETE ON gig_packages
    FOR EACH ROW EXECUTE FUNCTION guard_last_package();

-- Files that a row begins to name are there, and its author's: the second argument is the column of who that is,
-- where the row has one. name_files has locked them. After the row, so that who may not write it is told that.
CREATE FUNCTION guard_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_ids uuid[] := file_ids_in(NEW, TG_ARGV[0]);
    v_author uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(OLD, TG_ARGV[0])));
    END IF;
    IF v_ids = '{}' THEN
        RETURN NULL;
    END IF;
    IF TG_NARGS > 1 THEN
        EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO v_author USING NEW;
    END IF;
    IF EXISTS (
        SELECT FROM unnest(v_ids) i WHERE NOT EXISTS (
            SELECT FROM files f
            WHERE f.id = i AND f.state = 'ready' AND (TG_NARGS = 1 OR f.owner_id = v_author))
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a file is not there, or not the author''s',
            CONSTRAINT = TG_TABLE_NAME || '_' || TG_ARGV[0] || '_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON jobs
    FOR EACH ROW WHEN (NEW.attachment_ids <> '{}') EXECUTE FUNCTION guard_files('attachment_ids', 'client_id');
CREATE TRIGGER proposals_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON proposals
    FOR EACH ROW WHEN (NEW.attachment_ids <> '{}') EXECUTE FUNCTION guard_files('attachment_ids', 'freelancer_id');
CREATE TRIGGER portfolio_items_files_owned AFTER INSERT OR UPDATE OF file_ids ON portfolio_items
    FOR EACH ROW WHEN (NEW.file_ids <> '{}') EXECUTE FUNCTION guard_files('file_ids', 'user_id');
CREATE TRIGGER support_tickets_files_owned AFTER INSERT OR UPDATE OF attachment_ids ON support_tickets
    FOR EACH ROW WHEN (NEW.attachment_ids <> '{}') EXECUTE FUNCTION guard_files('attachment_ids', 'user_id');
-- Whose these may be, the workflows that write them know.
CREATE TRIGGER contract_answers_files_owned AFTER INSERT OR UPDATE OF file_ids ON contract_answers
    FOR EACH ROW WHEN (NEW.file_ids <> '{}') EXECUTE FUNCTION guard_files('file_ids');
CREATE TRIGGER deliverables_files_owned AFTER INSERT OR UPDATE OF file_ids ON deliverables
    FOR EACH ROW WHEN (NEW.file_ids <> '{}') EXECUTE FUNCTION guard_files('file_ids');
CREATE TRIGGER disputes_files_owned AFTER INSERT OR UPDATE OF evidence_file_ids ON disputes
    FOR EACH ROW WHEN (NEW.evidence_file_ids <> '{}') EXECUTE FUNCTION guard_files('evidence_file_ids');
CREATE TRIGGER identity_verifications_files_owned
    AFTER INSERT OR UPDATE OF document_file_ids ON identity_verifications
    FOR EACH ROW WHEN (NEW.document_file_ids <> '{}')
    EXECUTE FUNCTION guard_files('document_file_ids', 'user_id');

CREATE FUNCTION guard_portfolio_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_ids uuid[] := NEW.portfolio_item_ids;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (OLD.portfolio_item_ids));
    END IF;
    IF EXISTS (
        SELECT FROM unnest(v_ids) i WHERE NOT EXISTS (
            SELECT FROM portfolio_items p WHERE p.id = i AND p.user_id = NEW.freelancer_id)
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a portfolio item is not there, or not the freelancer''s',
            CONSTRAINT = 'proposals_portfolio_item_ids_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER proposals_portfolio_owned AFTER INSERT OR UPDATE OF portfolio_item_ids ON proposals
    FOR EACH ROW WHEN (NEW.portfolio_item_ids <> '{}') EXECUTE FUNCTION guard_portfolio_items();

-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'proposal_of_job', 'guard_job_currency', 'guard_last_package', 'guard_files', 'guard_portfolio_items'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
