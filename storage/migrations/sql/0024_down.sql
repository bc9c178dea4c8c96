-- Takes back what 0024 added. Nothing is lost but the guards.
DROP TRIGGER gigs_prices_finer ON gigs;
DROP TRIGGER gig_extras_amounts ON gig_extras;
DROP TRIGGER gig_packages_amounts ON gig_packages;
DROP TRIGGER fee_structure_amounts ON fee_structure;
DROP TRIGGER freelancer_profiles_amounts ON freelancer_profiles;
DROP TRIGGER proposals_amounts ON proposals;
DROP TRIGGER jobs_amounts ON jobs;
DROP FUNCTION guard_gig_currency();
DROP FUNCTION guard_gig_price();
DROP FUNCTION guard_amounts();
DROP FUNCTION currency_decimals(text);
