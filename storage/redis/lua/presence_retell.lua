-- Tells again what those who did not hear may have missed. ARGV[3..5]: the user, the time until which
-- they heard everything, and the one since when they hear again.
local user = user_of(ARGV[3])
local before = redis.call('GET', user.announced) or '0 offline '
local since, status, text = string.match(before, '^(%d+) (%l+) (.*)$')
since = tonumber(since)
if status ~= 'offline' and #live(user) == 0 then
    return 0 -- What Redis holds is old: whoever sweeps tells that the user is gone.
end
if since == 0 or (since >= tonumber(ARGV[4]) and since < tonumber(ARGV[5])) then
    tell(user, status, text)
end
return 1
