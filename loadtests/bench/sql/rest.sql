-- What is asked for over HTTP: for each of {readers} twenty conversations with four of {others},
-- a message in each, and 500 gigs. Without triggers, so that nobody is told.

set session_replication_role = replica;
create temporary table made as
select uuid7() as id, r.reader, n, date_trunc('milliseconds', now()) - interval '1 minute' * n as at
from unnest({readers}::uuid[]) r(reader), generate_series(1, 20) n;
insert into conversations (id, type, title, created_by, participant_count, last_seq, rev,
                           last_message_at, created_at)
select id, 'group', 'Conversation ' || n, reader, 5, 1, 2, at, at from made;
insert into conversation_participants (conversation_id, user_id, role)
select id, reader, 'owner' from made
union all
select m.id, o.person, 'member'
from made m
cross join lateral (
    select ({others}::uuid[])[1 + (m.n * 4 + i) % cardinality({others}::uuid[])] as person
    from generate_series(0, 3) i
) o;
insert into messages (conversation_id, seq, rev, id, sender_id, client_id, type, content, created_at)
select id, 1, 2, uuid7_at(at, 1), reader, gen_random_uuid(), 'text',
       'The draft of the second page is in the folder, have a look tonight?', at
from made;
insert into conversation_months (conversation_id, month, first_seq)
select id, date_trunc('month', at at time zone 'UTC') at time zone 'UTC', 1 from made;

with category as (
    insert into categories (slug, name) values ('rest-' || gen_random_uuid(), 'Of the benchmark')
    returning id
)
insert into gigs (freelancer_id, title, slug, description, category_id, tags, rating, starting_price,
                  status, published_at)
select ({others}::uuid[])[1 + n % cardinality({others}::uuid[])], 'Gig ' || n,
       'gig-' || n || '-' || gen_random_uuid(), repeat('A film of ninety seconds, cut and graded. ', 20),
       (select id from category), array['launch', 'film'], n % 50 / 10.0,
       5 + n % 300, 'active', now()
from generate_series(1, 500) n;
insert into gig_counters (gig_id, status) select id, status from gigs on conflict do nothing;
set session_replication_role = origin;
