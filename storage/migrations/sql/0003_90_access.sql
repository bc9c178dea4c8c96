-- Grants by column and policies by row, derived from the declarations in handlers/resources.
-- `python -m tests.access_sql` writes this file.

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO parley_service;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO parley_service;
REVOKE ALL ON alembic_version FROM parley_service;

-- users
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
GRANT SELECT (avatar, created_at, display_name, id, kind, locale, staff_role, status, timezone, updated_at, version) ON users TO parley_app;
GRANT SELECT (created_at, id, kind, locale, staff_role, status, timezone, updated_at, version) ON users TO parley_readonly;
GRANT UPDATE (avatar, display_name, locale, timezone) ON users TO parley_app;
CREATE POLICY users_read ON users FOR SELECT TO parley_app
    USING (true);
CREATE POLICY users_change ON users FOR UPDATE TO parley_app
    USING ((id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status = 'active'))
    WITH CHECK (id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY users_service ON users FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY users_readonly ON users FOR SELECT TO parley_readonly
    USING (true);

-- freelancer-profiles
ALTER TABLE freelancer_profiles ENABLE ROW LEVEL SECURITY;
GRANT SELECT (availability, bio, certification_level, city, country, cover_image_url, created_at, currency, experience_level, github_analysis, hourly_rate, instagram_handle, is_featured, is_verified, jobs_completed, languages, on_time_rate, portfolio_video_url, profile_image_url, rating, reputation, response_time_hours, success_rate, tagline, tiktok_handle, total_reviews, updated_at, user_id, verification_level, verified_at, version, view_count, website_url, years_of_experience, youtube_channel) ON freelancer_profiles TO parley_app;
GRANT SELECT (availability, certification_level, created_at, currency, experience_level, github_analysis, hourly_rate, is_featured, is_verified, jobs_completed, languages, on_time_rate, rating, reputation, response_time_hours, success_rate, tagline, total_reviews, updated_at, user_id, verification_level, verified_at, version, view_count, years_of_experience) ON freelancer_profiles TO parley_readonly;
GRANT INSERT (availability, bio, city, country, cover_image_url, currency, experience_level, hourly_rate, instagram_handle, languages, portfolio_video_url, profile_image_url, tagline, tiktok_handle, user_id, website_url, years_of_experience, youtube_channel) ON freelancer_profiles TO parley_app;
GRANT UPDATE (availability, bio, city, country, cover_image_url, currency, experience_level, hourly_rate, instagram_handle, languages, portfolio_video_url, profile_image_url, tagline, tiktok_handle, website_url, years_of_experience, youtube_channel) ON freelancer_profiles TO parley_app;
CREATE POLICY freelancer_profiles_read ON freelancer_profiles FOR SELECT TO parley_app
    USING (true);
CREATE POLICY freelancer_profiles_create ON freelancer_profiles FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY freelancer_profiles_change ON freelancer_profiles FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY freelancer_profiles_service ON freelancer_profiles FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY freelancer_profiles_readonly ON freelancer_profiles FOR SELECT TO parley_readonly
    USING (true);

-- freelancer-earnings
ALTER TABLE freelancer_private ENABLE ROW LEVEL SECURITY;
GRANT SELECT (total_earnings, updated_at, user_id) ON freelancer_private TO parley_app;
GRANT SELECT (total_earnings, updated_at, user_id) ON freelancer_private TO parley_readonly;
CREATE POLICY freelancer_private_read ON freelancer_private FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY freelancer_private_service ON freelancer_private FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY freelancer_private_readonly ON freelancer_private FOR SELECT TO parley_readonly
    USING (true);

-- client-profiles
ALTER TABLE client_profiles ENABLE ROW LEVEL SECURITY;
GRANT SELECT (company_logo_url, company_name, company_size, country, created_at, description, industry, is_verified, jobs_posted, payment_verified, rating, total_reviews, updated_at, user_id, verified_at, version, website_url) ON client_profiles TO parley_app;
GRANT SELECT (company_size, created_at, industry, is_verified, jobs_posted, payment_verified, rating, total_reviews, updated_at, user_id, verified_at, version) ON client_profiles TO parley_readonly;
GRANT INSERT (company_logo_url, company_name, company_size, country, description, industry, user_id, website_url) ON client_profiles TO parley_app;
GRANT UPDATE (company_logo_url, company_name, company_size, country, description, industry, website_url) ON client_profiles TO parley_app;
CREATE POLICY client_profiles_read ON client_profiles FOR SELECT TO parley_app
    USING (true);
CREATE POLICY client_profiles_create ON client_profiles FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY client_profiles_change ON client_profiles FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY client_profiles_service ON client_profiles FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY client_profiles_readonly ON client_profiles FOR SELECT TO parley_readonly
    USING (true);

-- client-spending
ALTER TABLE client_private ENABLE ROW LEVEL SECURITY;
GRANT SELECT (total_spent, updated_at, user_id) ON client_private TO parley_app;
GRANT SELECT (total_spent, updated_at, user_id) ON client_private TO parley_readonly;
CREATE POLICY client_private_read ON client_private FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY client_private_service ON client_private FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY client_private_readonly ON client_private FOR SELECT TO parley_readonly
    USING (true);

-- categories
ALTER TABLE categories ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, description, icon_url, id, is_active, name, names, parent_id, slug, sort_order, updated_at, version) ON categories TO parley_app;
GRANT SELECT (created_at, description, icon_url, id, is_active, name, names, parent_id, slug, sort_order, updated_at, version) ON categories TO parley_readonly;
GRANT INSERT (description, icon_url, is_active, name, names, parent_id, slug, sort_order) ON categories TO parley_app;
GRANT UPDATE (description, icon_url, is_active, name, names, parent_id, slug, sort_order) ON categories TO parley_app;
CREATE POLICY categories_read ON categories FOR SELECT TO parley_app
    USING (true);
CREATE POLICY categories_create ON categories FOR INSERT TO parley_app
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY categories_change ON categories FOR UPDATE TO parley_app
    USING ((SELECT app_is_admin()))
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY categories_service ON categories FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY categories_readonly ON categories FOR SELECT TO parley_readonly
    USING (true);

-- skills
ALTER TABLE skills ENABLE ROW LEVEL SECURITY;
GRANT SELECT (category_id, created_at, description, icon_url, id, is_active, name, names, sort_order, updated_at, version) ON skills TO parley_app;
GRANT SELECT (category_id, created_at, description, icon_url, id, is_active, name, names, sort_order, updated_at, version) ON skills TO parley_readonly;
GRANT INSERT (category_id, description, icon_url, is_active, name, names, sort_order) ON skills TO parley_app;
GRANT UPDATE (category_id, description, icon_url, is_active, name, names, sort_order) ON skills TO parley_app;
CREATE POLICY skills_read ON skills FOR SELECT TO parley_app
    USING (true);
CREATE POLICY skills_create ON skills FOR INSERT TO parley_app
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY skills_change ON skills FOR UPDATE TO parley_app
    USING ((SELECT app_is_admin()))
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY skills_service ON skills FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY skills_readonly ON skills FOR SELECT TO parley_readonly
    USING (true);

-- user-skills
ALTER TABLE user_skills ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, id, is_verified, level, skill_id, user_id, verified_at, verified_by, years_experience) ON user_skills TO parley_app;
GRANT SELECT (created_at, id, is_verified, level, skill_id, user_id, verified_at, verified_by, years_experience) ON user_skills TO parley_readonly;
GRANT INSERT (level, skill_id, user_id, years_experience) ON user_skills TO parley_app;
GRANT UPDATE (level, years_experience) ON user_skills TO parley_app;
GRANT DELETE ON user_skills TO parley_app;
CREATE POLICY user_skills_read ON user_skills FOR SELECT TO parley_app
    USING (true);
CREATE POLICY user_skills_create ON user_skills FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_skills_change ON user_skills FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_skills_delete ON user_skills FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_skills_service ON user_skills FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY user_skills_readonly ON user_skills FOR SELECT TO parley_readonly
    USING (true);

-- user-categories
ALTER TABLE user_categories ENABLE ROW LEVEL SECURITY;
GRANT SELECT (category_id, created_at, id, is_primary, user_id) ON user_categories TO parley_app;
GRANT SELECT (category_id, created_at, id, is_primary, user_id) ON user_categories TO parley_readonly;
GRANT INSERT (category_id, is_primary, user_id) ON user_categories TO parley_app;
GRANT UPDATE (is_primary) ON user_categories TO parley_app;
GRANT DELETE ON user_categories TO parley_app;
CREATE POLICY user_categories_read ON user_categories FOR SELECT TO parley_app
    USING (true);
CREATE POLICY user_categories_create ON user_categories FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_categories_change ON user_categories FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_categories_delete ON user_categories FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY user_categories_service ON user_categories FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY user_categories_readonly ON user_categories FOR SELECT TO parley_readonly
    USING (true);

-- educations
ALTER TABLE educations ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, degree, description, end_year, field_of_study, id, institution, start_year, updated_at, user_id, version) ON educations TO parley_app;
GRANT SELECT (created_at, end_year, id, start_year, updated_at, user_id, version) ON educations TO parley_readonly;
GRANT INSERT (degree, description, end_year, field_of_study, institution, start_year, user_id) ON educations TO parley_app;
GRANT UPDATE (degree, description, end_year, field_of_study, institution, start_year) ON educations TO parley_app;
GRANT DELETE ON educations TO parley_app;
CREATE POLICY educations_read ON educations FOR SELECT TO parley_app
    USING (true);
CREATE POLICY educations_create ON educations FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY educations_change ON educations FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY educations_delete ON educations FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY educations_service ON educations FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY educations_readonly ON educations FOR SELECT TO parley_readonly
    USING (true);

-- work-experiences
ALTER TABLE work_experiences ENABLE ROW LEVEL SECURITY;
GRANT SELECT (company, created_at, description, end_date, id, position, start_date, updated_at, user_id, version) ON work_experiences TO parley_app;
GRANT SELECT (created_at, end_date, id, start_date, updated_at, user_id, version) ON work_experiences TO parley_readonly;
GRANT INSERT (company, description, end_date, position, start_date, user_id) ON work_experiences TO parley_app;
GRANT UPDATE (company, description, end_date, position, start_date) ON work_experiences TO parley_app;
GRANT DELETE ON work_experiences TO parley_app;
CREATE POLICY work_experiences_read ON work_experiences FOR SELECT TO parley_app
    USING (true);
CREATE POLICY work_experiences_create ON work_experiences FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY work_experiences_change ON work_experiences FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY work_experiences_delete ON work_experiences FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY work_experiences_service ON work_experiences FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY work_experiences_readonly ON work_experiences FOR SELECT TO parley_readonly
    USING (true);

-- portfolio-items
ALTER TABLE portfolio_items ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, description, display_order, file_ids, id, is_featured, like_count, platform, project_type, thumbnail_url, title, updated_at, user_id, version, video_duration_seconds, video_url, view_count) ON portfolio_items TO parley_app;
GRANT SELECT (created_at, description, display_order, file_ids, id, is_featured, like_count, platform, project_type, thumbnail_url, title, updated_at, user_id, version, video_duration_seconds, video_url, view_count) ON portfolio_items TO parley_readonly;
GRANT INSERT (description, display_order, file_ids, is_featured, platform, project_type, thumbnail_url, title, user_id, video_duration_seconds, video_url) ON portfolio_items TO parley_app;
GRANT UPDATE (description, display_order, file_ids, is_featured, platform, project_type, thumbnail_url, title, video_duration_seconds, video_url) ON portfolio_items TO parley_app;
GRANT DELETE ON portfolio_items TO parley_app;
CREATE POLICY portfolio_items_read ON portfolio_items FOR SELECT TO parley_app
    USING (true);
CREATE POLICY portfolio_items_create ON portfolio_items FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY portfolio_items_change ON portfolio_items FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY portfolio_items_delete ON portfolio_items FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY portfolio_items_service ON portfolio_items FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY portfolio_items_readonly ON portfolio_items FOR SELECT TO parley_readonly
    USING (true);

-- gigs
ALTER TABLE gigs ENABLE ROW LEVEL SECURITY;
GRANT SELECT (category_id, created_at, currency, description, favorite_count, freelancer_id, id, is_featured, media, order_count, published_at, rating, requirements_note, slug, starting_price, status, subcategory_id, tags, thumbnail_url, title, total_reviews, trend_score, updated_at, version, video_type, view_count) ON gigs TO parley_app;
GRANT SELECT (category_id, created_at, currency, description, favorite_count, freelancer_id, id, is_featured, media, order_count, published_at, rating, requirements_note, slug, starting_price, status, subcategory_id, tags, thumbnail_url, title, total_reviews, trend_score, updated_at, version, video_type, view_count) ON gigs TO parley_readonly;
GRANT INSERT (category_id, currency, description, freelancer_id, media, requirements_note, slug, subcategory_id, tags, thumbnail_url, title, video_type) ON gigs TO parley_app;
GRANT UPDATE (category_id, currency, description, media, requirements_note, subcategory_id, tags, thumbnail_url, title, video_type) ON gigs TO parley_app;
CREATE POLICY gigs_read ON gigs FOR SELECT TO parley_app
    USING ((status = 'active') OR (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY gigs_create ON gigs FOR INSERT TO parley_app
    WITH CHECK ((freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.kind <> 'client' AND p.status = 'active')));
CREATE POLICY gigs_change ON gigs FOR UPDATE TO parley_app
    USING ((freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status IN ('draft', 'active', 'paused')))
    WITH CHECK (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY gigs_service ON gigs FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY gigs_readonly ON gigs FOR SELECT TO parley_readonly
    USING (true);

-- gig-packages
ALTER TABLE gig_packages ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, delivery_days, description, gig_id, id, name, price, revisions, tier, updated_at, version) ON gig_packages TO parley_app;
GRANT SELECT (created_at, delivery_days, description, gig_id, id, name, price, revisions, tier, updated_at, version) ON gig_packages TO parley_readonly;
GRANT INSERT (delivery_days, description, gig_id, name, price, revisions, tier) ON gig_packages TO parley_app;
GRANT UPDATE (delivery_days, description, name, price, revisions) ON gig_packages TO parley_app;
GRANT DELETE ON gig_packages TO parley_app;
CREATE POLICY gig_packages_read ON gig_packages FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM gigs p WHERE p.id = gig_id)) OR (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted')));
CREATE POLICY gig_packages_create ON gig_packages FOR INSERT TO parley_app
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_packages_change ON gig_packages FOR UPDATE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'))
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_packages_delete ON gig_packages FOR DELETE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_packages_service ON gig_packages FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY gig_packages_readonly ON gig_packages FOR SELECT TO parley_readonly
    USING (true);

-- gig-extras
ALTER TABLE gig_extras ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, description, extra_days, gig_id, id, price, title, updated_at, version) ON gig_extras TO parley_app;
GRANT SELECT (created_at, description, extra_days, gig_id, id, price, title, updated_at, version) ON gig_extras TO parley_readonly;
GRANT INSERT (description, extra_days, gig_id, price, title) ON gig_extras TO parley_app;
GRANT UPDATE (description, extra_days, price, title) ON gig_extras TO parley_app;
GRANT DELETE ON gig_extras TO parley_app;
CREATE POLICY gig_extras_read ON gig_extras FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM gigs p WHERE p.id = gig_id)) OR (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted')));
CREATE POLICY gig_extras_create ON gig_extras FOR INSERT TO parley_app
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_extras_change ON gig_extras FOR UPDATE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'))
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_extras_delete ON gig_extras FOR DELETE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_extras_service ON gig_extras FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY gig_extras_readonly ON gig_extras FOR SELECT TO parley_readonly
    USING (true);

-- gig-requirements
ALTER TABLE gig_requirements ENABLE ROW LEVEL SECURITY;
GRANT SELECT (choices, created_at, display_order, gig_id, id, is_required, kind, question, updated_at, version) ON gig_requirements TO parley_app;
GRANT SELECT (choices, created_at, display_order, gig_id, id, is_required, kind, question, updated_at, version) ON gig_requirements TO parley_readonly;
GRANT INSERT (choices, display_order, gig_id, is_required, kind, question) ON gig_requirements TO parley_app;
GRANT UPDATE (choices, display_order, is_required, kind, question) ON gig_requirements TO parley_app;
GRANT DELETE ON gig_requirements TO parley_app;
CREATE POLICY gig_requirements_read ON gig_requirements FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM gigs p WHERE p.id = gig_id)) OR (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted')));
CREATE POLICY gig_requirements_create ON gig_requirements FOR INSERT TO parley_app
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_requirements_change ON gig_requirements FOR UPDATE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'))
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_requirements_delete ON gig_requirements FOR DELETE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_requirements_service ON gig_requirements FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY gig_requirements_readonly ON gig_requirements FOR SELECT TO parley_readonly
    USING (true);

-- gig-faqs
ALTER TABLE gig_faqs ENABLE ROW LEVEL SECURITY;
GRANT SELECT (answer, created_at, display_order, gig_id, id, question, updated_at, version) ON gig_faqs TO parley_app;
GRANT SELECT (answer, created_at, display_order, gig_id, id, question, updated_at, version) ON gig_faqs TO parley_readonly;
GRANT INSERT (answer, display_order, gig_id, question) ON gig_faqs TO parley_app;
GRANT UPDATE (answer, display_order, question) ON gig_faqs TO parley_app;
GRANT DELETE ON gig_faqs TO parley_app;
CREATE POLICY gig_faqs_read ON gig_faqs FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM gigs p WHERE p.id = gig_id)) OR (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted')));
CREATE POLICY gig_faqs_create ON gig_faqs FOR INSERT TO parley_app
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_faqs_change ON gig_faqs FOR UPDATE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'))
    WITH CHECK (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_faqs_delete ON gig_faqs FOR DELETE TO parley_app
    USING (EXISTS (SELECT FROM gigs p WHERE p.id = gig_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status <> 'deleted'));
CREATE POLICY gig_faqs_service ON gig_faqs FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY gig_faqs_readonly ON gig_faqs FOR SELECT TO parley_readonly
    USING (true);

-- jobs
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
GRANT SELECT (attachment_ids, budget_estimate, budget_max, budget_min, budget_type, category_id, client_approved_at, client_id, closed_at, completed_at, complexity, created_at, currency, deadline, deliverables, description, estimated_duration_days, estimated_hours, experience_level, id, is_featured, job_type, platform, platform_preference, proposal_count, published_at, qa_score, requirements, revision_count, senior_developer_id, status, tags, title, updated_at, user_approved_at, version, video_duration_preference, video_type, view_count, work_breakdown) ON jobs TO parley_app;
GRANT SELECT (attachment_ids, budget_estimate, budget_max, budget_min, budget_type, category_id, client_approved_at, client_id, closed_at, completed_at, complexity, created_at, currency, deadline, deliverables, description, estimated_duration_days, estimated_hours, experience_level, id, is_featured, job_type, platform, platform_preference, proposal_count, published_at, qa_score, requirements, revision_count, senior_developer_id, status, tags, title, updated_at, user_approved_at, version, video_duration_preference, video_type, view_count, work_breakdown) ON jobs TO parley_readonly;
GRANT INSERT (attachment_ids, budget_max, budget_min, budget_type, category_id, client_id, complexity, currency, deadline, description, estimated_duration_days, estimated_hours, experience_level, job_type, platform_preference, requirements, tags, title, video_duration_preference, video_type) ON jobs TO parley_app;
GRANT UPDATE (attachment_ids, budget_max, budget_min, budget_type, category_id, complexity, currency, deadline, description, estimated_duration_days, estimated_hours, experience_level, job_type, platform_preference, requirements, tags, title, video_duration_preference, video_type) ON jobs TO parley_app;
CREATE POLICY jobs_read ON jobs FOR SELECT TO parley_app
    USING ((status = 'open') OR (client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (id = ANY ((SELECT app_offered_jobs())::uuid[])) OR ((SELECT app_is_staff())));
CREATE POLICY jobs_create ON jobs FOR INSERT TO parley_app
    WITH CHECK ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (platform = 'internal' AND EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status = 'active')));
CREATE POLICY jobs_change ON jobs FOR UPDATE TO parley_app
    USING ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status IN ('draft', 'open', 'closed')))
    WITH CHECK (client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY jobs_service ON jobs FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY jobs_readonly ON jobs FOR SELECT TO parley_readonly
    USING (true);

-- job-stats
GRANT SELECT (average_amount, budget_max, client_id, created_at, hours_since_posted, id, max_amount, min_amount, status, title, total_proposals) ON job_stats TO parley_app;
GRANT SELECT (average_amount, budget_max, client_id, created_at, hours_since_posted, id, max_amount, min_amount, status, title, total_proposals) ON job_stats TO parley_readonly;

-- job-skills
ALTER TABLE job_skills ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, id, is_required, job_id, skill_id) ON job_skills TO parley_app;
GRANT SELECT (created_at, id, is_required, job_id, skill_id) ON job_skills TO parley_readonly;
GRANT INSERT (is_required, job_id, skill_id) ON job_skills TO parley_app;
GRANT UPDATE (is_required) ON job_skills TO parley_app;
GRANT DELETE ON job_skills TO parley_app;
CREATE POLICY job_skills_read ON job_skills FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM jobs p WHERE p.id = job_id)) OR (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))));
CREATE POLICY job_skills_create ON job_skills FOR INSERT TO parley_app
    WITH CHECK (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)));
CREATE POLICY job_skills_change ON job_skills FOR UPDATE TO parley_app
    USING (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)))
    WITH CHECK (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)));
CREATE POLICY job_skills_delete ON job_skills FOR DELETE TO parley_app
    USING (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)));
CREATE POLICY job_skills_service ON job_skills FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY job_skills_readonly ON job_skills FOR SELECT TO parley_readonly
    USING (true);

-- proposals
ALTER TABLE proposals ENABLE ROW LEVEL SECURITY;
GRANT SELECT (accepted_at, amount, attachment_ids, client_id, cover_letter, created_at, currency, delivery_date, estimated_hours, freelancer_id, id, job_id, milestones, portfolio_item_ids, rejection_reason, reviewed_at, status, timeline_days, updated_at, version) ON proposals TO parley_app;
GRANT SELECT (accepted_at, amount, attachment_ids, client_id, cover_letter, created_at, currency, delivery_date, estimated_hours, freelancer_id, id, job_id, milestones, portfolio_item_ids, rejection_reason, reviewed_at, status, timeline_days, updated_at, version) ON proposals TO parley_readonly;
GRANT INSERT (amount, attachment_ids, cover_letter, delivery_date, estimated_hours, freelancer_id, job_id, milestones, portfolio_item_ids, timeline_days) ON proposals TO parley_app;
GRANT UPDATE (amount, attachment_ids, cover_letter, delivery_date, estimated_hours, milestones, portfolio_item_ids, timeline_days) ON proposals TO parley_app;
CREATE POLICY proposals_read ON proposals FOR SELECT TO parley_app
    USING ((freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY proposals_create ON proposals FOR INSERT TO parley_app
    WITH CHECK ((freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.status = 'open' AND p.platform = 'internal') AND client_id <> (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.kind <> 'client' AND p.status = 'active')));
CREATE POLICY proposals_change ON proposals FOR UPDATE TO parley_app
    USING ((freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status IN ('pending', 'shortlisted')))
    WITH CHECK (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY proposals_service ON proposals FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY proposals_readonly ON proposals FOR SELECT TO parley_readonly
    USING (true);

-- contracts
ALTER TABLE contracts ENABLE ROW LEVEL SECURITY;
GRANT SELECT (accepted_at, cancelled_at, client_id, completed_at, conversation_id, created_at, currency, deadline, deliverable_description, description, estimated_hours, freelancer_id, gig_id, gig_package_id, id, job_id, payout, platform_fee, proposal_id, revisions_allowed, revisions_used, scope_of_work, start_date, started_at, status, submitted_at, terms, title, total_amount, updated_at, version) ON contracts TO parley_app;
GRANT SELECT (accepted_at, cancelled_at, client_id, completed_at, conversation_id, created_at, currency, deadline, deliverable_description, description, estimated_hours, freelancer_id, gig_id, gig_package_id, id, job_id, payout, platform_fee, proposal_id, revisions_allowed, revisions_used, scope_of_work, start_date, started_at, status, submitted_at, terms, title, total_amount, updated_at, version) ON contracts TO parley_readonly;
CREATE POLICY contracts_read ON contracts FOR SELECT TO parley_app
    USING ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR id = ANY ((SELECT app_member_contracts())::uuid[])) OR ((SELECT app_is_staff())));
CREATE POLICY contracts_service ON contracts FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY contracts_readonly ON contracts FOR SELECT TO parley_readonly
    USING (true);

-- contract-members
ALTER TABLE contract_members ENABLE ROW LEVEL SECURITY;
GRANT SELECT (contract_id, created_at, id, role, share_bp, user_id) ON contract_members TO parley_app;
GRANT SELECT (contract_id, created_at, id, role, share_bp, user_id) ON contract_members TO parley_readonly;
CREATE POLICY contract_members_read ON contract_members FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY contract_members_service ON contract_members FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY contract_members_readonly ON contract_members FOR SELECT TO parley_readonly
    USING (true);

-- contract-extras
ALTER TABLE contract_extras ENABLE ROW LEVEL SECURITY;
GRANT SELECT (contract_id, created_at, gig_extra_id, id, price, quantity, title) ON contract_extras TO parley_app;
GRANT SELECT (contract_id, created_at, gig_extra_id, id, price, quantity, title) ON contract_extras TO parley_readonly;
CREATE POLICY contract_extras_read ON contract_extras FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY contract_extras_service ON contract_extras FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY contract_extras_readonly ON contract_extras FOR SELECT TO parley_readonly
    USING (true);

-- contract-answers
ALTER TABLE contract_answers ENABLE ROW LEVEL SECURITY;
GRANT SELECT (answer, contract_id, created_at, file_ids, gig_requirement_id, id, question) ON contract_answers TO parley_app;
GRANT SELECT (contract_id, created_at, file_ids, gig_requirement_id, id, question) ON contract_answers TO parley_readonly;
CREATE POLICY contract_answers_read ON contract_answers FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY contract_answers_service ON contract_answers FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY contract_answers_readonly ON contract_answers FOR SELECT TO parley_readonly
    USING (true);

-- contract-cancellations
ALTER TABLE contract_cancellations ENABLE ROW LEVEL SECURITY;
GRANT SELECT (answered_at, client_amount, contract_id, created_at, expires_at, freelancer_amount, id, proposed_by, reason, status, updated_at, version) ON contract_cancellations TO parley_app;
GRANT SELECT (answered_at, client_amount, contract_id, created_at, expires_at, freelancer_amount, id, proposed_by, reason, status, updated_at, version) ON contract_cancellations TO parley_readonly;
CREATE POLICY contract_cancellations_read ON contract_cancellations FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY contract_cancellations_service ON contract_cancellations FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY contract_cancellations_readonly ON contract_cancellations FOR SELECT TO parley_readonly
    USING (true);

-- milestones
ALTER TABLE milestones ENABLE ROW LEVEL SECURITY;
GRANT SELECT (amount, approved_at, contract_id, created_at, description, due_date, funded_at, id, paid_at, percentage, seq, status, submitted_at, title, updated_at, version) ON milestones TO parley_app;
GRANT SELECT (amount, approved_at, contract_id, created_at, description, due_date, funded_at, id, paid_at, percentage, seq, status, submitted_at, title, updated_at, version) ON milestones TO parley_readonly;
CREATE POLICY milestones_read ON milestones FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY milestones_service ON milestones FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY milestones_readonly ON milestones FOR SELECT TO parley_readonly
    USING (true);

-- deliverables
ALTER TABLE deliverables ENABLE ROW LEVEL SECURITY;
GRANT SELECT (approved_at, client_feedback, contract_id, created_at, delivery_number, description, file_ids, id, milestone_id, reviewed_at, revision_notes, status, title, updated_at, version, video_urls) ON deliverables TO parley_app;
GRANT SELECT (approved_at, client_feedback, contract_id, created_at, delivery_number, description, file_ids, id, milestone_id, reviewed_at, revision_notes, status, title, updated_at, version, video_urls) ON deliverables TO parley_readonly;
CREATE POLICY deliverables_read ON deliverables FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY deliverables_service ON deliverables FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY deliverables_readonly ON deliverables FOR SELECT TO parley_readonly
    USING (true);

-- tasks
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
GRANT SELECT (actual_duration_minutes, agent_id, assigned_at, assignee_id, client_id, completed_at, completion_percentage, created_at, description, estimated_duration_minutes, estimated_hours, id, job_id, output, priority, quality_score, required_skills, requirements, retry_count, status, task_type, title, updated_at, version) ON tasks TO parley_app;
GRANT SELECT (actual_duration_minutes, agent_id, assigned_at, assignee_id, client_id, completed_at, completion_percentage, created_at, description, estimated_duration_minutes, estimated_hours, id, job_id, output, priority, quality_score, required_skills, requirements, retry_count, status, task_type, title, updated_at, version) ON tasks TO parley_readonly;
CREATE POLICY tasks_read ON tasks FOR SELECT TO parley_app
    USING ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (assignee_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY tasks_service ON tasks FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY tasks_readonly ON tasks FOR SELECT TO parley_readonly
    USING (true);

-- task-matches
ALTER TABLE task_matches ENABLE ROW LEVEL SECURITY;
GRANT SELECT (availability_score, created_at, graph_score, id, match_score, task_id, user_id, vector_score) ON task_matches TO parley_app;
GRANT SELECT (availability_score, created_at, graph_score, id, match_score, task_id, user_id, vector_score) ON task_matches TO parley_readonly;
CREATE POLICY task_matches_read ON task_matches FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (EXISTS (SELECT FROM tasks p WHERE p.id = task_id)));
CREATE POLICY task_matches_service ON task_matches FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY task_matches_readonly ON task_matches FOR SELECT TO parley_readonly
    USING (true);

-- payment-methods
ALTER TABLE payment_methods ENABLE ROW LEVEL SECURITY;
GRANT SELECT (brand, created_at, expiry_month, expiry_year, id, is_default, is_verified, last_four, provider, type, updated_at, user_id, version) ON payment_methods TO parley_app;
GRANT SELECT (brand, created_at, expiry_month, expiry_year, id, is_default, is_verified, provider, type, updated_at, user_id, version) ON payment_methods TO parley_readonly;
GRANT DELETE ON payment_methods TO parley_app;
CREATE POLICY payment_methods_read ON payment_methods FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY payment_methods_delete ON payment_methods FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY payment_methods_service ON payment_methods FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY payment_methods_readonly ON payment_methods FOR SELECT TO parley_readonly
    USING (true);

-- payout-methods
ALTER TABLE payout_methods ENABLE ROW LEVEL SECURITY;
GRANT SELECT (account_name, created_at, id, is_default, is_verified, last_four, provider, type, updated_at, user_id, version) ON payout_methods TO parley_app;
GRANT SELECT (created_at, id, is_default, is_verified, provider, type, updated_at, user_id, version) ON payout_methods TO parley_readonly;
GRANT DELETE ON payout_methods TO parley_app;
CREATE POLICY payout_methods_read ON payout_methods FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY payout_methods_delete ON payout_methods FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY payout_methods_service ON payout_methods FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY payout_methods_readonly ON payout_methods FOR SELECT TO parley_readonly
    USING (true);

-- transactions
ALTER TABLE transactions ENABLE ROW LEVEL SECURITY;
GRANT SELECT (chain_hash, completed_at, contract_id, created_at, creator_fee, currency, description, failed_at, gross_amount, id, job_id, milestone_id, net_amount, payee_id, payer_id, platform_fee, processing_fee, provider, status, type, updated_at, version) ON transactions TO parley_app;
GRANT SELECT (chain_hash, completed_at, contract_id, created_at, creator_fee, currency, description, failed_at, gross_amount, id, job_id, milestone_id, net_amount, payee_id, payer_id, platform_fee, processing_fee, provider, status, type, updated_at, version) ON transactions TO parley_readonly;
CREATE POLICY transactions_read ON transactions FOR SELECT TO parley_app
    USING ((payer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (payee_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY transactions_service ON transactions FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY transactions_readonly ON transactions FOR SELECT TO parley_readonly
    USING (true);

-- escrows
ALTER TABLE escrows ENABLE ROW LEVEL SECURITY;
GRANT SELECT (contract_id, created_at, currency, held_amount, id, refunded_amount, released_amount, status, total_amount, updated_at, version) ON escrows TO parley_app;
GRANT SELECT (contract_id, created_at, currency, held_amount, id, refunded_amount, released_amount, status, total_amount, updated_at, version) ON escrows TO parley_readonly;
CREATE POLICY escrows_read ON escrows FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY escrows_service ON escrows FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY escrows_readonly ON escrows FOR SELECT TO parley_readonly
    USING (true);

-- refunds
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY;
GRANT SELECT (amount, contract_id, created_at, currency, id, reason, requested_by, status, updated_at, version) ON refunds TO parley_app;
GRANT SELECT (amount, contract_id, created_at, currency, id, reason, requested_by, status, updated_at, version) ON refunds TO parley_readonly;
CREATE POLICY refunds_read ON refunds FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id));
CREATE POLICY refunds_service ON refunds FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY refunds_readonly ON refunds FOR SELECT TO parley_readonly
    USING (true);

-- withdrawals
ALTER TABLE withdrawals ENABLE ROW LEVEL SECURITY;
GRANT SELECT (amount, created_at, currency, error_message, id, paid_at, payout_method_id, status, updated_at, user_id, version) ON withdrawals TO parley_app;
GRANT SELECT (amount, created_at, currency, error_message, id, paid_at, payout_method_id, status, updated_at, user_id, version) ON withdrawals TO parley_readonly;
CREATE POLICY withdrawals_read ON withdrawals FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY withdrawals_service ON withdrawals FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY withdrawals_readonly ON withdrawals FOR SELECT TO parley_readonly
    USING (true);

-- payout-batches
ALTER TABLE payout_batches ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, currency, id, provider, settled_at, status, submitted_at, total_amount, updated_at, version, withdrawal_count) ON payout_batches TO parley_app;
GRANT SELECT (created_at, currency, id, provider, settled_at, status, submitted_at, total_amount, updated_at, version, withdrawal_count) ON payout_batches TO parley_readonly;
CREATE POLICY payout_batches_read ON payout_batches FOR SELECT TO parley_app
    USING ((SELECT app_is_staff()));
CREATE POLICY payout_batches_service ON payout_batches FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY payout_batches_readonly ON payout_batches FOR SELECT TO parley_readonly
    USING (true);

-- ledger-accounts
ALTER TABLE ledger_accounts ENABLE ROW LEVEL SECURITY;
GRANT SELECT (balance, contract_id, created_at, currency, id, kind, user_id) ON ledger_accounts TO parley_app;
GRANT SELECT (balance, contract_id, created_at, currency, id, kind, user_id) ON ledger_accounts TO parley_readonly;
CREATE POLICY ledger_accounts_read ON ledger_accounts FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY ledger_accounts_service ON ledger_accounts FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY ledger_accounts_readonly ON ledger_accounts FOR SELECT TO parley_readonly
    USING (true);

-- wallets
GRANT SELECT (balance, currency, pending, user_id, withdrawing) ON wallets TO parley_app;
GRANT SELECT (balance, currency, pending, user_id, withdrawing) ON wallets TO parley_readonly;

-- fees
ALTER TABLE fee_structure ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, currency, effective_from, effective_until, fixed_fee, id, kind, max_amount, min_amount, platform_fee_percentage, processing_fee_percentage, tier_name, updated_at, version) ON fee_structure TO parley_app;
GRANT SELECT (created_at, currency, effective_from, effective_until, fixed_fee, id, kind, max_amount, min_amount, platform_fee_percentage, processing_fee_percentage, tier_name, updated_at, version) ON fee_structure TO parley_readonly;
GRANT INSERT (currency, effective_from, effective_until, fixed_fee, kind, max_amount, min_amount, platform_fee_percentage, processing_fee_percentage, tier_name) ON fee_structure TO parley_app;
GRANT UPDATE (effective_from, effective_until, fixed_fee, max_amount, min_amount, platform_fee_percentage, processing_fee_percentage, tier_name) ON fee_structure TO parley_app;
CREATE POLICY fee_structure_read ON fee_structure FOR SELECT TO parley_app
    USING (true);
CREATE POLICY fee_structure_create ON fee_structure FOR INSERT TO parley_app
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY fee_structure_change ON fee_structure FOR UPDATE TO parley_app
    USING ((SELECT app_is_admin()))
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY fee_structure_service ON fee_structure FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY fee_structure_readonly ON fee_structure FOR SELECT TO parley_readonly
    USING (true);

-- reviews
ALTER TABLE reviews ENABLE ROW LEVEL SECURITY;
GRANT SELECT (comment, communication_rating, contract_id, created_at, gig_id, helpful_count, id, is_featured, overall_rating, professionalism_rating, published_at, quality_rating, response_at, response_text, reviewee_id, reviewer_id, reviewer_role, status, title, updated_at, value_rating, version) ON reviews TO parley_app;
GRANT SELECT (comment, communication_rating, contract_id, created_at, gig_id, helpful_count, id, is_featured, overall_rating, professionalism_rating, published_at, quality_rating, response_at, response_text, reviewee_id, reviewer_id, reviewer_role, status, title, updated_at, value_rating, version) ON reviews TO parley_readonly;
GRANT INSERT (comment, communication_rating, contract_id, overall_rating, professionalism_rating, quality_rating, reviewer_id, title, value_rating) ON reviews TO parley_app;
GRANT UPDATE (comment, communication_rating, overall_rating, professionalism_rating, quality_rating, title, value_rating) ON reviews TO parley_app;
CREATE POLICY reviews_read ON reviews FOR SELECT TO parley_app
    USING ((status = 'published') OR (reviewer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY reviews_create ON reviews FOR INSERT TO parley_app
    WITH CHECK ((reviewer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM contracts p WHERE p.id = contract_id AND p.status = 'completed' AND (SELECT nullif(current_setting('app.user_id', true), '')::uuid) IN (p.client_id, p.freelancer_id))));
CREATE POLICY reviews_change ON reviews FOR UPDATE TO parley_app
    USING ((reviewer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status = 'pending'))
    WITH CHECK (reviewer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY reviews_service ON reviews FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY reviews_readonly ON reviews FOR SELECT TO parley_readonly
    USING (true);

-- review-votes
ALTER TABLE review_votes ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, id, is_helpful, review_id, user_id) ON review_votes TO parley_app;
GRANT SELECT (created_at, id, is_helpful, review_id, user_id) ON review_votes TO parley_readonly;
GRANT INSERT (is_helpful, review_id, user_id) ON review_votes TO parley_app;
GRANT UPDATE (is_helpful) ON review_votes TO parley_app;
GRANT DELETE ON review_votes TO parley_app;
CREATE POLICY review_votes_read ON review_votes FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY review_votes_create ON review_votes FOR INSERT TO parley_app
    WITH CHECK ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM reviews p WHERE p.id = review_id AND p.status = 'published')));
CREATE POLICY review_votes_change ON review_votes FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY review_votes_delete ON review_votes FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY review_votes_service ON review_votes FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY review_votes_readonly ON review_votes FOR SELECT TO parley_readonly
    USING (true);

-- review-invitations
ALTER TABLE review_invitations ENABLE ROW LEVEL SECURITY;
GRANT SELECT (contract_id, created_at, expires_at, id, reviewee_id, reviewer_id, status, updated_at, version) ON review_invitations TO parley_app;
GRANT SELECT (contract_id, created_at, expires_at, id, reviewee_id, reviewer_id, status, updated_at, version) ON review_invitations TO parley_readonly;
CREATE POLICY review_invitations_read ON review_invitations FOR SELECT TO parley_app
    USING ((reviewer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY review_invitations_service ON review_invitations FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY review_invitations_readonly ON review_invitations FOR SELECT TO parley_readonly
    USING (true);

-- user-ratings
ALTER TABLE user_ratings ENABLE ROW LEVEL SECURITY;
GRANT SELECT (average_rating, communication_rating, professionalism_rating, quality_rating, total_reviews, updated_at, user_id, value_rating) ON user_ratings TO parley_app;
GRANT SELECT (average_rating, communication_rating, professionalism_rating, quality_rating, total_reviews, updated_at, user_id, value_rating) ON user_ratings TO parley_readonly;
CREATE POLICY user_ratings_read ON user_ratings FOR SELECT TO parley_app
    USING (true);
CREATE POLICY user_ratings_service ON user_ratings FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY user_ratings_readonly ON user_ratings FOR SELECT TO parley_readonly
    USING (true);

-- disputes
ALTER TABLE disputes ENABLE ROW LEVEL SECURITY;
GRANT SELECT (assigned_to, client_amount, client_id, contract_id, created_at, description, evidence_file_ids, evidence_urls, freelancer_amount, freelancer_id, id, raised_by, resolution, resolved_at, resolved_by, status, title, type, updated_at, version) ON disputes TO parley_app;
GRANT SELECT (assigned_to, client_amount, client_id, contract_id, created_at, description, evidence_file_ids, evidence_urls, freelancer_amount, freelancer_id, id, raised_by, resolution, resolved_at, resolved_by, status, title, type, updated_at, version) ON disputes TO parley_readonly;
CREATE POLICY disputes_read ON disputes FOR SELECT TO parley_app
    USING ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY disputes_service ON disputes FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY disputes_readonly ON disputes FOR SELECT TO parley_readonly
    USING (true);

-- support-tickets
ALTER TABLE support_tickets ENABLE ROW LEVEL SECURITY;
GRANT SELECT (assigned_to, attachment_ids, category, created_at, description, id, priority, resolved_at, status, subject, updated_at, user_id, version) ON support_tickets TO parley_app;
GRANT SELECT (assigned_to, attachment_ids, category, created_at, id, priority, resolved_at, status, updated_at, user_id, version) ON support_tickets TO parley_readonly;
GRANT INSERT (attachment_ids, category, description, priority, subject, user_id) ON support_tickets TO parley_app;
GRANT UPDATE (attachment_ids, category, description, priority, subject) ON support_tickets TO parley_app;
CREATE POLICY support_tickets_read ON support_tickets FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY support_tickets_create ON support_tickets FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY support_tickets_change ON support_tickets FOR UPDATE TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status = 'open'))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY support_tickets_service ON support_tickets FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY support_tickets_readonly ON support_tickets FOR SELECT TO parley_readonly
    USING (true);

-- favorites
ALTER TABLE favorites ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, favorited_id, favorited_type, id, user_id) ON favorites TO parley_app;
GRANT SELECT (created_at, favorited_id, favorited_type, id, user_id) ON favorites TO parley_readonly;
GRANT INSERT (favorited_id, favorited_type, user_id) ON favorites TO parley_app;
GRANT DELETE ON favorites TO parley_app;
CREATE POLICY favorites_read ON favorites FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY favorites_create ON favorites FOR INSERT TO parley_app
    WITH CHECK ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (CASE favorited_type WHEN 'gig' THEN EXISTS (SELECT FROM gigs p WHERE p.id = favorited_id) WHEN 'job' THEN EXISTS (SELECT FROM jobs p WHERE p.id = favorited_id) ELSE EXISTS (SELECT FROM freelancer_profiles p WHERE p.user_id = favorited_id) END));
CREATE POLICY favorites_delete ON favorites FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY favorites_service ON favorites FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY favorites_readonly ON favorites FOR SELECT TO parley_readonly
    USING (true);

-- saved-searches
ALTER TABLE saved_searches ENABLE ROW LEVEL SECURITY;
GRANT SELECT (alert_enabled, alert_frequency, created_at, id, name, search_params, search_type, updated_at, user_id, version) ON saved_searches TO parley_app;
GRANT SELECT (alert_enabled, alert_frequency, created_at, id, name, search_params, search_type, updated_at, user_id, version) ON saved_searches TO parley_readonly;
GRANT INSERT (alert_enabled, alert_frequency, name, search_params, search_type, user_id) ON saved_searches TO parley_app;
GRANT UPDATE (alert_enabled, alert_frequency, name, search_params) ON saved_searches TO parley_app;
GRANT DELETE ON saved_searches TO parley_app;
CREATE POLICY saved_searches_read ON saved_searches FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY saved_searches_create ON saved_searches FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY saved_searches_change ON saved_searches FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY saved_searches_delete ON saved_searches FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY saved_searches_service ON saved_searches FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY saved_searches_readonly ON saved_searches FOR SELECT TO parley_readonly
    USING (true);

-- search-history
ALTER TABLE search_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, filters, id, query, results_count, search_type, user_id) ON search_history TO parley_app;
GRANT SELECT (created_at, filters, id, results_count, search_type, user_id) ON search_history TO parley_readonly;
GRANT DELETE ON search_history TO parley_app;
CREATE POLICY search_history_read ON search_history FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY search_history_delete ON search_history FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY search_history_service ON search_history FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY search_history_readonly ON search_history FOR SELECT TO parley_readonly
    USING (true);

-- notification-settings
ALTER TABLE notification_settings ENABLE ROW LEVEL SECURITY;
GRANT SELECT (digest, quiet_from, quiet_until, updated_at, user_id) ON notification_settings TO parley_app;
GRANT SELECT (digest, quiet_from, quiet_until, updated_at, user_id) ON notification_settings TO parley_readonly;
GRANT INSERT (digest, quiet_from, quiet_until, user_id) ON notification_settings TO parley_app;
GRANT UPDATE (digest, quiet_from, quiet_until) ON notification_settings TO parley_app;
CREATE POLICY notification_settings_read ON notification_settings FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_settings_create ON notification_settings FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_settings_change ON notification_settings FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_settings_service ON notification_settings FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY notification_settings_readonly ON notification_settings FOR SELECT TO parley_readonly
    USING (true);

-- certifications
ALTER TABLE certifications ENABLE ROW LEVEL SECURITY;
GRANT SELECT (certified_at, continuing_education_hours, created_at, exam_score, expires_at, id, industry_tracks, level, practical_score, renewal_count, status, updated_at, user_id, version) ON certifications TO parley_app;
GRANT SELECT (certified_at, continuing_education_hours, created_at, exam_score, expires_at, id, industry_tracks, level, practical_score, renewal_count, status, updated_at, user_id, version) ON certifications TO parley_readonly;
CREATE POLICY certifications_read ON certifications FOR SELECT TO parley_app
    USING ((status = 'active') OR (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY certifications_service ON certifications FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY certifications_readonly ON certifications FOR SELECT TO parley_readonly
    USING (true);

-- courses
ALTER TABLE courses ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, credits, description, hours, id, is_active, skill_id, title, updated_at, url, version) ON courses TO parley_app;
GRANT SELECT (created_at, credits, description, hours, id, is_active, skill_id, title, updated_at, url, version) ON courses TO parley_readonly;
GRANT INSERT (credits, description, hours, is_active, skill_id, title, url) ON courses TO parley_app;
GRANT UPDATE (credits, description, hours, is_active, skill_id, title, url) ON courses TO parley_app;
CREATE POLICY courses_read ON courses FOR SELECT TO parley_app
    USING ((is_active) OR ((SELECT app_is_admin())));
CREATE POLICY courses_create ON courses FOR INSERT TO parley_app
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY courses_change ON courses FOR UPDATE TO parley_app
    USING ((SELECT app_is_admin()))
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY courses_service ON courses FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY courses_readonly ON courses FOR SELECT TO parley_readonly
    USING (true);

-- learning-paths
ALTER TABLE learning_paths ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, current_skills, id, progress_percentage, target_skills, updated_at, user_id, version) ON learning_paths TO parley_app;
GRANT SELECT (created_at, current_skills, id, progress_percentage, target_skills, updated_at, user_id, version) ON learning_paths TO parley_readonly;
GRANT INSERT (current_skills, target_skills, user_id) ON learning_paths TO parley_app;
GRANT UPDATE (current_skills, target_skills) ON learning_paths TO parley_app;
GRANT DELETE ON learning_paths TO parley_app;
CREATE POLICY learning_paths_read ON learning_paths FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY learning_paths_create ON learning_paths FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY learning_paths_change ON learning_paths FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY learning_paths_delete ON learning_paths FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY learning_paths_service ON learning_paths FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY learning_paths_readonly ON learning_paths FOR SELECT TO parley_readonly
    USING (true);

-- learning-path-items
ALTER TABLE learning_path_items ENABLE ROW LEVEL SECURITY;
GRANT SELECT (course_id, id, learning_path_id, seq) ON learning_path_items TO parley_app;
GRANT SELECT (course_id, id, learning_path_id, seq) ON learning_path_items TO parley_readonly;
CREATE POLICY learning_path_items_read ON learning_path_items FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM learning_paths p WHERE p.id = learning_path_id));
CREATE POLICY learning_path_items_service ON learning_path_items FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY learning_path_items_readonly ON learning_path_items FOR SELECT TO parley_readonly
    USING (true);

-- course-enrollments
ALTER TABLE course_enrollments ENABLE ROW LEVEL SECURITY;
GRANT SELECT (completed_at, course_id, created_at, id, progress_percentage, status, updated_at, user_id, version) ON course_enrollments TO parley_app;
GRANT SELECT (completed_at, course_id, created_at, id, progress_percentage, status, updated_at, user_id, version) ON course_enrollments TO parley_readonly;
CREATE POLICY course_enrollments_read ON course_enrollments FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY course_enrollments_service ON course_enrollments FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY course_enrollments_readonly ON course_enrollments FOR SELECT TO parley_readonly
    USING (true);

-- credit-awards
ALTER TABLE credit_awards ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, credits, id, reason, source_id, source_type, user_id) ON credit_awards TO parley_app;
GRANT SELECT (created_at, credits, id, reason, source_id, source_type, user_id) ON credit_awards TO parley_readonly;
CREATE POLICY credit_awards_read ON credit_awards FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY credit_awards_service ON credit_awards FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY credit_awards_readonly ON credit_awards FOR SELECT TO parley_readonly
    USING (true);

-- shadowing-sessions
ALTER TABLE shadowing_sessions ENABLE ROW LEVEL SECURITY;
GRANT SELECT (client_approved_at, client_id, created_at, end_date, id, job_id, learning_credits_awarded, mentor_approved_at, mentor_id, nda_signed_at, start_date, status, student_id, updated_at, version) ON shadowing_sessions TO parley_app;
GRANT SELECT (client_approved_at, client_id, created_at, end_date, id, job_id, learning_credits_awarded, mentor_approved_at, mentor_id, nda_signed_at, start_date, status, student_id, updated_at, version) ON shadowing_sessions TO parley_readonly;
CREATE POLICY shadowing_sessions_read ON shadowing_sessions FOR SELECT TO parley_app
    USING ((student_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (mentor_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY shadowing_sessions_service ON shadowing_sessions FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY shadowing_sessions_readonly ON shadowing_sessions FOR SELECT TO parley_readonly
    USING (true);

-- community-events
ALTER TABLE community_events ENABLE ROW LEVEL SECURITY;
GRANT SELECT (attendee_count, created_at, description, ends_at, id, location, organizer_id, starts_at, status, title, updated_at, version) ON community_events TO parley_app;
GRANT SELECT (attendee_count, created_at, description, ends_at, id, location, organizer_id, starts_at, status, title, updated_at, version) ON community_events TO parley_readonly;
CREATE POLICY community_events_read ON community_events FOR SELECT TO parley_app
    USING (true);
CREATE POLICY community_events_service ON community_events FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY community_events_readonly ON community_events FOR SELECT TO parley_readonly
    USING (true);

-- event-attendees
ALTER TABLE event_attendees ENABLE ROW LEVEL SECURITY;
GRANT SELECT (community_event_id, created_at, id, user_id) ON event_attendees TO parley_app;
GRANT SELECT (community_event_id, created_at, id, user_id) ON event_attendees TO parley_readonly;
GRANT INSERT (community_event_id, user_id) ON event_attendees TO parley_app;
GRANT DELETE ON event_attendees TO parley_app;
CREATE POLICY event_attendees_read ON event_attendees FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY event_attendees_create ON event_attendees FOR INSERT TO parley_app
    WITH CHECK ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM community_events p WHERE p.id = community_event_id AND p.status = 'scheduled')));
CREATE POLICY event_attendees_delete ON event_attendees FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY event_attendees_service ON event_attendees FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY event_attendees_readonly ON event_attendees FOR SELECT TO parley_readonly
    USING (true);

-- identity-verifications
ALTER TABLE identity_verifications ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, expires_at, id, kind, rejection_reason, reviewed_at, status, updated_at, user_id, version) ON identity_verifications TO parley_app;
GRANT SELECT (created_at, expires_at, id, kind, rejection_reason, reviewed_at, status, updated_at, user_id, version) ON identity_verifications TO parley_readonly;
CREATE POLICY identity_verifications_read ON identity_verifications FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY identity_verifications_service ON identity_verifications FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY identity_verifications_readonly ON identity_verifications FOR SELECT TO parley_readonly
    USING (true);

-- user-consents
ALTER TABLE user_consents ENABLE ROW LEVEL SECURITY;
GRANT SELECT (consent_type, created_at, document_version, granted, granted_at, id, revoked_at, user_id) ON user_consents TO parley_app;
GRANT SELECT (consent_type, created_at, document_version, granted, granted_at, id, revoked_at, user_id) ON user_consents TO parley_readonly;
CREATE POLICY user_consents_read ON user_consents FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY user_consents_service ON user_consents FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY user_consents_readonly ON user_consents FOR SELECT TO parley_readonly
    USING (true);

-- data-requests
ALTER TABLE data_requests ENABLE ROW LEVEL SECURITY;
GRANT SELECT (completed_at, created_at, due_at, id, kind, status, updated_at, user_id, version) ON data_requests TO parley_app;
GRANT SELECT (completed_at, created_at, due_at, id, kind, status, updated_at, user_id, version) ON data_requests TO parley_readonly;
CREATE POLICY data_requests_read ON data_requests FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY data_requests_service ON data_requests FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY data_requests_readonly ON data_requests FOR SELECT TO parley_readonly
    USING (true);

-- push-devices
ALTER TABLE push_devices ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, id, last_seen_at, locale, platform, user_id) ON push_devices TO parley_app;
GRANT SELECT (created_at, id, last_seen_at, locale, platform, user_id) ON push_devices TO parley_readonly;
GRANT INSERT (locale, platform, token, user_id) ON push_devices TO parley_app;
GRANT DELETE ON push_devices TO parley_app;
CREATE POLICY push_devices_read ON push_devices FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY push_devices_create ON push_devices FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY push_devices_delete ON push_devices FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY push_devices_service ON push_devices FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY push_devices_readonly ON push_devices FOR SELECT TO parley_readonly
    USING (true);

-- platform-settings
ALTER TABLE platform_settings ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, description, is_public, key, updated_at, value, version) ON platform_settings TO parley_app;
GRANT SELECT (created_at, description, is_public, key, updated_at, value, version) ON platform_settings TO parley_readonly;
GRANT UPDATE (description, value) ON platform_settings TO parley_app;
CREATE POLICY platform_settings_read ON platform_settings FOR SELECT TO parley_app
    USING ((is_public) OR ((SELECT app_is_admin())) OR ((SELECT app_is_staff())));
CREATE POLICY platform_settings_change ON platform_settings FOR UPDATE TO parley_app
    USING ((SELECT app_is_admin()))
    WITH CHECK ((SELECT app_is_admin()));
CREATE POLICY platform_settings_service ON platform_settings FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY platform_settings_readonly ON platform_settings FOR SELECT TO parley_readonly
    USING (true);

-- webhook-endpoints
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, events, failing_since, id, status, updated_at, url, user_id, version) ON webhook_endpoints TO parley_app;
GRANT SELECT (created_at, events, failing_since, id, status, updated_at, url, user_id, version) ON webhook_endpoints TO parley_readonly;
GRANT INSERT (events, url, user_id) ON webhook_endpoints TO parley_app;
GRANT UPDATE (events, url) ON webhook_endpoints TO parley_app;
GRANT DELETE ON webhook_endpoints TO parley_app;
CREATE POLICY webhook_endpoints_read ON webhook_endpoints FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY webhook_endpoints_create ON webhook_endpoints FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY webhook_endpoints_change ON webhook_endpoints FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY webhook_endpoints_delete ON webhook_endpoints FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY webhook_endpoints_service ON webhook_endpoints FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY webhook_endpoints_readonly ON webhook_endpoints FOR SELECT TO parley_readonly
    USING (true);

-- webhook-deliveries
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
GRANT SELECT (attempts, body, created_at, delivered_at, event, id, next_attempt_at, response_status, status, updated_at, version, webhook_endpoint_id) ON webhook_deliveries TO parley_app;
GRANT SELECT (attempts, body, created_at, delivered_at, event, id, next_attempt_at, response_status, status, updated_at, version, webhook_endpoint_id) ON webhook_deliveries TO parley_readonly;
CREATE POLICY webhook_deliveries_read ON webhook_deliveries FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM webhook_endpoints p WHERE p.id = webhook_endpoint_id));
CREATE POLICY webhook_deliveries_service ON webhook_deliveries FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY webhook_deliveries_readonly ON webhook_deliveries FOR SELECT TO parley_readonly
    USING (true);

-- audit-log
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
GRANT SELECT (action, actor_id, created_at, entity_id, entity_type, id, new_values, old_values) ON audit_log TO parley_app;
GRANT SELECT (action, actor_id, created_at, entity_id, entity_type, id, new_values, old_values) ON audit_log TO parley_readonly;
CREATE POLICY audit_log_read ON audit_log FOR SELECT TO parley_app
    USING ((SELECT app_is_staff()));
CREATE POLICY audit_log_service ON audit_log FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY audit_log_readonly ON audit_log FOR SELECT TO parley_readonly
    USING (true);

-- daily-stats
ALTER TABLE daily_stats ENABLE ROW LEVEL SECURITY;
GRANT SELECT (area, day, name, subject_id, value) ON daily_stats TO parley_app;
GRANT SELECT (area, day, name, subject_id, value) ON daily_stats TO parley_readonly;
CREATE POLICY daily_stats_read ON daily_stats FOR SELECT TO parley_app
    USING ((SELECT app_is_staff()));
CREATE POLICY daily_stats_service ON daily_stats FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY daily_stats_readonly ON daily_stats FOR SELECT TO parley_readonly
    USING (true);

-- user-dashboard
GRANT SELECT (client, display_name, freelancer, id, kind) ON user_dashboard TO parley_app;
GRANT SELECT (client, display_name, freelancer, id, kind) ON user_dashboard TO parley_readonly;
