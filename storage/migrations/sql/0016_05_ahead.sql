-- Pages of the jobs that ask for a skill.
CREATE INDEX CONCURRENTLY IF NOT EXISTS job_skills_of_skill_newest ON job_skills (skill_id, created_at DESC, id DESC);
