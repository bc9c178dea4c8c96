-- Tells what is news of a user: ARGV[3].
announce(user_of(ARGV[3]))
return 1
