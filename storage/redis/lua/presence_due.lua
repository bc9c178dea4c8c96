-- Whose connections have run out, and who left and is due to be told gone, of ARGV[3] at most.
local users, is_in = {}, {}
for _, member in ipairs(
    redis.call('ZRANGE', KEYS[1], '-inf', number(now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
) do
    local id = string.match(member, '^%S+')
    if not is_in[id] then
        is_in[id], users[#users + 1] = true, id
    end
end
return users
