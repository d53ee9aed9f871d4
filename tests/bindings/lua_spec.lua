-- lua_spec.lua - the Lua module, on Lua 5.1, 5.3, 5.4 and LuaJIT
--
-- Run by busted with the module on LUA_CPATH.

local mailhealth = require("mailhealth")

local UNKNOWN_USER = "550 5.1.1 <jane@example.org>: Recipient address rejected: User unknown"
local BLOCKLISTED = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
local GREYLISTED = "451 4.7.1 Greylisted, please try again in 300 seconds"
local CONTRADICTION = "550 4.7.1 Try again later"

local DRAGONS = [[
rule test.dragons {
	reason policy-rejected
	text   "here be dragons"
	sample "550 Here be dragons"
}
]]
local BAD_RULES = [[
rule test.bad {
	reason no-such-reason
	text   "here be nothing"
	sample "550 Here be nothing"
}
]]

local TEXTS = {
	"status", "reason", "reason_text", "rule", "meaning", "permanence", "class", "retry", "actor",
	"provider", "provider_name", "contact", "draft", "template", "phase", "status_text", "text",
	"reference", "form",
}
local NUMBERS = {"code", "confidence", "span_begin", "span_end", "retry_after", "length"}

-- Asserts that a call returned nil, some words and this name; gives what came after.
local function failed(name, ok, message, got, ...)
	assert.is_nil(ok)
	assert.is_string(message)
	assert.are_not.equal("", message)
	assert.are.equal(name, got)
	return message, ...
end

local function raises(words, f, ...)
	local ok, message = pcall(f, ...)
	assert.is_false(ok)
	assert.truthy(tostring(message):find(words, 1, true), tostring(message))
end

describe("a reply", function()
	it("says what failed", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		assert.are.equal(550, reply:code())
		assert.are.equal("5.1.1", reply:status())
		assert.are.equal("user-unknown", reply:reason())
		assert.are.equal("permanent", reply:permanence())
		assert.are.equal("failed", reply:class())
		assert.are_not.equal("", reply:rule())
		assert.are.equal(#UNKNOWN_USER, reply:length())
		assert.is_true(reply:confidence() > 0 and reply:confidence() <= 1)
		local span = reply:span()
		assert.is_true(0 <= span[1] and span[1] < span[2] and span[2] <= #UNKNOWN_USER)
		assert.truthy(tostring(reply):find("550 user-unknown", 1, true))
	end)

	it("has every text as a string, by method and by name", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		for _, name in ipairs(TEXTS) do
			assert.is_string(reply[name](reply), name)
			assert.are.equal(reply[name](reply), reply:str(name))
		end
	end)

	it("has every number, or nil, by method and by name", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		for _, name in ipairs(NUMBERS) do
			if name == "confidence" then
				assert.are.equal(reply:int(name), math.floor(reply:confidence() * 1000 + 0.5))
			else
				assert.are.equal(reply[name](reply), reply:int(name))
			end
		end
		assert.is_nil(reply:retry_after())
		local empty = assert(mailhealth.parse_reply(""))
		assert.is_nil(empty:code())
		assert.are.equal(0, empty:length())
	end)

	it("has integers where Lua has them", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		if math.type then
			assert.are.equal("integer", math.type(reply:code()))
			assert.are.equal("float", math.type(reply:confidence()))
		end
		assert.are.equal("550", tostring(reply:code()))
	end)

	it("knows the wait that the text asks for", function()
		assert.are.equal(300, mailhealth.parse_reply(GREYLISTED):retry_after())
	end)

	it("gives advice and lines", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		assert.is_true(#reply:advice() > 0)
		for _, advice in ipairs(reply:advice()) do
			assert.are_not.equal("", advice.id)
			assert.are_not.equal("", advice.text)
			assert.is_string(advice.url)
		end
		local lines = reply:lines()
		assert.are.equal(1, #lines)
		assert.are.equal(550, lines[1].code)
		assert.are.equal("5.1.1", lines[1].status)
		assert.truthy(lines[1].text:find("User unknown", 1, true))
		assert.is_table(lines[1].span)
	end)

	it("gives lists of words as arrays of strings", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		for _, name in ipairs {"alternatives", "scope", "disagreements", "next"} do
			local words = reply[name](reply)
			for i, entry in ipairs(reply:entries(name)) do
				assert.are.equal(entry.id, words[i])
			end
		end
		assert.are.equal("recipient", reply:scope()[1])
	end)

	it("gives facts, and where they are", function()
		local reply = assert(mailhealth.parse_reply(BLOCKLISTED))
		local facts = reply:facts()
		for _, kind in ipairs {"ip", "domain", "email", "url", "id", "blocklist", "limit"} do
			assert.is_table(facts[kind])
			assert.are.equal(#facts[kind], #reply:entries(kind))
		end
		assert.are.same({"192.0.2.1"}, facts.ip)
		assert.are.equal("zen.spamhaus.org", facts.blocklist[1].zone)
		assert.are.equal("ip", facts.blocklist[1].kind)
		local span = reply:entries("ip")[1].span
		assert.are.equal("192.0.2.1", BLOCKLISTED:sub(span[1] + 1, span[2]))
	end)

	it("is one JSON object on one line", function()
		local json = assert(assert(mailhealth.parse_reply(UNKNOWN_USER)):json())
		assert.are.equal('{"schema":1,', json:sub(1, 12))
		assert.is_nil(json:find("\n", 1, true))
		assert.truthy(json:find('"reason":"user-unknown"', 1, true))
	end)

	it("has findings where it is odd", function()
		assert.are.same({}, mailhealth.parse_reply(UNKNOWN_USER):findings())
		local found
		for _, finding in ipairs(mailhealth.parse_reply(CONTRADICTION):findings()) do
			if finding.id == "reply.code-vs-status" then
				found = finding
			end
		end
		assert.are.equal("warn", found.severity)
		assert.is_number(found.number)
		assert.are_not.equal("", found.remedy)
	end)

	it("takes any octets", function()
		local all = {}
		for i = 0, 255 do
			all[#all + 1] = string.char(i)
		end
		for _, text in ipairs {"", "\0", "550\0 5.1.1\0", table.concat(all), ("550-"):rep(20000),
			("\n"):rep(5000)} do
			local reply = assert(mailhealth.parse_reply(text))
			assert.are.equal(#text, reply:length())
			assert.is_string(reply:json())
			assert.is_table(reply:findings())
		end
	end)

	it("raises for names that are not there", function()
		local reply = assert(mailhealth.parse_reply(UNKNOWN_USER))
		raises("nonsense", reply.str, reply, "nonsense")
		raises("nonsense", reply.int, reply, "nonsense")
		raises("code", reply.str, reply, "code")
		raises("nonsense", reply.entries, reply, "nonsense")
	end)
end)

describe("a reply handle", function()
	local reply

	before_each(function()
		reply = assert(assert(mailhealth.context()):reply())
	end)

	it("serves one text after the other", function()
		assert.are.equal(reply, reply:parse(UNKNOWN_USER))
		assert.are.equal("user-unknown", reply:reason())
		assert.are.equal("greylisted", reply:parse(GREYLISTED):reason())
	end)

	it("knows nothing before the first", function()
		assert.are.equal("", reply:reason())
		assert.is_nil(reply:code())
		assert.are.same({}, reply:advice())
		failed("MH_ESTATE", reply:json())
		failed("MH_ESTATE", reply:findings())
	end)

	it("takes options for one parse", function()
		reply:parse("User unknown", {provider = "google", mx = "mx.example.org", phase = "rcpt",
			form = "fragment", code = 550, status = "5.1.1", line_number = 17})
		assert.are.equal("google", reply:provider())
		assert.are_not.equal("", reply:provider_name())
		assert.are.equal("rcpt", reply:phase())
		assert.are.equal("fragment", reply:form())
		assert.are.equal(550, reply:code())
		assert.are.equal("5.1.1", reply:status())
		assert.truthy(reply:json():find('"n":17,', 1, true))
		reply:parse("no")
		assert.are.equal("", reply:provider())
		assert.are.equal("", reply:phase())
		assert.is_nil(reply:code())
		assert.are.equal("", reply:status())
		assert.truthy(reply:json():find('"n":1,', 1, true))
	end)

	it("says which value cannot be right, and forgets the others", function()
		for name, value in pairs {phase = "nonsense", form = "nonsense", provider = "a\0b", code = -1,
			line_number = 0 / 0, status = "4.7.1\0"} do
			local message = failed("MH_EINVAL", reply:parse("550 no", {mx = "mx.example.org", [name] = value}))
			assert.truthy(message:find(name, 1, true), message)
			assert.are.equal("", assert(reply:parse("550 no")):provider())
		end
		failed("MH_EINVAL", mailhealth.parse_reply("550 no", {code = 550.5}))
	end)

	it("raises for wrong types and unknown options", function()
		raises("string expected", reply.parse, reply)
		raises("string expected", reply.parse, reply, {})
		raises("table expected", reply.parse, reply, "550 no", "google")
		raises("'phase' must be a string", reply.parse, reply, "550 no", {phase = 1})
		raises("'code' must be a number", reply.parse, reply, "550 no", {code = "550"})
		raises("no option 'nonsense'", reply.parse, reply, "550 no", {nonsense = 1})
		raises("no option 'number'", reply.parse, reply, "550 no", {"google"})
		raises("mailhealth.reply expected", reply.parse, mailhealth.context(), "550 no")
		raises("mailhealth.reply expected", reply.parse, io.stdout, "550 no")
		assert.are.equal("user-unknown", reply:parse(UNKNOWN_USER):reason())
	end)

	it("is closed for good, and may be closed again", function()
		reply:close()
		reply:close()
		raises("closed", reply.parse, reply, "550 no")
		for _, name in ipairs {"reason", "code", "advice", "facts", "json", "findings", "span", "confidence"} do
			raises("closed", reply[name], reply)
		end
		raises("closed", reply.str, reply, "reason")
		assert.truthy(tostring(reply):find("closed", 1, true))
	end)

	it("outlives its context", function()
		local context = assert(mailhealth.context())
		local other = assert(context:reply())
		context:close()
		context:close()
		raises("closed", context.reply, context)
		assert.are.equal("user-unknown", other:parse(UNKNOWN_USER):reason())
	end)

	it("is left to the collector in any number", function()
		for _ = 1, 2000 do
			mailhealth.context():reply():parse(UNKNOWN_USER):findings()
		end
		collectgarbage()
		collectgarbage()
	end)

	it("is closed at the end of its block, where Lua has that", function()
		local load_54 = _VERSION == "Lua 5.4" and load([[
			local mailhealth = ...
			local kept
			do
				local reply <close> = mailhealth.parse_reply("550 no")
				kept = reply
			end
			return kept
		]])
		if load_54 then
			local kept = load_54(mailhealth)
			raises("closed", kept.reason, kept)
		end
	end)
end)

describe("rules", function()
	local context, rules

	before_each(function()
		context = assert(mailhealth.context())
		rules = assert(mailhealth.rules(context))
	end)

	it("are used until taken back", function()
		local reply = assert(context:reply())
		local before = reply:parse("550 Here be dragons"):rule()
		assert.are.equal(rules, rules:add("user", "dragons.rules", DRAGONS))
		assert.are.equal(1, rules:count())
		assert.is_true(rules:builtin() > 0)
		assert.truthy(rules:version():find("^%x+$"))
		assert.are.equal(16, #rules:version())
		assert.are.equal(context, context:use_rules(rules))
		rules:close()
		assert.are.equal("test.dragons", reply:parse("550 Here be dragons"):rule())
		assert.are.equal("policy-rejected", reply:reason())
		assert.are_not.equal("test.dragons", mailhealth.parse_reply("550 Here be dragons"):rule())
		context:use_rules(nil)
		assert.are.equal(before, reply:parse("550 Here be dragons"):rule())
	end)

	it("say where they are wrong", function()
		local message, line, column = failed("MH_ERULES", rules:add("site", "bad.rules", BAD_RULES))
		assert.are.equal(2, line)
		assert.is_true(column >= 1)
		assert.truthy(message:find("bad.rules:2:" .. tostring(column) .. ": ", 1, true), message)
		assert.are.equal(0, rules:count())
		assert(rules:add("site", "dragons.rules", DRAGONS))
	end)

	it("come from files too", function()
		local path = os.tmpname()
		local file = assert(io.open(path, "w"))
		file:write(DRAGONS)
		file:close()
		local ok = rules:add_file("user", path)
		os.remove(path)
		assert.are.equal(rules, ok)
		failed("MH_EIO", rules:add_file("user", path))
	end)

	it("can no longer change when in use", function()
		context:use_rules(rules)
		failed("MH_EFROZEN", rules:add("user", "dragons.rules", DRAGONS))
	end)

	it("can be checked without a context, or made by one", function()
		assert(assert(mailhealth.rules()):add("user", "dragons.rules", DRAGONS))
		assert(assert(context:rules()):add("user", "dragons.rules", DRAGONS))
	end)

	it("refuse wrong arguments", function()
		failed("MH_EINVAL", rules:add("nonsense", "dragons.rules", DRAGONS))
		raises("string expected", rules.add, rules, "user", "dragons.rules")
		raises("NUL", rules.add, rules, "user", "a\0b", DRAGONS)
		raises("NUL", rules.add_file, rules, "user", "a\0b")
		raises("mailhealth.rules expected", context.use_rules, context, context)
		raises("value expected", context.use_rules, context)
		raises("mailhealth.context expected", mailhealth.rules, rules)
		rules:close()
		rules:close()
		raises("closed", rules.count, rules)
		raises("closed", context.use_rules, context, rules)
	end)
end)

describe("the module", function()
	it("has a version and no globals", function()
		assert.truthy(mailhealth.version():find("^%d+%.%d+%.%d+$"))
		assert.is_nil(rawget(_G, "mailhealth"))
	end)

	it("has the catalogue of findings in order", function()
		local last = 0
		for _, finding in ipairs(mailhealth.findings()) do
			assert.is_true(finding.number > last)
			last = finding.number
			for _, key in ipairs {"id", "title", "reason", "remedy", "spec", "since"} do
				assert.are_not.equal("", finding[key])
			end
			assert.truthy(("info warn fail"):find(finding.severity, 1, true))
			assert.are.equal("", finding.evidence)
			assert.is_nil(finding.range)
		end
		assert.is_true(last > 0)
	end)

	it("does what its README shows", function()
		local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "."
		local file = assert(io.open(here .. "/../../bindings/lua/README.md"))
		local text = file:read("*a")
		file:close()
		local ran = 0
		for block in text:gmatch("```lua\n(.-)```") do
			local names = setmetatable({print = function() end, replies = {UNKNOWN_USER, GREYLISTED}},
				{__index = _G})
			local chunk
			if setfenv then
				chunk = setfenv(assert(loadstring(block)), names)
			else
				chunk = assert(load(block, "README.md", "t", names))
			end
			chunk()
			ran = ran + 1
		end
		assert.is_true(ran > 1)
	end)
end)
