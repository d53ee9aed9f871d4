"""dane_suite.py PROGRAM CASES.jsonl - a conformance suite for DANE (kind "dane" of FORMAT.md), case by case

The trust store that the cases name is not among the data.  Its roots are: those certificates of the chains that
signed themselves and have the name of another's issuer.
"""
import json, re, subprocess, sys


def roots(cases):
    """PEM of the certificates at the end of chains that are their own issuers"""
    found = {}
    for case in cases:
        for pem in re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", "".join(case["in"]["chain_pem"]), re.S):
            done = subprocess.run(["openssl", "x509", "-noout", "-subject", "-issuer", "-nameopt", "RFC2253", "-ext", "basicConstraints"],
                                  input=pem, capture_output=True, text=True)
            lines = done.stdout.split("\n")
            if len(lines) > 1 and lines[0][8:] == lines[1][7:] and "CA:TRUE" in done.stdout:
                found[pem] = True
    return "".join(found)


def main():
    program, path = sys.argv[1:]
    bad, total = [], 0
    cases = [case for case in map(json.loads, open(path)) if case["kind"] == "dane"]
    trusted = roots(cases)
    for case in cases:
        given = case["in"]
        lines = ["name " + given["base_domain"]]
        if given.get("no_ee_namecheck"):
            lines.append("no-ee-names")
        lines += ["chain", "".join(given["chain_pem"]).rstrip("\n"), "end", "anchors", trusted.rstrip("\n"), "end"]
        lines += ["tlsa %d %d %d %s" % tuple(record) for record in given["tlsa"]]
        done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True)
        want = {**case["expect"], **case.get("judged", {})}
        valid, error, depth = (int(word) for word in done.stdout.split()) if done.stdout else (None, None, None)
        got = {"valid": bool(valid), "x509_verify_result": error, "match_depth": depth}
        total += 1
        wrong = {key: (want[key], got[key]) for key in got if want.get(key) is not None and want[key] != got[key]}
        if wrong:
            bad.append((case["id"], wrong))
    for identity, wrong in bad:
        print("FAIL %s: %s" % (identity, wrong))
    print("%s: %d passed, %d failed" % (path, total - len(bad), len(bad)))
    return 1 if bad else 0


sys.exit(main())
