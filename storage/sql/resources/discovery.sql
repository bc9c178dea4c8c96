-- Discovery that is no list of a resource.

-- name: recommended
-- Open jobs that fit a freelancer's skills, best first.
SELECT r.job_id, r.match_score FROM get_project_recommendations($1, $2) r;

-- name: best_rated
-- Freelancers by their reviews; who has none is not ranked.
SELECT rank() OVER (ORDER BY p.rating DESC, p.total_reviews DESC) AS rank, u.id, u.display_name
FROM freelancer_profiles p
JOIN users u ON u.id = p.user_id AND u.status = 'active'
WHERE p.rating > 0
ORDER BY p.rating DESC, p.total_reviews DESC, p.user_id
LIMIT 50;

-- name: earners
-- Who was paid most in a month in one currency, without the sums: what was released in it, less what has come back.
SELECT rank() OVER (ORDER BY e.net DESC) AS rank, u.id, u.display_name
FROM (
    SELECT r.user_id, sum(r.net - r.refunded + r.refunded_fee) AS net FROM releases r
    WHERE r.currency = $2 AND r.created_at >= $1 AND r.created_at < $1 + interval '1 month'
    GROUP BY r.user_id
) e
JOIN users u ON u.id = e.user_id AND u.status = 'active'
WHERE e.net > 0
ORDER BY e.net DESC, u.id
LIMIT 50;

-- name: hidden
-- Which of some people are not shown.
SELECT h.hidden_id FROM hidden_people h WHERE h.hidden_id = ANY ($1::uuid[]);
