-- What was offered to Parley, also to the twin, under the same ids.
insert into workflow_twin.jobs (id, client_id, title, description, currency, status, version)
select j.id, j.client_id, j.title, j.description, j.currency, j.status, 1
from jobs j join offered on offered.job = j.id;
insert into workflow_twin.proposals (id, job_id, client_id, freelancer_id, cover_letter, amount, milestones, status,
                                     version)
select p.id, p.job_id, p.client_id, p.freelancer_id, p.cover_letter, p.amount, p.milestones, p.status, 1
from proposals p join offered on offered.job = p.job_id;
insert into workflow_twin.accounts (id, kind, owner_id, currency, balance)
select account, 'wallet_funded', client, 'USD', 1000000 from paid;
insert into workflow_twin.accounts (id, kind, currency, balance) values (uuid7(), 'cash', 'USD', 0)
on conflict do nothing;
insert into workflow_twin.lots (id, account_id, deposit_id, amount)
select uuid7(), account, deposit, 1000000 from paid;
insert into workflow_twin.journals (id, business_key, kind, created_by)
select journal, 'deposit:local:' || deposit, 'deposit', client from paid;
insert into workflow_twin.journal_lines (journal_id, line, account_id, amount, currency, deposit_id)
select journal, 1, account, 1000000, 'USD', deposit from paid
union all
select journal, 2, (select id from workflow_twin.accounts where kind = 'cash'), -1000000, 'USD', null from paid;
analyze;
