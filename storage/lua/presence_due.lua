-- At most ARGV[3] users whose connections have run out, or who left and are due to be told gone.
return redis.call('ZRANGE', KEYS[1], '-inf', number(now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
