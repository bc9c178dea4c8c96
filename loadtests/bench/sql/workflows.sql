-- Open jobs of clients, each with a proposal that is to be accepted and one of somebody else's; and money in the
-- clients' wallets. Without triggers: nothing is counted, and rows are in whatever state they are put.

set session_replication_role = replica;
insert into categories (slug, name) values ('workflows-' || gen_random_uuid(), 'Of the benchmark');
create temporary table offered as
select uuid7() as job, uuid7() as proposal, p.client, p.freelancer, n
from unnest({clients}::uuid[], {freelancers}::uuid[]) p(client, freelancer), generate_series(1, {jobs}) n;

insert into jobs (id, client_id, title, description, category_id, status, budget_max, published_at)
select job, client, 'A film for the launch', repeat('A film of ninety seconds, cut and graded. ', 20),
       (select id from categories where slug like 'workflows-%' limit 1), 'open', 500, now()
from offered;
insert into job_counters (job_id, status, proposal_count) select job, 'open', 2 from offered;
insert into proposals (id, job_id, client_id, freelancer_id, cover_letter, amount, milestones)
select case when is_best then proposal else uuid7() end, job, client,
       case when is_best then freelancer else {other}::uuid end,
       repeat('I have two cameras, and time from Monday on. ', 10), 400,
       (select jsonb_agg(jsonb_build_object('title', 'Part ' || part, 'amount', '100.00') order by part)
        from generate_series(1, 4) part)
from offered, unnest(array[true, false]) is_best;

create temporary table paid as
select uuid7() as deposit, uuid7() as account, uuid7() as journal, client
from (select distinct client from offered) of_client;
insert into deposits (id, user_id, provider, provider_reference, method, amount, currency, status, captured_at,
                      created_at, updated_at)
select deposit, client, 'local', deposit, 'card', 1000000, 'USD', 'captured', now(), now(), now() from paid;
insert into ledger_accounts (id, kind, user_id, currency, balance)
select account, 'wallet_funded', client, 'USD', 1000000 from paid;
insert into ledger_accounts (kind, currency)
select 'cash', 'USD' where not exists (select from ledger_accounts where kind = 'cash' and currency = 'USD');
insert into ledger_lots (id, account_id, deposit_id, currency, amount, created_at)
select uuid7(), account, deposit, 'USD', 1000000, now() from paid;
insert into journals (id, business_key, kind, created_by)
select journal, 'deposit:local:' || deposit, 'deposit', client from paid;
insert into journal_lines (journal_id, line, account_id, amount, currency, deposit_id)
select journal, 1, account, 1000000, 'USD', deposit from paid
union all
select journal, 2, (select id from ledger_accounts where kind = 'cash' and currency = 'USD'), -1000000, 'USD', null
from paid;
set session_replication_role = origin;
analyze;
