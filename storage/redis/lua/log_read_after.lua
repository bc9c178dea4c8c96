-- Keeps the logs of connected users, and tells what followed the entry that a process saw last.
-- KEYS: the users' logs. ARGV: a random id for new logs, seconds that they are kept; then for each log
-- the epoch and the entry. Returns for each that is not there any more {its number, epoch, newest entry,
-- the entries in between, or false when it cannot be told that these are all}.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local told = {}
for i, log in ipairs(KEYS) do
    local rest = string.sub(log, 1, 12)
    local name = string.sub(log, 17)
    local place, marks = rest .. 'place:' .. name, rest .. 'marks:' .. name
    local epoch = redis.call('HGET', place, 'epoch')
    local is_kept = redis.call('EXPIRE', log, ARGV[2]) == 1
    if not epoch or string.sub(epoch, -#run) ~= run or not is_kept then
        redis.call('DEL', log, place, marks)
        epoch = ARGV[1] .. '.' .. run
        redis.call('HSET', place, 'epoch', epoch)
        redis.call('XADD', log, '*', 'm', ARGV[1])
        redis.call('EXPIRE', log, ARGV[2])
    end
    redis.call('EXPIRE', place, ARGV[2])
    redis.call('EXPIRE', marks, ARGV[2])
    local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1][1]
    local seen = ARGV[2 + 2 * i]
    local is_same = epoch == ARGV[1 + 2 * i]
    if not is_same or seen ~= newest then
        local entries = false
        if is_same and #redis.call('XRANGE', log, seen, seen) == 1 then
            entries = redis.call('XRANGE', log, '(' .. seen, '+')
        end
        told[#told + 1] = {i, epoch, newest, entries}
    end
end
return told
