-- Keeps connections alive. ARGV[3]: ms until they run out; ARGV[4]: 1 to announce all of them anew.
-- Then three keys and four arguments a connection: the user, the connection, "status text".
-- What was lost, or had run out and was told to be gone, is put back and announced.
-- Returns {the time, how many were lost}.
local lost = 0
for i = 0, (#KEYS - 1) / 3 - 1 do
    local a = 5 + 4 * i
    local user = user_at(2 + 3 * i, a)
    local is_new = keep(user, ARGV[a + 2], ARGV[a + 3], tonumber(ARGV[3]))
    local is_known = redis.call('EXPIRE', user.announced, KEPT_S) == 1
    redis.call('EXPIRE', user.seen, KEPT_S)
    if is_new or not is_known then
        lost = lost + 1
    end
    if is_new or not is_known or ARGV[4] == '1' then
        announce(user)
    end
end
return {now, lost}
