-- Who is both has two profiles: what clients say counts for the freelancer's, what freelancers say for the client's.
-- user_ratings has the averages of both.
CREATE FUNCTION calculate_role_rating(p_user uuid, p_reviewer_role text)
RETURNS TABLE (average_rating numeric(3, 2), total_reviews integer)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(avg(r.overall_rating), 0)::numeric(3, 2), count(*)::integer
    FROM reviews r
    WHERE r.reviewee_id = p_user AND r.reviewer_role = p_reviewer_role AND r.status = 'published'
$$;

-- What does not change is not written: a profile that is written makes its search words anew.
CREATE FUNCTION keep_role_ratings(p_user uuid) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE freelancer_profiles p SET rating = c.average_rating, total_reviews = c.total_reviews
    FROM calculate_role_rating(p_user, 'client') c
    WHERE p.user_id = p_user
      AND (p.rating, p.total_reviews) IS DISTINCT FROM (c.average_rating::real, c.total_reviews);
    UPDATE client_profiles p SET rating = c.average_rating, total_reviews = c.total_reviews
    FROM calculate_role_rating(p_user, 'freelancer') c
    WHERE p.user_id = p_user
      AND (p.rating, p.total_reviews) IS DISTINCT FROM (c.average_rating::real, c.total_reviews);
$$;

CREATE OR REPLACE FUNCTION keep_ratings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_user uuid := coalesce(NEW.reviewee_id, OLD.reviewee_id);
    v_gig uuid := coalesce(NEW.gig_id, OLD.gig_id);
BEGIN
    -- One at a time for each user: of two that counted beside each other, neither would have both reviews.
    INSERT INTO user_ratings (user_id) VALUES (v_user) ON CONFLICT (user_id) DO NOTHING;
    PERFORM FROM user_ratings u WHERE u.user_id = v_user FOR NO KEY UPDATE;
    INSERT INTO user_ratings AS u (user_id, average_rating, total_reviews, communication_rating,
                                   quality_rating, professionalism_rating, value_rating)
    SELECT v_user, c.average_rating, c.total_reviews, d.*
    FROM calculate_user_rating(v_user) c, (
        SELECT avg(r.communication_rating)::real, avg(r.quality_rating)::real,
               avg(r.professionalism_rating)::real, avg(r.value_rating)::real
        FROM reviews r WHERE r.reviewee_id = v_user AND r.status = 'published'
    ) d
    ON CONFLICT (user_id) DO UPDATE SET
        average_rating = EXCLUDED.average_rating, total_reviews = EXCLUDED.total_reviews,
        communication_rating = EXCLUDED.communication_rating,
        quality_rating = EXCLUDED.quality_rating,
        professionalism_rating = EXCLUDED.professionalism_rating,
        value_rating = EXCLUDED.value_rating, updated_at = now();
    PERFORM keep_role_ratings(v_user);
    UPDATE gigs g SET rating = coalesce(r.average, 0), total_reviews = r.total
    FROM (
        SELECT avg(r.overall_rating)::real AS average, count(*)::integer AS total
        FROM reviews r WHERE r.gig_id = v_gig AND r.status = 'published'
    ) r
    WHERE g.id = v_gig;
    RETURN NULL;
END $$;

-- Ratings of before are made anew while servers run, of whoever has been reviewed.
INSERT INTO backfills (name, done_at)
SELECT 'role_ratings', CASE WHEN NOT EXISTS (SELECT FROM reviews) THEN clock_timestamp() END;

CREATE FUNCTION backfill_role_ratings(p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'role_ratings' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    -- Locked as keep_ratings does, so that a review that is published now is not left out.
    v_users := ARRAY(
        SELECT u.user_id FROM user_ratings u WHERE u.user_id > v_at.user_id ORDER BY u.user_id LIMIT p_limit
        FOR NO KEY UPDATE);
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'role_ratings';
        RETURN 0;
    END IF;
    PERFORM keep_role_ratings(u) FROM unnest(v_users) u;
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'role_ratings';
    RETURN cardinality(v_users);
END $$;
