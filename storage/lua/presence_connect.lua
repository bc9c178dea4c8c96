-- Registers a connection, unless the user has as many as allowed. KEYS[2..4], ARGV[3..4]: the user.
-- ARGV[5..8]: the connection, "status text", ms until it runs out, the most. Returns 1, or 0 if full.
local user = user_at(2, 3)
if live(user.connections, ARGV[5]) >= tonumber(ARGV[8]) then
    return 0
end
keep(user, ARGV[5], ARGV[6], tonumber(ARGV[7]))
announce(user)
return 1
