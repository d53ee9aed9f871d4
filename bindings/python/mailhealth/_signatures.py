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

HANDLES = ("mh_ctx", "mh_rules", "mh_reply", "mh_report")

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
