-- Keeps connections alive. ARGV[3]: ms until they run out; ARGV[4]: 1 to announce all of them anew.
-- Then two arguments a connection: "user connection", "status text".
-- What was lost, or had run out and was told to be gone, is put back and announced.
-- Returns {the time, how many were lost}.
local till, members, lost = number(now + ARGV[3]), {}, 0
for i = 5, #ARGV, 2 do
    members[#members + 1] = till
    members[#members + 1] = ARGV[i]
end
if redis.call('ZADD', KEYS[1], unpack(members)) > 0 or ARGV[4] == '1' then
    for i = 5, #ARGV, 2 do
        local id, connection = string.match(ARGV[i], '^(%S+) (.*)$')
        local user = user_of(id)
        local is_new = redis.call('HSET', user.connections, connection, ARGV[i + 1]) == 1
        if is_new then
            lost = lost + 1
        end
        if is_new or ARGV[4] == '1' then
            announce(user)
        end
    end
end
return {now, lost}
