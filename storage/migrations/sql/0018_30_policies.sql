-- What is read leaves out who is hidden, from the moment of this step: a policy that was only added would let
-- through what the one of before does, until that is taken away. The version before sees less, and fails at nothing.
-- Owners and staff see all, whom the policies of some tables had not named, since everybody saw everything.
ALTER POLICY users_read ON users USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = id)) OR (id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY freelancer_profiles_read ON freelancer_profiles USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY client_profiles_read ON client_profiles USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY user_skills_read ON user_skills USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY user_categories_read ON user_categories USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY educations_read ON educations USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY work_experiences_read ON work_experiences USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY portfolio_items_read ON portfolio_items USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY gigs_read ON gigs USING (
    (((status = 'active') AND NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = freelancer_id)) OR (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
ALTER POLICY jobs_read ON jobs USING (
    ((((status = 'open') AND NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = client_id)) OR (client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR (id = ANY ((SELECT app_offered_jobs())::uuid[]))) OR ((SELECT app_is_staff())));
ALTER POLICY user_ratings_read ON user_ratings USING (
    ((NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = user_id)) OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
