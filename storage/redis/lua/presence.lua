-- What the scripts of presence begin with. A user's connections are a hash, a field each, whose value
-- is "status text". `ends`, a sorted set a shard, holds when each connection runs out, as the member
-- "user connection": past that it belongs to a process that died. A member "user" says when somebody
-- who closed a connection may be told to be gone. All times are Redis' own, in ms, which all processes
-- share. Every script: KEYS[1] is the shard's `ends`; ARGV[1] the head of an event, ARGV[2] the time as
-- events write it. The names of a user's keys and channel follow from the shard's and the id.
-- What was announced is "since status text"; it and `seen` are forgotten 90 days after the user went.
local RANK = {away = 1, online = 2, dnd = 3}
local KEPT_S = 7776000
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function number(value)
    return string.format('%.0f', value)
end

local function user_of(id)
    local shard = string.sub(KEYS[1], 1, -5) -- all but "ends"
    return {
        id = id, channel = shard .. 'watch:' .. id, connections = shard .. 'presence:' .. id,
        announced = shard .. 'announced:' .. id, seen = shard .. 'seen:' .. id,
    }
end

-- What the connections of a user but `except` show, and those of them that ran out.
local function live(user, except)
    local shown, ended = {}, {}
    local all = redis.call('HGETALL', user.connections)
    for i = 1, #all, 2 do
        local till = redis.call('ZSCORE', KEYS[1], user.id .. ' ' .. all[i])
        if not till or tonumber(till) <= now then
            ended[#ended + 1] = all[i]
        elseif all[i] ~= except then
            local status, text = string.match(all[i + 1], '^(%l+) (.*)$')
            shown[#shown + 1] = {status, text}
        end
    end
    return shown, ended
end

-- Keeps what watchers see or saw of a user: for as long as the user is here, and 90 days.
local function keep(name, value, status)
    redis.call('SET', name, value)
    if status == 'offline' then
        redis.call('EXPIRE', name, KEPT_S)
    end
end

-- Publishes what was announced last.
local function tell(user, status, text)
    keep(user.announced, number(now) .. ' ' .. status .. ' ' .. text, status)
    local d = cjson.encode({
        user_id = user.id,
        status = status,
        text = text ~= '' and text or cjson.null,
        last_seen_at = redis.call('GET', user.seen) or cjson.null,
    })
    redis.call('SPUBLISH', user.channel, ' ' .. ARGV[1] .. d)
end

-- Tells the watchers what the user's connections add up to, if that is news. Invisible on any of them
-- is offline, with `seen` frozen; else dnd comes before online, and online before away. Only here is
-- taken out what ran out: until then whoever sweeps finds it.
local function announce(user)
    local all, ended = live(user)
    for _, connection in ipairs(ended) do
        redis.call('HDEL', user.connections, connection)
        redis.call('ZREM', KEYS[1], user.id .. ' ' .. connection)
    end
    local due = redis.call('ZSCORE', KEYS[1], user.id)
    if #all == 0 and due and tonumber(due) > now then
        return -- Closed a moment ago: perhaps only for a moment.
    elseif due then
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
        keep(user.seen, ARGV[2], status)
    else
        redis.call('EXPIRE', user.seen, KEPT_S)
    end
    if not before and hidden then
        -- Redis has forgotten. Who is hidden was shown as offline: an event would tell of life.
        keep(user.announced, number(now) .. ' offline ', status)
    elseif is_news then
        tell(user, status, text)
    end
end

