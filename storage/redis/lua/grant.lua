-- Gives up to `want` tokens of the bucket KEYS[1], or none when fewer than `least` are there: the
-- sum of protocol/tokenbucket.py on the clock of Redis, which all processes share.
-- ARGV: tokens a second, burst, least, want. Answers {tokens, wait in seconds,
-- seconds until the bucket is full}, all as text.
local per_s, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local least, want = tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local start = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = (start - now) + (least - burst) / per_s
if wait > 0.000001 then
    return {'0', string.format('%.6f', wait), string.format('%.6f', start - now)}
end
local tokens = math.max(least, math.min(want, burst - (start - now) * per_s))
local full_at = start + tokens / per_s
-- A full bucket needs no key: it goes when it is full.
redis.call('SET', KEYS[1], string.format('%.6f', full_at),
    'PX', math.max(1, math.ceil((full_at - now) * 1000)))
return {string.format('%.6f', tokens), '0', string.format('%.6f', full_at - now)}
