-- lua_checks_spec.lua - checks through the Lua module, on Lua 5.1, 5.3, 5.4 and LuaJIT
--
-- Run by busted with the module on LUA_CPATH and mailhealth/rspamd.lua on LUA_PATH.  Nothing here asks a server.

local mailhealth = require("mailhealth")
local rspamd = require("mailhealth.rspamd")

local ZONE = [[
$TTL 3600
$ORIGIN a.example.
@     IN SOA ns.a.example. root.a.example. 1 7200 3600 1209600 300
@     IN TXT "v=spf1 include:_spf.a.example mx -all"
@     IN MX  10 mail.a.example.
_spf  IN TXT "v=spf1 ip4:192.0.2.0/28 ~all"
mail  IN A   192.0.2.77
twice IN TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"
loop  IN TXT "v=spf1 include:loop.a.example -all"
]]

local function zone()
	return assert(mailhealth.zone(ZONE, "a.example"))
end

-- What the zone above would tell a resolver that gives text.
local function resolve(name, type)
	local known = {
		["a.example TXT"] = {"v=spf1 include:_spf.a.example mx -all"},
		["_spf.a.example TXT"] = {"v=spf1 ip4:192.0.2.0/28 ~all"},
		["a.example MX"] = {"10 mail.a.example"},
		["mail.a.example A"] = {"192.0.2.77"},
	}
	local names = {["a.example"] = true, ["_spf.a.example"] = true, ["mail.a.example"] = true}
	local records = known[name .. " " .. type]
	if records then
		return records
	end
	return nil, names[name] and "nodata" or "nxdomain"
end

local function check(options)
	options.sender = options.sender or "jo@a.example"
	options.ip = options.ip or "192.0.2.77"
	return assert(mailhealth.job(options))
end

describe("check_spf", function()
	it("knows which names of a zone file are domains of mail", function()
		assert.same({"a.example", "twice.a.example", "loop.a.example"}, zone():mail_names())
		assert.same({}, assert(mailhealth.zone()):mail_names())
	end)

	it("answers from a zone file", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.77", sender = "jo@a.example",
			helo = "mail.a.example", receiver = "mx.b.example", zone = zone()}))
		assert.equal("pass", job:result())
		assert.equal("mx", job:matched())
		assert.equal("a.example", job:matched_domain())
		assert.equal("mx", job:matched_term())
		assert.equal("a.example", job:domain())
		assert.equal("jo@a.example", job:sender())
		assert.equal("192.0.2.77", job:ip())
		assert.equal("mail.a.example", job:helo())
		assert.equal("mx.b.example", job:receiver())
		assert.equal("", job:explanation())
		assert.equal("", job:problem())
		assert.equal("pass", job:health())
		assert.equal(2, job:lookups())
		assert.equal(0, job:voids())
		assert.equal("spf=pass smtp.mailfrom=jo@a.example", job:authres())
		assert.truthy(job:received_spf():find("client-ip=192.0.2.77", 1, true))
		assert.equal("mailhealth.job (pass)", tostring(job))
	end)

	it("answers from a function", function()
		local asked = {}
		local job = assert(mailhealth.check_spf({ip = "192.0.2.78", sender = "jo@a.example",
			resolver = function(name, type)
				asked[#asked + 1] = name .. " " .. type
				return resolve(name, type)
			end}))
		assert.equal("fail", job:result())
		assert.equal("-all", job:matched())
		assert.same({"a.example TXT", "_spf.a.example TXT", "a.example MX", "mail.a.example A"}, asked)
		assert.equal(4, job:queries())
		assert.equal(3, job:rounds())
	end)

	it("answers from a loop that others use as well", function()
		local loop = assert(mailhealth.loop({zone = zone(), offline = true}))
		local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example", resolver = loop}))
		assert.equal("pass", job:result())
		assert.equal(0, loop:count("jobs"))
	end)

	it("answers from several zones, and what no zone has is unknown", function()
		local other = assert(mailhealth.zone("@ 300 IN SOA a b 1 2 3 4 5\n@ 300 IN TXT \"v=spf1 include:a.example"
			.. " include:c.example -all\"", "b.example"))
		local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@b.example", zone = {zone(), other}}))
		assert.equal("pass", job:result())
		job = assert(mailhealth.check_spf({ip = "192.0.2.99", sender = "jo@b.example", zone = {zone(), other}}))
		assert.equal("temperror", job:result())
		assert.equal("dns.unknown", job:problem())
	end)

	it("is never wrong about what could not be asked", function()
		for _, why in ipairs({"timeout", "servfail", "refused", "formerr", "notimp", "bogus", "truncated",
			"cannot-ask", "network", "failed"}) do
			local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example",
				resolver = function() return nil, why end}))
			assert.equal("temperror", job:result())
			assert.equal("unknown", job:answers()[1].state)
			assert.equal(why, job:answers()[1].why)
		end
		local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example",
			resolver = function() return false end}))
		assert.equal("temperror", job:result())
		job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example",
			resolver = function() return {} end}))
		assert.equal("none", job:result())
		assert.equal("nodata", job:answers()[1].state)
	end)

	it("does not wait for an answer that was none", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example",
			resolver = function() return {"v=spf1 -all"}, {rcode = 99999} end}))
		assert.equal("temperror", job:result())
	end)

	it("fails for what cannot be", function()
		local job, message, name = mailhealth.check_spf({ip = "192.0.2", sender = "jo@a.example"})
		assert.is_nil(job)
		assert.equal("option 'ip': an argument cannot be right", message)
		assert.equal("MH_EINVAL", name)
		for _, options in ipairs({
			{sender = "jo@a.example\0"}, {rules = "nobody"}, {profiles = "nobody"}, {profiles = {"rfc7208", "nobody"}},
			{voids = "never"}, {asks = 0}, {asks = 1.5}, {timeout = -1}, {timeout = 0 / 0}, {resolver = "nowhere"},
			{term_limit = 2 ^ 60}, {now = -1e300},
		}) do
			options.ip = "192.0.2.1"
			job, message, name = mailhealth.check_spf(options)
			assert.is_nil(job)
			assert.equal("MH_EINVAL", name)
			assert.truthy(message:find("^option '"))
		end
	end)

	it("raises for wrong types and names", function()
		assert.has_error(function() mailhealth.check_spf() end)
		assert.has_error(function() mailhealth.check_spf({ipp = "192.0.2.1"}) end, "there is no option 'ipp'")
		assert.has_error(function() mailhealth.check_spf({ip = 1}) end, "option 'ip' must be a string")
		assert.has_error(function() mailhealth.check_spf({lint = 1}) end, "option 'lint' must be a boolean")
		assert.has_error(function() mailhealth.check_spf({asks = "1"}) end, "option 'asks' must be a number")
		assert.has_error(function() mailhealth.check_spf({profiles = {1}}) end,
			"option 'profiles' must be a string")
		assert.has_error(function() mailhealth.check_spf({zone = "a.example"}) end)
		assert.has_error(function() mailhealth.check_spf({zone = {1}}) end)
		assert.has_error(function() mailhealth.check_spf({world = zone()}) end)
		assert.has_error(function() mailhealth.check_spf({resolver = zone()}) end)
		assert.has_error(function() mailhealth.check_spf({resolver = resolve, zone = zone()}) end)
		assert.has_error(function()
			mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@a.example", resolver = function() return 7 end})
		end)
		assert.has_error(function()
			mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@a.example",
				resolver = function() return nil, "nxdomian" end})
		end, "there is no failure 'nxdomian'")
		assert.has_error(function()
			mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@a.example",
				resolver = function() error("no resolver", 0) end})
		end, "no resolver")
	end)

	it("takes whatever rules there are", function()
		local names = {}
		for _, profile in ipairs(mailhealth.profiles()) do
			names[#names + 1] = profile.name
			assert.truthy(#profile.who > 0)
		end
		assert.equal("rfc7208", names[1])
		assert.truthy(#names >= 4)
		local job = assert(mailhealth.check_spf({ip = "192.0.2.5", sender = "jo@a.example", zone = zone(),
			profiles = names, rules = names[2], voids = "per-query", explain = false, term_limit = 9,
			void_limit = 1, asks = 30, timeout = math.huge, now = 1795680000.5, lint = true}))
		assert.equal("pass", job:result())
		local opinions = assert(mailhealth.decode(job:json())).results.spf.opinions
		assert.equal(#names, #opinions)
	end)
end)

describe("findings of a check", function()
	it("come with what to change", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@twice.a.example", zone = zone(),
			lint = true}))
		local found = job:findings()
		assert.equal(1, #found)
		assert.equal("spf.duplicate-term", found[1].id)
		assert.equal("present", found[1].state)
		assert.equal("spf", found[1].check)
		assert.same({
			{name = "twice.a.example.", type = "TXT", ttl = found[1].fix[1].ttl,
				remove = {'"v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"'}, add = {'"v=spf1 ip4:192.0.2.1 -all"'}},
		}, found[1].fix)
		assert.same({}, found[1].affects)
		assert.equal("ip4:192.0.2.1", ("v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"):sub(found[1].range[1] + 1, found[1].range[2]))
	end)

	it("name the cause of a permerror", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@loop.a.example", zone = zone()}))
		assert.equal("permerror", job:result())
		assert.equal("fail", job:health())
		assert.equal(job:findings()[1].id, job:problem())
	end)

	it("are not there before it is done", function()
		local job = check({})
		local found, _, name = job:findings()
		assert.is_nil(found)
		assert.equal("MH_ESTATE", name)
		local text
		text, _, name = job:json()
		assert.is_nil(text)
		assert.equal("MH_ESTATE", name)
		assert.equal("", job:result())
		assert.is_nil(job:lookups())
		assert.equal("mailhealth.job (not done)", tostring(job))
	end)
end)

describe("a job", function()
	it("is stepped by hand", function()
		local job = check({})
		local asked = {}
		while assert(job:step()) == "wait" do
			for ask, name, type in job:asks() do
				asked[#asked + 1] = ask .. " " .. name .. " " .. type
				local records, why = resolve(name, type)
				if records then
					assert.is_true(job:answer(ask, records, {ttl = 60, server = "192.0.2.53", secure = true}))
				else
					assert.is_true(job:fail(ask, why))
				end
			end
		end
		assert.equal("pass", job:result())
		assert.equal("1 a.example TXT", asked[1])
		local answer = job:answers()[1]
		assert.same({name = "a.example", type = "TXT", state = "present", why = "", server = "192.0.2.53", ttl = 60,
			secure = "yes", ede_text = "", rcode = 0,
			records = {'"v=spf1 include:_spf.a.example mx -all"'}}, answer)
	end)

	it("takes rdata, whole messages, and what knows how it is written", function()
		local job = check({})
		local address = setmetatable({}, {__tostring = function() return "192.0.2.77" end})
		assert.equal("wait", job:step(0))
		for ask in job:asks() do
			assert.is_true(job:answer_rdata(ask, {"\6v=spf1\6 a:b.a\9.example " .. "\4-all"}))
		end
		assert.equal("wait", job:step(1))
		for ask, name, type in job:asks() do
			assert.equal("b.a.example", name)
			assert.equal("A", type)
			assert.is_true(job:answer(ask, {address}))
		end
		assert.equal("done", job:step(2))
		assert.equal("pass", job:result())

		job = check({})
		assert.equal("wait", job:step(0))
		for ask in job:asks() do
			local question = "\1a\7example\0\0\16\0\1"
			local message = "\18\52\129\128\0\1\0\1\0\0\0\0" .. question .. "\192\12\0\16\0\1\0\0\0\60\0\12\11v=spf1 +all"
			assert.is_true(job:answer_wire(ask, message:gsub("\12\11v", "\12\11v"), {secure = false}))
		end
		assert.equal("done", job:step(1))
		assert.equal("pass", job:result())
		assert.equal("no", job:answers()[1].secure)
		assert.equal(60, job:answers()[1].ttl)
	end)

	it("is not shaken by late, double, foreign and unfit answers", function()
		local job = check({})
		assert.equal("wait", job:step(0))
		local ask = job:asks()()
		local function refused(name, ok, _, got)
			assert.is_nil(ok)
			assert.equal(name, got)
		end
		refused("MH_ENOENT", job:answer(99, {"v=spf1 -all"}))
		refused("MH_ENOENT", job:answer(-1, {"v=spf1 -all"}))
		refused("MH_ENOENT", job:fail(2 ^ 52, "timeout"))
				refused("MH_EINVAL", job:answer_wire(ask, "short"))
		assert.has_error(function() job:answer(ask, {"v=spf1 +all", {}}) end, "record 2 is a table, not a string")
		assert.is_true(job:answer(ask, {"v=spf1 a -all"})) -- nothing of the one before is left
		refused("MH_ESTATE", job:answer(ask, {"v=spf1 +all"}))
		assert.equal("wait", job:step(1))
		ask = job:asks()()
		refused("MH_EINVAL", job:answer(ask, {"192.0.2.77", "no address"}))
		assert.equal("unknown", job:answers()[2].state) -- not half an answer
		assert.equal("done", job:step(2))
		assert.equal("temperror", job:result())
		refused("MH_ESTATE", job:fail(ask, "timeout"))
		assert.equal(1, #job:answers()[1].records)
	end)

	it("ends with its time", function()
		local job = check({timeout = 1.5})
		assert.equal("wait", job:step(1000))
		assert.equal(1.5, job:timeout(1000))
		assert.equal("wait", job:step(2499))
		assert.equal("done", job:step(2500))
		assert.equal("temperror", job:result())
		job = check({timeout = math.huge})
		assert.equal("wait", job:step())
		assert.is_nil(job:timeout())
	end)

	it("is used again", function()
		local job = check({})
		for _ = 1, 3 do
			zone():answer(job)
			while assert(job:step()) == "wait" do
				assert.truthy(zone():answer(job) > 0)
			end
			assert.equal("pass", job:result())
			assert.equal(job, job:reset())
		end
	end)

	it("asks one question more", function()
		local job = check({})
		local ask = assert(job:want("x.a.example", 1))
		assert.equal("wait", job:step())
		local names = {}
		for _, name, type in job:asks() do
			names[name .. " " .. type] = true
		end
		assert.is_true(names["x.a.example A"])
		assert.is_true(job:fail(ask))
		assert.equal("failed", job:answers()[ask].why)
		local none, _, name = job:want("a..b", 1)
		assert.is_nil(none)
		assert.equal("MH_EINVAL", name)
	end)

	it("hears what others think", function()
		local job = check({})
		assert.equal(job, job:add_opinion("libspf2", "neutral", "it says so"))
		local none, _, name = job:add_opinion("libspf2", "perhaps")
		assert.is_nil(none)
		assert.equal("MH_EINVAL", name)
		while assert(job:step()) == "wait" do
			zone():answer(job)
		end
		local opinion = assert(mailhealth.decode(job:json())).results.spf.opinions[1]
		assert.equal("libspf2", opinion.by)
		assert.equal("neutral", opinion.result)
	end)

	it("is closed once and for all", function()
		local job = check({})
		job:close()
		job:close()
		assert.equal("mailhealth.job (closed)", tostring(job))
		assert.has_error(function() job:step() end, "this mailhealth.job is closed")
		assert.has_error(function() job:result() end, "this mailhealth.job is closed")
		assert.has_error(function() job:asks() end, "this mailhealth.job is closed")
		assert.has_error(function() zone():answer(job) end, "this mailhealth.job is closed")
	end)
end)

describe("callback style", function()
	-- Starts a check; answers come as order says: "at once", or by calling one of the functions given back.
	local function start(options, order)
		local seen = {later = {}, done = 0}
		local job = check(options)
		local state = job:start(function(name, type, reply)
			local function answer()
				return reply(resolve(name, type))
			end
			if order == "at once" then
				answer()
			else
				table.insert(seen.later, order == "backwards" and 1 or #seen.later + 1, answer)
			end
		end, function(job_done, message, name)
			seen.done = seen.done + 1
			seen.job, seen.message, seen.name = job_done, message, name
		end)
		seen.state = state
		return seen, job
	end

	it("takes answers at once", function()
		local seen, job = start({}, "at once")
		assert.equal("done", seen.state)
		assert.equal(1, seen.done)
		assert.equal(job, seen.job)
		assert.equal("pass", job:result())
	end)

	it("takes answers later, in any order", function()
		for _, order in ipairs({"in turn", "backwards"}) do
			local seen, job = start({}, order)
			assert.equal("wait", seen.state)
			assert.equal(0, seen.done)
			while #seen.later > 0 do
				table.remove(seen.later, 1)()
			end
			assert.equal(1, seen.done)
			assert.equal("pass", job:result())
		end
	end)

	it("keeps the job alive while somebody can answer", function()
		local seen = start({}, "in turn")
		collectgarbage()
		collectgarbage()
		while #seen.later > 0 do
			table.remove(seen.later, 1)()
			collectgarbage()
		end
		assert.equal("pass", seen.job:result())
	end)

	it("says of late and double answers that they are", function()
		local replies = {}
		local job = check({})
		job:start(function(_, _, reply) replies[#replies + 1] = reply end)
		assert.is_true(replies[1]({"v=spf1 a -all"}))
		local ok, _, name = replies[1]({"v=spf1 +all"})
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
		job:close()
		ok, _, name = replies[2]({"192.0.2.77"})
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
	end)

	it("takes false for a question that could not be sent", function()
		local result
		check({}):start(function() return false end, function(job) result = job:result() end)
		assert.equal("temperror", result)
		-- but an answer counts
		check({}):start(function(name, type, reply) reply(resolve(name, type)) return false end,
			function(job) result = job:result() end)
		assert.equal("pass", result)
	end)

	it("finishes, and tells of an error in the caller's function", function()
		local result
		local job = check({})
		assert.has_error(function()
			job:start(function() error("out of sockets", 0) end, function(done) result = done:result() end)
		end, "out of sockets")
		assert.equal("temperror", result)
		assert.equal("done", job:step())
	end)

	it("passes errors on of the function for the end", function()
		assert.has_error(function()
			check({}):start(function(name, type, reply) reply(resolve(name, type)) end, function() error("oh", 0) end)
		end, "oh")
	end)

	it("can be cancelled from within", function()
		local job, is_done = check({}), false
		local state, _, name = job:start(function() job:close() end, function() is_done = true end)
		assert.is_nil(state)
		assert.equal("MH_ESTATE", name)
		assert.is_false(is_done)
	end)

	it("goes on by pump when the time is over", function()
		local result
		local job = check({timeout = 0})
		job:start(function() end, function(done) result = done:result() end)
		local now = os.time()
		while not result and os.time() < now + 10 do
			job:pump()
		end
		assert.equal("temperror", result)
		local ok, _, name = job:pump()
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
	end)

	it("may start others from within", function()
		local results = {}
		local function one(ip, resolver)
			check({ip = ip}):start(resolver, function(job) results[#results + 1] = job:result() end)
		end
		local function plain(name, type, reply)
			reply(resolve(name, type))
		end
		one("192.0.2.77", function(name, type, reply)
			one("192.0.2.78", plain)
			plain(name, type, reply)
		end)
		assert.same({"fail", "fail", "fail", "fail", "pass"}, results)
	end)

	it("may be started from a coroutine, and answered from another", function()
		local replies, result = {}, nil
		coroutine.wrap(function()
			check({}):start(function(name, type, reply)
				replies[#replies + 1] = function() return reply(resolve(name, type)) end
			end, function(job) result = job:result() end)
		end)()
		collectgarbage()
		while #replies > 0 do
			coroutine.wrap(table.remove(replies, 1))()
		end
		assert.equal("pass", result)
	end)

	it("wants functions", function()
		assert.has_error(function() check({}):start() end)
		assert.has_error(function() check({}):start("resolve") end)
		assert.has_error(function() check({}):start(resolve, {}) end)
	end)
end)

describe("a loop", function()
	it("runs many jobs", function()
		local loop = assert(mailhealth.loop({zone = zone(), offline = true, cache_octets = 0, in_flight = 100,
			try_ms = 50, tries = 1, trust_ad = false}))
		local counts, jobs = {}, {}
		for i = 1, 200 do
			local job = check({ip = "192.0.2." .. i})
			jobs[job] = true
			assert.equal(loop, loop:add(job))
		end
		assert.equal(200, loop:count("jobs"))
		assert.equal("mailhealth.loop (200 jobs)", tostring(loop))
		assert.truthy(loop:fd() >= 0)
		local seen = 0
		while seen < 200 do
			assert.equal(loop, loop:wait(5))
			for job in loop:done() do
				assert.is_true(jobs[job]) -- the same object
				jobs[job] = nil
				seen = seen + 1
				counts[job:result()] = (counts[job:result()] or 0) + 1
			end
		end
		assert.same({pass = 16, fail = 184}, counts)
		assert.equal(0, loop:count("jobs"))
		assert.equal(0, loop:count("sent"))
	end)

	it("keeps its jobs", function()
		local loop = assert(mailhealth.loop({zone = zone(), offline = true}))
		for i = 1, 20 do
			loop:add(check({ip = "192.0.2." .. i}))
		end
		collectgarbage()
		collectgarbage()
		local seen = 0
		while seen < 20 do
			loop:step()
			for job in loop:done() do
				assert.truthy(#job:result() > 0)
				seen = seen + 1
			end
		end
	end)

	it("gives jobs back", function()
		local loop = assert(mailhealth.loop({offline = true}))
		local job = check({})
		assert.equal(loop, loop:add(job))
		local ok, _, name = loop:add(job)
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
		ok, _, name = job:step()
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
		assert.equal(loop, loop:remove(job))
		ok, _, name = loop:remove(job)
		assert.is_nil(ok)
		assert.equal("MH_ESTATE", name)
		assert.equal(loop, loop:add(job))
		loop:close()
		local other = assert(mailhealth.loop({zone = zone(), offline = true}))
		job:reset()
		assert.equal(job, other:run(job, 5))
		assert.truthy(#job:result() > 0)
	end)

	it("lets a job that is closed go", function()
		local loop = assert(mailhealth.loop({zone = zone(), offline = true}))
		local job = check({})
		loop:add(job)
		job:close()
		assert.equal(0, loop:count("jobs"))
		for _ in loop:done() do
			error("it is gone")
		end
	end)

	it("is collected with its jobs in any order", function()
		for _ = 1, 50 do
			local loop = assert(mailhealth.loop({offline = true}))
			loop:add(check({}))
			loop:add(check({}))
		end
		collectgarbage()
		collectgarbage()
	end)

	it("is closed once and for all", function()
		local loop = assert(mailhealth.loop())
		loop:close()
		loop:close()
		assert.equal("mailhealth.loop (closed)", tostring(loop))
		assert.has_error(function() loop:step() end, "this mailhealth.loop is closed")
		assert.has_error(function() loop:add(check({})) end, "this mailhealth.loop is closed")
	end)

	it("wants what can be", function()
		local loop, message, name = mailhealth.loop({resolver = "nowhere"})
		assert.is_nil(loop)
		assert.equal("option 'resolver': an argument cannot be right", message)
		assert.equal("MH_EINVAL", name)
		assert.has_error(function() mailhealth.loop({servers = ""}) end, "there is no option 'servers'")
		assert.has_error(function() assert(mailhealth.loop()):count("answers") end)
		assert.has_error(function() assert(mailhealth.loop()):add(zone()) end)
		assert.has_error(function() assert(mailhealth.loop()):wait(-1) end)
	end)
end)

describe("zones and recordings", function()
	it("tell what is wrong with a zone file", function()
		local broken = assert(mailhealth.zone("$INCLUDE other\n@ IN TXT \"unclosed\n", "a.example", "a.zone"))
		assert.truthy(broken:findings()[1].subject:find("^a.zone:%d"))
		assert.equal(7, zone():count())
		assert.equal("mailhealth.zone (7 records)", tostring(zone()))
		assert.same({}, zone():findings())
	end)

	it("read files", function()
		local path = os.tmpname()
		local file = assert(io.open(path, "w"))
		file:write(ZONE)
		file:close()
		local empty = assert(mailhealth.zone())
		assert.equal(empty, empty:add_file(path, "a.example"))
		assert.equal(7, empty:count())
		os.remove(path)
		local none, _, name = empty:add_file(path)
		assert.is_nil(none)
		assert.equal("MH_EIO", name)
		none, _, name = assert(mailhealth.world()):add_file(path)
		assert.is_nil(none)
		assert.equal("MH_EIO", name)
	end)

	it("replay a check bit for bit", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.77", sender = "jo@a.example", zone = zone(),
			lint = true, now = 1795680000}))
		local world = assert(mailhealth.world(assert(job:world())))
		assert.same({}, world:findings())
		assert.equal("192.0.2.77", world:option("ip"))
		assert.equal("", world:option("helo"))
		local again = assert(mailhealth.check_spf({world = world}))
		assert.equal(job:json(), again:json())
		local by_hand = assert(mailhealth.job())
		assert.equal(by_hand, by_hand:use_world(world))
		while assert(by_hand:step()) == "wait" do
			assert.truthy(assert(world:answer(by_hand)) > 0)
		end
		assert.equal("pass", by_hand:result())
	end)

	it("tell lines that they cannot read", function()
		local world = assert(mailhealth.world("nonsense\n", "my.world"))
		assert.truthy(world:findings()[1].subject:find("my.world", 1, true))
	end)

	it("are closed once and for all", function()
		local z, w = zone(), assert(mailhealth.world())
		z:close()
		z:close()
		w:close()
		w:close()
		assert.equal("mailhealth.zone (closed)", tostring(z))
		assert.has_error(function() z:count() end, "this mailhealth.zone is closed")
		assert.has_error(function() w:findings() end, "this mailhealth.world is closed")
		assert.has_error(function() mailhealth.loop({zone = z}) end, "this mailhealth.zone is closed")
	end)

	it("belong to contexts too", function()
		local context = assert(mailhealth.context())
		local z = assert(context:zone(ZONE, "a.example"))
		local loop = assert(context:loop({zone = z, offline = true}))
		local job = assert(context:job({ip = "192.0.2.77", sender = "jo@a.example"}))
		assert.equal(job, loop:run(job))
		local again = assert(context:world(job:world()))
		assert.equal("pass", assert(context:check_spf({world = again})):result())
	end)
end)

describe("parse_stamp", function()
	it("reads both header fields", function()
		local stamp = assert(mailhealth.parse_stamp("Received-SPF: fail (mx.b.example: no) client-ip=192.0.2.1;"
			.. " envelope-from=\"jo@a.example\"; helo=mail.a.example; mechanism=\"-all\""))
		assert.equal("fail", stamp.result)
		assert.equal("192.0.2.1", stamp.client_ip)
		assert.equal("jo@a.example", stamp.envelope_from)
		assert.equal("-all", stamp.mechanism)
		assert.equal("", stamp.authserv_id)
		stamp = assert(mailhealth.parse_stamp("mx.b.example; dkim=pass; spf=softfail smtp.mailfrom=a.example"))
		assert.equal("softfail", stamp.result)
		assert.equal("mx.b.example", stamp.authserv_id)
		local none, _, name = mailhealth.parse_stamp("Subject: lunch")
		assert.is_nil(none)
		assert.equal("MH_ENOENT", name)
	end)
end)

describe("decode", function()
	it("reads JSON", function()
		for text, value in pairs({
			["0"] = 0, ["-12"] = -12, ["1.5"] = 1.5, ["1e3"] = 1000, ["-0.25E-1"] = -0.025, ["true"] = true,
			["false"] = false, ['""'] = "", ['"a\\n\\u00e9\\ud83d\\ude00\\u0000\\/"'] = "a\n\195\169\240\159\152\128\0/",
			[" [ ] "] = {}, ["{}"] = {}, ["[1,[2,{\"a\":null,\"b\":[]}]]"] = {1, {2, {b = {}}}},
			["123456789012345"] = 123456789012345, ["12345678901234567890"] = 12345678901234567890,
		}) do
			assert.same(value, mailhealth.decode(text))
		end
		assert.is_nil(mailhealth.decode("null"))
		assert.equal(0, select("#", mailhealth.decode("null")) - 1)
	end)

	it("refuses what is none", function()
		for _, text in ipairs({"", " ", "nul", "01", "-", "1.", "1e", ".5", "+1", "[1,]", "[1 2]", "[", "{", "{1:2}",
			'{"a"}', '{"a":1,}', '"', '"\n"', '"\\x"', '"\\u12"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"',
			"1 1", "tru", "'a'", "\0", "[1]\0", ("["):rep(200) .. ("]"):rep(200)}) do
			local value, message, name = mailhealth.decode(text)
			assert.is_nil(value)
			assert.equal("this is not JSON", message)
			assert.equal("MH_EINVAL", name)
		end
	end)

	it("reads what the library writes", function()
		local job = assert(mailhealth.check_spf({ip = "192.0.2.1", sender = "jo@twice.a.example", zone = zone(),
			lint = true}))
		local value = assert(mailhealth.decode(job:json()))
		assert.equal("spf", value.kind)
		assert.equal(job:result(), value.results.spf.result)
		assert.equal(#job:findings(), #value.findings)
	end)
end)

describe("the adapter for Rspamd", function()
	-- A resolver with Rspamd's face: results, error words, and the sixth and seventh argument.
	local function task(answers, log)
		local resolver = {}
		function resolver:resolve(kind, request)
			log[#log + 1] = kind .. " " .. request.name .. (request.forced and " forced" or "")
			local answer = answers[kind .. " " .. request.name]
			if answer == false then
				return nil -- too many questions
			end
			if not answer then
				request.callback(self, request.name, nil, "no records with this name", nil, false)
			elseif type(answer) == "string" then
				request.callback(self, request.name, nil, answer, nil, false)
			else
				request.callback(self, request.name, answer, nil, nil, true, "192.0.2.53")
			end
			return true
		end
		return {get_resolver = function() return resolver end}
	end

	local function ip(text)
		return setmetatable({}, {__tostring = function() return text end})
	end

	local function run(answers, options, job_options)
		local log, result = {}, nil
		local job = check(job_options or {})
		rspamd.start(task(answers, log), job, function(done) result = done end, options)
		return result, log
	end

	it("asks and answers", function()
		local job, log = run({
			["txt a.example"] = {"v=spf1 mx a:b.a.example ptr:c.example -all"},
			["mx a.example"] = {{name = "mail.a.example", priority = 10}},
			["a mail.a.example"] = {ip("192.0.2.1")},
			["a b.a.example"] = {ip("192.0.2.2"), ip("192.0.2.3")},
			["ptr 192.0.2.77"] = {"host.c.example"},
			["a host.c.example"] = {ip("192.0.2.77")},
		})
		assert.equal("pass", job:result())
		assert.equal("ptr:c.example", job:matched())
		assert.equal("txt a.example", log[1])
		assert.equal("192.0.2.53", job:answers()[1].server)
		assert.equal("unknown", job:answers()[1].secure) -- nobody said that it validates
	end)

	it("asks of IPv6 addresses as Rspamd wants it", function()
		local job, log = run({
			["txt a.example"] = {"v=spf1 ptr:c.example -all"},
			["ptr 2001:0db8:0000:0000:0000:0000:0000:0001"] = {"host.c.example"},
			["aaaa host.c.example"] = {ip("2001:db8::1")},
		}, {forced = true, trust_ad = true}, {ip = "2001:db8::1"})
		assert.equal("pass", job:result())
		assert.equal("txt a.example forced", log[1])
		assert.equal("yes", job:answers()[1].secure)
	end)

	it("knows what its errors mean", function()
		for word, why in pairs({["server fail"] = "servfail", ["query timed out"] = "timeout",
			["query refused"] = "refused", ["network error"] = "network", ["YXDOMAIN"] = "failed"}) do
			local job = run({["txt a.example"] = word})
			assert.equal("temperror", job:result())
			assert.equal(why, job:answers()[1].why)
		end
		assert.equal("nodata", run({["txt a.example"] = "requested record is not found"}):answers()[1].state)
		assert.equal("nxdomain", run({}):answers()[1].state)
	end)

	it("knows when a question was not sent, and which it cannot ask", function()
		local job = run({["txt a.example"] = false})
		assert.equal("temperror", job:result())
		assert.equal("failed", job:answers()[1].why)
		job = run({["txt a.example"] = {"v=spf1 -all"}}, nil, {lint = true})
		local others = {}
		for _, answer in ipairs(job:answers()) do
			others[answer.type] = answer.why
		end
		assert.equal("cannot-ask", others.SPF)
	end)
end)

describe("memory", function()
	it("is given back", function()
		local function one()
			local job = assert(mailhealth.check_spf({ip = "192.0.2.77", sender = "jo@a.example", zone = zone(),
				lint = true}))
			job:findings()
			job:answers()
			check({}):start(function(name, type, reply) reply(resolve(name, type)) end)
		end
		for _ = 1, 20 do
			one()
		end
		collectgarbage()
		collectgarbage()
		local before = collectgarbage("count")
		for _ = 1, 200 do
			one()
		end
		collectgarbage()
		collectgarbage()
		assert.truthy(collectgarbage("count") < before + 64)
	end)
end)

describe("a check of TLS", function()
	local folder = debug.getinfo(1, "S").source:match("^@(.*)/") or "."
	local recorded = assert(io.open(folder .. "/../../examples/worlds/no-certificate.world"))
	local text = recorded:read("*a")
	recorded:close()

	it("judges a recording", function()
		local context = assert(mailhealth.context())
		local world = assert(mailhealth.world(text))
		local loop = assert(mailhealth.loop({world = world}))
		local job = assert(context:job({host = "192.0.2.25"}))
		assert(job:use_world(world))
		assert(loop:run(job))
		assert.are.equal("fail", job:health())
		assert.are.equal(8, job:connections())
		assert.is_truthy(job:json():find('"tls.no-certificate"', 1, true))
	end)

	it("takes trust anchors before the first of them", function()
		local context = assert(mailhealth.context())
		assert.are.equal(0, context:add_anchors("nothing"))
		assert.are.equal(context, context:use_system_anchors())
		local job = assert(context:job({host = "192.0.2.25"}))
		job:step(0)
		local made, _, name = context:add_anchors("nothing")
		assert.is_nil(made)
		assert.are.equal("MH_EFROZEN", name)
	end)

	local function stepped()
		local job = assert(mailhealth.job({host = "192.0.2.25", helo = "probe.example", look_up_tlsa = false}))
		assert.are.equal("wait", job:step(0))
		return job
	end

	it("has dialogues over connections of the program", function()
		local job = stepped()
		for ask, _, kind in job:asks() do
			assert.are.equal("STREAM", kind)
			local dialogue = assert(job:dialogue(ask))
			assert.are.equal("192.0.2.25", dialogue:address())
			assert.are.equal(25, dialogue:port())
			assert.are.equal("", dialogue:path())
			assert.is_truthy(dialogue:name():find("smtp+starttls://192.0.2.25:25/handshake", 1, true))
			assert.is_true(dialogue:timeout(1) > 0.5)
			assert(dialogue:connected(1))
			assert.are.equal("", dialogue:output())
			assert(dialogue:feed("220 mx.example.org\r\n", 1.5))
			assert.are.equal("EHLO probe.example\r\n", dialogue:output())
			assert.are.equal("", dialogue:output())
			assert.are.equal("mailhealth.dialogue (hello)", tostring(dialogue))
			local taken, _, name = job:answer_dialogue(ask, dialogue)
			assert.is_nil(taken)
			assert.are.equal("MH_ESTATE", name)
			assert.is_false(dialogue:is_done())
			assert(dialogue:feed(""))
			assert.is_true(dialogue:is_done())
			assert.is_nil(dialogue:timeout())
			assert.is_true(job:answer_dialogue(ask, dialogue))
			assert.are.equal("line 500000 220 mx.example.org\\013\\010", job:answers()[1].records[2])
			dialogue:close()
			assert.has_error(function() dialogue:state() end)
		end
		assert.is_nil((job:dialogue(1)))
		assert.is_nil((job:dialogue(99)))
		assert.has_error(function() job:answer_dialogue(1, "dialogue") end)
	end)

	it("hands dialogues to the function of start", function()
		local job = assert(mailhealth.job({host = "192.0.2.25", look_up_tlsa = false}))
		local tried, health = 0, nil
		assert(job:start(function(_, kind, reply, dialogue)
			assert(kind == "STREAM")
			tried = tried + 1
			assert(dialogue:tick())
			assert(dialogue:fail(tried == 1 and "refused" or "timeout"))
			assert(reply(dialogue))
		end, function(done) health = done:health() end))
		assert.is_true(tried >= 1)
		assert.are.equal("fail", health)
		assert.is_truthy(job:json():find('"port.refused"', 1, true))
		assert.has_error(function() stepped():dialogue(1):fail("tired") end)
	end)

	it("hands nil to the function of start where there can be no dialogue", function()
		local job = assert(mailhealth.job({host = "192.0.2.25", look_up_tlsa = false}))
		local given = {}
		assert(job:want("no.dialogue", 0))
		assert(job:start(function(name, kind, reply, dialogue)
			given[name] = kind .. " " .. type(reply) .. " " .. type(dialogue)
			return false
		end, function() end))
		assert.are.equal("STREAM function nil", given["no.dialogue"])
	end)

	it("fails for what cannot be", function()
		assert.is_nil(mailhealth.job({host = "192.0.2.25", mode = "telnet"}))
		assert.is_nil(mailhealth.job({host = "192.0.2.25", port = 70000}))
	end)
end)

describe("record", function()
	it("reads one record", function()
		local record = assert(mailhealth.record({kind = "dmarc", domain = "example.org",
			text = "v=DMARC1; p=quarantaine; rua=mailto:a@example.org,mailto:b@example.net!5m"}))
		assert.is_true(record:valid())
		assert.equal("none", record:value("p"))
		assert.equal("mailto:a@example.org", record:value("rua"))
		assert.equal("mailto:b@example.net", record:value("rua", 2))
		assert.equal("", record:value("rua", 3))
		assert.equal("", record:value("rua", 0))
		assert.same({"p", "none"}, record:fields()[1])
		assert.equal("dmarc.invalid-policy", record:findings()[1].id)
		assert.equal("record", mailhealth.decode(record:json()).kind)
		assert.is_truthy(tostring(record):find("dmarc, valid"))
		record:close()
		assert.is_truthy(tostring(record):find("closed"))
		assert.has_error(function() record:value("p") end)
	end)

	it("tells what cannot be used", function()
		local record = assert(mailhealth.context():record({kind = "dmarc", text = "v=DMARC1 p=none"}))
		assert.is_false(record:valid())
		assert.same({}, record:fields())
		assert.equal("dmarc.syntax", record:findings()[1].id)
	end)

	it("refuses what cannot be", function()
		assert.has_error(function() mailhealth.record({kind = "x", text = ""}) end)
		assert.has_error(function() mailhealth.record({kind = "dmarc"}) end)
		assert.has_error(function() mailhealth.record({kind = "dmarc", text = "", color = "red"}) end)
		local none, _, name = mailhealth.record({kind = "dmarc", text = ("x"):rep(65536)})
		assert.is_nil(none)
		assert.equal("MH_EINVAL", name)
		assert.is_nil(mailhealth.record({kind = "dmarc", text = "", domain = "a b"}))
	end)
end)

describe("sts", function()
	local POLICY = "version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.example.org\nnote: hello\n"

	it("reads record and policy, and compares hosts", function()
		local sts = assert(mailhealth.sts({record = "v=STSv1; id=7; x=1", policy = POLICY, domain = "example.org",
			hosts = {"mail.example.org", "b.a.example.org"}}))
		assert.equal("7", sts:id())
		assert.equal("v=STSv1; id=7; x=1", sts:record())
		assert.equal(1, sts:record_count())
		assert.is_true(sts:record_valid())
		assert.is_true(sts:policy_valid())
		assert.equal("enforce", sts:mode())
		assert.equal(604800, sts:max_age())
		assert.same({"*.example.org"}, sts:mx())
		assert.same({{"x", "1"}}, sts:record_fields())
		assert.same({{"note", "hello"}}, sts:policy_fields())
		assert.is_true(sts:matches("MAIL.example.org."))
		assert.is_false(sts:matches("example.org"))
		assert.equal("sts.mx-not-listed", sts:findings()[1].id)
		assert.equal("mta-sts", mailhealth.decode(sts:json()).kind)
		assert.is_truthy(tostring(sts):find("id 7"))
		sts:close()
		assert.is_truthy(tostring(sts):find("closed"))
		assert.has_error(function() sts:mode() end)
	end)

	it("tells what was not given from what is not there", function()
		local sts = assert(mailhealth.context():sts({}))
		assert.is_nil(sts:record_valid())
		assert.is_nil(sts:policy_valid())
		assert.is_nil(sts:max_age())
		assert.same({}, sts:findings())
		local none, _, name = sts:matches("a.example")
		assert.is_nil(none)
		assert.equal("MH_ESTATE", name)
		assert.equal("sts.missing", assert(mailhealth.sts({record = {}})):findings()[1].id)
		assert.equal("sts.multiple-records",
			assert(mailhealth.sts({record = {"v=STSv1; id=a", "v=STSv1; id=b"}})):findings()[1].id)
	end)

	it("takes nothing else", function()
		assert.has_error(function() mailhealth.sts() end)
		assert.has_error(function() mailhealth.sts({host = {}}) end)
		assert.has_error(function() mailhealth.sts({record = 7}) end)
		assert.has_error(function() mailhealth.sts({policy = {}}) end)
		local none, _, name = mailhealth.sts({hosts = {"a b"}})
		assert.is_nil(none)
		assert.equal("MH_EINVAL", name)
		none, _, name = mailhealth.sts({hosts = {"a\0b"}})
		assert.is_nil(none)
		assert.equal("MH_EINVAL", name)
	end)
end)

describe("a chain", function()
	-- self-signed, for mx.example.org, from 2026 to 2036
	local PEM = [[
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
]]
	local OWN = "3 1 1 c5e0d642b41245590d6d57c519fe2542a3175ba9fc8a4b2a93743ea1253a4907"
	local NOW = 1796000000

	it("is judged for names, at a time, with TLSA records", function()
		local chain = assert(mailhealth.chain(PEM, {names = "mx.example.org", now = NOW,
			tlsa = {OWN, "1 1 1 " .. ("00"):rep(32)}, tlsa_rdata = {"\3\1\1", "\3\1\1" .. ("\0"):rep(32)}}))
		assert.are.equal("pass", chain:dane())
		assert.are.equal("", chain:result())
		assert.are.equal("fail", chain:pkix()) -- it is its own issuer
		assert.are.equal(0, chain:dane_depth())
		local why = {}
		for i, one in ipairs(chain:tlsa()) do
			why[i] = one.state .. " " .. one.why
		end
		assert.are.same({"match ", "unusable usage-0-1", "unusable syntax", "mismatch "}, why)
		local own = chain:certificates()[1]
		assert.are.equal(OWN, own.tlsa)
		assert.are.equal("CN=mx.example.org", own.subject)
		assert.are.same({"mx.example.org"}, own.names)
		assert.are.equal(256, own.bits)
		assert.are.same({{name = "mx.example.org", matches = true}}, chain:names())
		assert.are.equal("chain", assert(mailhealth.decode(chain:json())).kind)
		assert.is_truthy(#chain:findings() > 0)
	end)

	it("is judged again with other options", function()
		local context = assert(mailhealth.context())
		assert.are.equal(1, context:add_anchors(PEM))
		local chain = assert(context:chain(PEM, {names = {"mx.example.com", "mx.example.org"}, now = NOW}))
		assert.are.equal("pass", chain:pkix())
		assert.are.equal("none", chain:dane())
		assert.is_nil(chain:dane_depth())
		assert.are.equal(chain, chain:judge({names = "mx.example.com"}))
		assert.are.equal("certificate-host-mismatch", chain:result())
		assert.are.equal("bad", assert(chain:judge({staple = "nothing"})):staple())
		assert.are.equal("malformed", chain:staple_why())
		chain:close()
		assert.has_error(function() chain:pkix() end)
	end)

	it("fails for what cannot be", function()
		local made, _, name = mailhealth.chain("nothing")
		assert.is_nil(made)
		assert.are.equal("MH_ENOENT", name)
		assert.is_nil(mailhealth.chain(PEM, {now = -1}))
		assert.is_nil(mailhealth.chain(PEM, {names = "a\0b"}))
		assert.has_error(function() mailhealth.chain(PEM, {names = 1}) end)
		assert.has_error(function() mailhealth.chain(PEM, {tlsa = {{}}}) end)
		assert.has_error(function() mailhealth.chain(PEM, {other = 1}) end)
	end)
end)

describe("a whole domain", function()
	local ZONE = [[
example.org. 300 IN SOA ns1.example.org. hostmaster.example.org. 1 7200 3600 1209600 3600
example.org. 300 IN MX 0 .
example.org. 300 IN TXT "v=spf1 -all"
_dmarc.example.org. 300 IN TXT "v=DMARC1; p=reject"
]]
	it("is checked in one call", function()
		local zone = assert(mailhealth.zone())
		assert(zone:add(ZONE))
		local job = assert(mailhealth.check{check = "domain", domain = "example.org", zone = zone,
			selector = {"a", "b"}, fetch = false, lists = false, receivers = {"parked", "gmail"}})
		local whole = assert(mailhealth.decode(job:json()))
		assert.are.equal("domain", whole.kind)
		assert.are.equal("example.org", whole.subject)
		assert.is_table(whole.profiles.parked)
		assert.is_nil(whole.profiles.bt)
		assert.are.equal("pass", whole.checks[1].health == "info" and "pass" or whole.checks[1].health)
	end)

	it("and a host alone", function()
		local job = assert(mailhealth.check{check = "host", host = "192.0.2.1", lists = false,
			resolver = function() return nil, "nxdomain" end})
		assert.are.equal("fail", job:health())
		assert.are.equal("host.ptr-missing", job:findings()[1].id)
	end)

	it("by a name of a check that there is", function()
		assert.has_error(function() mailhealth.check{check = "nothing"} end)
		assert.has_error(function() mailhealth.check{check = 1} end)
		local made, _, name = mailhealth.job{check = "domain", selector = "a b"}
		assert.is_nil(made)
		assert.are.equal("MH_EINVAL", name)
	end)
end)

describe("DMARC", function()
	local ZONE = '_dmarc.example.org. 300 IN TXT "v=DMARC1; p=reject; t=y"\n'

	local function checked(options, results)
		local zone = assert(mailhealth.zone())
		assert(zone:add(ZONE, "."))
		options.check = "dmarc"
		local job = assert(mailhealth.job(options))
		for _, result in ipairs(results or {}) do
			assert.are.equal(job, assert(job:add_result(result[1], result[2], result[3])))
		end
		while assert(job:step()) == "wait" do
			assert(zone:answer(job))
		end
		return job
	end

	it("passes by an aligned signature", function()
		local job = checked({from = {"Joe <joe@Example.org>"}},
			{{"spf", "example.net", "pass"}, {"dkim", "mail.example.org", "pass"}})
		assert.are.equal("pass", job:result())
		assert.are.equal("reject", job:policy())
		assert.are.equal("none", job:disposition())
		assert.are.equal("example.org", job:record_at())
		assert.are.equal("example.org", job:org_domain())
		assert.are.equal("mail.example.org", job:aligned_dkim())
		assert.are.equal("", job:aligned_spf())
		assert.are.equal("one", job:from_state())
		assert.are.equal("dmarc", assert(mailhealth.decode(job:json())).kind)
	end)

	it("fails, by both rules", function()
		assert.are.equal("quarantine", checked({domain = "example.org"}):disposition())
		assert.are.equal("reject", checked({domain = "example.org", rules = "rfc7489"}):disposition())
	end)

	it("asks who takes reports", function()
		local job = checked({domain = "example.org", report_domain = "example.net"})
		assert.are.equal("fail", job:result())
		assert.are.equal("example.org._report._dmarc.example.net", job:report_name())
	end)

	it("refuses what cannot be", function()
		local job = assert(mailhealth.job{check = "dmarc", domain = "example.org"})
		local ok, _, name = job:add_result("dkim", "example.org", "maybe")
		assert.is_nil(ok)
		assert.are.equal("MH_EINVAL", name)
		assert.is_nil((assert(mailhealth.job{check = "spf"}):add_result("dkim", "example.org", "pass")))
	end)

	it("knows names alone", function()
		assert.are.equal("example.co.uk", mailhealth.registrable("www.Example.co.uk"))
		assert.are.equal("", mailhealth.registrable("co.uk"))
		assert.is_true(mailhealth.aligned("a.example.org", "example.org"))
		assert.is_false(mailhealth.aligned("a.example.org", "example.org", true))
		assert.are.equal("example.org", mailhealth.from_domain("Joe <joe@example.org>"))
		assert.are.equal("", mailhealth.from_domain("a@a.org, b@b.org\0"))
		assert.has_error(function() mailhealth.registrable() end)
	end)
end)
