-- Where a user's log stands, for a connection that joins; made when there is none.
-- KEYS: the user's log, place and marks. ARGV: a random id for a new log, seconds that all are kept,
-- the epoch and the entry from which the connection wants to go on (both may be empty).
-- Returns {epoch, newest entry, 1 if the large conversations are known, the place's fields, the
-- entries after the wanted one or false, the marks since then}.
-- The epoch is the log's id and the run of this Redis: one that started again may have lost entries.
local log, place, marks = KEYS[1], KEYS[2], KEYS[3]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local epoch = redis.call('HGET', place, 'epoch')
if not epoch or string.sub(epoch, -#run) ~= run or redis.call('EXISTS', log) == 0 then
    redis.call('DEL', log, place, marks)
    epoch = ARGV[1] .. '.' .. run
    redis.call('HSET', place, 'epoch', epoch)
    redis.call('XADD', log, '*', 'm', ARGV[1])
end
for _, key in ipairs(KEYS) do
    redis.call('EXPIRE', key, ARGV[2])
end
local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1][1]
local entries, since = false, {}
if ARGV[3] == epoch and #redis.call('XRANGE', log, ARGV[4], ARGV[4]) == 1 then
    entries = redis.call('XRANGE', log, '(' .. ARGV[4], '+')
    local from = tonumber(string.match(ARGV[4], '^%d+'))
    for _, value in ipairs(redis.call('HVALS', marks)) do
        local at, body = string.match(value, '^(%d+) (.*)$')
        if tonumber(at) >= from then
            since[#since + 1] = body
        end
    end
end
local known = redis.call('HEXISTS', place, 'known')
return {epoch, newest, known, redis.call('HGETALL', place), entries, since}
