"""disputed.py - verdicts of suites that we think wrong: what we hold instead, and why, from the RFC

One entry a case: keys of expect that are overridden, as judged has them, and the argument.
"""

DISPUTED = {
    "checkdmarc-mta_sts/testParseMtaStsRecordDuplicateTag-3": (
        {"valid": True},
        "RFC 8461 3.1: the grammar has one or more sts-field, of which sts-id is one, and nothing makes a record invalid "
        "in which it stands twice; the first counts, as 3.2 has it for the policy"),
    "checkdmarc-mta_sts/testParseMtaStsPolicyDuplicateKey-11": (
        {"valid": True},
        "RFC 8461 3.2: of a field other than mx that is there more than once all entries but the first are ignored"),
    "checkdmarc-mta_sts/testParseMtaStsPolicyUnexpectedKey-16": (
        {"valid": True},
        "RFC 8461 3.2: sts-policy-extension is part of the grammar, and unknown fields are ignored"),
}
