-- Appends events to the logs of their recipients and publishes them, a whole group in one call.
-- KEYS: the recipients' logs, those of the first body first, all of one shard on a cluster.
-- ARGV: the most entries of a log, the most bytes of an entry, seconds that a conversation's log is
-- kept, a mode a key (storage/bus/publisher.py), how many keys each body has by commas, milliseconds; then
-- the bodies. A mode in upper case is of an event that may have been published before, so many
-- milliseconds ago at most: what is in the log is dropped. Of a relay the milliseconds are followed by
-- the name under which leases are kept, the owner of its lease and the lease's time, and the owners whose
-- rows it took and until when they had them. Whoever is named so is refused (-1) with any older lease: it
-- is late, and others have told what it has to tell. A user's log that does not exist belongs to nobody who was here within the hour.
-- What is published is the entry's id (empty without one), a space, and the body.
local most, most_bytes, kept_s = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local modes, next_count = ARGV[4], string.gmatch(ARGV[5], '%d+')
local repeat_ms, leases, lease = string.match(ARGV[6], '^(%d+) ?(%S*)(.*)$')
repeat_ms = tonumber(repeat_ms)
local HEAD = '^([^\31]*)\31([^\31]*)\31([^\31]*)\31([^\31]*)\31([^\31]*)\31([^\31]*)\31([^\31]*)\31'

-- Too large for a log: all but `d`, a reference to the change.
local function entry_of(body)
    if #body <= most_bytes then
        return body
    end
    local _, last = string.find(body, HEAD)
    return string.sub(body, 1, last)
end

-- Asked once: a script's time stands still.
local asked_ms
local function now_ms()
    if not asked_ms then
        local clock = redis.call('TIME')
        asked_ms = clock[1] * 1000 + math.floor(clock[2] / 1000)
    end
    return asked_ms
end

-- A log is read once a call, as far back as the event may stand in it: all of it, until the budget of the
-- call is spent, which keeps Redis from being deaf for long; then its newest entries. One that is not found
-- is told twice, which its readers notice.
local FEW = 16
local budget = FEW * #KEYS + tonumber(most)
local since = repeat_ms > 0 and string.format('%.0f', now_ms() - repeat_ms)
local eids = {}

local function eids_in(log)
    local found = {}
    local entries = redis.call('XREVRANGE', log, '+', since, 'COUNT', budget > 0 and most or FEW)
    budget = budget - #entries
    for _, entry in ipairs(entries) do
        local eid = string.match(entry[2][2], '^[^\31]*\31([^\31]*)\31')
        if eid then
            found[eid] = true
        end
    end
    return found
end

-- Whether it was told to these readers before; from now on it was.
local function is_in(log, body)
    eids[log] = eids[log] or eids_in(log)
    local eid = string.match(body, '^[^\31]*\31([^\31]*)\31')
    local was = eids[log][eid]
    eids[log][eid] = true
    return was
end

-- Of an event that is the newest state of something, for those who come back.
local function mark(tag, name, log, body)
    if redis.call('EXISTS', log) == 1 then
        local _, _, _, _, _, key = string.match(body, HEAD)
        local marks = tag .. 'marks:' .. name
        redis.call('HSET', marks, key, string.format('%.0f ', now_ms()) .. body)
        redis.call('EXPIRE', marks, kept_s)
    end
end

-- A person's place says of which large conversations the channels are theirs, by the rev since when.
local function note_place(place, body, sign)
    if redis.call('EXISTS', place) == 0 then
        return
    end
    local _, _, conversation, rev = string.match(body, HEAD)
    local known = redis.call('HGET', place, 'c:' .. conversation)
    if not known or math.abs(tonumber(known)) < tonumber(rev) then
        redis.call('HSET', place, 'c:' .. conversation, sign .. rev)
    end
end

local function to_conversation(tag, name, log, body, is_repeat)
    local _, _, _, rev = string.match(body, HEAD)
    local id = rev .. '-0'
    if is_repeat and #redis.call('XRANGE', log, id, id) > 0 then
        return
    end
    -- Refused when a later one was faster: then the log has a gap, which its readers see.
    redis.pcall('XADD', log, 'MAXLEN', '~', most, id, 'e', entry_of(body))
    redis.call('EXPIRE', log, kept_s)
    redis.call('EXPIRE', tag .. 'run:' .. name, kept_s)
    redis.call('SPUBLISH', tag .. 'conversation:' .. name, id .. ' ' .. body)
end

local function to_user(tag, name, log, body, mode)
    local id = ''
    if mode == 'w' then
        mark(tag, name, log, body)
    elseif mode ~= 'e' then
        id = redis.call('XADD', log, 'NOMKSTREAM', 'MAXLEN', '~', most, '*', 'e', entry_of(body)) or ''
    end
    if mode == 'j' or mode == 'l' then
        note_place(tag .. 'place:' .. name, body, mode == 'j' and '' or '-')
    end
    -- None at all: a Redis that has just come back does not know yet who is here.
    if mode ~= 'o' or redis.call('HLEN', tag .. 'presence:' .. name) ~= 1 then
        redis.call('SPUBLISH', tag .. 'user:' .. name, id .. ' ' .. body)
    end
end

local FENCED_S = 3600
local is_own = true
for owner, time in string.gmatch(lease, '(%S+) (%d+)') do
    local place = leases .. ':' .. owner
    local until_then = tonumber(redis.call('GET', place) or '0')
    if is_own and until_then >= tonumber(time) then
        return -1
    elseif not is_own and until_then < tonumber(time) then
        redis.call('SET', place, time, 'EX', FENCED_S)
    end
    is_own = false
end

local left, body, number = tonumber(next_count()), ARGV[7], 7
for i, log in ipairs(KEYS) do
    if left == 0 then
        left, number = tonumber(next_count()), number + 1
        body = ARGV[number]
    end
    left = left - 1
    local given = string.sub(modes, i, i)
    local mode = string.lower(given)
    local is_repeat = mode ~= given
    -- `parley:{17}:` and then `log:` or `clog:`.
    local tag = string.sub(log, 1, 12)
    if mode == 'c' then
        to_conversation(tag, string.sub(log, 18), log, body, is_repeat)
    elseif not (is_repeat and mode ~= 'e' and mode ~= 'w' and is_in(log, body)) then
        to_user(tag, string.sub(log, 17), log, body, mode)
    end
end
return #KEYS
