-- Tells what is news of a user: KEYS[2..4], ARGV[3..4].
announce(user_at(2, 3))
return 1
