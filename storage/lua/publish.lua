-- Appends events to the logs of their recipients and publishes them, a whole group in one call.
-- KEYS[i]: the recipient's log. ARGV[1]: the number of bodies, then the bodies, then for each key
-- the body's number and the mode: d durable, o own (published only if another connection is open),
-- e not durable. A log that does not exist belongs to nobody who was here within the hour.
-- What is published is the entry's id (empty without one), a space, and the body.
local bodies = tonumber(ARGV[1])
for i, log in ipairs(KEYS) do
    local at = 2 + bodies + (i - 1) * 2
    local body, mode = ARGV[1 + tonumber(ARGV[at])], ARGV[at + 1]
    local user = string.sub(log, 12)
    local id = ''
    if mode ~= 'e' then
        id = redis.call('XADD', log, 'NOMKSTREAM', 'MAXLEN', '~', '256', '*', 'e', body) or ''
    end
    if mode ~= 'o' or redis.call('HLEN', 'parley:presence:' .. user) > 1 then
        redis.call('PUBLISH', 'parley:user:' .. user, id .. ' ' .. body)
    end
end
return #KEYS
