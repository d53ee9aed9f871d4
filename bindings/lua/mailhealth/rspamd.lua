-- mailhealth/rspamd.lua - checks inside Rspamd, by its own resolver
--
--	local mailhealth = require("mailhealth")
--	local rspamd = require("mailhealth.rspamd")
--
--	local job = assert(mailhealth.job({ip = tostring(task:get_ip()), ...}))
--	rspamd.start(task, job, function(done) ... end)
--
-- Callbacks only: coroutines of plugins crash Rspamd 3.4 when several messages
-- are scanned at once.  What its resolver does not tell stays unknown: TTLs,
-- and records of other types than those below, which it gives as empty tables.

local rspamd = {}

-- What errors of Rspamd's resolver mean; all others are "failed".
local failures = {
	["requested record is not found"] = "nodata",
	["no records with this name"] = "nxdomain",
	["query format error"] = "formerr",
	["server fail"] = "servfail",
	["not implemented"] = "notimp",
	["query refused"] = "refused",
	["query timed out"] = "timeout",
	["network error"] = "network",
}

local function as_it_is(record)
	return record
end

-- How the records of a type are written.
local types = {
	A = tostring,
	AAAA = tostring,
	NS = as_it_is,
	PTR = as_it_is,
	TXT = as_it_is,
	MX = function(record)
		return string.format("%d %s", record.priority, record.name)
	end,
}

-- The address that a name below in-addr.arpa or ip6.arpa stands for; nil if it is another name.
local function address_of(name)
	local d, c, b, a = name:lower():match("^(%d+)%.(%d+)%.(%d+)%.(%d+)%.in%-addr%.arpa$")
	if a then
		return table.concat({a, b, c, d}, ".")
	end
	local nibbles = name:lower():match("^([%x.]+)%.ip6%.arpa$")
	nibbles = nibbles and nibbles:reverse():gsub("%.", "")
	if not nibbles or #nibbles ~= 32 then
		return nil
	end
	return (nibbles:gsub("%x%x%x%x", "%0:", 7))
end

local function written(type, results)
	local records = {}
	for i, record in ipairs(results) do
		records[i] = types[type](record)
	end
	return records
end

--- A function for job:start that asks Rspamd's resolver.
-- options.forced    true: also beyond the questions that Rspamd allows a message (64)
-- options.trust_ad  true: the resolver validates DNSSEC, and its word counts
-- options.resolver  another than the task's
function rspamd.resolver(task, options)
	options = options or {}
	local resolver = options.resolver or task:get_resolver()
	return function(name, type, reply)
		-- Rspamd makes the name of a PTR question from the address.
		local asked = name
		if type == "PTR" then
			asked = address_of(name)
		end
		if not types[type] or not asked then
			reply(nil, "cannot-ask")
			return
		end
		local function answered(_, _, results, err, _, is_authenticated, server)
			local extra = {server = server and tostring(server) or "rspamd"}
			if options.trust_ad and is_authenticated then
				extra.secure = true
			end
			if results then
				reply(written(type, results), extra)
			else
				reply(nil, failures[err] or "failed", extra)
			end
		end
		-- false: a message may only ask so much, and this one has
		return resolver:resolve(type:lower(), {
			task = task,
			name = asked,
			forced = options.forced or false,
			callback = answered,
		}) or false
	end
end

--- Runs a job by Rspamd's resolver; done(job), or done(nil, message, name), is called at the end.
function rspamd.start(task, job, done, options)
	return job:start(rspamd.resolver(task, options), done)
end

return rspamd
