-- lua_memory.lua - a bit of everything, for lua_memory.c
local mailhealth = require("mailhealth")

local ZONE = "@ 60 IN SOA a b 1 2 3 4 5\n@ 60 IN TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 a -all\"\n@ 60 IN A 192.0.2.2\n"

local reply = assert(mailhealth.parse_reply("550 5.1.1 <jane@b.example>: User unknown", {phase = "rcpt"}))
reply:advice()
reply:facts()
reply:findings()

local zone = assert(mailhealth.zone(ZONE, "a.example"))
zone:findings()
local job = assert(mailhealth.check_spf({ip = "192.0.2.2", sender = "jo@a.example", zone = {zone}, lint = true,
	profiles = {"rfc7208", "rspamd-30"}}))
assert(#job:findings() > 0)
job:answers()
assert(mailhealth.decode(job:json()))
local world = assert(mailhealth.world(job:world()))
assert(mailhealth.check_spf({world = world}))

local loop = assert(mailhealth.loop({zone = zone, offline = true}))
local other = assert(mailhealth.job({ip = "192.0.2.1", sender = "jo@a.example"}))
assert(loop:add(other))
while loop:count("jobs") > 0 do
	loop:wait(1)
	for done in loop:done() do
		assert(done == other)
	end
end

local replies = {}
other:reset()
other:start(function(_, _, answer)
	replies[#replies + 1] = answer
end, function(done)
	assert(done:result())
end)
while #replies > 0 do
	table.remove(replies)({"v=spf1 -all"}, {ttl = 5, server = "ns"})
end
mailhealth.parse_stamp(job:received_spf())
tostring(job)
local record = assert(mailhealth.record({kind = "dmarc", text = "v=DMARC1; p=none", domain = "a.example"}))
assert(record:valid() and record:value("p") == "none" and #record:fields() > 0 and #record:findings() > 0)
assert(mailhealth.decode(record:json()))
tostring(record)
local sts = assert(mailhealth.sts({record = {"v=STSv1; id=a; x=1"}, hosts = {"mail.a.example"},
	policy = "version: STSv1\nmode: enforce\nmax_age: 1\nmx: b.example\n"}))
assert(#sts:mx() == 1 and #sts:record_fields() == 1 and #sts:findings() > 0)
assert(mailhealth.decode(sts:json()))
tostring(sts)

local chain = assert(mailhealth.chain([[
-----BEGIN CERTIFICATE-----
MIIBoTCCAUigAwIBAgIUPKw70LcVjNuQKb8NTzahd5UJB+EwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObXguZXhhbXBsZS5vcmcwHhcNMjYxMTI3MDYxNTU2WhcNMzYx
MTI0MDYxNTU2WjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABPx6y2nay6qNyGCpC+G5jY6ps6rdCpm7CB+7Ne0+WLsS
AH3ebX92zN65FiHdrSlYfusMV3S2L19ZZ1ignR8YXlyjbjBsMB0GA1UdDgQWBBTJ
p6vIXPtCJkTMv32NJ40h3Sx0VzAfBgNVHSMEGDAWgBTJp6vIXPtCJkTMv32NJ40h
3Sx0VzAPBgNVHRMBAf8EBTADAQH/MBkGA1UdEQQSMBCCDm14LmV4YW1wbGUub3Jn
MAoGCCqGSM49BAMCA0cAMEQCIBGr01YE+x6UuZTlwBhm0CD2cDArYSlQ8/jPU0gI
tJg4AiAZfGXofgiFmA+CJmYL4XzyuQEghG8EQrYp7MfIX9K0AA==
-----END CERTIFICATE-----
]], {names = {"mx.example.org"}, now = 1796000000, tlsa = {"3 1 1 00"}, tlsa_rdata = "\3\1\1\0", staple = "no"}))
assert(#chain:certificates() == 1 and #chain:tlsa() == 2 and #chain:names() == 1)
assert(#chain:findings() > 0)
assert(mailhealth.decode(chain:json()))
