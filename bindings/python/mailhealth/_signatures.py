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
OPT_IP = 11
OPT_SENDER = 12
OPT_HELO = 13
OPT_DOMAIN = 14
OPT_RECEIVER = 15
OPT_RULES = 16
OPT_PROFILES = 17
OPT_LINT = 18
OPT_EXPLAIN = 19
OPT_TERM_LIMIT = 20
OPT_VOID_LIMIT = 21
OPT_VOIDS = 22
OPT_ASKS = 23
OPT_TIME_LIMIT_MS = 24
OPT_RESOLVER = 25
OPT_TRUST_AD = 26
OPT_TRY_MS = 27
OPT_TRIES = 28
OPT_CACHE_OCTETS = 29
OPT_IN_FLIGHT = 30
OPT_OFFLINE = 31
OPT_HOST = 32
OPT_NAME = 33
OPT_MODE = 34
OPT_PORT = 35
OPT_MAX_CONNECTIONS = 36
OPT_FULL = 37
OPT_INJECT = 38
OPT_TLSA = 39
OPT_CERTIFICATE = 40
OPT_LOOK_UP_TLSA = 41
OPT_STREAMS = 42
OPT_MIN_INTERVAL_MS = 43
OPT_POLICY = 46
OPT_HTTPS_PORT = 47
OPT_ALLOW_PRIVATE = 48
OPT_LOOK_UP_NAMES = 49
OPT_RELAY = 50
OPT_RESUMES = 51
OPT_FROM = 60
OPT_REPORT_DOMAIN = 61
OPT_SELECTOR = 70
OPT_PRIVATE_KEY = 71
OPT_LISTS = 72
OPT_GUESS = 73
OPT_FETCH = 74
OPT_LIST_KEY = 75
OPT_RECEIVERS = 76
OPT_STS_ID_BEFORE = 77
OPT_POLICY_BEFORE = 78
OPT_FOR_MAIL = 44
OPT_EE_NAMES = 45
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
CHECK_SPF = 1
CHECK_TLS = 2
CHECK_DMARC = 3
CHECK_DOMAIN = 4
CHECK_HOST = 5
VOIDS_PER_TERM = 0
VOIDS_PER_QUERY = 1
VOIDS_BOTH_FAMILIES = 2
WAIT = 1
DONE = 2
ASK_KIND = 1
ASK_TYPE = 2
ASK_STATE = 3
ASK_RCODE = 4
ASK_EDE = 5
ASK_TTL = 6
ASK_RTT_US = 7
ASK_RECORDS = 8
ASK_NAME = 1
ASK_TYPE_NAME = 2
ASK_WHY = 3
ASK_WHY_TEXT = 4
ASK_SERVER = 5
ASK_EDE_TEXT = 6
ASK_CANONICAL = 7
ASK_SECURE = 8
ASK_STATE_NAME = 9
ASK_DNS = 1
ASK_STREAM = 2
STATE_MISSING = 0
STATE_PRESENT = 1
STATE_NODATA = 2
STATE_NXDOMAIN = 3
STATE_UNKNOWN = 4
ANSWER_SECURE = 1
ANSWER_INSECURE = 2
ANSWER_BOGUS = 4
ANSWER_TIMEOUT = 8
ANSWER_TRUNCATED = 16
ANSWER_CANNOT_ASK = 32
ANSWER_NETWORK = 64
ANSWER_FAILED = 128
DIALOGUE_NAME = 1
DIALOGUE_ADDRESS = 2
DIALOGUE_PATH = 3
DIALOGUE_STATE = 4
DIALOGUE_PORT = 1
DIALOGUE_IS_DONE = 2
FAIL_REFUSED = 1
FAIL_RESET = 2
FAIL_NETWORK = 3
FAIL_HOST = 4
FAIL_FORBIDDEN = 5
FAIL_TIMEOUT = 6
HTTP_BAD_CERTIFICATE = -1
HTTP_UNREACHABLE = -2
JOB_RESULT = 1
JOB_EXPLANATION = 2
JOB_MATCHED = 3
JOB_MATCHED_DOMAIN = 4
JOB_MATCHED_TERM = 5
JOB_PROBLEM = 6
JOB_HEALTH = 7
JOB_DOMAIN = 8
JOB_SENDER = 9
JOB_RECEIVED_SPF = 10
JOB_AUTHRES = 11
JOB_IP = 12
JOB_HELO = 13
JOB_RECEIVER = 14
JOB_POLICY = 20
JOB_DISPOSITION = 21
JOB_RECORD_AT = 22
JOB_ORG_DOMAIN = 23
JOB_ALIGNED_DKIM = 24
JOB_ALIGNED_SPF = 25
JOB_RECORD = 26
JOB_FROM_STATE = 27
JOB_REPORT_NAME = 28
JOB_LOOKUPS = 1
JOB_VOIDS = 2
JOB_QUERIES = 3
JOB_ROUNDS = 4
JOB_PASSES = 5
JOB_ELAPSED_MS = 6
JOB_CONNECTIONS = 7
PROFILE_NAME = 1
PROFILE_WHO = 2
LOOP_JOBS = 1
LOOP_SENT = 2
LOOP_RECEIVED = 3
LOOP_FOREIGN = 4
LOOP_CACHED = 5
LOOP_COALESCED = 6
LOOP_TIMEOUTS = 7
LOOP_TCP = 8
STAMP_RESULT = 1
STAMP_COMMENT = 2
STAMP_CLIENT_IP = 3
STAMP_ENVELOPE_FROM = 4
STAMP_HELO = 5
STAMP_RECEIVER = 6
STAMP_IDENTITY = 7
STAMP_MECHANISM = 8
STAMP_PROBLEM = 9
STAMP_REASON = 10
STAMP_AUTHSERV_ID = 11
STS_ID = 1
STS_MODE = 2
STS_RECORD = 3
STS_DOMAIN = 4
STS_RECORD_VALID = 1
STS_POLICY_VALID = 2
STS_MAX_AGE = 3
STS_RECORD_COUNT = 4
STS_MX = 1
STS_RECORD_FIELD = 2
STS_POLICY_FIELD = 3
STS_NAME = 1
STS_VALUE = 2
RECORD_DMARC = 1
RECORD_DKIM_KEY = 2
RECORD_TLSRPT = 3
RECORD_BIMI = 4
RECORD_VALID = 1
RECORD_KIND = 2
RECORD_NAME = 1
RECORD_TEXT = 2
CHAIN_HEALTH = 1
CHAIN_PKIX = 2
CHAIN_DANE = 3
CHAIN_RESULT = 4
CHAIN_ERROR = 5
CHAIN_STAPLE = 6
CHAIN_STAPLE_WHY = 7
CHAIN_DAYS_LEFT = 1
CHAIN_UNREADABLE = 2
CHAIN_DANE_ERROR = 3
CHAIN_DANE_DEPTH = 4
CHAIN_CERT = 1
CHAIN_NAME = 2
CHAIN_TLSA = 3
CERT_SUBJECT = 1
CERT_ISSUER = 2
CERT_NAMES = 3
CERT_KEY = 4
CERT_SIGNATURE = 5
CERT_SHA256 = 6
CERT_SPKI_SHA256 = 7
CERT_TLSA = 8
CERT_BITS = 9
CERT_NOT_BEFORE = 10
CERT_NOT_AFTER = 11
CERT_CA = 12
NAME_TEXT = 1
NAME_MATCHES = 2
TLSA_TEXT = 1
TLSA_STATE = 2
TLSA_WHY = 3
TLSA_DEPTH = 4
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
FINDING_STATE = 9
FINDING_CHECK = 10
FINDING_DETAIL = 11
FINDING_FIX = 12
FINDING_AFFECTS = 13
LAYER_SITE = 1
LAYER_USER = 2
RULES_ERROR = 1
RULES_NAME = 2
RULES_VERSION = 3
RULES_LINE = 1
RULES_COLUMN = 2
RULES_COUNT = 3
RULES_BUILTIN = 4

HANDLES = ("mh_ctx", "mh_rules", "mh_reply", "mh_report", "mh_log", "mh_bounce", "mh_summary", "mh_job", "mh_dialogue", "mh_loop", "mh_zone", "mh_world", "mh_sts", "mh_record", "mh_chain", "mh_stamp")

FUNCTIONS = {
    "mh_version_number": ("int",),
    "mh_version": ("str",),
    "mh_strerror": ("str", "int"),
    "mh_errname": ("str", "int"),
    "mh_ctx_new": ("mh_ctx", "pointer", "pointer"),
    "mh_ctx_free": ("void", "mh_ctx"),
    "mh_ctx_add_anchors": ("int", "mh_ctx", "octets", "size_t"),
    "mh_ctx_add_anchors_file": ("int", "mh_ctx", "str"),
    "mh_ctx_use_system_anchors": ("int", "mh_ctx"),
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
    "mh_job_new": ("mh_job", "mh_ctx", "int"),
    "mh_job_free": ("void", "mh_job"),
    "mh_job_set_int": ("int", "mh_job", "int", "int64_t"),
    "mh_job_set_str": ("int", "mh_job", "int", "str"),
    "mh_job_reset": ("int", "mh_job"),
    "mh_job_step": ("int", "mh_job", "int64_t"),
    "mh_job_timeout": ("int64_t", "mh_job", "int64_t"),
    "mh_job_run": ("int", "mh_job", "int64_t"),
    "mh_job_next_ask": ("int", "mh_job"),
    "mh_job_ask_count": ("int", "mh_job"),
    "mh_job_want": ("int", "mh_job", "str", "int"),
    "mh_job_ask_int": ("int64_t", "mh_job", "int", "int"),
    "mh_job_ask_str": ("str", "mh_job", "int", "int"),
    "mh_job_ask_rr": ("pointer", "mh_job", "int", "size_t", "pointer"),
    "mh_job_ask_text": ("str", "mh_job", "int", "size_t"),
    "mh_job_answer_text": ("int", "mh_job", "int", "octets", "size_t"),
    "mh_job_answer_rr": ("int", "mh_job", "int", "octets", "size_t"),
    "mh_job_answer_int": ("int", "mh_job", "int", "int", "int64_t"),
    "mh_job_answer_str": ("int", "mh_job", "int", "int", "str"),
    "mh_job_answer_end": ("int", "mh_job", "int", "int", "int"),
    "mh_job_answer_wire": ("int", "mh_job", "int", "octets", "size_t", "int"),
    "mh_job_dialogue": ("mh_dialogue", "mh_job", "int"),
    "mh_dialogue_free": ("void", "mh_dialogue"),
    "mh_dialogue_str": ("str", "mh_dialogue", "int"),
    "mh_dialogue_int": ("int64_t", "mh_dialogue", "int"),
    "mh_dialogue_connected": ("int", "mh_dialogue", "int64_t"),
    "mh_dialogue_feed": ("int", "mh_dialogue", "octets", "size_t", "int64_t"),
    "mh_dialogue_eof": ("int", "mh_dialogue", "int64_t"),
    "mh_dialogue_fail": ("int", "mh_dialogue", "int", "int64_t"),
    "mh_dialogue_output": ("pointer", "mh_dialogue", "pointer"),
    "mh_dialogue_sent": ("int", "mh_dialogue", "size_t"),
    "mh_dialogue_timeout": ("int64_t", "mh_dialogue", "int64_t"),
    "mh_dialogue_tick": ("int", "mh_dialogue", "int64_t"),
    "mh_dialogue_run": ("int", "mh_dialogue", "int", "int64_t"),
    "mh_job_answer_dialogue": ("int", "mh_job", "int", "mh_dialogue"),
    "mh_job_answer_http": ("int", "mh_job", "int", "int", "str", "str", "octets", "size_t"),
    "mh_job_str": ("str", "mh_job", "int"),
    "mh_job_int": ("int64_t", "mh_job", "int"),
    "mh_job_json": ("str", "mh_job"),
    "mh_job_report": ("mh_report", "mh_job"),
    "mh_job_world": ("str", "mh_job"),
    "mh_job_add_opinion": ("int", "mh_job", "str", "str", "str"),
    "mh_job_add_result": ("int", "mh_job", "str", "str", "str"),
    "mh_job_use_world": ("int", "mh_job", "mh_world"),
    "mh_profile_str": ("str", "size_t", "int"),
    "mh_registrable": ("int", "mh_ctx", "str", "pointer", "size_t"),
    "mh_aligned": ("int", "mh_ctx", "str", "str", "int"),
    "mh_from_domain": ("int", "mh_ctx", "octets", "size_t", "pointer", "size_t"),
    "mh_loop_new": ("mh_loop", "mh_ctx"),
    "mh_loop_free": ("void", "mh_loop"),
    "mh_loop_set_int": ("int", "mh_loop", "int", "int64_t"),
    "mh_loop_set_str": ("int", "mh_loop", "int", "str"),
    "mh_loop_use_zone": ("int", "mh_loop", "mh_zone", "int"),
    "mh_loop_use_world": ("int", "mh_loop", "mh_world"),
    "mh_loop_add": ("int", "mh_loop", "mh_job"),
    "mh_loop_remove": ("int", "mh_loop", "mh_job"),
    "mh_loop_fd": ("int", "mh_loop"),
    "mh_loop_timeout": ("int64_t", "mh_loop"),
    "mh_loop_step": ("int", "mh_loop"),
    "mh_loop_wait": ("int", "mh_loop", "int64_t"),
    "mh_loop_next_done": ("mh_job", "mh_loop"),
    "mh_loop_run": ("int", "mh_loop", "mh_job", "int64_t"),
    "mh_loop_int": ("int64_t", "mh_loop", "int"),
    "mh_zone_new": ("mh_zone", "mh_ctx"),
    "mh_zone_free": ("void", "mh_zone"),
    "mh_zone_add": ("int", "mh_zone", "str", "str", "octets", "size_t"),
    "mh_zone_add_file": ("int", "mh_zone", "str", "str"),
    "mh_zone_count": ("size_t", "mh_zone"),
    "mh_zone_name": ("str", "mh_zone", "size_t"),
    "mh_zone_is_for_mail": ("int", "mh_zone", "size_t"),
    "mh_zone_report": ("mh_report", "mh_zone"),
    "mh_zone_answer": ("int", "mh_zone", "mh_job", "int"),
    "mh_world_new": ("mh_world", "mh_ctx"),
    "mh_world_free": ("void", "mh_world"),
    "mh_world_add": ("int", "mh_world", "str", "octets", "size_t"),
    "mh_world_add_file": ("int", "mh_world", "str"),
    "mh_world_report": ("mh_report", "mh_world"),
    "mh_world_answer": ("int", "mh_world", "mh_job"),
    "mh_world_str": ("str", "mh_world", "str"),
    "mh_stamp_new": ("mh_stamp", "mh_ctx"),
    "mh_stamp_free": ("void", "mh_stamp"),
    "mh_stamp_parse": ("int", "mh_stamp", "octets", "size_t"),
    "mh_stamp_str": ("str", "mh_stamp", "int"),
    "mh_sts_new": ("mh_sts", "mh_ctx"),
    "mh_sts_free": ("void", "mh_sts"),
    "mh_sts_reset": ("void", "mh_sts"),
    "mh_sts_set_str": ("int", "mh_sts", "int", "str"),
    "mh_sts_add_record": ("int", "mh_sts", "octets", "size_t"),
    "mh_sts_set_policy": ("int", "mh_sts", "octets", "size_t"),
    "mh_sts_add_mx": ("int", "mh_sts", "str"),
    "mh_sts_str": ("str", "mh_sts", "int"),
    "mh_sts_int": ("int64_t", "mh_sts", "int"),
    "mh_sts_count": ("size_t", "mh_sts", "int"),
    "mh_sts_item_str": ("str", "mh_sts", "int", "size_t", "int"),
    "mh_sts_matches": ("int", "mh_sts", "str"),
    "mh_sts_report": ("mh_report", "mh_sts"),
    "mh_sts_json": ("str", "mh_sts"),
    "mh_record_new": ("mh_record", "mh_ctx"),
    "mh_record_free": ("void", "mh_record"),
    "mh_record_set_str": ("int", "mh_record", "int", "str"),
    "mh_record_read": ("int", "mh_record", "int", "octets", "size_t"),
    "mh_record_int": ("int64_t", "mh_record", "int"),
    "mh_record_value": ("str", "mh_record", "str", "size_t"),
    "mh_record_count": ("size_t", "mh_record"),
    "mh_record_item_str": ("str", "mh_record", "size_t", "int"),
    "mh_record_report": ("mh_report", "mh_record"),
    "mh_record_json": ("str", "mh_record"),
    "mh_chain_new": ("mh_chain", "mh_ctx"),
    "mh_chain_free": ("void", "mh_chain"),
    "mh_chain_read": ("int", "mh_chain", "octets", "size_t"),
    "mh_chain_set_int": ("int", "mh_chain", "int", "int64_t"),
    "mh_chain_set_str": ("int", "mh_chain", "int", "str"),
    "mh_chain_add_tlsa": ("int", "mh_chain", "octets", "size_t"),
    "mh_chain_set_staple": ("int", "mh_chain", "octets", "size_t"),
    "mh_chain_judge": ("int", "mh_chain"),
    "mh_chain_str": ("str", "mh_chain", "int"),
    "mh_chain_int": ("int64_t", "mh_chain", "int"),
    "mh_chain_count": ("size_t", "mh_chain", "int"),
    "mh_chain_item_str": ("str", "mh_chain", "int", "size_t", "int"),
    "mh_chain_item_int": ("int64_t", "mh_chain", "int", "size_t", "int"),
    "mh_chain_json": ("str", "mh_chain"),
    "mh_chain_report": ("mh_report", "mh_chain"),
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
