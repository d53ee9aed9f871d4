rockspec_format = "3.0"
package = "mailhealth"
version = "0.1.0-1"
source = {
	url = "git+https://example.org/libmailhealth.git",
	tag = "v0.1.0",
	dir = "libmailhealth/bindings/lua",
}
description = {
	summary = "Why mail does or does not arrive, and what to do about it",
	detailed = [[
Explains SMTP replies, bounces and logs: what failed, who has to act, what to do.
Checks SPF, by its own resolver or by the host's.  A binding of libmailhealth,
which must be installed.]],
	license = "BSD-2-Clause",
}
dependencies = {
	"lua >= 5.1, < 5.5",
}
external_dependencies = {
	MAILHEALTH = {
		header = "mailhealth.h",
		library = "mailhealth",
	},
}
build = {
	type = "builtin",
	modules = {
		mailhealth = {
			sources = {
				"mailhealth.c", "values.c", "json.c", "findings.c", "reply.c", "rules.c", "log.c", "bounce.c",
				"summary.c", "job.c", "pump.c", "answer.c", "dialogue.c", "loop.c", "zone.c", "spf.c", "dmarc.c",
				"stamp.c", "sts.c", "record.c", "chain.c",
			},
			libraries = {"mailhealth"},
			incdirs = {"$(MAILHEALTH_INCDIR)"},
			libdirs = {"$(MAILHEALTH_LIBDIR)"},
		},
		["mailhealth.rspamd"] = "mailhealth/rspamd.lua",
	},
}
