#!/usr/bin/env python3
"""test_html.py - the page of `mailhealth domain --html`: whole, safe against what others publish, readable on a telephone"""
import http.server
import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest
from html.parser import HTMLParser

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
COMMAND = os.environ.get("MAILHEALTH_COMMAND", os.path.join(TOP, "build", "mailhealth"))
BROKEN = os.path.join(TOP, "examples", "zones", "broken.zone")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# What a page may have, and with which attributes.
ELEMENTS = {"html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(), "style": set(),
            "body": set(), "header": {"class"}, "main": set(), "section": set(), "article": {"class"}, "nav": {"aria-label"}, "footer": set(),
            "h1": set(), "h2": {"id"}, "h3": set(), "h4": set(), "p": {"class"}, "ul": set(), "li": set(), "dl": set(), "dt": set(), "dd": set(),
            "pre": {"class"}, "code": set(), "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": {"scope"}, "td": set(),
            "span": {"class"}, "strong": set(), "a": {"href"}}
VOID = {"meta"}
VALUES = {"class": r"(tag )?(pass|info|warn|fail|unknown)|about|todo|verdict|evidence|add|remove|reply", "href": r"#part\d+", "id": r"part\d+",
          "lang": "en", "scope": "col|row", "aria-label": "Parts"}

# What somebody may publish, as a zone file has it.
HOSTILE = {
    "a script": r'<script>alert(1)</script>',
    "an image": r'\"><img src=x onerror=alert(1)>',
    "an image from the network": r"'><img src=http://127.0.0.1:%(port)d/image><link rel=stylesheet href=http://127.0.0.1:%(port)d/style>",
    "the end of the style": r'</style></head></pre></title><script>parent.document.title=1</script><base href=http://127.0.0.1:%(port)d/>',
    "the other direction": r'ip4:192.0.2.1\226\128\174moc.elpmaxe \226\128\143 \226\129\166',
    "NUL": r'a\000b<b>bold</b>',
    "controls": r'\027[31mred\007\008\013\010',
    "no UTF-8": r'\255\254 \192\128 \237\160\128 \244\144\128\128',
    "C1 controls": r'\194\155 31m \194\133 \226\128\168',
    "entities": r'&lt;&#60;&#x3c;script&gt; &amp;amp; &',
    "a comment": r'<!-- --!> <![CDATA[ ]]> <?php ?>',
    "long words": "x" * 250,
}


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.words, self.seen, self.metas = [], [], {}, [], []
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append("not closed: %s" % self.open)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ELEMENTS:
            self.wrong.append("element %s" % tag)
            return
        for name, value in attrs:
            if name not in ELEMENTS[tag] or (name in VALUES and not re.fullmatch(VALUES[name], value or "")):
                self.wrong.append("attribute %s=%r of %s" % (name, value, tag))
        if tag == "meta":
            self.metas.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("end of %s" % tag)

    def handle_data(self, data):
        tag = self.open[-1] if self.open else ""
        self.words[tag] = self.words.get(tag, "") + data

    def handle_comment(self, data):
        self.wrong.append("comment %r" % data)

    def handle_pi(self, data):
        self.wrong.append("instruction %r" % data)

    def unknown_decl(self, data):
        self.wrong.append("declaration %r" % data)


def make(folder, *arguments):
    """The page of a check, as octets."""
    path = os.path.join(folder, "page.html")
    done = subprocess.run([COMMAND, "domain", *arguments, "--html", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode in (0, 1, 2), done
    with open(path, "rb") as file:
        return file.read()


def hostile_zone(folder, what, port=9):
    """A zone in which every record that is looked at has something hostile in it."""
    text = what % {"port": port} if "%(" in what else what
    path = os.path.join(folder, "hostile.zone")
    with open(path, "w", encoding="ascii") as file:
        file.write('$ORIGIN example.org.\n$TTL 300\n@ IN SOA ns hostmaster 1 2 3 4 5\n@ IN MX 10 mx\nmx IN A 192.0.2.1\n'
                   '@ IN TXT "v=spf1 " "%s" " ?all"\n' % text)
        for owner, begin in (("_dmarc", "v=DMARC1; p=none; rua=mailto:"), ("_mta-sts", "v=STSv1; id="), ("_smtp._tls", "v=TLSRPTv1; rua="),
                             ("default._bimi", "v=BIMI1; l="), ("mail._domainkey", "v=DKIM1; n=")):
            file.write('%s IN TXT "%s" "%s" " tail"\n' % (owner, begin, text))
    return path


class Html(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def test_a_page_has_all_of_it(self):
        octets = make(self.folder, "example.com", "--zone", BROKEN)
        page = Page(octets.decode())
        self.assertEqual(page.wrong, [])
        self.assertTrue(octets.startswith(b'<!DOCTYPE html>\n<html lang="en">'))
        self.assertIn({"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"}, page.metas)
        self.assertEqual(page.words["h1"], "example.com")
        self.assertIn("12 terms ask DNS where 10 are allowed", page.words["p"])
        self.assertIn('example.com. 3600 IN TXT "v=spf1 mx include:', page.words["pre"])
        self.assertIn("spf.too-many-lookups", page.words["code"])
        self.assertEqual(page.seen.count("h1"), 1)
        self.assertNotIn(b"http://", octets)
        self.assertNotIn(b"url(", octets)
        self.assertNotIn(b"@import", octets)

    def test_what_others_publish_is_text(self):
        for name, what in HOSTILE.items():
            with self.subTest(name):
                octets = make(self.folder, "example.org", "--zone", hostile_zone(self.folder, what), "--selector", "mail")
                text = octets.decode()  # UTF-8, or it throws
                self.assertEqual(Page(text).wrong, [], name)
                bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or ord(c) in (0x200e, 0x200f, 0x2028, 0x2029)
                       or 0x202a <= ord(c) <= 0x202e or 0x2066 <= ord(c) <= 0x2069 or 0xd800 <= ord(c) < 0xe000]
                self.assertEqual(bad, [], name)

    def test_hostile_text_is_shown_as_what_it_is(self):
        text = make(self.folder, "example.org", "--zone", hostile_zone(self.folder, HOSTILE["a script"]), "--selector", "mail").decode()
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", text)
        self.assertIn("<script>alert(1)</script>", "".join(Page(text).words.values()))
        text = make(self.folder, "example.org", "--zone", hostile_zone(self.folder, HOSTILE["the other direction"])).decode()
        self.assertTrue("\\u202E" in text or "\\226\\128\\174" in text or "\\xE2\\x80\\xAE" in text, text)

    def test_a_file_is_there_whole_or_not_at_all(self):
        path = os.path.join(self.folder, "page.html")
        with open(path, "w") as file:
            file.write("old")
        os.chmod(path, 0o640)
        os.symlink(path, os.path.join(self.folder, "link.html"))
        arguments = [COMMAND, "domain", "example.com", "--zone", BROKEN, "--html"]
        subprocess.run(arguments + [os.path.join(self.folder, "link.html")], stdout=subprocess.DEVNULL, check=False, timeout=60)
        self.assertTrue(os.path.islink(os.path.join(self.folder, "link.html")))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        with open(path) as file:
            self.assertTrue(file.read().endswith("</html>\n"))
        self.assertEqual(sorted(os.listdir(self.folder)), ["link.html", "page.html"])
        done = subprocess.run(arguments + [os.path.join(self.folder, "none", "page.html")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (70, b""))
        self.assertIn(b"cannot be written", done.stderr)
        done = subprocess.run(arguments + ["/dev/stdout", "--json"], stdout=subprocess.PIPE, timeout=60, check=False)
        self.assertIn(b"<!DOCTYPE html>", done.stdout)
        done = subprocess.run([COMMAND, "domain", "--batch", "--html", path], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 64)

    @unittest.skipUnless(CHROMIUM, "there is no chromium")
    def test_a_browser_runs_and_asks_nothing(self):
        asked = []
        folder = self.folder

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def log_message(self, *_):
                asked.append(self.path)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        names = []
        for i, what in enumerate(HOSTILE.values()):
            octets = make(folder, "example.org", "--zone", hostile_zone(folder, what, port), "--selector", "mail")
            os.rename(os.path.join(folder, "page.html"), os.path.join(folder, "page%d.html" % i))
            names.append("page%d.html" % i)
            self.assertIn(b"<h1>example.org</h1>", octets)
        with open(os.path.join(folder, "around.html"), "w") as file:
            file.write("<!DOCTYPE html><title>0</title><body>" + "".join('<iframe width=360 height=800 src="%s"></iframe>' % n for n in names)
                       + "<script>onload=function(){var s='';for(var f of document.querySelectorAll('iframe')){var d=f.contentDocument;"
                         "s+=d.documentElement.scrollWidth+' '+d.documentElement.clientWidth+' '+d.scripts.length+' '+d.images.length+';'}"
                         "document.body.textContent='widths '+s+' title '+document.title}</script>")
        done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
                               "--user-data-dir=" + os.path.join(folder, "profile"), "--virtual-time-budget=5000", "--dump-dom",
                               "http://127.0.0.1:%d/around.html" % port],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        server.shutdown()
        server.server_close()
        found = re.search(r"widths ([^<]*) title 0", done.stdout.decode(errors="replace"))
        if found is None and b"widths" not in done.stdout:
            self.skipTest("chromium does not work here")
        self.assertIsNotNone(found, done.stdout)
        for name, line in zip(HOSTILE, found.group(1).strip(";").split(";")):
            width, seen, scripts, images = [int(n) for n in line.split()]
            self.assertEqual((width <= 360, seen, scripts, images), (True, 360, 0, 0), name)
        self.assertEqual(sorted(set(asked) - {"/favicon.ico"}), sorted(["/around.html"] + ["/" + n for n in names]))


if __name__ == "__main__":
    unittest.main()
