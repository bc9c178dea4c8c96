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
-- The demonstration's profile and gigs of one freelancer.
WITH profile AS (
    INSERT INTO freelancer_profiles (user_id, tagline, bio, experience_level, hourly_rate, country)
    VALUES ($1, 'Video editor, 短视频剪辑', 'Cuts, colours and subtitles.', 'expert', 45, 'DE')
    RETURNING user_id
), gig AS (
    INSERT INTO gigs (freelancer_id, title, slug, description, category_id, tags)
    SELECT p.user_id, 'I cut your launch video', 'i-cut-your-launch-video',
           'From raw material to a film of 90 seconds.', c.id, ARRAY['launch', 'video']
    FROM profile p, categories c WHERE c.slug = 'video-editing'
    RETURNING id
)
INSERT INTO gig_packages (gig_id, tier, name, price, delivery_days, revisions)
SELECT g.id, t.tier, t.name, t.price, t.days, t.revisions
FROM gig g, (VALUES
    ('basic', 'Rough cut', 150.00, 3, 1), ('standard', 'Finished', 300.00, 5, 2),
    ('premium', 'With titles and sound', 600.00, 7, 3)
) AS t(tier, name, price, days, revisions);

-- name: publish
-- Puts a freelancer's drafts on the shelf, as the transition does.
UPDATE gigs SET status = 'active', published_at = now()
WHERE freelancer_id = $1 AND status = 'draft';

-- name: job
-- The demonstration's job of one client.
INSERT INTO jobs (client_id, title, description, category_id, budget_type, budget_min, budget_max)
SELECT $1, 'A launch video of 90 seconds', 'We have the material; it wants cutting and subtitles.',
       c.id, 'range', 300, 800
FROM categories c WHERE c.slug = 'video-editing';

-- name: open
-- Opens a client's drafts, as the transition does.
UPDATE jobs SET status = 'open', published_at = now() WHERE client_id = $1 AND status = 'draft';
