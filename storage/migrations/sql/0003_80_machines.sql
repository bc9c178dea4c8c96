-- How each status begins and changes, derived from the machines in
-- handlers/resources/machines.py. `python -m tests.access_sql` writes this file.

INSERT INTO status_transitions (table_name, from_status, to_status) VALUES
    ('users', '', 'active'),
    ('users', '', 'pending_verification'),
    ('users', 'active', 'deleted'),
    ('users', 'active', 'suspended'),
    ('users', 'deleted', 'active'),
    ('users', 'deleted', 'anonymized'),
    ('users', 'pending_verification', 'active'),
    ('users', 'suspended', 'active'),
    ('users', 'suspended', 'deleted'),
    ('identity_verifications', '', 'pending'),
    ('identity_verifications', 'approved', 'expired'),
    ('identity_verifications', 'pending', 'approved'),
    ('identity_verifications', 'pending', 'rejected'),
    ('gigs', '', 'draft'),
    ('gigs', 'active', 'deleted'),
    ('gigs', 'active', 'paused'),
    ('gigs', 'active', 'suspended'),
    ('gigs', 'draft', 'active'),
    ('gigs', 'draft', 'deleted'),
    ('gigs', 'paused', 'active'),
    ('gigs', 'paused', 'deleted'),
    ('gigs', 'suspended', 'active'),
    ('jobs', '', 'draft'),
    ('jobs', '', 'pending'),
    ('jobs', 'active', 'cancelled'),
    ('jobs', 'active', 'in_progress'),
    ('jobs', 'analyzing', 'cancelled'),
    ('jobs', 'analyzing', 'open'),
    ('jobs', 'closed', 'cancelled'),
    ('jobs', 'closed', 'in_progress'),
    ('jobs', 'closed', 'open'),
    ('jobs', 'completed', 'disputed'),
    ('jobs', 'delivered', 'completed'),
    ('jobs', 'delivered', 'disputed'),
    ('jobs', 'disputed', 'cancelled'),
    ('jobs', 'disputed', 'completed'),
    ('jobs', 'disputed', 'delivered'),
    ('jobs', 'disputed', 'in_progress'),
    ('jobs', 'disputed', 'review'),
    ('jobs', 'draft', 'analyzing'),
    ('jobs', 'draft', 'cancelled'),
    ('jobs', 'draft', 'open'),
    ('jobs', 'in_progress', 'cancelled'),
    ('jobs', 'in_progress', 'completed'),
    ('jobs', 'in_progress', 'disputed'),
    ('jobs', 'in_progress', 'open'),
    ('jobs', 'in_progress', 'review'),
    ('jobs', 'open', 'cancelled'),
    ('jobs', 'open', 'closed'),
    ('jobs', 'open', 'in_progress'),
    ('jobs', 'pending', 'active'),
    ('jobs', 'pending', 'cancelled'),
    ('jobs', 'review', 'completed'),
    ('jobs', 'review', 'delivered'),
    ('jobs', 'review', 'disputed'),
    ('jobs', 'review', 'in_progress'),
    ('proposals', '', 'pending'),
    ('proposals', 'pending', 'accepted'),
    ('proposals', 'pending', 'rejected'),
    ('proposals', 'pending', 'shortlisted'),
    ('proposals', 'pending', 'withdrawn'),
    ('proposals', 'rejected', 'pending'),
    ('proposals', 'shortlisted', 'accepted'),
    ('proposals', 'shortlisted', 'rejected'),
    ('proposals', 'shortlisted', 'withdrawn'),
    ('proposals', 'withdrawn', 'pending'),
    ('contracts', '', 'pending_acceptance'),
    ('contracts', '', 'pending_payment'),
    ('contracts', 'active', 'cancelled'),
    ('contracts', 'active', 'completed'),
    ('contracts', 'active', 'disputed'),
    ('contracts', 'active', 'in_review'),
    ('contracts', 'active', 'terminated'),
    ('contracts', 'completed', 'disputed'),
    ('contracts', 'disputed', 'active'),
    ('contracts', 'disputed', 'completed'),
    ('contracts', 'disputed', 'in_review'),
    ('contracts', 'disputed', 'refunded'),
    ('contracts', 'disputed', 'revision_requested'),
    ('contracts', 'disputed', 'terminated'),
    ('contracts', 'in_review', 'active'),
    ('contracts', 'in_review', 'cancelled'),
    ('contracts', 'in_review', 'completed'),
    ('contracts', 'in_review', 'disputed'),
    ('contracts', 'in_review', 'revision_requested'),
    ('contracts', 'in_review', 'terminated'),
    ('contracts', 'pending_acceptance', 'active'),
    ('contracts', 'pending_acceptance', 'cancelled'),
    ('contracts', 'pending_payment', 'active'),
    ('contracts', 'pending_payment', 'cancelled'),
    ('contracts', 'revision_requested', 'cancelled'),
    ('contracts', 'revision_requested', 'disputed'),
    ('contracts', 'revision_requested', 'in_review'),
    ('contracts', 'revision_requested', 'terminated'),
    ('contract_cancellations', '', 'proposed'),
    ('contract_cancellations', 'proposed', 'agreed'),
    ('contract_cancellations', 'proposed', 'declined'),
    ('contract_cancellations', 'proposed', 'expired'),
    ('contract_cancellations', 'proposed', 'withdrawn'),
    ('milestones', '', 'pending'),
    ('milestones', 'approved', 'cancelled'),
    ('milestones', 'approved', 'paid'),
    ('milestones', 'in_progress', 'cancelled'),
    ('milestones', 'in_progress', 'submitted'),
    ('milestones', 'pending', 'cancelled'),
    ('milestones', 'pending', 'in_progress'),
    ('milestones', 'submitted', 'approved'),
    ('milestones', 'submitted', 'cancelled'),
    ('milestones', 'submitted', 'in_progress'),
    ('deliverables', '', 'submitted'),
    ('deliverables', 'submitted', 'approved'),
    ('deliverables', 'submitted', 'rejected'),
    ('deliverables', 'submitted', 'revision_requested'),
    ('deliverables', 'submitted', 'under_review'),
    ('deliverables', 'under_review', 'approved'),
    ('deliverables', 'under_review', 'rejected'),
    ('deliverables', 'under_review', 'revision_requested'),
    ('transactions', '', 'completed'),
    ('transactions', '', 'pending'),
    ('transactions', 'completed', 'refunded'),
    ('transactions', 'pending', 'cancelled'),
    ('transactions', 'pending', 'completed'),
    ('transactions', 'pending', 'failed'),
    ('transactions', 'pending', 'processing'),
    ('transactions', 'processing', 'cancelled'),
    ('transactions', 'processing', 'completed'),
    ('transactions', 'processing', 'failed'),
    ('escrows', '', 'active'),
    ('escrows', 'active', 'refunding'),
    ('escrows', 'active', 'releasing'),
    ('escrows', 'refunding', 'active'),
    ('escrows', 'refunding', 'refunded'),
    ('escrows', 'releasing', 'active'),
    ('escrows', 'releasing', 'released'),
    ('refunds', '', 'requested'),
    ('refunds', 'approved', 'processing'),
    ('refunds', 'failed', 'processing'),
    ('refunds', 'processing', 'failed'),
    ('refunds', 'processing', 'succeeded'),
    ('refunds', 'requested', 'approved'),
    ('refunds', 'requested', 'rejected'),
    ('disputes', '', 'open'),
    ('disputes', 'escalated', 'resolved'),
    ('disputes', 'escalated', 'under_review'),
    ('disputes', 'open', 'closed'),
    ('disputes', 'open', 'escalated'),
    ('disputes', 'open', 'resolved'),
    ('disputes', 'open', 'under_review'),
    ('disputes', 'resolved', 'closed'),
    ('disputes', 'under_review', 'escalated'),
    ('disputes', 'under_review', 'resolved'),
    ('withdrawals', '', 'requested'),
    ('withdrawals', 'approved', 'processing'),
    ('withdrawals', 'paid', 'returned'),
    ('withdrawals', 'processing', 'failed'),
    ('withdrawals', 'processing', 'paid'),
    ('withdrawals', 'requested', 'approved'),
    ('withdrawals', 'requested', 'cancelled'),
    ('payout_batches', '', 'draft'),
    ('payout_batches', 'draft', 'submitted'),
    ('payout_batches', 'submitted', 'partially_failed'),
    ('payout_batches', 'submitted', 'settled'),
    ('review_invitations', '', 'invited'),
    ('review_invitations', 'invited', 'accepted'),
    ('review_invitations', 'invited', 'expired'),
    ('reviews', '', 'pending'),
    ('reviews', 'hidden', 'published'),
    ('reviews', 'pending', 'hidden'),
    ('reviews', 'pending', 'published'),
    ('reviews', 'published', 'hidden'),
    ('reports', '', 'open'),
    ('reports', 'open', 'actioned'),
    ('reports', 'open', 'dismissed'),
    ('reports', 'open', 'reviewing'),
    ('reports', 'reviewing', 'actioned'),
    ('reports', 'reviewing', 'dismissed'),
    ('support_tickets', '', 'open'),
    ('support_tickets', 'in_progress', 'resolved'),
    ('support_tickets', 'in_progress', 'waiting_on_customer'),
    ('support_tickets', 'open', 'in_progress'),
    ('support_tickets', 'open', 'resolved'),
    ('support_tickets', 'resolved', 'closed'),
    ('support_tickets', 'resolved', 'in_progress'),
    ('support_tickets', 'waiting_on_customer', 'in_progress'),
    ('support_tickets', 'waiting_on_customer', 'resolved'),
    ('certifications', '', 'in_progress'),
    ('certifications', 'active', 'expired'),
    ('certifications', 'active', 'revoked'),
    ('certifications', 'expired', 'active'),
    ('certifications', 'in_progress', 'active'),
    ('tasks', '', 'pending'),
    ('tasks', 'assigned', 'failed'),
    ('tasks', 'assigned', 'in_progress'),
    ('tasks', 'assigned', 'pending'),
    ('tasks', 'failed', 'pending'),
    ('tasks', 'in_progress', 'completed'),
    ('tasks', 'in_progress', 'failed'),
    ('tasks', 'in_progress', 'pending'),
    ('tasks', 'pending', 'assigned'),
    ('ai_analyses', '', 'queued'),
    ('ai_analyses', 'failed', 'queued'),
    ('ai_analyses', 'queued', 'cached'),
    ('ai_analyses', 'queued', 'failed'),
    ('ai_analyses', 'queued', 'fallback'),
    ('ai_analyses', 'queued', 'ok'),
    ('course_enrollments', '', 'enrolled'),
    ('course_enrollments', 'enrolled', 'in_progress'),
    ('course_enrollments', 'in_progress', 'completed'),
    ('shadowing_sessions', '', 'requested'),
    ('shadowing_sessions', 'active', 'completed'),
    ('shadowing_sessions', 'approved', 'active'),
    ('shadowing_sessions', 'requested', 'approved'),
    ('community_events', '', 'scheduled'),
    ('community_events', 'live', 'ended'),
    ('community_events', 'scheduled', 'cancelled'),
    ('community_events', 'scheduled', 'live'),
    ('meetings', '', 'scheduled'),
    ('meetings', 'live', 'ended'),
    ('meetings', 'scheduled', 'cancelled'),
    ('meetings', 'scheduled', 'live'),
    ('data_requests', '', 'received'),
    ('data_requests', 'processing', 'completed'),
    ('data_requests', 'received', 'rejected'),
    ('data_requests', 'received', 'verifying'),
    ('data_requests', 'verifying', 'processing'),
    ('data_requests', 'verifying', 'rejected'),
    ('webhook_endpoints', '', 'enabled'),
    ('webhook_endpoints', 'disabled', 'enabled'),
    ('webhook_endpoints', 'enabled', 'disabled'),
    ('webhook_deliveries', '', 'pending'),
    ('webhook_deliveries', 'dead', 'pending'),
    ('webhook_deliveries', 'ok', 'pending'),
    ('webhook_deliveries', 'pending', 'dead'),
    ('webhook_deliveries', 'pending', 'ok'),
    ('notification_deliveries', '', 'pending'),
    ('notification_deliveries', 'pending', 'dead'),
    ('notification_deliveries', 'pending', 'ok');

CREATE TRIGGER users_guarded BEFORE UPDATE OF status ON users
    FOR EACH ROW EXECUTE FUNCTION guard_status('users');
CREATE TRIGGER identity_verifications_guarded BEFORE INSERT OR UPDATE OF status ON identity_verifications
    FOR EACH ROW EXECUTE FUNCTION guard_status('identity_verifications');
CREATE TRIGGER gigs_guarded BEFORE INSERT OR UPDATE OF status ON gigs
    FOR EACH ROW EXECUTE FUNCTION guard_status('gigs');
CREATE TRIGGER jobs_guarded BEFORE INSERT OR UPDATE OF status ON jobs
    FOR EACH ROW EXECUTE FUNCTION guard_status('jobs');
CREATE TRIGGER proposals_guarded BEFORE INSERT OR UPDATE OF status ON proposals
    FOR EACH ROW EXECUTE FUNCTION guard_status('proposals');
CREATE TRIGGER contracts_guarded BEFORE INSERT OR UPDATE OF status ON contracts
    FOR EACH ROW EXECUTE FUNCTION guard_status('contracts');
CREATE TRIGGER contract_cancellations_guarded BEFORE INSERT OR UPDATE OF status ON contract_cancellations
    FOR EACH ROW EXECUTE FUNCTION guard_status('contract_cancellations');
CREATE TRIGGER milestones_guarded BEFORE INSERT OR UPDATE OF status ON milestones
    FOR EACH ROW EXECUTE FUNCTION guard_status('milestones');
CREATE TRIGGER deliverables_guarded BEFORE INSERT OR UPDATE OF status ON deliverables
    FOR EACH ROW EXECUTE FUNCTION guard_status('deliverables');
CREATE TRIGGER transactions_guarded BEFORE INSERT OR UPDATE OF status ON transactions
    FOR EACH ROW EXECUTE FUNCTION guard_status('transactions');
CREATE TRIGGER escrows_guarded BEFORE INSERT OR UPDATE OF status ON escrows
    FOR EACH ROW EXECUTE FUNCTION guard_status('escrows');
CREATE TRIGGER refunds_guarded BEFORE INSERT OR UPDATE OF status ON refunds
    FOR EACH ROW EXECUTE FUNCTION guard_status('refunds');
CREATE TRIGGER disputes_guarded BEFORE INSERT OR UPDATE OF status ON disputes
    FOR EACH ROW EXECUTE FUNCTION guard_status('disputes');
CREATE TRIGGER withdrawals_guarded BEFORE INSERT OR UPDATE OF status ON withdrawals
    FOR EACH ROW EXECUTE FUNCTION guard_status('withdrawals');
CREATE TRIGGER payout_batches_guarded BEFORE INSERT OR UPDATE OF status ON payout_batches
    FOR EACH ROW EXECUTE FUNCTION guard_status('payout_batches');
CREATE TRIGGER review_invitations_guarded BEFORE INSERT OR UPDATE OF status ON review_invitations
    FOR EACH ROW EXECUTE FUNCTION guard_status('review_invitations');
CREATE TRIGGER reviews_guarded BEFORE INSERT OR UPDATE OF status ON reviews
    FOR EACH ROW EXECUTE FUNCTION guard_status('reviews');
CREATE TRIGGER reports_guarded BEFORE UPDATE OF status ON reports
    FOR EACH ROW EXECUTE FUNCTION guard_status('reports');
CREATE TRIGGER support_tickets_guarded BEFORE INSERT OR UPDATE OF status ON support_tickets
    FOR EACH ROW EXECUTE FUNCTION guard_status('support_tickets');
CREATE TRIGGER certifications_guarded BEFORE INSERT OR UPDATE OF status ON certifications
    FOR EACH ROW EXECUTE FUNCTION guard_status('certifications');
CREATE TRIGGER tasks_guarded BEFORE INSERT OR UPDATE OF status ON tasks
    FOR EACH ROW EXECUTE FUNCTION guard_status('tasks');
CREATE TRIGGER ai_analyses_guarded BEFORE INSERT OR UPDATE OF status ON ai_analyses
    FOR EACH ROW EXECUTE FUNCTION guard_status('ai_analyses');
CREATE TRIGGER course_enrollments_guarded BEFORE INSERT OR UPDATE OF status ON course_enrollments
    FOR EACH ROW EXECUTE FUNCTION guard_status('course_enrollments');
CREATE TRIGGER shadowing_sessions_guarded BEFORE INSERT OR UPDATE OF status ON shadowing_sessions
    FOR EACH ROW EXECUTE FUNCTION guard_status('shadowing_sessions');
CREATE TRIGGER community_events_guarded BEFORE INSERT OR UPDATE OF status ON community_events
    FOR EACH ROW EXECUTE FUNCTION guard_status('community_events');
CREATE TRIGGER meetings_guarded BEFORE INSERT OR UPDATE OF status ON meetings
    FOR EACH ROW EXECUTE FUNCTION guard_status('meetings');
CREATE TRIGGER data_requests_guarded BEFORE INSERT OR UPDATE OF status ON data_requests
    FOR EACH ROW EXECUTE FUNCTION guard_status('data_requests');
CREATE TRIGGER webhook_endpoints_guarded BEFORE INSERT OR UPDATE OF status ON webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION guard_status('webhook_endpoints');
CREATE TRIGGER webhook_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON webhook_deliveries
    FOR EACH ROW EXECUTE FUNCTION guard_status('webhook_deliveries');
CREATE TRIGGER notification_deliveries_guarded BEFORE INSERT OR UPDATE OF status ON notification_deliveries
    FOR EACH ROW EXECUTE FUNCTION guard_status('notification_deliveries');
