-- host.lua - runs checks for in_lua.py, which is their resolver
--
-- In, a line each:   step OPTION=HEX...   a check, stepped by hand
--                    start OPTION=HEX...  a check in callback style
--                    dmarc OPTION=HEX...  a check of DMARC, stepped by hand; dkim and spf are "domain|result"
--                    registrable, aligned, from_domain OPTION=HEX...  names alone
--                    sts OPTION=HEX...    MTA-STS, from texts
--                    record OPTION=HEX... one record, from its text
--                    rdata xHEX...        the answer to a question: records in wire form
--                    text xHEX...         the same as text
--                    fail WORD            there is none
-- Out:               ask xNAME TYPE
--                    done xRESULT xEXPLANATION
--                    json xTEXT           "": there is no such kind of record
local mailhealth = require("mailhealth")

local function octets(hex)
	return (hex:gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end))
end

local function hex(text)
	return "x" .. text:gsub(".", function(c) return string.format("%02x", c:byte()) end)
end

local function say(...)
	io.write(table.concat({...}, " "), "\n")
	io.flush()
end

-- The next answer: its word, and the records or the reason.
local function hear()
	local word, rest = io.read("*l"):match("^(%a+) ?(.*)$")
	if word == "fail" then
		return word, rest
	end
	local records = {}
	for record in rest:gmatch("x(%x*)") do
		records[#records + 1] = octets(record)
	end
	return word, records
end

local styles = {}

function styles.step(job)
	while assert(job:step()) == "wait" do
		for ask, name, type in job:asks() do
			say("ask", hex(name), type)
			local word, records = hear()
			if word == "fail" then
				assert(job:fail(ask, records))
			else
				assert(job:answer_rdata(ask, records))
			end
		end
	end
end

-- Every second answer comes at once, the others when all of a round have been asked.
function styles.start(job)
	local later, count, is_done = {}, 0, false
	local function answer(reply)
		local word, records = hear()
		local is_late = is_done -- what an earlier answer decided
		local ok, message, why
		if word == "fail" then
			ok, message, why = reply(nil, records)
		else
			ok, message, why = reply(records)
		end
		assert(ok or is_late and why == "MH_ESTATE", message)
	end
	assert(job:start(function(name, type, reply)
		say("ask", hex(name), type)
		count = count + 1
		if count % 2 == 0 and #later == 0 then
			answer(reply)
		else
			later[#later + 1] = reply
		end
	end, function(done)
		is_done = done == job
	end))
	while #later > 0 do
		answer(table.remove(later, 1))
	end
	assert(is_done)
end

-- A check of DMARC: some options come more than once.
local function dmarc(rest)
	local options, results, from = {check = "dmarc"}, {}, {}
	for name, value in rest:gmatch("([%a_]+)=(%x*)") do
		value = octets(value)
		if name == "dkim" or name == "spf" then
			results[#results + 1] = {name, value:match("^(.*)|(%a+)$")}
		elseif name == "author" then
			from[#from + 1] = value
		else
			options[name] = value
		end
	end
	options.from = from
	local job = assert(mailhealth.job(options))
	for _, result in ipairs(results) do
		assert(job:add_result(result[1], result[2], result[3]))
	end
	styles.step(job)
	say("json", hex(job:json()))
	job:close()
end

for line in io.lines() do
	local style, rest = line:match("^([%a_]+) ?(.*)$")
	local options = {}
	for name, value in rest:gmatch("([%a_]+)=(%x*)") do
		options[name] = octets(value)
	end
	options.now = tonumber(options.now)
	if style == "dmarc" then
		dmarc(rest)
	elseif style == "registrable" then
		say("json", hex(assert(mailhealth.registrable(options.a))))
	elseif style == "aligned" then
		local yes, message = mailhealth.aligned(options.a, options.b, options.mode == "strict")
		say("json", hex(message or tostring(yes)))
	elseif style == "from_domain" then
		say("json", hex(assert(mailhealth.from_domain(options.a))))
	elseif style == "sts" then
		local sts = assert(mailhealth.sts(options))
		say("json", hex(sts:json()))
		sts:close()
	elseif style == "record" then
		local record, message, name = mailhealth.record(options)
		assert(record or name == "MH_EINVAL", message)
		say("json", hex(record and record:json() or ""))
	else
		local job = assert(mailhealth.job(options))
		styles[style](job)
		say("done", hex(job:result()), hex(job:explanation()))
		job:close()
	end
end
