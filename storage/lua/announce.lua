-- What the user's connections add up to, and whether that is news since it was last announced.
-- KEYS: the user's connections, what was announced, when the user was last seen.
-- ARGV: now (ms). Returns {is news, status, text, last seen (ms)}.
-- Invisible on any connection is offline, with last_seen frozen; else dnd before online before away.
local rank = {away = 1, online = 2, dnd = 3}
local status, text, hidden = 'offline', '', false
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
    local expires, one, words = string.match(all[i + 1], '^(%d+) (%l+) (.*)$')
    if tonumber(expires) >= tonumber(ARGV[1]) then
        if one == 'invisible' then
            hidden = true
        elseif status == 'offline' or rank[one] > rank[status] then
            status, text = one, words
        end
    end
end
if hidden then
    status, text = 'offline', ''
end
local now = status .. ' ' .. text
local before = redis.call('GET', KEYS[2]) or 'offline '
if status ~= 'offline' or (before ~= now and not hidden) then
    redis.call('SET', KEYS[3], ARGV[1], 'EX', 7776000)
end
if before ~= now then
    redis.call('SET', KEYS[2], now, 'EX', 86400)
end
return {before ~= now and 1 or 0, status, text, redis.call('GET', KEYS[3]) or ''}
