-- A marketplace to read from: {people} people, {listings} gigs and as many jobs. Without triggers:
-- nothing is audited or counted, and rows are in whatever state they are put.

set session_replication_role = replica;
insert into categories (slug, name)
select 'c' || n, 'Category ' || n from generate_series(1, 100) n;
insert into skills (name) select 'Skill ' || n from generate_series(1, 500) n;
insert into users (display_name, kind)
select 'Person ' || n, 'both' from generate_series(1, {people}) n;

create temporary table word as
select w, at from unnest(array[
    'video', 'editor', 'logo', 'design', 'film', 'cutting', 'sound', 'colour', 'drone', 'music',
    'animation', 'wedding', 'channel', 'script', 'voice', 'photo', 'web', 'shop', 'game', 'intro',
    '剪辑', '短视频', '设计', '配音']) with ordinality as t(w, at);
create temporary table person as
select id, row_number() over (order by id) as at from users where display_name like 'Person %';
create temporary table category as select id, row_number() over (order by id) as at from categories;
create temporary table skill as select id, row_number() over (order by id) as at from skills;
create function pg_temp.text_of(seed int, many int) returns text language sql as $$
    select string_agg(w.w, ' ') from generate_series(1, many) i
    join word w on w.at = 1 + (hashint4(seed * 100 + i) & 1023) % 24
$$;

insert into freelancer_profiles (user_id, tagline, bio, rating, jobs_completed, hourly_rate, country)
select p.id, pg_temp.text_of(p.at::int, 4), pg_temp.text_of(p.at::int + 3, 30), (p.at % 50) / 10.0,
       p.at % 300, 10 + p.at % 90, (array['DE', 'US', 'CN', 'FR'])[1 + p.at % 4]
from person p;
insert into user_skills (user_id, skill_id, level)
select p.id, s.id, 1 + (p.at % 5)::int from person p join skill s on s.at % 100 = p.at % 100;

insert into gigs (freelancer_id, title, slug, description, category_id, tags, rating, is_featured,
                  starting_price, status, created_at)
select p.id, pg_temp.text_of(n, 5), 'gig-' || n, pg_temp.text_of(n + 1, 40), c.id,
       array['t' || n % 40, 't' || n % 7], (n % 51) / 10.0, n % 200 = 0, 5 + n % 300, case when n % 20 > 0 then 'active' else 'draft' end,
       now() - interval '1 minute' * n
from generate_series(1, {listings}) n
join person p on p.at = 1 + n % {people}
join category c on c.at = 1 + n % 100;
insert into gig_counters (gig_id, status, order_count, trend_score)
select g.id, g.status, g.n % 500, g.n % 1000 / 10.0
from (select id, status, substr(slug, 5)::integer as n from gigs where slug like 'gig-%') g
on conflict do nothing;
insert into gig_packages (gig_id, tier, price, delivery_days)
select id, t, starting_price, 3 from gigs, unnest(array['basic', 'premium']) t
where slug like 'gig-%';

insert into jobs (client_id, title, description, category_id, status, budget_max, deadline,
                  created_at)
select p.id, pg_temp.text_of(n + 5, 5), pg_temp.text_of(n + 2, 40), c.id,
       case when n % 5 > 0 then 'open' else 'completed' end,
       case when n % 10 > 0 then 50 + n % 5000 end, now() + interval '1 hour' * (n % 5000 + 1),
       now() - interval '1 minute' * n
from generate_series(1, {listings}) n
join person p on p.at = 1 + (n * 7) % {people}
join category c on c.at = 1 + n % 100;
insert into job_counters (job_id, status) select id, status from jobs on conflict do nothing;
insert into job_skills (job_id, skill_id)
select j.id, s.id from (select id, row_number() over () as at from jobs) j
join skill s on s.at in (1 + j.at % 500, 1 + (j.at * 3) % 499);
set session_replication_role = origin;
