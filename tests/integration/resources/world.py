"""One row of everything: anna's, with ben on the other side, carl a stranger, dora of the staff.

Put in without triggers, so that each row can be in any state. What a test expects of a row follows
from the declaration: whom its `rows` name, and for a child whom its parent's name.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from handlers.resources import RESOURCES
from storage.resources.resource import Resource, Who
from storage.resources.rule import Rule
from tests.app import Person, Served


def uid(number: int) -> UUID:
    """The id of a row of this world."""
    return UUID(f"00000000-0000-7000-8000-{number:012d}")


ANNA, BEN, CARL, DORA = (uid(n) for n in range(1, 5))

_WORLD = """
set session_replication_role = replica;
insert into users (id, display_name, kind, staff_role) values
    (U1, 'anna', 'both', null), (U2, 'ben', 'both', null), (U3, 'carl', 'both', null),
    (U4, 'dora', 'both', 'admin');
insert into user_private (user_id, email)
    select id, display_name || '@example.org' from users;
insert into categories (id, slug, name) values (U10, 'video', 'Video'),
    (U13, 'sound', 'Sound');
insert into skills (id, name) values (U11, 'Cutting'), (U12, 'Sound');
insert into freelancer_profiles (user_id, tagline) values (U1, 'Video editor');
insert into freelancer_private (user_id, total_earnings) values (U1, 10);
insert into client_profiles (user_id, company_name) values (U1, 'Anna Ltd');
insert into client_private (user_id, total_spent) values (U1, 10);
insert into user_skills (id, user_id, skill_id) values (U20, U1, U11);
insert into user_categories (id, user_id, category_id) values (U21, U1, U10);
insert into educations (id, user_id, institution) values (U22, U1, 'School');
insert into work_experiences (id, user_id, company, position, start_date)
    values (U23, U1, 'Studio', 'Editor', '2020-01-01');
insert into portfolio_items (id, user_id, title) values (U24, U1, 'Reel');
insert into gigs (id, freelancer_id, title, slug, description, category_id, status) values
    (U30, U1, 'Editing', 'editing', 'I edit', U10, 'active'),
    (U39, U1, 'Secret', 'secret', 'Not yet', U10, 'draft');
insert into gig_packages (id, gig_id, tier, price, delivery_days) values
    (U31, U30, 'basic', 10, 1), (U38, U39, 'basic', 10, 1), (U35, U30, 'standard', 20, 2);
insert into gig_extras (id, gig_id, title, price) values (U32, U30, 'Fast', 5);
insert into gig_requirements (id, gig_id, question) values (U33, U30, 'Which film?');
insert into gig_faqs (id, gig_id, question, answer) values (U34, U30, 'How?', 'So.');
insert into jobs (id, client_id, title, description, category_id, status) values
    (U40, U1, 'Cut my film', 'All of it', U10, 'open'),
    (U42, U2, 'Cut mine', 'All of it', U10, 'open'),
    (U45, U1, 'Under way', 'All of it', U10, 'in_progress'),
    (U49, U1, 'Secret', 'Not yet', U10, 'draft');
insert into job_skills (id, job_id, skill_id) values (U41, U40, U11);
insert into proposals (id, job_id, freelancer_id, client_id, cover_letter, amount) values
    (U43, U42, U1, U2, 'Take me', 10), (U46, U45, U2, U1, 'Take me', 10);
insert into contracts
    (id, job_id, proposal_id, client_id, freelancer_id, title, total_amount, status)
    values (U44, U45, U46, U1, U2, 'Cutting', 100, 'active');
insert into contracts (id, gig_id, client_id, freelancer_id, title, total_amount, status) values
    (U47, U30, U2, U1, 'Editing', 10, 'completed'), (U48, U30, U2, U1, 'More', 10, 'completed'),
    (U59, U30, U2, U1, 'Still more', 10, 'completed');
insert into contract_members (id, contract_id, user_id, share_bp) values (U50, U44, U2, 10000);
insert into contract_extras (id, contract_id, title, price) values (U51, U44, 'Fast', 5);
insert into contract_answers (id, contract_id, question, answer)
    values (U52, U44, 'Which?', 'This');
insert into contract_cancellations
    (id, contract_id, proposed_by, reason, client_amount, freelancer_amount)
    values (U53, U44, U1, 'Changed my mind', 100, 0);
insert into milestones (id, contract_id, seq, title, amount) values (U54, U44, 1, 'All', 100);
insert into deliverables (id, contract_id, milestone_id) values (U55, U44, U54);
insert into tasks (id, job_id, client_id, title, assignee_id) values (U56, U45, U1, 'Cut', U2);
insert into task_matches (id, task_id, user_id, match_score) values (U57, U56, U1, 0.5);
insert into payment_methods (id, user_id, provider, provider_token, type)
    values (U60, U1, 'local', 'secret', 'card');
insert into payout_methods (id, user_id, provider, provider_account_token, type)
    values (U61, U1, 'local', 'secret', 'paypal');
insert into transactions (id, type, payer_id, payee_id, gross_amount, net_amount)
    values (U62, 'payment', U1, U2, 10, 9);
insert into escrows (id, contract_id, currency) values (U63, U44, 'USD');
insert into withdrawals (id, user_id, amount, currency) values (U65, U1, 5, 'USD');
insert into payout_batches (id, provider, currency) values (U66, 'local', 'USD');
insert into ledger_accounts (id, kind, user_id, currency, balance)
    values (U67, 'wallet_earned', U1, 'USD', 12);
insert into fee_structure
    (id, kind, tier_name, min_amount, platform_fee_percentage, effective_from)
    values (U68, 'certification', 'All', 0, 10, '2020-01-01');
insert into reviews
    (id, contract_id, reviewer_id, reviewee_id, reviewer_role, overall_rating, status)
    values (U70, U47, U1, U2, 'freelancer', 5, 'published'),
           (U130, U48, U3, U4, 'client', 5, 'published'),
           (U79, U48, U1, U2, 'freelancer', 1, 'pending');
insert into review_votes (id, review_id, user_id, is_helpful) values (U71, U70, U1, true);
insert into review_invitations (id, contract_id, reviewer_id, reviewee_id)
    values (U72, U59, U1, U2);
insert into user_ratings (user_id) values (U1);
insert into disputes
    (id, contract_id, raised_by, client_id, freelancer_id, type, title, description)
    values (U73, U44, U1, U1, U2, 'quality', 'Bad', 'Very bad');
insert into support_tickets (id, user_id, category, subject, description)
    values (U74, U1, 'other', 'Help', 'Please');
insert into favorites (id, user_id, favorited_type, favorited_id) values (U75, U1, 'gig', U30);
insert into saved_searches (id, user_id, search_type, name, search_params)
    values (U76, U1, 'gigs', 'Mine', '{}');
insert into search_history (id, user_id, search_type, query) values (U77, U1, 'gigs', 'film');
insert into notification_settings (user_id) values (U1);
insert into certifications (id, user_id, level, status) values
    (U80, U1, 1, 'active'), (U78, U1, 2, 'in_progress');
insert into courses (id, title) values (U81, 'Cutting');
insert into learning_paths (id, user_id) values (U82, U1);
insert into learning_path_items (id, learning_path_id, course_id, seq) values (U83, U82, U81, 1);
insert into course_enrollments (id, user_id, course_id) values (U84, U1, U81);
insert into credit_awards (id, user_id, credits, reason, source_type, source_id)
    values (U85, U1, 5, 'Course', 'course', U84);
insert into shadowing_sessions (id, student_id, mentor_id, client_id, job_id, start_date, end_date)
    values (U86, U1, U2, U2, U42, '2030-01-01', '2030-02-01');
insert into community_events (id, title, organizer_id, starts_at)
    values (U87, 'Meeting', U1, '2030-01-01');
insert into event_attendees (id, community_event_id, user_id) values (U88, U87, U1);
insert into identity_verifications (id, user_id, kind) values (U89, U1, 'passport');
insert into user_consents (id, user_id, consent_type, granted) values (U90, U1, 'terms', true);
insert into data_requests (id, user_id, kind) values (U91, U1, 'export');
insert into push_devices (id, user_id, platform, token) values (U92, U1, 'ios', 'secret');
insert into webhook_endpoints (id, user_id, url) values (U93, U1, 'https://example.org/hook');
insert into webhook_deliveries (id, webhook_endpoint_id, event, body) values (U94, U93, 'x', '{}');
insert into audit_log (id, action, entity_type, entity_id) values (U95, 'insert', 'gigs', 'x');
insert into daily_stats (id, day, area, subject_id, name, value) values
    (U96, '2026-01-01', 'gigs', U30, 'views', 1), (U97, '2026-01-01', 'orders', U1, 'x', 1),
    (U98, '2026-01-01', 'payments', U1, 'x', 1), (U99, '2026-01-01', 'messaging', U1, 'x', 1),
    (U100, '2026-01-01', 'reviews', U1, 'x', 1);
insert into conversations (id, type, created_by) values (U101, 'group', U1);
insert into conversation_participants (conversation_id, user_id, role)
    values (U101, U1, 'owner'), (U101, U2, 'member');
insert into meetings (id, conversation_id, created_by, title, starts_at, ends_at)
    values (U102, U101, U1, 'Kick-off', '2030-01-01', '2030-01-02');
insert into files (id, owner_id, name, mime, bytes, checksum)
    values (U103, U1, 'a.txt', 'text/plain', 1, '');
insert into templates (id, user_id, title, content) values (U104, U1, 'Hello', 'Hello');
insert into reports (id, reporter_id, subject_type, subject_id, reason)
    values (U105, U1, 'user', U3, 'spam');
insert into notification_preferences (id, user_id, category, channel, is_enabled)
    values (U106, U1, 'job', 'email', false);
insert into notification_deliveries
    (id, user_id, channel, endpoint, group_key, edition, category, next_attempt_at)
    values (U107, U1, 'email', 'email', 'x', 1, 'job', '2030-01-01');
insert into skill_edges (id, from_skill_id, to_skill_id, kind) values (U108, U11, U12, 'related');
insert into status_history (id, entity_type, entity_id, to_status)
    values (U109, 'contract', U44, 'active');
insert into tasks (id, job_id, client_id, title, assignee_id) values (U58, U45, U1, 'Mix', U2);
insert into task_dependencies (id, task_id, depends_on_id) values (U110, U58, U56);
insert into agents (id, name, kind, is_active) values
    ('cutter', 'Cutter', 'video', true), ('mixer', 'Mixer', 'video', false);
insert into agent_runs (id, agent_id, task_id) values (U111, 'cutter', U56);
insert into ai_analyses (id, kind, job_id) values (U112, 'job', U40);
insert into journals (id, business_key, kind) values (U113, 'x', 'deposit');
insert into journal_lines (id, journal_id, line, account_id, amount, currency)
    values (U114, U113, 1, U67, 10, 'USD');
insert into deposits (id, user_id, provider, method, amount, currency, created_at, updated_at)
    values (U115, U1, 'local', 'card', 10, 'USD', now(), now());
insert into deposit_returns (id, deposit_id, user_id, amount, currency, created_at, updated_at)
    values (U116, U115, U1, 5, 'USD', now(), now());
insert into releases (id, kind, contract_id, milestone_id, client_id, freelancer_id, user_id,
                      journal_id, gross, fee, currency, created_at, updated_at)
    values (U117, 'milestone', U44, U54, U1, U2, U2, U113, 10, 1, 'USD', now(), now());
insert into refunds (id, contract_id, release_id, requested_by, amount, currency, reason)
    values (U64, U44, U117, U1, 5, 'USD', 'Late');
insert into release_lots (id, release_id, deposit_id, currency, amount, created_at)
    values (U118, U117, U115, 'USD', 10, now());
insert into ledger_lots (id, account_id, deposit_id, currency, amount, created_at)
    values (U119, U67, null, 'USD', 12, now());
insert into contract_amendments
    (id, contract_id, proposed_by, reason, total_amount, currency, expires_at, created_at,
     updated_at)
    values (U120, U44, U1, 'More', 120, 'USD', now(), now(), now());
insert into dispute_offers
    (id, dispute_id, contract_id, offered_by, client_amount, freelancer_amount, expires_at,
     created_at, updated_at)
    values (U121, U73, U44, U1, 50, 50, now(), now(), now());
insert into split_items
    (id, contract_id, offer_id, milestone_id, client_amount, freelancer_amount, created_at)
    values (U122, U44, U121, U54, 50, 50, now());
insert into gig_counters (gig_id, status) select id, status from gigs;
insert into job_counters (job_id, status) select id, status from jobs;
set session_replication_role = origin;
"""

KEYS: dict[str, Any] = {
    "users": ANNA, "freelancer-profiles": ANNA, "freelancer-earnings": ANNA,
    "client-profiles": ANNA, "client-spending": ANNA, "categories": uid(10), "skills": uid(11),
    "user-skills": uid(20), "user-categories": uid(21), "educations": uid(22),
    "work-experiences": uid(23), "portfolio-items": uid(24), "gigs": uid(30),
    "gig-packages": uid(31), "gig-extras": uid(32), "gig-requirements": uid(33),
    "gig-faqs": uid(34), "jobs": uid(40), "job-stats": uid(40), "job-skills": uid(41),
    "proposals": uid(43), "contracts": uid(44), "contract-members": uid(50),
    "contract-extras": uid(51), "contract-answers": uid(52), "contract-cancellations": uid(53),
    "milestones": uid(54), "deliverables": uid(55), "tasks": uid(56), "task-matches": uid(57),
    "payment-methods": uid(60), "payout-methods": uid(61), "transactions": uid(62),
    "escrows": uid(63), "refunds": uid(64), "withdrawals": uid(65), "payout-batches": uid(66),
    "ledger-accounts": uid(67), "wallets": f"{ANNA}-USD", "fees": uid(68), "reviews": uid(70),
    "review-votes": uid(71), "review-invitations": uid(72), "user-ratings": ANNA,
    "disputes": uid(73), "support-tickets": uid(74), "favorites": uid(75),
    "saved-searches": uid(76), "search-history": uid(77), "notification-settings": ANNA,
    "certifications": uid(80), "courses": uid(81), "learning-paths": uid(82),
    "learning-path-items": uid(83), "course-enrollments": uid(84), "credit-awards": uid(85),
    "shadowing-sessions": uid(86), "community-events": uid(87), "event-attendees": uid(88),
    "identity-verifications": uid(89), "user-consents": uid(90), "data-requests": uid(91),
    "push-devices": uid(92), "platform-settings": "clearing_days", "webhook-endpoints": uid(93),
    "webhook-deliveries": uid(94), "audit-log": uid(95), "daily-stats": uid(96),
    "user-dashboard": ANNA, "gig-stats": uid(96), "order-stats": uid(97),
    "payment-stats": uid(98), "messaging-stats": uid(99), "review-stats": uid(100),
    "meetings": uid(102), "files": uid(103), "templates": uid(104), "reports": uid(105),
    "notification-preferences": uid(106), "notification-deliveries": uid(107),
    "skill-edges": uid(108), "status-history": uid(109), "task-dependencies": uid(110),
    "agents": "cutter", "agent-runs": uid(111), "ai-analyses": uid(112), "journals": uid(113),
    "journal-lines": uid(114), "deposits": uid(115), "deposit-returns": uid(116),
    "releases": uid(117), "release-lots": uid(118), "ledger-lots": uid(119),
    "contract-amendments": uid(120), "dispute-offers": uid(121), "split-items": uid(122),
}  # fmt: skip
"""A row of each resource; where rows can be public, this one is."""

HIDDEN = {"gigs": uid(39), "gig-packages": uid(38), "jobs": uid(49), "reviews": uid(79),
          "certifications": uid(78), "platform-settings": "activity_days",
          "agents": "mixer"}  # fmt: skip
"""Rows that are not public, of resources where rows can be."""

ROLES = ("owner", "counterparty", "stranger", "anonymous", "staff")
_TABLES = {r.table: r for r in RESOURCES.values()}


@dataclass
class World:
    """The people of the world, with logins."""

    app: Served
    people: dict[str, Person | None]


async def populate(app: Served) -> World:
    """Put the world into the app's database."""
    await app.as_owner(re.sub(r"\bU(\d+)\b", lambda m: f"'{uid(int(m[1]))}'", _WORLD))
    named = {"owner": ANNA, "counterparty": BEN, "stranger": CARL, "staff": DORA}
    people: dict[str, Person | None] = {
        role: await app.login(Person(user, role, "", "", uuid4())) for role, user in named.items()
    }
    return World(app, people | {"anonymous": None})


def sees(resource: Resource, role: str, *, is_hidden: bool = False) -> bool:
    """Whether this role sees the world's row of a resource, by the declaration."""
    return any(_is(who, rule, role, is_hidden) for who, rule in resource.rows.items())


def _is(who: Who, rule: Rule, role: str, is_hidden: bool) -> bool:
    if rule.parents and who in {Who.PUBLIC, Who.COUNTERPARTY}:
        # The world's row is of the first, where there are several.
        return sees(_TABLES[rule.parents[0]], role, is_hidden=is_hidden)
    match who:
        case Who.PUBLIC:
            return not is_hidden
        case Who.OWNER:
            return role == "owner"
        case Who.COUNTERPARTY:
            return role == "counterparty" and not is_hidden
        case Who.STAFF | Who.ADMIN:
            return role == "staff"
        case _:
            return False


def writes(resource: Resource, role: str) -> bool:
    """Whether this role is who writes the world's row."""
    return (resource.writer is Who.OWNER and role == "owner") or (
        resource.writer in {Who.ADMIN, Who.STAFF} and role == "staff"
    )


async def answers(app: Served, path: str, person: Person | None, wanted: str) -> None:
    """Return once the answer has this text: what others change is told within a second."""
    async with asyncio.timeout(10):
        while wanted not in str((await app.http("GET", path, person)).body):
            await app.app.core.foundation.pool.execute("select pg_sleep(0.05)")


async def told(app: Served) -> None:
    """Return once all copies are dropped of what was changed so far."""
    waiting = "select count(*), pg_sleep(0.05) from outbox where consumer = 'copies'"
    async with asyncio.timeout(10):
        while await app.app.core.foundation.pool.fetchval(waiting):
            pass
