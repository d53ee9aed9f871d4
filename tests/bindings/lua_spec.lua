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

-- Written by us in the forms that the programs use; names and addresses are documentation's.
local BOUNCED = "Nov 21 10:00:00 mail postfix/smtp[123]: 4F1234567: to=<jane@b.example>, "
	.. "orig_to=<info@a.example>, relay=mx.b.example[192.0.2.1]:25, delay=1.5, delays=0.1/0/1/0.4, "
	.. "dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.1] said: 550 5.1.1 <jane@b.example>: "
	.. "User unknown (in reply to RCPT TO command))"
local SENT = "Nov 21 10:00:05 mail postfix/smtp[124]: 4F1234568: to=<joe@b.example>, "
	.. "relay=mx.b.example[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, "
	.. "status=sent (250 2.0.0 Ok: queued as 77)"
local NOTHING = "Nov 21 10:00:06 mail cron[99]: (root) CMD (true)"
local NOW = 1795680000 -- 2026-11-26
local BOUNCE = [[
From: Mail Delivery System <MAILER-DAEMON@mail.a.example>
To: joe@a.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.a.example

Final-Recipient: rfc822; jane@b.example
Original-Recipient: rfc822;info@a.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.b.example
Diagnostic-Code: smtp; 550 5.1.1 <jane@b.example>: User unknown

Final-Recipient: rfc822; max@c.example
Action: delayed
Status: 4.2.2
Remote-MTA: dns; mx.c.example
Diagnostic-Code: smtp; 452 4.2.2 The mailbox is over quota

--x
Content-Type: message/rfc822

From: joe@a.example
To: info@a.example
Subject: Hello
Message-ID: <1@a.example>

Hi.
--x--
]]
local ORDINARY = "From: joe@a.example\nTo: jane@b.example\nSubject: Lunch\n\nAt noon?\n"

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

describe("a log line", function()
	it("says what became of a recipient", function()
		local line = assert(mailhealth.parse_log_line(BOUNCED .. "\n", {now = NOW}))
		assert.are.equal("postfix", line:mta())
		assert.are.equal("delivery", line:event())
		assert.are.equal("4F1234567", line:queue_id())
		assert.are.equal("2026-11-21T10:00:00Z", line:time())
		assert.are.equal(1795255200, line:unix_time())
		assert.are.equal("mx.b.example", line:relay())
		assert.are.equal("192.0.2.1", line:relay_ip())
		assert.are.equal(25, line:relay_port())
		assert.are.equal("bounced", line:result())
		assert.are.equal("failed", line:class())
		assert.are.equal("5.1.1", line:dsn())
		assert.are.equal("jane@b.example", line:recipient())
		assert.are.equal("info@a.example", line:orig_recipient())
		assert.are.equal("rcpt", line:phase())
		assert.are.equal("mail", line:host())
		assert.are.equal("postfix/smtp", line:program())
		assert.are.equal("", line:cause())
		assert.are.equal(1.5, line:delay())
		assert.is_true(line:remote())
		assert.is_false(line:inbound())
		local span = line:text_span()
		assert.are.equal(line:text(), BOUNCED:sub(span[1] + 1, span[2]))
		assert.truthy(tostring(line):find("postfix delivery", 1, true))
	end)

	it("has a reply, whose spans are the line's", function()
		local line = assert(mailhealth.parse_log_line(BOUNCED))
		local reply = assert(line:reply())
		assert.are.equal("user-unknown", reply:reason())
		assert.are.equal(550, reply:code())
		local span = reply:entries("email")[1].span
		assert.are.equal("jane@b.example", BOUNCED:sub(span[1] + 1, span[2]))
		assert.truthy(assert(reply:json()):find('"kind":"log"', 1, true))
		assert.are.same({}, reply:findings())
		assert.truthy(tostring(reply):find("550 user-unknown", 1, true))
	end)

	it("has every text and number, by method and by name", function()
		local line = assert(mailhealth.parse_log_line(BOUNCED, {now = NOW}))
		for _, name in ipairs {"mta", "event", "queue_id", "time", "relay", "relay_ip", "result", "class",
			"dsn", "recipient", "orig_recipient", "sender", "phase", "cause", "text", "host", "program"} do
			assert.is_string(line[name](line))
			assert.are.equal(line[name](line), line:str(name))
		end
		for _, name in ipairs {"relay_port", "delay_ms", "unix_time", "text_begin", "text_end"} do
			assert.is_number(line[name](line))
			assert.are.equal(line[name](line), line:int(name))
		end
		raises("nonsense", line.str, line, "nonsense")
		raises("mta", line.int, line, "mta")
	end)

	it("is one JSON object on one line", function()
		local json = assert(assert(mailhealth.parse_log_line(BOUNCED, {line_number = 17})):json())
		assert.are.equal('{"schema":1,"n":17,"kind":"log",', json:sub(1, 32))
		assert.truthy(json:find('"queue_id":"4F1234567"', 1, true))
	end)

	it("knows times as far as it is told", function()
		assert.is_nil(mailhealth.parse_log_line(BOUNCED):unix_time())
		assert.are.equal("", mailhealth.parse_log_line(BOUNCED):time())
		assert.are.equal(1795255200 - 3600,
			mailhealth.parse_log_line(BOUNCED, {now = NOW + 0.25, utc_offset = 3600}):unix_time())
		local stamped = "2026-11-21T10:00:00+00:00 " .. BOUNCED:sub(17)
		assert.are.equal(1795255200, mailhealth.parse_log_line(stamped):unix_time())
	end)

	it("may say nothing about mail", function()
		for _, text in ipairs {NOTHING, "", "\n", "\0", ("x"):rep(100000), "550 5.1.1 no"} do
			local line = assert(mailhealth.parse_log_line(text))
			assert.are.equal("", line:event())
			assert.is_nil(line:remote())
			assert.is_nil(line:inbound())
			assert.is_nil(line:text_span())
			assert.is_nil(line:delay())
			failed("MH_ENOENT", line:reply())
			assert.is_string(line:json())
		end
	end)

	it("refuses options that cannot be right", function()
		for name, value in pairs {now = -1, utc_offset = 86401, line_number = -1} do
			local message = failed("MH_EINVAL", mailhealth.parse_log_line(BOUNCED, {[name] = value}))
			assert.truthy(message:find(name, 1, true), message)
		end
		failed("MH_EINVAL", mailhealth.parse_log_line(BOUNCED, {now = 0 / 0}))
		failed("MH_EINVAL", mailhealth.parse_log_line(BOUNCED, {now = math.huge}))
		failed("MH_EINVAL", mailhealth.parse_log_line(BOUNCED, {utc_offset = 0.5}))
		raises("'now' must be a number", mailhealth.parse_log_line, BOUNCED, {now = "today"})
		raises("no option 'groups'", mailhealth.parse_log_line, BOUNCED, {groups = 16})
		raises("no option 'number'", mailhealth.parse_log_line, BOUNCED, {1})
		raises("table expected", mailhealth.parse_log_line, BOUNCED, 1)
		raises("string expected", mailhealth.parse_log_line)
		raises("string expected", mailhealth.parse_log_line, {})
	end)
end)

describe("a log reader", function()
	local reader

	before_each(function()
		reader = assert(mailhealth.log_reader())
	end)

	it("serves one line after the other", function()
		assert.are.equal(reader, reader:parse(BOUNCED))
		assert.are.equal("bounced", reader:result())
		assert.are.equal("sent", reader:parse(SENT):result())
		assert.are.equal("", reader:parse(NOTHING):result())
	end)

	it("knows nothing before the first", function()
		assert.are.equal("", reader:event())
		assert.is_nil(reader:unix_time())
		failed("MH_ENOENT", reader:reply())
		failed("MH_ESTATE", reader:json())
	end)

	it("keeps its options", function()
		assert.are.equal(reader, reader:set {now = NOW, utc_offset = -3600, line_number = 5})
		for _ = 1, 2 do
			assert.are.equal(1795255200 + 3600, reader:parse(BOUNCED):unix_time())
			assert.truthy(reader:json():find('"n":5,', 1, true))
		end
		reader:set {now = 0}
		assert.is_nil(reader:parse(BOUNCED):unix_time())
		failed("MH_EINVAL", reader:set {now = -1})
		raises("table expected", reader.set, reader)
	end)

	it("takes its reply back when it reads on", function()
		local reply = assert(reader:parse(BOUNCED):reply())
		local again = assert(reader:reply())
		assert.are.equal("user-unknown", reply:reason())
		assert.are.equal("user-unknown", again:reason())
		reader:parse(SENT)
		for _, name in ipairs {"reason", "code", "advice", "facts", "json", "findings", "span"} do
			raises("gone", reply[name], reply)
		end
		assert.truthy(tostring(reply):find("gone", 1, true))
		assert.are.equal("delivered", assert(reader:reply()):class())
		reply:close()
		raises("closed", reply.reason, reply)
	end)

	it("keeps its reply alive, and takes it along when it is closed", function()
		local reply = assert(mailhealth.parse_log_line(BOUNCED):reply())
		collectgarbage()
		collectgarbage()
		assert.are.equal("user-unknown", reply:reason())
		local other = assert(reader:parse(BOUNCED):reply())
		reader:close()
		reader:close()
		raises("gone", other.reason, other)
		raises("closed", reader.parse, reader, BOUNCED)
		raises("closed", reader.event, reader)
		raises("closed", reader.reply, reader)
		assert.truthy(tostring(reader):find("closed", 1, true))
	end)

	it("is not hurt by a reply that is closed", function()
		local reply = assert(reader:parse(BOUNCED):reply())
		reply:close()
		reply:close()
		raises("closed", reply.reason, reply)
		assert.are.equal("user-unknown", assert(reader:reply()):reason())
		raises("reads nothing", reader:reply().parse, reader:reply(), "550 no")
	end)

	it("uses the rules of its context, also new ones", function()
		local context = assert(mailhealth.context())
		local own = assert(context:log_reader())
		local other = assert(mailhealth.log_reader(context))
		local line = BOUNCED:gsub("550 5.1.1.*unknown", "550 Here be dragons")
		assert.are_not.equal("test.dragons", own:parse(line):reply():rule())
		local rules = assert(context:rules())
		assert(rules:add("user", "dragons.rules", DRAGONS))
		context:use_rules(rules)
		context:close()
		assert.are.equal("test.dragons", own:parse(line):reply():rule())
		assert.are.equal("test.dragons", other:parse(line):reply():rule())
	end)

	it("is left to the collector in any number and order", function()
		local kept = {}
		for i = 1, 300 do
			local log = assert(mailhealth.parse_log_line(BOUNCED))
			kept[i % 7] = log:reply()
			kept[i % 5 + 10] = log
		end
		kept = nil
		collectgarbage()
		collectgarbage()
	end)

	it("raises for what it is not", function()
		raises("string expected", reader.parse, reader)
		raises("mailhealth.log expected", reader.parse, mailhealth.context(), BOUNCED)
		raises("mailhealth.context expected", mailhealth.log_reader, reader)
		raises("mailhealth.context expected", mailhealth.context().log_reader)
	end)
end)

describe("a bounce", function()
	local bounce

	before_each(function()
		bounce = assert(mailhealth.parse_bounce(BOUNCE))
	end)

	it("says of whom it reports", function()
		assert.are.equal(2, bounce:count())
		assert.are.equal("rfc3464", bounce:form())
		assert.are.equal("failed", bounce:class())
		assert.are.equal("mail.a.example", bounce:reporting_mta())
		assert.truthy(bounce:message_id():find("1@a.example", 1, true))
		assert.are.equal("Hello", bounce:subject())
		assert.are.equal("joe@a.example", bounce:sender())
		assert.are.equal("", bounce:feedback_type())
		local one = assert(bounce:recipient(1))
		assert.are.equal("failed", one.class)
		assert.are.equal("failed", one.action)
		assert.are.equal("jane@b.example", one.recipient)
		assert.are.equal("info@a.example", one.orig_recipient)
		assert.are.equal("5.1.1", one.status)
		assert.are.equal("mx.b.example", one.remote_mta)
		assert.are.equal("smtp", one.diagnostic_type)
		assert.truthy(one.text:find("User unknown", 1, true))
		assert.are.equal("", one.cause)
		assert.are.same({one, assert(bounce:recipient(2))}, bounce:recipients())
		assert.are.equal("delayed", bounce:recipient(2).class)
		assert.truthy(tostring(bounce):find("failed of 2", 1, true))
		assert.are.equal(2, #bounce)
	end)

	it("has a reply for each, good at the same time", function()
		local first, second = assert(bounce:reply(1)), assert(bounce:reply(2))
		for _ = 1, 2 do
			assert.are.equal("user-unknown", first:reason())
			assert.are.equal("mailbox-full", second:reason())
		end
		bounce:parse(ORDINARY)
		raises("gone", first.reason, first)
		raises("gone", second.reason, second)
		failed("MH_ENOENT", bounce:reply(1))
	end)

	it("is one JSON object a recipient", function()
		assert(bounce:set({line_number = 7}))
		bounce:parse(BOUNCE)
		assert.are.equal('{"schema":1,"n":7,"kind":"bounce",', bounce:json():sub(1, 34))
		assert.are.equal(bounce:json(), bounce:json(1))
		assert.truthy(bounce:json(2):find('"n":8,', 1, true))
		assert.truthy(bounce:json(2):find('"recipient":"max@c.example"', 1, true))
		failed("MH_ENOENT", bounce:json(3))
		failed("MH_ENOENT", bounce:json(0))
		assert.is_table(bounce:findings())
	end)

	it("may be an ordinary message, or anything", function()
		for _, text in ipairs {ORDINARY, "", "\n\n", "\0", ("x"):rep(100000)} do
			assert.are.equal(bounce, bounce:parse(text))
			assert.are.equal(0, bounce:count())
			assert.are.same({}, bounce:recipients())
			failed("MH_ENOENT", bounce:recipient(1))
			failed("MH_ENOENT", bounce:reply(1))
			assert.truthy(bounce:json():find('"kind":"bounce"', 1, true))
			assert.is_table(bounce:findings())
		end
	end)

	it("knows nothing before the first message", function()
		local reader = assert(mailhealth.bounce_reader())
		assert.are.equal(0, reader:count())
		assert.are.equal("", reader:class())
		failed("MH_ESTATE", reader:json())
		failed("MH_ESTATE", reader:findings())
	end)

	it("has no other recipients", function()
		for _, i in ipairs {0, 3, -1, 1.5, 1e300, -1e300, 0 / 0} do
			failed("MH_ENOENT", bounce:recipient(i))
			failed("MH_ENOENT", bounce:reply(i))
		end
		raises("number expected", bounce.recipient, bounce)
		raises("number expected", bounce.reply, bounce, "first")
	end)

	it("keeps its replies alive, and takes them along when it is closed", function()
		local reply = assert(mailhealth.parse_bounce(BOUNCE):reply(2))
		collectgarbage()
		collectgarbage()
		assert.are.equal("mailbox-full", reply:reason())
		local other = assert(bounce:reply(1))
		bounce:close()
		bounce:close()
		raises("gone", other.reason, other)
		raises("closed", bounce.count, bounce)
		raises("closed", bounce.parse, bounce, BOUNCE)
		assert.truthy(tostring(bounce):find("closed", 1, true))
	end)

	it("refuses wrong arguments", function()
		failed("MH_EINVAL", mailhealth.parse_bounce(BOUNCE, {line_number = -1}))
		raises("no option 'now'", mailhealth.parse_bounce, BOUNCE, {now = 1})
		raises("string expected", mailhealth.parse_bounce)
		raises("mailhealth.bounce expected", bounce.parse, mailhealth.log_reader(), BOUNCE)
		raises("mailhealth.context expected", mailhealth.bounce_reader, bounce)
		assert.are.equal(2, assert(mailhealth.context():bounce_reader()):parse(BOUNCE):count())
	end)
end)

describe("an mbox", function()
	it("is cut into its messages", function()
		local from = "From MAILER-DAEMON Sat Nov 21 10:00:00 2026\n"
		local box = from .. ORDINARY .. "\n" .. from .. BOUNCE .. "\n"
		local starts, at = {}, mailhealth.mbox_next(box)
		while at do
			starts[#starts + 1] = at
			at = mailhealth.mbox_next(box, at + 1)
		end
		assert.are.same({1, #from + #ORDINARY + 2}, starts)
		assert.are.equal(2, mailhealth.parse_bounce(box:sub(starts[2])):count())
		assert.is_nil(mailhealth.mbox_next(""))
		assert.is_nil(mailhealth.mbox_next(ORDINARY))
		assert.is_nil(mailhealth.mbox_next(box, #box + 1))
		assert.is_nil(mailhealth.mbox_next(box, 1e300))
		raises("string expected", mailhealth.mbox_next)
		raises("number expected", mailhealth.mbox_next, box, "x")
	end)
end)

describe("a summary", function()
	local summary

	before_each(function()
		summary = assert(mailhealth.summary({now = NOW}))
	end)

	local function log(times)
		return (BOUNCED .. "\n" .. SENT .. "\n" .. NOTHING .. "\n"):rep(times)
	end

	it("counts what it is fed, in pieces of any size", function()
		local text = log(10)
		for at = 1, #text, 7 do
			assert.are.equal(summary, summary:feed(text:sub(at, at + 6)))
		end
		assert.are.equal(summary, summary:finish())
		assert.are.equal(30, summary:lines())
		assert.are.equal(20, summary:deliveries())
		assert.are.equal(10, summary:sent())
		assert.are.equal(10, summary:bounced())
		for _, name in ipairs {"deferred", "expired", "rejected", "left_out"} do
			assert.are.equal(0, summary[name](summary))
		end
		assert.are.equal(#text, summary:octets())
		assert.are.equal(1795255200, summary:first())
		assert.are.equal(1795255206, summary:last())
		assert.truthy(tostring(summary):find("(30 lines)", 1, true))
	end)

	it("tells groups, and what their samples mean", function()
		summary:feed(log(4))
		summary:finish()
		local groups = summary:groups()
		assert.are.equal(1, #groups)
		local group = groups[1]
		assert.are.equal("user-unknown", group.reason)
		assert.are.equal("permanent", group.permanence)
		assert.are.equal("", group.provider)
		assert.are.equal("b.example", group.provider_name)
		assert.are.equal(4, group.count)
		assert.are.equal(1, group.share)
		assert.are.equal(1, group.recipients)
		assert.are.equal("jane@b.example", group.recipient)
		assert.are.equal("mx.b.example", group.relay)
		assert.are.equal(4, group.forwarded)
		assert.are.equal(1795255200, group.first)
		assert.are.equal(1795255200, group.last)
		assert.truthy(group.sample:find("User unknown", 1, true))
		assert.are.equal(16, #group.template)
		local reply = assert(summary:reply("groups", 1))
		assert.are.equal("user-unknown", reply:reason())
		assert.is_true(#reply:advice() > 0)
		assert.are.same({}, summary:throttles())
		assert.are.same({}, summary:unknown())
		assert.are.same({}, summary:tls())
		assert.is_string(summary:json())
		assert.are.equal("user-unknown", reply:reason())
		summary:feed(log(1))
		raises("gone", reply.reason, reply)
	end)

	it("drafts rules for what no rule knows", function()
		local odd = BOUNCED:gsub("550 5.1.1.*unknown", "550 Xyzzy plugh frotz")
			:gsub("dsn=5.1.1", "dsn=5.0.0")
		summary:feed(odd .. "\n")
		summary:finish()
		local unknown = summary:unknown()
		assert.are.equal(1, #unknown)
		assert.are.equal(1, unknown[1].count)
		assert.truthy(unknown[1].sample:find("frotz", 1, true))
		assert.truthy(unknown[1].rule:find("sample", 1, true))
		assert.are.equal(16, #unknown[1].template)
		assert.are.equal("unknown", assert(summary:reply("unknown", 1)):reason())
	end)

	it("is empty before it is fed", function()
		assert.are.equal(0, summary:lines())
		assert.is_nil(summary:first())
		assert.are.same({}, summary:groups())
		assert.truthy(summary:json():find('"kind":"log-summary"', 1, true))
		assert.are.equal(summary, summary:finish())
		failed("MH_ENOENT", summary:reply("groups", 1))
	end)

	it("says that gzip data is damaged, and goes on with the next file", function()
		local head = "\31\139\8\0\0\0\0\0\0\3"
		local name = select(3, summary:feed(head .. ("\255"):rep(100)))
		local last = select(3, summary:finish())
		assert.are.equal("MH_EIO", name or last)
		assert(summary:feed(log(1)))
		assert(summary:finish())
		assert.are.equal(2, summary:deliveries())
		summary:feed(head)
		failed("MH_EIO", summary:finish())
	end)

	it("takes options before it is fed, of the right kind", function()
		for name, value in pairs {groups = 15, now = -1, utc_offset = 86401} do
			failed("MH_EINVAL", mailhealth.summary({[name] = value}))
		end
		assert(mailhealth.summary({groups = 16, utc_offset = -86400}))
		assert(mailhealth.context():summary({groups = 1000000}))
		raises("no option 'line_number'", mailhealth.summary, {line_number = 1})
		raises("table expected", mailhealth.summary, mailhealth.context())
		raises("mailhealth.context expected", mailhealth.context().summary, {})
	end)

	it("has no other lists", function()
		raises("nonsense", summary.reply, summary, "nonsense", 1)
		raises("no reply", summary.reply, summary, "throttles", 1)
		raises("no reply", summary.reply, summary, "tls", 1)
		raises("number expected", summary.reply, summary, "groups")
		failed("MH_ENOENT", summary:reply("groups", 0))
		failed("MH_ENOENT", summary:reply("groups", 1.5))
		raises("string expected", summary.feed, summary)
	end)

	it("keeps its replies alive, and takes them along when it is closed", function()
		local reply = assert(summary:feed(log(1)):finish():reply("groups", 1))
		summary = nil
		collectgarbage()
		collectgarbage()
		assert.are.equal("user-unknown", reply:reason())
		local other = assert(mailhealth.summary())
		reply = assert(other:feed(log(1)):reply("groups", 1))
		other:close()
		other:close()
		raises("gone", reply.reason, reply)
		raises("closed", other.lines, other)
		raises("closed", other.feed, other, "")
		assert.truthy(tostring(other):find("closed", 1, true))
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

	it("recognises texts", function()
		assert.are.equal("reply", mailhealth.recognise(UNKNOWN_USER))
		assert.are.equal("log", mailhealth.recognise(BOUNCED))
		assert.are.equal("log", mailhealth.recognise(NOTHING .. "\n" .. SENT))
		assert.are.equal("bounce", mailhealth.recognise(BOUNCE))
		assert.are.equal("bounce", mailhealth.recognise("From x Sat Nov 21 10:00:00 2026\n" .. ORDINARY))
		assert.are.equal("reply", mailhealth.recognise(""))
		assert.are.equal("reply", mailhealth.recognise("\0"))
		raises("string expected", mailhealth.recognise)
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
		file = assert(io.open(here .. "/../fuzz/corpus/tlsa/text"))
		local pem = file:read("*a")
		file:close()
		local ran = 0
		-- Instead of DNS a zone file, and what a host would have.
		local zone = assert(mailhealth.zone("@ 60 IN SOA a b 1 2 3 4 5\n"
			.. "@ 60 IN TXT \"v=spf1 ip4:192.0.2.0/24 mx ~all\"", "example.org"))
		local offline = setmetatable({}, {__index = mailhealth})
		function offline.check_spf(options)
			if not (options.resolver or options.zone or options.world) then
				options.zone = zone
			end
			return mailhealth.check_spf(options)
		end
		function offline.loop()
			return mailhealth.loop({zone = zone, offline = true})
		end
		for block in text:gmatch("```lua\n(.-)```") do
			local names = setmetatable({print = function() end, replies = {UNKNOWN_USER, GREYLISTED},
				log = {BOUNCED, SENT, NOTHING}, message = BOUNCE, pem = pem,
				box = "From x Sat Nov 21 10:00:00 2026\n" .. BOUNCE,
				require = function(name) return name == "mailhealth" and offline or require(name) end,
				dns = {["example.org TXT"] = {"v=spf1 mx -all"}}, addresses = {"192.0.2.1", "198.51.100.1"},
				resolver = {query = function(_, _, _, done) done(nil, "no") end}, rspamd_config = {},
				text = "@ 60 IN TXT \"v=spf1 -all\"\n"},
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
