-- What the scripts of presence begin with. A user's connections are a hash, a field each, whose value
-- is "until status text": past `until` the connection belongs to a process that died. `expiring`, a
-- sorted set a shard, holds when each user's last connection runs out, or when a user who has closed
-- the last one may be told to be gone. All times are Redis' own, in ms, which all processes share.
-- Every script: KEYS[1] is the shard's `expiring`; ARGV[1] the head of an event, ARGV[2] the time as
-- events write it. A user is {id, channel, connections, announced, seen}: an id, a channel, three keys.
-- What was announced is "since status text"; it and `seen` are forgotten after 90 days.
local RANK = {away = 1, online = 2, dnd = 3}
local KEPT_S = 7776000
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function number(value)
    return string.format('%.0f', value)
end

-- How many connections a user has but `except`, and until when. Those that ran out are taken out.
local function live(connections, except)
    local count, last, shown = 0, 0, {}
    local all = redis.call('HGETALL', connections)
    for i = 1, #all, 2 do
        local till, status, text = string.match(all[i + 1], '^(%d+) (%l+) (.*)$')
        if tonumber(till) <= now then
            redis.call('HDEL', connections, all[i])
        elseif all[i] ~= except then
            count, last = count + 1, math.max(last, tonumber(till))
            shown[count] = {status, text}
        end
    end
    return count, last, shown
end

local function keep(user, connection, shown, expiry_ms)
    local till = number(now + expiry_ms)
    local is_new = redis.call('HSET', user.connections, connection, till .. ' ' .. shown)
    redis.call('PEXPIRE', user.connections, 3 * expiry_ms)
    redis.call('ZADD', KEYS[1], 'GT', till, user.id)
    return is_new == 1
end

-- Publishes what was announced last.
local function tell(user, status, text)
    redis.call('SET', user.announced, number(now) .. ' ' .. status .. ' ' .. text, 'EX', KEPT_S)
    local d = cjson.encode({
        user_id = user.id,
        status = status,
        text = text ~= '' and text or cjson.null,
        last_seen_at = redis.call('GET', user.seen) or cjson.null,
    })
    redis.call('SPUBLISH', user.channel, ' ' .. ARGV[1] .. d)
end

-- Tells the watchers what the user's connections add up to, if that is news. Invisible on any of them
-- is offline, with `seen` frozen; else dnd comes before online, and online before away.
local function announce(user)
    local count, last, all = live(user.connections)
    local due = redis.call('ZSCORE', KEYS[1], user.id)
    if count > 0 then
        redis.call('ZADD', KEYS[1], 'GT', number(last), user.id)
    elseif due and tonumber(due) > now then
        return -- Closed a moment ago: perhaps only for a moment.
    else
        redis.call('ZREM', KEYS[1], user.id)
    end
    local status, text, hidden = 'offline', '', false
    for _, one in ipairs(all) do
        if one[1] == 'invisible' then
            hidden = true
        elseif status == 'offline' or RANK[one[1]] > RANK[status] then
            status, text = one[1], one[2]
        end
    end
    if hidden then
        status, text = 'offline', ''
    end
    local before = redis.call('GET', user.announced)
    local is_news = not before or string.match(before, '^%d+ (.*)$') ~= status .. ' ' .. text
    if status ~= 'offline' or (is_news and not hidden) then
        redis.call('SET', user.seen, ARGV[2], 'EX', KEPT_S)
    end
    if not before and hidden then
        -- Redis has forgotten. Who is hidden was shown as offline: an event would tell of life.
        redis.call('SET', user.announced, number(now) .. ' offline ', 'EX', KEPT_S)
    elseif is_news then
        tell(user, status, text)
    end
end

-- The user whose three keys begin at KEYS[k] and whose id and channel begin at ARGV[a].
local function user_at(k, a)
    return {
        id = ARGV[a], channel = ARGV[a + 1],
        connections = KEYS[k], announced = KEYS[k + 1], seen = KEYS[k + 2],
    }
end

