"""The page of `bus board`, clicked through over WebDriver. Python's own library is all it needs."""

import argparse
import base64
import copy
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

LONGEST_WAIT = 20


class Browser:
    def __init__(self, driver, width=1280, height=900):
        self.driver = driver
        options = {
            "goog:chromeOptions": {
                "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         f"--window-size={width},{height}", "--hide-scrollbars"],
                "perfLoggingPrefs": {"enableNetwork": True},
            },
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.session = "/session/" + made["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.driver + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:600]}") from None

    def on(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def open(self, file, fragment=""):
        # Another address first: a fragment alone would not load the page again.
        self.on("POST", "/url", {"url": "about:blank"})
        self.on("POST", "/url", {"url": pathlib.Path(file).resolve().as_uri() + fragment})

    def js(self, script, *arguments):
        return self.on("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, *arguments):
        end = time.monotonic() + LONGEST_WAIT
        while not (found := self.js("return " + script, *arguments)):
            assert time.monotonic() < end, f"never came true: {script} {arguments}\n{self.text()[:1500]}"
            time.sleep(0.05)
        return found

    def text(self):
        return self.js("return document.body.innerText")

    def click(self, selector, containing=""):
        """A click of the mouse on the first visible element that has the text."""
        element = self.js(
            "return [...document.querySelectorAll(arguments[0])].find((it) => it.textContent.includes(arguments[1]) && it.getClientRects().length)",
            selector, containing)
        assert element, f"nothing to click: {selector} {containing!r}\n{self.text()[:1500]}"
        self.on("POST", f"/element/{next(iter(element.values()))}/click", {})

    def keys(self, text):
        pressed = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.on("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})

    def logs(self, kind):
        return self.on("POST", "/se/log", {"type": kind})

    def cdp(self, command, **parameters):
        return self.on("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self, file):
        pathlib.Path(file).write_bytes(base64.b64decode(self.on("GET", "/screenshot")))

    def close(self):
        self.on("DELETE", "")


class Boards:
    def __init__(self, bus, work):
        self.bus, self.work = bus, pathlib.Path(work)
        self.shop = {path.stem: json.loads(path.read_text()) for path in (self.work / "manifests").glob("*.json")}

    def draw(self, name, manifests):
        folder = self.work / name
        folder.mkdir()
        for at, manifest in enumerate(manifests):
            (folder / f"{at}-{'-'.join(c for c in manifest['service'] if c.isalnum())[:40]}.json").write_text(json.dumps(manifest))
        page = self.work / f"{name}.html"
        subprocess.run([self.bus, "board", folder, "--out", page], check=True, stdout=subprocess.DEVNULL)
        return page

    def sound(self):
        return self.draw("sound", self.shop.values())

    def next_orders(self):
        """The orders' next release: a field of its receipt is renamed."""
        text = json.dumps(self.shop["orders"]["serves"]).replace('"total"', '"sum"')
        return {**self.shop["orders"], "version": "0.2.0", "serves": json.loads(text)}

    def broken(self):
        """The new release beside what is there, a call to what nobody serves, and types that nobody can look into."""
        foggy = copy.deepcopy(self.shop["facade"])
        foggy["service"] = "shop-robot"
        for called in foggy["calls"]:
            called["contract"]["types"] = [{"opaque": {"name": "Fog"}} for _ in called["contract"]["types"]]
        rest = [self.shop[name] for name in ("facade", "orders", "stock", "payments")]
        return self.draw("broken", [*rest, self.next_orders(), foggy])

    def release(self):
        """The new release beside what is there, and nothing else."""
        return self.draw("release", [*self.shop.values(), self.next_orders()])

    def large(self, count):
        manifests = []
        for at in range(count):
            serves = json.loads(json.dumps(self.shop["stock"]["serves"][0]).replace("shop.stock", f"stock{at}.stock"))
            serves["name"] = f"Stock{at}"
            manifests.append({"format": 1, "service": f"service-{at:03}", "serves": [serves], "calls": []})
        for at, manifest in enumerate(manifests):
            for step in (1, 7, 40):
                called = manifests[(at + step) % count]["serves"][0]
                manifest["calls"].append({"contract": called, "methods": ["level"]})
        return self.draw("large", manifests)

    def hostile(self):
        names = ["<script>window.harm=1</script>", "</script><img src=x onerror='window.harm=1'>", "x" * 200,
                 "\u202eright to left", "`${window.harm=1}`", "javascript:window.harm=1", "a&view=help&service=b", "%41#'\"<!--"]
        manifests = []
        for name in names:
            manifest = copy.deepcopy(self.shop["stock"])
            manifest["service"] = name
            for contract in manifest["serves"]:
                contract["name"] = name + contract["name"]
                contract["docs"] = name
                contract["methods"][0]["name"] = name
                contract["types"] = json.loads(json.dumps(contract["types"]).replace('"Basket"', json.dumps(name)))
            manifest["calls"] = [{"contract": manifest["serves"][0]}]
            manifests.append(manifest)
        return self.draw("hostile", manifests), names


def who_calls_and_what_breaks(browser, boards):
    browser.open(boards.sound())
    browser.wait("document.querySelectorAll('main a.method').length > 0")
    clicks = [("nav a", "Matrix"), ("thead a.method", "place")]
    for selector, text in clicks:
        browser.click(selector, text)
        browser.wait("document.readyState === 'complete'")
    assert len(clicks) <= 3
    browser.wait("document.getElementById('breaks')")
    text = browser.text()
    callers = browser.js("return [...document.querySelectorAll('tr.caller')].map((it) => it.innerText)")
    assert len(callers) == 1 and "shop-facade" in callers[0] and "same" in callers[0], callers
    for part in ("WHAT BREAKS IF I CHANGE IT", "field `total` of `Receipt` removed", "error in decoding", "shop-facade/0.1.0"):
        assert part.lower() in text.lower(), f"{part}: {text}"
    # And in one, from the table of contracts.
    browser.open(boards.work / "sound.html")
    browser.click("main a.method", "place")
    browser.wait("document.getElementById('breaks') && document.querySelectorAll('tr.caller').length === 1")


def findings_stand_first_and_unknown_is_not_green(browser, boards):
    browser.open(boards.broken())
    browser.wait("document.querySelectorAll('.finding').length > 3")
    first = browser.js("return document.querySelector('.finding').innerText")
    assert "error" in first, first
    text = browser.text()
    for part in ("Orders.place", "`total`", "nobody on the board serves"):
        assert part in text, f"{part}: {text}"
    browser.click("nav a", "Matrix")
    browser.wait("document.querySelector('table.matrix')")
    robots = browser.js(
        "return [...document.querySelectorAll('table.matrix tbody tr')].filter((it) => it.innerText.includes('robot'))"
        ".flatMap((row) => [...row.querySelectorAll('td a')].map((it) => it.className + ' ' + it.innerText))")
    assert robots and all("unk" in cell or "bad" in cell for cell in robots), robots
    assert any("unk" in cell for cell in robots), robots
    browser.click("table.matrix td a.bad")
    browser.wait("document.getElementById('callers')")
    assert browser.js("return document.querySelectorAll('.side .differs').length") > 0, "both sides are marked where they differ"


def the_address_is_the_state(browser, boards):
    page = boards.work / "sound.html"
    browser.open(page, "#view=graph&contract=Payments")
    browser.wait("document.querySelectorAll('svg a').length === 3 && document.querySelector('svg .picked')")
    browser.js("history.back()")
    browser.open(page)
    browser.click("nav a", "Graph")
    browser.wait("location.hash.includes('view=graph')")
    browser.click("svg a", "shop-mailer")
    browser.wait("location.hash.includes('service=shop-mailer')")
    browser.on("POST", "/back", {})
    browser.wait("!location.hash.includes('service') && document.querySelectorAll('svg a').length > 9")
    for odd in ("#view=toString", "#view=method&contract=Nothing&method=x", "#view=__proto__", "#%%%", "#view=contract"):
        browser.open(page, odd)
        browser.wait("document.querySelector('main').innerText.length > 20")


def keys_are_enough(browser, boards):
    browser.open(boards.work / "sound.html")
    browser.wait("document.querySelector('main a')")
    browser.keys("/")
    browser.wait("document.activeElement.id === 'search'")
    browser.keys("mail send")
    browser.wait("document.querySelectorAll('main table.plain tbody tr').length === 1")
    browser.wait("location.hash.includes('q=mail')")
    browser.keys("\ue007")
    browser.wait("document.activeElement.tagName === 'A'")
    browser.keys("\ue007")
    browser.wait("location.hash.includes('contract=Mail')")
    browser.keys("2")
    browser.wait("document.querySelector('table.matrix')")
    browser.keys("j")
    browser.wait("document.activeElement.closest('main') && document.activeElement.tagName === 'A'")
    browser.keys("\ue00c")
    browser.wait("!location.hash.includes('view')")
    browser.keys("?")
    browser.wait("document.querySelector('kbd')")


def three_hundred_services_stay_readable(browser, boards):
    page = boards.large(300)
    browser.open(page, "#view=graph")
    browser.wait("document.querySelectorAll('a.chip').length === 600")
    assert browser.js("return document.querySelectorAll('path.wire').length") == 0, "no lines before something is chosen"
    browser.click("a.chip", "service-007")
    browser.wait("document.querySelectorAll('path.wire').length > 0")
    lines, height = browser.js("return [document.querySelectorAll('path.wire').length, document.querySelector('svg').getBoundingClientRect().height]")
    assert lines < 40 and height < 900, (lines, height)
    browser.keys("/")
    browser.keys("Stock12")
    browser.wait("document.querySelectorAll('a.chip').length < 30")
    started = time.monotonic()
    browser.open(page, "#view=matrix")
    browser.wait("document.querySelector('table.matrix')")
    print(f"    the matrix of 300 services stands after {time.monotonic() - started:.1f} s")


def hostile_names_do_no_harm(browser, boards):
    page, names = boards.hostile()
    for view in ("", "#view=matrix", "#view=graph"):
        browser.open(page, view)
        browser.wait("document.querySelector('main').innerText.length > 40")
        assert browser.js("return window.harm === undefined && document.querySelectorAll('img').length === 0")
        assert browser.js("return document.documentElement.scrollWidth <= window.innerWidth"), f"{view}: a name makes the page wide"
    browser.open(page)
    links = browser.js("return [...new Set([...document.querySelectorAll('main a')].map((it) => it.getAttribute('href')))]")
    assert all(link.startswith("#") for link in links), links
    for link in links[:60]:
        browser.js("location.hash = arguments[0]", link)
        # Every name leads to its own sheet: none is cut, none is taken for another.
        browser.wait("location.hash === arguments[0] && !document.body.innerText.includes('Not on this board') && !document.body.innerText.includes('cannot be drawn')", link)
        assert browser.js("return window.harm === undefined")
    assert "\u202e" not in browser.js("return document.body.innerText")
    assert len(names) == 8


def nothing_leaves_the_page(browser, boards):
    browser.logs("performance")
    browser.open(boards.work / "sound.html")
    for view in ("#view=matrix", "#view=graph", "#view=method&contract=Orders&method=place"):
        browser.js("location.hash = arguments[0]", view)
    browser.wait("document.getElementById('breaks')")
    asked = []
    for entry in browser.logs("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(message["params"]["request"]["url"])
    outside = [url for url in asked if not url.startswith(("file:", "data:", "about:"))]
    assert asked and not outside, outside
    # The policy holds: what is put in is not run, and what is asked for is not fetched.
    browser.js("const it = document.createElement('script'); it.textContent = 'window.harm = 1'; document.body.append(it)")
    refused = browser.js("return fetch('data:,x').then(() => false, () => true)")
    assert browser.js("return window.harm === undefined") and refused is True
    complaints = [entry["message"] for entry in browser.logs("browser") if entry["level"] == "SEVERE" and "Content Security Policy" not in entry["message"]]
    assert not complaints, complaints


def light_dark_and_print(browser, boards):
    page = boards.work / "sound.html"
    seen = {}
    for scheme in ("light", "dark"):
        browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.open(page)
        seen[scheme] = browser.js("return getComputedStyle(document.body).backgroundColor")
    assert seen["light"] != seen["dark"], seen
    browser.cdp("Emulation.setEmulatedMedia", media="print", features=[])
    browser.open(page, "#view=matrix")
    shown = browser.js("return [getComputedStyle(document.querySelector('nav')).display, getComputedStyle(document.querySelector('.scroll')).overflow]")
    assert shown == ["none", "visible"], shown
    paper = browser.on("POST", "/print", {})
    assert len(base64.b64decode(paper)) > 3_000
    browser.cdp("Emulation.setEmulatedMedia", media="", features=[])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--driver", required=True)
    arguments.add_argument("--bus", required=True)
    arguments.add_argument("--work", required=True)
    arguments.add_argument("--images", type=pathlib.Path)
    given = arguments.parse_args()
    boards, browser, failed = Boards(given.bus, given.work), Browser(given.driver), 0
    tests = [who_calls_and_what_breaks, findings_stand_first_and_unknown_is_not_green, the_address_is_the_state, keys_are_enough,
             three_hundred_services_stay_readable, hostile_names_do_no_harm, nothing_leaves_the_page, light_dark_and_print]
    try:
        for test in tests:
            try:
                test(browser, boards)
                print(f"ok      {test.__name__}")
            except AssertionError as error:
                failed += 1
                print(f"FAILED  {test.__name__}: {error}")
        if given.images:
            boards.release()
            given.images.mkdir(parents=True, exist_ok=True)
            pictures = [("broken", "", "board-findings", 720), ("release", "#view=method&contract=Orders&method=place", "board-method", 640),
                        ("broken", "#view=matrix", "board-matrix", 620), ("sound", "#view=graph", "board-graph", 620),
                        ("large", "#view=graph&service=service-007", "board-large", 900)]
            for name, fragment, file, height in pictures:
                browser.on("POST", "/window/rect", {"width": 1180, "height": height})
                browser.open(boards.work / f"{name}.html", fragment)
                browser.wait("document.querySelector('main').innerText.length > 40")
                # Below the facts, whose place is at the top of the sheet.
                browser.js("const it = document.getElementById('callers'); if (it) window.scrollTo(0, it.offsetTop - 70)")
                browser.picture(given.images / f"{file}.png")
    finally:
        browser.close()
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
