-- Profiles and the catalogue. A profile is its user's: keyed by user_id, so that a user of kind `both`
-- has two. What strangers may not read has a table of its own, because grants cannot differ by row.

CREATE TABLE categories (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    parent_id uuid REFERENCES categories (id),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,100}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    -- By locale: {"zh": "…"}; `name` where there is none.
    names jsonb NOT NULL DEFAULT '{}',
    description text,
    icon_url text,
    is_active boolean NOT NULL DEFAULT true,
    sort_order integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT categories_parent_id_other CHECK (parent_id <> id)
);
CREATE INDEX categories_of_parent ON categories (parent_id, sort_order, id);

CREATE TABLE skills (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    name text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 100),
    names jsonb NOT NULL DEFAULT '{}',
    category_id uuid REFERENCES categories (id) ON DELETE SET NULL,
    description text,
    icon_url text,
    is_active boolean NOT NULL DEFAULT true,
    sort_order integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX skills_of_category ON skills (category_id, sort_order, id);
CREATE INDEX skills_listed ON skills (sort_order, id);

CREATE TABLE skill_edges (
    from_skill_id uuid NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
    to_skill_id uuid NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('related', 'requires', 'part_of', 'alternative')),
    weight real NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1),
    PRIMARY KEY (from_skill_id, to_skill_id, kind),
    CHECK (from_skill_id <> to_skill_id)
);
CREATE INDEX skill_edges_back ON skill_edges (to_skill_id, kind);

CREATE TABLE freelancer_profiles (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    tagline text CHECK (char_length(tagline) <= 200),
    bio text CHECK (char_length(bio) <= 10000),
    profile_image_url text,
    cover_image_url text,
    portfolio_video_url text,
    years_of_experience integer CHECK (years_of_experience BETWEEN 0 AND 80),
    experience_level text CHECK (experience_level IN ('entry', 'intermediate', 'expert')),
    hourly_rate numeric(14, 2) CHECK (hourly_rate >= 0),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    availability text NOT NULL DEFAULT 'available'
        CHECK (availability IN ('available', 'busy', 'unavailable')),
    response_time_hours integer CHECK (response_time_hours >= 0),
    is_verified boolean NOT NULL DEFAULT false,
    verification_level text NOT NULL DEFAULT 'none'
        CHECK (verification_level IN ('none', 'basic', 'pro', 'elite')),
    verified_at timestamptz,
    instagram_handle text,
    tiktok_handle text,
    youtube_channel text,
    website_url text,
    country text CHECK (country ~ '^[A-Z]{2}$'),
    city text CHECK (char_length(city) <= 100),
    languages jsonb NOT NULL DEFAULT '[]',
    github_analysis jsonb NOT NULL DEFAULT '{}',
    reputation real NOT NULL DEFAULT 0,
    jobs_completed integer NOT NULL DEFAULT 0,
    success_rate real NOT NULL DEFAULT 0 CHECK (success_rate BETWEEN 0 AND 100),
    on_time_rate real NOT NULL DEFAULT 0 CHECK (on_time_rate BETWEEN 0 AND 100),
    rating real NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    total_reviews integer NOT NULL DEFAULT 0,
    view_count integer NOT NULL DEFAULT 0,
    is_featured boolean NOT NULL DEFAULT false,
    certification_level smallint NOT NULL DEFAULT 0 CHECK (certification_level BETWEEN 0 AND 3),
    search_vector tsvector GENERATED ALWAYS AS (
        weighed_tokens(tagline, 'A') || weighed_tokens(bio, 'B')) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX freelancer_profiles_newest ON freelancer_profiles (created_at DESC, user_id DESC);
CREATE INDEX freelancer_profiles_best ON freelancer_profiles (rating DESC, user_id DESC);
CREATE INDEX freelancer_profiles_busiest ON freelancer_profiles (jobs_completed DESC, user_id DESC);
CREATE INDEX freelancer_profiles_available
    ON freelancer_profiles (availability, is_verified, rating DESC, user_id DESC);
CREATE INDEX freelancer_profiles_featured ON freelancer_profiles (rating DESC, user_id DESC)
    WHERE is_featured;
CREATE INDEX freelancer_profiles_search ON freelancer_profiles USING gin (search_vector);
CREATE INDEX freelancer_profiles_tagline ON freelancer_profiles USING gin (tagline gin_trgm_ops);

CREATE TABLE freelancer_private (
    user_id uuid PRIMARY KEY REFERENCES freelancer_profiles (user_id) ON DELETE CASCADE,
    total_earnings numeric(14, 2) NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE client_profiles (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    company_name text NOT NULL CHECK (char_length(company_name) BETWEEN 1 AND 200),
    company_logo_url text,
    industry text CHECK (char_length(industry) <= 100),
    company_size text CHECK (
        company_size IN ('1-10', '11-50', '51-200', '201-500', '501-1000', '1000+')),
    website_url text,
    description text CHECK (char_length(description) <= 10000),
    country text CHECK (country ~ '^[A-Z]{2}$'),
    jobs_posted integer NOT NULL DEFAULT 0,
    rating real NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    total_reviews integer NOT NULL DEFAULT 0,
    is_verified boolean NOT NULL DEFAULT false,
    verified_at timestamptz,
    payment_verified boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX client_profiles_newest ON client_profiles (created_at DESC, user_id DESC);
CREATE INDEX client_profiles_best ON client_profiles (rating DESC, user_id DESC);
CREATE INDEX client_profiles_verified ON client_profiles (is_verified, rating DESC, user_id DESC);

CREATE TABLE client_private (
    user_id uuid PRIMARY KEY REFERENCES client_profiles (user_id) ON DELETE CASCADE,
    total_spent numeric(14, 2) NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_skills (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    skill_id uuid NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
    level smallint NOT NULL DEFAULT 3 CHECK (level BETWEEN 1 AND 5),
    years_experience integer CHECK (years_experience BETWEEN 0 AND 80),
    is_verified boolean NOT NULL DEFAULT false,
    verified_at timestamptz,
    verified_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, skill_id)
);
CREATE INDEX user_skills_of_skill ON user_skills (skill_id, level DESC, user_id);

CREATE TABLE user_categories (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    category_id uuid NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, category_id)
);
CREATE INDEX user_categories_of_category ON user_categories (category_id, user_id);
CREATE UNIQUE INDEX user_categories_one_primary ON user_categories (user_id) WHERE is_primary;

CREATE TABLE educations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    institution text NOT NULL CHECK (char_length(institution) BETWEEN 1 AND 200),
    degree text CHECK (char_length(degree) <= 200),
    field_of_study text CHECK (char_length(field_of_study) <= 200),
    start_year integer CHECK (start_year BETWEEN 1900 AND 2200),
    end_year integer CHECK (end_year BETWEEN 1900 AND 2200),
    description text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT educations_end_year_order CHECK (end_year >= start_year)
);
CREATE INDEX educations_of_user ON educations (user_id, id);

CREATE TABLE work_experiences (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company text NOT NULL CHECK (char_length(company) BETWEEN 1 AND 200),
    position text NOT NULL CHECK (char_length(position) BETWEEN 1 AND 200),
    start_date date NOT NULL,
    end_date date,
    description text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT work_experiences_end_date_order CHECK (end_date >= start_date)
);
CREATE INDEX work_experiences_of_user ON work_experiences (user_id, id);

CREATE TABLE portfolio_items (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CHECK (char_length(description) <= 10000),
    video_url text,
    thumbnail_url text,
    file_ids uuid[] NOT NULL DEFAULT '{}',
    video_duration_seconds integer CHECK (video_duration_seconds >= 0),
    project_type text CHECK (char_length(project_type) <= 50),
    platform text CHECK (char_length(platform) <= 50),
    display_order integer NOT NULL DEFAULT 0,
    is_featured boolean NOT NULL DEFAULT false,
    view_count integer NOT NULL DEFAULT 0,
    like_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX portfolio_items_of_user ON portfolio_items (user_id, display_order, id);
CREATE INDEX portfolio_items_newest ON portfolio_items (created_at DESC, id DESC);
CREATE INDEX portfolio_items_featured ON portfolio_items (display_order, id) WHERE is_featured;

CREATE TABLE gigs (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    freelancer_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,250}$'),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 20000),
    category_id uuid NOT NULL REFERENCES categories (id),
    subcategory_id uuid REFERENCES categories (id),
    video_type text CHECK (char_length(video_type) <= 50),
    thumbnail_url text,
    media jsonb NOT NULL DEFAULT '[]',
    tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20),
    requirements_note text,
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    -- The lowest price of its packages; kept by a trigger.
    starting_price numeric(14, 2),
    view_count integer NOT NULL DEFAULT 0,
    order_count integer NOT NULL DEFAULT 0,
    favorite_count integer NOT NULL DEFAULT 0,
    rating real NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    total_reviews integer NOT NULL DEFAULT 0,
    trend_score double precision NOT NULL DEFAULT 0,
    is_featured boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'active', 'paused', 'suspended', 'deleted')),
    published_at timestamptz,
    search_vector tsvector GENERATED ALWAYS AS (
        weighed_tokens(title, 'A') || weighed_tokens(description, 'B')
        || weighed_tokens(words_of(tags), 'C')) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX gigs_of_freelancer ON gigs (freelancer_id, created_at DESC, id DESC);
CREATE INDEX gigs_newest ON gigs (created_at DESC, id DESC) WHERE status = 'active';
CREATE INDEX gigs_of_category ON gigs (category_id, created_at DESC, id DESC) WHERE status = 'active';
CREATE INDEX gigs_top_of_category ON gigs (category_id, rating DESC, id DESC)
    WHERE status = 'active';
CREATE INDEX gigs_best ON gigs (rating DESC, id DESC) WHERE status = 'active';
CREATE INDEX gigs_most_ordered ON gigs (order_count DESC, id DESC) WHERE status = 'active';
CREATE INDEX gigs_trending ON gigs (trend_score DESC, id DESC) WHERE status = 'active';
CREATE INDEX gigs_cheapest ON gigs (starting_price, id) WHERE status = 'active';
CREATE INDEX gigs_featured ON gigs (rating DESC, id DESC) WHERE status = 'active' AND is_featured;
CREATE INDEX gigs_by_status ON gigs (status, created_at DESC, id DESC);
CREATE INDEX gigs_tags ON gigs USING gin (tags);
CREATE INDEX gigs_search ON gigs USING gin (search_vector) WHERE status = 'active';
CREATE INDEX gigs_title ON gigs USING gin (title gin_trgm_ops) WHERE status = 'active';

CREATE TABLE gig_packages (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    gig_id uuid NOT NULL REFERENCES gigs (id) ON DELETE CASCADE,
    tier text NOT NULL CHECK (tier IN ('basic', 'standard', 'premium')),
    name text CHECK (char_length(name) <= 100),
    description text CHECK (char_length(description) <= 2000),
    price numeric(14, 2) NOT NULL CHECK (price > 0),
    delivery_days integer NOT NULL CHECK (delivery_days BETWEEN 1 AND 365),
    revisions integer NOT NULL DEFAULT 0 CHECK (revisions BETWEEN 0 AND 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    UNIQUE (gig_id, tier)
);

CREATE TABLE gig_extras (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    gig_id uuid NOT NULL REFERENCES gigs (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CHECK (char_length(description) <= 2000),
    price numeric(14, 2) NOT NULL CHECK (price > 0),
    extra_days integer NOT NULL DEFAULT 0 CHECK (extra_days BETWEEN 0 AND 365),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX gig_extras_of_gig ON gig_extras (gig_id, id);

CREATE TABLE gig_requirements (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    gig_id uuid NOT NULL REFERENCES gigs (id) ON DELETE CASCADE,
    question text NOT NULL CHECK (char_length(question) BETWEEN 1 AND 1000),
    kind text NOT NULL DEFAULT 'text' CHECK (kind IN ('text', 'file', 'choice')),
    choices text[] NOT NULL DEFAULT '{}',
    is_required boolean NOT NULL DEFAULT true,
    display_order integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX gig_requirements_of_gig ON gig_requirements (gig_id, display_order, id);

CREATE TABLE gig_faqs (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    gig_id uuid NOT NULL REFERENCES gigs (id) ON DELETE CASCADE,
    question text NOT NULL CHECK (char_length(question) BETWEEN 1 AND 500),
    answer text NOT NULL CHECK (char_length(answer) BETWEEN 1 AND 5000),
    display_order integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX gig_faqs_of_gig ON gig_faqs (gig_id, display_order, id);
