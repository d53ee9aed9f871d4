"""The C interface as a table.  Made by generate.py from mailhealth.h: do not edit.

Numbers have their C names without the MH_; a function is its result, then its
arguments.
"""

VERSION_NUMBER = 100
VERSION = "0.1.0"
OK = 0
ENOMEM = -1
EINVAL = -2
ESTATE = -3
EFROZEN = -4
ERULES = -5
EIO = -6
ENOENT = -7
UNKNOWN = -1
OPT_FORM = 1
OPT_PHASE = 2
OPT_PROVIDER = 3
OPT_MX = 4
OPT_CODE = 5
OPT_STATUS = 6
OPT_LINE_NUMBER = 7
OPT_NOW = 8
OPT_UTC_OFFSET = 9
OPT_GROUPS = 10
FORM_AUTO = 0
FORM_WIRE = 1
FORM_JOINED = 2
FORM_DSN = 3
FORM_FRAGMENT = 4
REPLY_MAX_OCTETS = 32768
REPLY_MAX_LINES = 1024
REPLY_STATUS = 1
REPLY_REASON = 2
REPLY_REASON_TEXT = 3
REPLY_RULE = 4
REPLY_MEANING = 5
REPLY_PERMANENCE = 6
REPLY_CLASS = 7
REPLY_RETRY = 8
REPLY_ACTOR = 9
REPLY_PROVIDER = 10
REPLY_PROVIDER_NAME = 11
REPLY_CONTACT = 12
REPLY_DRAFT = 13
REPLY_TEMPLATE = 14
REPLY_PHASE = 15
REPLY_STATUS_TEXT = 16
REPLY_TEXT = 17
REPLY_REFERENCE = 18
REPLY_FORM = 19
REPLY_CODE = 1
REPLY_CONFIDENCE = 2
REPLY_SPAN_BEGIN = 3
REPLY_SPAN_END = 4
REPLY_RETRY_AFTER_S = 5
REPLY_LENGTH = 6
LIST_LINE = 1
LIST_ALTERNATIVE = 2
LIST_SCOPE = 3
LIST_ADVICE = 4
LIST_DISAGREEMENT = 5
LIST_NEXT = 6
LIST_IP = 7
LIST_DOMAIN = 8
LIST_EMAIL = 9
LIST_URL = 10
LIST_ID = 11
LIST_BLOCKLIST = 12
LIST_LIMIT = 13
ITEM_ID = 1
ITEM_TEXT = 2
ITEM_URL = 3
ITEM_STATUS = 4
ITEM_NAME = 5
ITEM_ZONE = 6
ITEM_KIND = 7
ITEM_DELIST = 8
ITEM_WHAT = 9
ITEM_CODE = 10
ITEM_COUNT = 11
ITEM_PER_S = 12
ITEM_SPAN_BEGIN = 13
ITEM_SPAN_END = 14
LOG_MAX_OCTETS = 65536
LOG_MTA = 1
LOG_EVENT = 2
LOG_QUEUE_ID = 3
LOG_TIME = 4
LOG_RELAY = 5
LOG_RELAY_IP = 6
LOG_RESULT = 7
LOG_DSN = 8
LOG_RECIPIENT = 9
LOG_ORIG_RECIPIENT = 10
LOG_SENDER = 11
LOG_PHASE = 12
LOG_CAUSE = 13
LOG_TEXT = 14
LOG_HOST = 15
LOG_PROGRAM = 16
LOG_CLASS = 17
LOG_RELAY_PORT = 1
LOG_DELAY_MS = 2
LOG_UNIX_TIME = 3
LOG_TEXT_BEGIN = 4
LOG_TEXT_END = 5
LOG_REMOTE = 6
LOG_INBOUND = 7
BOUNCE_MAX_RECIPIENTS = 4096
BOUNCE_CLASS = 1
BOUNCE_ACTION = 2
BOUNCE_RECIPIENT = 3
BOUNCE_ORIG_RECIPIENT = 4
BOUNCE_STATUS = 5
BOUNCE_REMOTE_MTA = 6
BOUNCE_DIAGNOSTIC_TYPE = 7
BOUNCE_TEXT = 8
BOUNCE_REPORTING_MTA = 9
BOUNCE_MESSAGE_ID = 10
BOUNCE_SUBJECT = 11
BOUNCE_SENDER = 12
BOUNCE_FEEDBACK_TYPE = 13
BOUNCE_FORM = 14
BOUNCE_CAUSE = 15
SUMMARY_LINES = 1
SUMMARY_DELIVERIES = 2
SUMMARY_FROM = 3
SUMMARY_TO = 4
SUMMARY_SENT = 5
SUMMARY_DEFERRED = 6
SUMMARY_BOUNCED = 7
SUMMARY_EXPIRED = 8
SUMMARY_REJECTED = 9
SUMMARY_LEFT_OUT = 10
SUMMARY_OCTETS = 11
SUMMARY_GROUP = 1
SUMMARY_THROTTLE = 2
SUMMARY_FORWARDING = 3
SUMMARY_UNKNOWN = 4
SUMMARY_TLS = 5
SUM_PROVIDER = 1
SUM_PROVIDER_NAME = 2
SUM_REASON = 3
SUM_PERMANENCE = 4
SUM_TEMPLATE = 5
SUM_SAMPLE = 6
SUM_RELAY = 7
SUM_RECIPIENT = 8
SUM_ORIG_RECIPIENT = 9
SUM_WHAT = 10
SUM_EVIDENCE = 11
SUM_RULE = 12
SUM_CAUSE = 13
SUM_COUNT = 1
SUM_SHARE = 2
SUM_RECIPIENTS = 3
SUM_FIRST = 4
SUM_LAST = 5
SUM_ACCEPTED = 6
SUM_PER_S = 7
SUM_CONFIDENCE = 8
SUM_INBOUND = 9
SUM_FORWARDED = 10
SEVERITY_INFO = 1
SEVERITY_WARN = 2
SEVERITY_FAIL = 3
FINDING_NUMBER = 1
FINDING_SEVERITY = 2
FINDING_RANGE_BEGIN = 3
FINDING_RANGE_END = 4
FINDING_ID = 1
FINDING_TITLE = 2
FINDING_SUBJECT = 3
FINDING_EVIDENCE = 4
FINDING_REASON = 5
FINDING_REMEDY = 6
FINDING_SPEC = 7
FINDING_SINCE = 8
LAYER_SITE = 1
LAYER_USER = 2
RULES_ERROR = 1
RULES_NAME = 2
RULES_VERSION = 3
RULES_LINE = 1
RULES_COLUMN = 2
RULES_COUNT = 3
RULES_BUILTIN = 4

HANDLES = ("mh_ctx", "mh_rules", "mh_reply", "mh_report", "mh_log", "mh_bounce", "mh_summary")

FUNCTIONS = {
    "mh_version_number": ("int",),
    "mh_version": ("str",),
    "mh_strerror": ("str", "int"),
    "mh_errname": ("str", "int"),
    "mh_ctx_new": ("mh_ctx", "pointer", "pointer"),
    "mh_ctx_free": ("void", "mh_ctx"),
    "mh_reply_new": ("mh_reply", "mh_ctx"),
    "mh_reply_free": ("void", "mh_reply"),
    "mh_reply_set_int": ("int", "mh_reply", "int", "int64_t"),
    "mh_reply_set_str": ("int", "mh_reply", "int", "str"),
    "mh_reply_parse": ("int", "mh_reply", "octets", "size_t"),
    "mh_reply_str": ("str", "mh_reply", "int"),
    "mh_reply_int": ("int64_t", "mh_reply", "int"),
    "mh_reply_count": ("size_t", "mh_reply", "int"),
    "mh_reply_item_str": ("str", "mh_reply", "int", "size_t", "int"),
    "mh_reply_item_int": ("int64_t", "mh_reply", "int", "size_t", "int"),
    "mh_reply_json": ("str", "mh_reply"),
    "mh_reply_report": ("mh_report", "mh_reply"),
    "mh_recognise": ("str", "octets", "size_t"),
    "mh_log_new": ("mh_log", "mh_ctx"),
    "mh_log_free": ("void", "mh_log"),
    "mh_log_set_int": ("int", "mh_log", "int", "int64_t"),
    "mh_log_parse": ("int", "mh_log", "octets", "size_t"),
    "mh_log_str": ("str", "mh_log", "int"),
    "mh_log_int": ("int64_t", "mh_log", "int"),
    "mh_log_reply": ("mh_reply", "mh_log"),
    "mh_log_json": ("str", "mh_log"),
    "mh_bounce_new": ("mh_bounce", "mh_ctx"),
    "mh_bounce_free": ("void", "mh_bounce"),
    "mh_bounce_set_int": ("int", "mh_bounce", "int", "int64_t"),
    "mh_bounce_parse": ("int", "mh_bounce", "octets", "size_t"),
    "mh_bounce_count": ("size_t", "mh_bounce"),
    "mh_bounce_str": ("str", "mh_bounce", "size_t", "int"),
    "mh_bounce_reply": ("mh_reply", "mh_bounce", "size_t"),
    "mh_bounce_json": ("str", "mh_bounce", "size_t"),
    "mh_bounce_report": ("mh_report", "mh_bounce"),
    "mh_mbox_next": ("size_t", "octets", "size_t", "size_t"),
    "mh_summary_new": ("mh_summary", "mh_ctx"),
    "mh_summary_free": ("void", "mh_summary"),
    "mh_summary_set_int": ("int", "mh_summary", "int", "int64_t"),
    "mh_summary_feed": ("int", "mh_summary", "octets", "size_t"),
    "mh_summary_end": ("int", "mh_summary"),
    "mh_summary_int": ("int64_t", "mh_summary", "int"),
    "mh_summary_count": ("size_t", "mh_summary", "int"),
    "mh_summary_item_str": ("str", "mh_summary", "int", "size_t", "int"),
    "mh_summary_item_int": ("int64_t", "mh_summary", "int", "size_t", "int"),
    "mh_summary_reply": ("mh_reply", "mh_summary", "int", "size_t"),
    "mh_summary_json": ("str", "mh_summary"),
    "mh_report_count": ("size_t", "mh_report"),
    "mh_report_int": ("int64_t", "mh_report", "size_t", "int"),
    "mh_report_str": ("str", "mh_report", "size_t", "int"),
    "mh_report_json": ("str", "mh_report"),
    "mh_report_free": ("void", "mh_report"),
    "mh_catalogue_count": ("size_t",),
    "mh_catalogue_int": ("int64_t", "size_t", "int"),
    "mh_catalogue_str": ("str", "size_t", "int"),
    "mh_catalogue_find": ("int", "str"),
    "mh_rules_new": ("mh_rules", "mh_ctx"),
    "mh_rules_free": ("void", "mh_rules"),
    "mh_rules_add": ("int", "mh_rules", "int", "str", "octets", "size_t"),
    "mh_rules_add_file": ("int", "mh_rules", "int", "str"),
    "mh_rules_str": ("str", "mh_rules", "int"),
    "mh_rules_int": ("int64_t", "mh_rules", "int"),
    "mh_ctx_use_rules": ("int", "mh_ctx", "mh_rules"),
}
