-- What a marketplace begins with: categories, with their Chinese names, and skills.

-- name: categories
-- The tree of categories; those that are there stay as they are.
WITH given(slug, parent, name, zh, place) AS (VALUES
    ('video', NULL, 'Video', '视频', 1),
    ('video-editing', 'video', 'Video editing', '视频剪辑', 1),
    ('short-video', 'video', 'Short video', '短视频', 2),
    ('animation', 'video', 'Animation', '动画', 3),
    ('voice-over', 'video', 'Voice-over', '配音', 4),
    ('design', NULL, 'Design', '设计', 2),
    ('logo-design', 'design', 'Logos', '标志设计', 1),
    ('web-design', 'design', 'Web design', '网页设计', 2),
    ('illustration', 'design', 'Illustration', '插画', 3),
    ('development', NULL, 'Development', '开发', 3),
    ('web-development', 'development', 'Web development', '网站开发', 1),
    ('mobile-apps', 'development', 'Mobile apps', '移动应用', 2),
    ('data-and-ai', 'development', 'Data and AI', '数据与人工智能', 3),
    ('writing', NULL, 'Writing and translation', '写作与翻译', 4),
    ('translation', 'writing', 'Translation', '翻译', 1),
    ('copywriting', 'writing', 'Copywriting', '文案', 2),
    ('marketing', NULL, 'Marketing', '营销', 5),
    ('social-media', 'marketing', 'Social media', '社交媒体', 1)
), roots AS (
    INSERT INTO categories (slug, name, names, sort_order)
    SELECT g.slug, g.name, jsonb_build_object('zh', g.zh), g.place FROM given g
    WHERE g.parent IS NULL
    ON CONFLICT (slug) DO NOTHING
    RETURNING id, slug
)
INSERT INTO categories (parent_id, slug, name, names, sort_order)
SELECT p.id, g.slug, g.name, jsonb_build_object('zh', g.zh), g.place
FROM given g
JOIN (SELECT id, slug FROM roots UNION SELECT id, slug FROM categories) p ON p.slug = g.parent
ON CONFLICT (slug) DO NOTHING;

-- name: skills
-- Skills, each in its category; those that are there stay as they are.
INSERT INTO skills (name, names, category_id, sort_order)
SELECT g.name, jsonb_build_object('zh', g.zh), c.id, row_number() OVER ()
FROM (VALUES
    ('Premiere Pro', 'Premiere', 'video-editing'), ('DaVinci Resolve', '达芬奇调色', 'video-editing'),
    ('Colour grading', '调色', 'video-editing'), ('Subtitles', '字幕', 'video-editing'),
    ('After Effects', 'AE特效', 'animation'), ('Blender', 'Blender', 'animation'),
    ('Sound design', '音效设计', 'voice-over'), ('Figma', 'Figma', 'web-design'),
    ('Illustrator', 'Illustrator', 'logo-design'), ('Python', 'Python', 'web-development'),
    ('PostgreSQL', 'PostgreSQL', 'web-development'), ('TypeScript', 'TypeScript', 'web-development'),
    ('React', 'React', 'web-development'), ('Swift', 'Swift', 'mobile-apps'),
    ('Kotlin', 'Kotlin', 'mobile-apps'), ('Machine learning', '机器学习', 'data-and-ai'),
    ('Chinese to English', '中译英', 'translation'), ('English to Chinese', '英译中', 'translation'),
    ('Search engine optimisation', '搜索引擎优化', 'copywriting')
) AS g(name, zh, category)
JOIN categories c ON c.slug = g.category
ON CONFLICT (name) DO NOTHING;

-- name: listings
-- The demonstration's profiles, gigs and packages of its freelancers: an editor, a designer, a studio.
WITH profile AS (
    INSERT INTO freelancer_profiles (user_id, tagline, bio, experience_level, hourly_rate, country)
    SELECT ($1::uuid[])[p.n], p.tagline, p.bio, p.level, p.rate, p.country
    FROM (VALUES
        (1, 'Video editor, 短视频剪辑', 'Cuts, colours and subtitles.', 'expert', 45, 'DE'),
        (2, 'Logos and pages', 'From the first sketch to what a browser shows.', 'intermediate', 38, 'PT'),
        (3, 'A studio for films and voices', 'Four people and a quiet room.', 'expert', 80, 'SG')
    ) AS p(n, tagline, bio, level, rate, country)
    RETURNING user_id
), gig AS (
    INSERT INTO gigs (freelancer_id, title, slug, description, category_id, tags)
    SELECT ($1::uuid[])[g.n], g.title, g.slug, g.description, c.id, g.tags
    FROM (VALUES
        (1, 'I cut your launch video', 'i-cut-your-launch-video',
         'From raw material to a film of 90 seconds.', 'video-editing', ARRAY['launch', 'video']),
        (1, 'Subtitles in English and Chinese, 中英字幕', 'subtitles-in-english-and-chinese',
         'Timed by hand, with the names as you spell them.', 'video-editing',
         ARRAY['subtitles', 'video']),
        (1, 'Ten short videos from one long one', 'ten-short-videos-from-one-long-one',
         'The best moments, upright, with captions.', 'short-video', ARRAY['shorts', 'video']),
        (2, 'A logo in three drafts', 'a-logo-in-three-drafts',
         'Three directions, and the one that you choose as vectors.', 'logo-design', ARRAY['logo', 'brand']),
        (2, 'A page for your product', 'a-page-for-your-product',
         'One page that says what it does, on a telephone too.', 'web-design', ARRAY['web', 'brand']),
        (2, 'Illustrations for an article', 'illustrations-for-an-article',
         'Three pictures in one hand, in colour.', 'illustration', ARRAY['drawing']),
        (3, 'An animated logo', 'an-animated-logo',
         'Five seconds before each of your films.', 'animation', ARRAY['logo', 'animation', 'video']),
        (3, 'A voice for your video', 'a-voice-for-your-video',
         'English or Mandarin, up to 300 words.', 'voice-over', ARRAY['voice', 'video'])
    ) AS g(n, title, slug, description, category, tags)
    JOIN categories c ON c.slug = g.category, (SELECT count(*) FROM profile) made
    RETURNING id, slug
)
INSERT INTO gig_packages (gig_id, tier, name, price, delivery_days, revisions)
SELECT g.id, t.tier, t.name, p.basic * t.times, p.days + t.more_days, t.revisions
FROM gig g
JOIN (VALUES
    ('i-cut-your-launch-video', 150.00, 3), ('subtitles-in-english-and-chinese', 40.00, 2),
    ('ten-short-videos-from-one-long-one', 90.00, 4), ('a-logo-in-three-drafts', 120.00, 5),
    ('a-page-for-your-product', 350.00, 7), ('illustrations-for-an-article', 75.50, 6),
    ('an-animated-logo', 200.00, 5), ('a-voice-for-your-video', 60.00, 1)
) AS p(slug, basic, days) ON p.slug = g.slug, (VALUES
    ('basic', 'To begin with', 1, 0, 1), ('standard', 'Finished', 2, 2, 2),
    ('premium', 'With all that belongs to it', 4, 4, 3)
) AS t(tier, name, times, more_days, revisions);

-- name: publish
-- Puts the freelancers' drafts on the shelf, as the transition does.
UPDATE gigs SET status = 'active', published_at = now()
WHERE freelancer_id = ANY ($1::uuid[]) AND status = 'draft';

-- name: job
-- The demonstration's job of one client.
INSERT INTO jobs (client_id, title, description, category_id, budget_type, budget_min, budget_max)
SELECT $1, 'A launch video of 90 seconds', 'We have the material; it wants cutting and subtitles.',
       c.id, 'range', 300, 800
FROM categories c WHERE c.slug = 'video-editing';

-- name: open
-- Opens a client's drafts, as the transition does.
UPDATE jobs SET status = 'open', published_at = now() WHERE client_id = $1 AND status = 'draft';

-- name: clock_back
-- Puts the clock of workflows back by $1 seconds.
UPDATE workflow_clock SET ahead = make_interval(secs => -$1::float8);

-- name: clock_right
-- A clock of workflows that is behind is right again; one that a test has moved on stays where it is.
UPDATE workflow_clock SET ahead = '0' WHERE ahead < '0';

-- name: aged_people
-- The demonstration's people ($1) have been here for so many seconds ($2), and their addresses are verified.
WITH secret AS (
    UPDATE user_secrets SET password_changed_at = now() - make_interval(secs => $2::float8)
    WHERE user_id = ANY ($1::uuid[])
), private AS (
    UPDATE user_private SET email_verified_at = now() - make_interval(secs => $2::float8)
    WHERE user_id = ANY ($1::uuid[])
)
UPDATE users SET created_at = now() - make_interval(secs => $2::float8) WHERE id = ANY ($1::uuid[]);

-- name: staff
-- Makes one of them staff.
UPDATE users SET staff_role = 'admin' WHERE id = $1;

-- name: aged_accounts
-- The accounts that they are paid to have been theirs for so many seconds ($2).
UPDATE payout_methods SET created_at = now() - make_interval(secs => $2::float8) WHERE user_id = ANY ($1::uuid[]);

-- name: catalogue
-- The gigs, each with its cheapest package, and their categories.
SELECT DISTINCT ON (g.id) g.slug, g.id, p.id AS package_id, g.category_id
FROM gigs g JOIN gig_packages p ON p.gig_id = g.id
ORDER BY g.id, p.price;

-- name: milestones
-- The milestones of a contract.
SELECT id FROM milestones WHERE contract_id = $1 ORDER BY seq;

-- name: accounts
-- What somebody is paid to.
SELECT id FROM payout_methods WHERE user_id = $1;
