-- A conversation of {messages} messages by the people of {people}, spread evenly over the last year:
-- what the writer's function would have left behind, without keys, outbox and search.

select ensure_message_month(date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'
                            - make_interval(months => n))
from generate_series(0, 12) n;

create temporary table made as
select uuid7() as id, {people}::uuid[] as people, {messages}::bigint as messages,
       date_trunc('milliseconds', now()) - interval '365 days' as since;
insert into conversations (id, type, title, created_by, participant_count, last_seq, rev,
                           last_message_at, created_at)
select id, 'group', 'A year of talk', people[1], cardinality(people), messages, messages + 1,
       since + interval '364 days', since
from made;
insert into conversation_participants (conversation_id, user_id, last_read_seq, last_delivered_seq,
                                       has_written)
select id, unnest(people), messages, messages, true from made;

create temporary table line as
select m.id as conversation_id, n as seq, m.people[1 + n % cardinality(m.people)] as sender_id,
       date_trunc('milliseconds', since + interval '364 days' * (n::float8 / messages)) as created_at
from made m, generate_series(1, m.messages) n;
insert into messages (conversation_id, seq, rev, id, sender_id, client_id, type, content, created_at)
select conversation_id, seq, seq + 1, uuid7_at(created_at, seq), sender_id, gen_random_uuid(), 'text',
       'Message ' || seq || ': the draft of the second page is in the folder, have a look tonight?',
       created_at
from line;
insert into conversation_months (conversation_id, month, first_seq, max_rev)
select conversation_id, month, first_seq,
       case when month < max(month) over () then last_seq + 1 end
from (
    select conversation_id, date_trunc('month', created_at at time zone 'UTC') at time zone 'UTC' as month,
           min(seq) as first_seq, max(seq) as last_seq
    from line group by 1, 2
) of_month;
