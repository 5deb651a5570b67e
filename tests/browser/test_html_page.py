"""The page of `guidex report` in a real browser: what a person sees, what they can do, and what data cannot do."""

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chromium import ARGUMENTS, CHROMIUM, Opened, open_page
from command import Folder
from hard_rows import (
    ABSENT,
    ARABIC,
    ASTRAL,
    CROSSING,
    HIDDEN,
    HONEST,
    KEPT,
    PAYLOADS,
    SURROGATE,
    UNREADABLE,
    hostile,
)

# The core suite collects these tests, and has no Playwright.
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ATTACKS = Path(__file__).parents[3] / "shared" / "data" / "attacks" / "public.jsonl"

# All that the page is made of; nothing else can have come from anywhere but data.
TAGS = frozenset(
    "html head meta title style body a header h1 h2 h3 bdi nav span div button kbd noscript p main section dl dt dd "
    "svg rect figure figcaption table caption thead tbody tr th td form details summary label input select option "
    "datalist dialog script article ul ol li code pre".split()
)

# The text that an element shows, in UTF-16 code units: half a pair does not survive the way out of a browser.
UNITS = "element => Array.from({length: element.textContent.length}, (_, at) => element.textContent.charCodeAt(at))"

CONTRASTS = """() => {
  const channel = (one) => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
  const parsed = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, .unseen")) continue;
    let behind = element;
    while (parsed(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const ground = parsed(getComputedStyle(behind).backgroundColor);
    const style = getComputedStyle(element);
    if (style.fontSize === "0px") continue;
    const [light, dark] = [luminance(parsed(style.color)), luminance(ground)].sort((one, other) => other - one);
    const pair = style.color + " on " + getComputedStyle(behind).backgroundColor;
    found.set(pair, [(light + 0.05) / (dark + 0.05), element.className || element.tagName]);
  }
  return [...found];
}"""


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield one
        one.close()


@pytest.fixture
def opening(browser: "Browser") -> Iterator[Open]:
    """Give a function that opens a file; in the end nothing may have happened but what the test asked for."""
    pages: list[Opened] = []

    def open_file(path: Path, **options: Any) -> Opened:
        pages.append(open_page(browser, path, **options))
        return pages[-1]

    yield open_file
    for one in pages:
        one.page.context.close()
        assert not one.happened


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a page of rows that are hard to show, in two splits, with a row and a file that cannot be read."""
    folder = Folder(tmp_path_factory.mktemp("honest"))
    folder.write("data/train.jsonl", *HONEST[:4], SURROGATE, UNREADABLE)
    folder.write("data/test.jsonl", *HONEST[4:])
    (folder.path / "data" / "odd.json").write_bytes(b"\xff\xfe\x00")
    done = folder.start("report", "data", "-o", "report.html", "--title", "Rows that are <hard> to show")
    # One file could not be read.
    assert done.returncode == 1, done.stderr
    return folder.path / "report.html"


def page_of(folder: Folder, *rows: Mapping[str, object] | str, options: tuple[str, ...] = ()) -> Path:
    """Give a page of a file with such rows."""
    folder.write("rows.jsonl", *rows)
    done = folder.start("report", "rows.jsonl", "-o", "page.html", *options)
    assert done.returncode == 0, done.stderr
    return folder.path / "page.html"


def document_of(page: "Page") -> str:
    units = page.eval_on_selector(".document", UNITS)
    return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "surrogatepass")


def selected(page: "Page") -> list[str]:
    found: list[str] = page.locator(".tree [aria-selected=true] > .line").all_text_contents()
    return found


def marked(page: "Page") -> str:
    return "".join(page.locator(".segment.on").all_text_contents())


def line(opened: Opened, text: str) -> Any:
    return opened.page.locator(".tree .line", has_text=text).first


def span(opened: Opened, text: str) -> Any:
    return opened.page.locator(".segment.is-value", has_text=text).first


def test_a_value_shows_its_span(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    line(opened, "Lovelace King").filter(has_text="aliases").or_(
        opened.page.locator(".tree .line", has_text="[1] Lovelace King")
    ).first.click()
    assert marked(opened.page) == "Lovelace King"
    line(opened, "London").click()
    assert marked(opened.page) == "London"
    assert opened.page.locator(".segment.on").first.evaluate(
        "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
    )
    opened.shoot("crossing")


def test_an_instance_shows_the_spans_of_all_that_it_holds(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    opened.page.locator(".tree .class", has_text="Person").first.click()
    assert marked(opened.page) == "Ada Lovelace King NoelLondonAda"
    # The class leads to its definition, too.
    assert opened.texts(".guidelines .code-line.on code") == ["class Person:"]


def test_crossing_spans_have_lines_of_their_own(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    lanes = opened.page.evaluate("""() => {
      const found = new Map();
      for (const segment of document.querySelectorAll(".segment")) {
        for (const lane of [1, 2, 3]) {
          const colour = segment.style.getPropertyValue(`--lane-${lane}`);
          if (colour) found.set(lane, (found.get(lane) || "") + segment.textContent);
        }
        if (segment.matches(".nearest-lane")) found.set(0, [...(found.get(0) || []), segment.textContent]);
      }
      return [...found];
    }""")
    assert dict(map(tuple, lanes)) == {
        0: ["1843", "Ada", "Lovelace", " King", "London", "Notes on the Analytical Engine", "Ada"],
        1: "Ada Lovelace",
        2: "Ada Lovelace King Noel",
    }


def test_a_span_marks_its_values(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    span(opened, "Lovelace").click()
    assert [one.split("exact")[0].strip() for one in selected(opened.page)] == [
        "name Ada Lovelace King Noel",
        "[0] Ada Lovelace",
        "[1] Lovelace King",
    ]
    opened.page.keyboard.press("Escape")
    assert not selected(opened.page)
    assert not marked(opened.page)


@pytest.mark.parametrize("row", [CROSSING, ARABIC, ASTRAL, HIDDEN, ABSENT], ids=lambda row: ascii(row["id"]))
def test_the_document_stands_there_to_the_letter(opening: Open, page_file: Path, row: dict[str, str]) -> None:
    opened = opening(page_file)
    opened.record(row["id"].split("\u202e")[0])
    assert document_of(opened.page) == row["document"]


def test_half_a_surrogate_pair_is_shown_and_moves_no_span(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("surrogate")
    assert document_of(opened.page) == "half \ud83d Ada \ude00 a pair"
    line(opened, "Ada").click()
    assert marked(opened.page) == "Ada"
    names = opened.page.locator(".document .unseen-character").evaluate_all("all => all.map(one => one.dataset.name)")
    assert names == ["U+D83D", "U+DE00"]


@pytest.mark.parametrize("row", [CROSSING, ARABIC, ASTRAL], ids=lambda row: ascii(row["id"]))
def test_every_span_holds_exactly_its_value(opening: Open, page_file: Path, row: dict[str, str]) -> None:
    opened = opening(page_file)
    opened.record(row["id"])
    places = opened.page.evaluate("""() => {
      const spans = new Map();
      for (const segment of document.querySelectorAll(".segment")) {
        for (const mark of segment.marks) spans.set(mark, (spans.get(mark) || "") + segment.textContent);
      }
      const value = (number) => document.querySelector(`#value-${number} :is(.text, .constant)`).textContent;
      return [...spans].filter(([mark]) => mark[2] === "value").map(([mark, text]) => [value(mark[3]), text]);
    }""")
    assert len(places) > 2
    assert all(value == text for value, text in places)


def test_a_document_from_right_to_left_runs_so_and_its_lines_by_themselves(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("arabic")
    assert opened.page.eval_on_selector(".document", "one => getComputedStyle(one).direction") == "rtl"
    left, right = (span(opened, one).bounding_box() for one in ("لندن", "آدا لوفليس"))
    assert left["x"] < right["x"]
    edges = opened.page.locator(".document").bounding_box()
    english = span(opened, "English").bounding_box()
    assert edges is not None
    assert english["x"] < edges["x"] + edges["width"] / 2
    line(opened, "آدا").click()
    assert marked(opened.page) == "آدا لوفليس"
    opened.shoot("arabic")


def test_what_nobody_sees_is_shown(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("hidden")
    names = opened.page.locator(".document .unseen-character").evaluate_all("all => all.map(one => one.dataset.name)")
    assert names == ["U+202E", "U+202C", "U+001B", "U+001B", "U+0000", "U+2028"]
    assert opened.page.locator(".document .gap").evaluate_all("all => all.map(one => one.dataset.name)") == ["U+200B"]
    # It turns nothing around: what follows it stands to its right.
    assert opened.page.locator("#record h2 .unseen-character").count() == 1
    boxes = opened.page.evaluate("""() => {
      const text = document.querySelector("#record h2 bdi").childNodes;
      return [text[0], text[2]].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect().left;
      });
    }""")
    assert boxes[0] < boxes[1]
    opened.shoot("hidden")


def test_what_is_absent_has_a_panel_and_shows_what_comes_near(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("absent")
    assert list(opened.texts(".absent-panel .absent-value .text")) == ["Ada Lovelace", "Paris"]
    assert "nearest: Lovelace, Ada (all of it, put otherwise)" in opened.texts(".absent-panel li .quiet")
    opened.page.locator(".absent-value", has_text="Ada Lovelace").click()
    assert marked(opened.page) == "Lovelace, Ada"
    assert "name Ada Lovelace" in selected(opened.page)[0]
    opened.shoot("absent")


def test_findings_stand_at_their_places(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("absent")
    near = opened.page.locator(".tree .node", has_text="Persn").locator("> .note").all_text_contents()
    assert any("GX201" in one for one in near)
    assert opened.texts(".labels .is-finding.error")
    assert any("GX202" in one for one in opened.texts(".labels .code-line .note"))
    opened.page.locator(".findings-panel .place", has_text="result[2]").first.click()
    assert "Place" in selected(opened.page)[0]
    assert opened.page.locator(".labels .code-line.on").count() == 1


def test_records_are_filtered_by_code_from_the_overview_and_from_the_list(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.shoot("overview")
    opened.page.locator("[data-facet=code][data-value=GX301]").click()
    opened.page.wait_for_selector("#record h2")
    assert opened.texts("#rows .row-title") == ["absent"]
    assert opened.page.input_value("#code") == "GX301"
    opened.page.click("#clear")
    opened.page.wait_for_function("() => document.querySelectorAll('#rows .row').length === 10")
    opened.page.select_option("#verdict", "kept")
    assert "rejected" not in opened.texts("#rows .verdict")
    opened.page.select_option("#split", "test")
    opened.page.wait_for_function("() => document.querySelectorAll('#rows .row').length === 1")
    assert opened.texts("#rows .row-title") == ["kept"]


@pytest.mark.parametrize(
    ("words", "found"), [("ARABIC", "arabic"), ("مح", "arabic"), ("noel of london", "crossing"), ("paris", "absent")]
)
def test_ids_texts_and_values_are_searched(opening: Open, page_file: Path, words: str, found: str) -> None:
    opened = opening(page_file, fragment="#records")
    opened.page.fill("#search", words)
    opened.page.wait_for_function("() => document.querySelectorAll('#rows .row').length === 1")
    assert opened.texts("#rows .row-title") == [found]


@pytest.mark.parametrize(
    ("field", "words", "found"), [("search", "paris", "absent"), ("type", "Persn", "absent"), ("search", "ada", "")]
)
def test_what_is_found_opens_at_the_first_click(
    opening: Open, page_file: Path, field: str, words: str, found: str
) -> None:
    opened = opening(page_file, fragment="#records")
    opened.page.wait_for_selector("#record h2")
    opened.page.fill(f"#{field}", words)
    opened.page.wait_for_function("() => /^\\d+ of/.test(document.getElementById('found').textContent)")
    row = opened.page.locator("#rows .row", has_text=found).last
    name = row.locator(".row-title").text_content()
    row.click()
    opened.page.locator("#record h2", has_text=name).wait_for(timeout=5_000)


def test_a_search_for_nothing_there_says_so(opening: Open, page_file: Path) -> None:
    opened = opening(page_file, fragment="#records")
    opened.page.fill("#search", "nowhere at all")
    opened.page.get_by_text("No record is like that.").wait_for()
    assert opened.page.locator("#rows .row").count() == 0


def test_what_could_not_be_read_is_shown(opening: Open, page_file: Path) -> None:
    opened = opening(page_file, fragment="#records")
    opened.page.select_option("#verdict", "unread")
    opened.page.wait_for_function("() => document.querySelectorAll('#rows .row').length === 2")
    opened.page.locator("#rows .row", has_text="train").or_(
        opened.page.locator("#rows .row", has_text="line 6")
    ).first.click()
    opened.page.locator(".raw").wait_for()
    assert opened.texts(".raw pre") == [UNREADABLE]


def test_all_can_be_done_from_the_keyboard(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    page = opened.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("crossing")
    page.wait_for_function("() => document.querySelectorAll('#rows .row').length === 1")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "list"
    page.keyboard.press("ArrowDown")
    page.locator("#record h2", has_text="crossing").wait_for()
    current = page.locator("#list").get_attribute("aria-activedescendant")
    assert page.locator(f"#{current}").get_attribute("aria-selected") == "true"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "document":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert selected(page)
    assert page.evaluate("document.activeElement.matches('.segment:focus-visible')")
    page.keyboard.press("Escape")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[role=treeitem]')"):
            break
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert selected(page) == [page.evaluate("document.activeElement.firstElementChild.textContent")]
    page.keyboard.press("?")
    assert page.evaluate("document.getElementById('help').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.getElementById('help').open")


def test_j_and_k_go_from_record_to_record(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    seen = []
    for key in "jjk":
        before = opened.page.url
        opened.page.keyboard.press(key)
        opened.page.wait_for_function("before => location.href !== before", arg=before)
        seen.append(opened.page.evaluate("location.hash"))
    assert seen == ["#0", "#1", "#0"]


def test_only_what_the_page_is_made_of_is_said_to_be_something(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    assert opened.page.locator("[role=listbox] [role=option]").count() == 10
    assert opened.page.locator("[role=option]:not([aria-posinset][aria-setsize='10'])").count() == 0
    assert opened.page.locator("[role=tree] [role=treeitem]:not([aria-level][aria-posinset])").count() == 0
    assert opened.page.locator("[role=tree] [tabindex='0']").count() == 1
    assert opened.page.locator("button:not([type])").count() == 0
    unnamed = opened.page.evaluate(
        """[...document.querySelectorAll("button, input, select, a")].filter(
          (one) => !one.textContent.trim() && !one.labels?.length
        ).length"""
    )
    assert unnamed == 0
    doubled = opened.page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
          return ids.length - new Set(ids).size;
        }"""
    )
    assert doubled == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(opening: Open, page_file: Path, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    opened = opening(page_file, scheme=scheme)
    for fragment in ("overview", "records", "0", "1", "2", "5", "9"):
        opened.page.evaluate("fragment => { location.hash = '#' + fragment }", fragment)
        opened.page.wait_for_timeout(200)
        opened.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = axe.run(opened.page)
        assert not found.violations_count, found.generate_report()
        assert found.response["testEngine"]["name"] == "axe-core"
    # It does find something where there is something.
    opened.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert axe.run(opened.page).violations_count == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 360])
def test_all_text_can_be_read(opening: Open, page_file: Path, scheme: Any, width: int) -> None:
    opened = opening(page_file, scheme=scheme, width=width, height=800)
    pairs = dict(opened.page.evaluate(CONTRASTS))
    opened.shoot(f"overview-{scheme}-{width}")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    for number in range(10):
        opened.page.evaluate("number => { location.hash = '#' + number }", number)
        opened.page.wait_for_function(
            "number => document.querySelector('#record h2') && location.hash === '#' + number", arg=number
        )
        opened.page.wait_for_timeout(50)
        opened.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        for place in opened.page.locator(".tree .node > .line").all()[:4]:
            place.click()
            pairs |= dict(opened.page.evaluate(CONTRASTS))
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        if number in (0, 9):
            opened.shoot(f"record-{number}-{scheme}-{width}")
    opened.page.evaluate("location.hash = '#records'")
    pairs |= dict(opened.page.evaluate(CONTRASTS))
    opened.page.evaluate("document.getElementById('help').showModal()")
    pairs |= dict(opened.page.evaluate(CONTRASTS))
    # WCAG 2.2, success criterion 1.4.3, level AA.
    assert len(pairs) > 10
    assert not {pair: found for pair, found in pairs.items() if found[0] < 4.5}


def test_the_theme_can_be_chosen_and_is_remembered(opening: Open, page_file: Path) -> None:
    opened = opening(page_file, scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = opened.page.evaluate(background)
    opened.page.click("#theme")
    opened.page.click("#theme")
    dark = opened.page.evaluate(background)
    assert dark != light
    opened.page.reload()
    opened.page.wait_for_selector(":root[data-ready]")
    opened.happened.clear()
    assert opened.page.evaluate(background) == dark


def test_a_record_can_be_printed(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.record("crossing")
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".browse").is_visible()
    assert opened.page.locator(".document").is_visible()
    opened.shoot("print")


def test_hostile_rows_stay_text(opening: Open, folder: Folder) -> None:
    rows = [row for payload in PAYLOADS for row in hostile(payload)]
    folder.write("<img src=x onerror=alert(0)>.jsonl", *rows)
    paths = ["<img src=x onerror=alert(0)>.jsonl"]
    attacks = ATTACKS.exists()
    if attacks:
        paths.append(str(ATTACKS))
    done = folder.start("report", *paths, "-o", "page.html", "--title", "".join(PAYLOADS))
    assert done.returncode == 0, done.stderr
    opened = opening(folder.path / "page.html")
    count = opened.page.evaluate("Number(document.querySelector('nav .count').textContent.replace(',', ''))")
    assert count == len(rows) + (176 if attacks else 0)
    tags: set[str] = set()
    for number in range(count):
        opened.page.keyboard.press("j")
        opened.page.wait_for_function("number => location.hash === '#' + number", arg=number)
        found = opened.page.evaluate("""() => {
          for (const one of document.querySelectorAll("details")) one.open = true;
          const all = [...document.querySelectorAll("*")];
          const handlers = all.flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on"));
          const links = all.filter((one) => one.hasAttribute("href") && !one.getAttribute("href").startsWith("#"));
          const leaving = [...links, ...all.filter((one) => one.hasAttribute("src"))];
          return [[...new Set(all.map((one) => one.localName))], handlers, leaving.length];
        }""")
        tags |= set(found[0])
        assert found[1:] == [[], 0]
    assert tags <= TAGS
    assert opened.page.locator("script").count() == 3
    assert opened.page.title() == "".join(PAYLOADS)
    opened.page.fill("#search", PAYLOADS[0])
    opened.page.wait_for_timeout(500)
    assert opened.page.locator("#rows .row").count() > 2


def test_the_policy_stops_what_would_get_in(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      const box = document.createElement("div");
      box.innerHTML =
        "<button onclick='window.ran = true'></button><p style='color: red'></p>" +
        "<style>p { color: red }</style><img src='x.png'>";
      document.body.append(script, box);
      box.querySelector("button").click();
    }""")
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.ran") is None
    assert opened.page.eval_on_selector("p[style]", "one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    refused = [one for one in opened.happened if "Content Security Policy" in one]
    assert len(refused) >= 5
    assert not [one for one in opened.happened if one.startswith("a request") and "x.png" not in one]
    opened.happened.clear()


def test_two_thousand_records_stay_smooth(opening: Open, folder: Folder) -> None:
    rows = [
        CROSSING | {"id": f"record {number}", "document": f"{number} {CROSSING['document']}"} for number in range(2_000)
    ]
    opened = opening(page_of(folder, *rows), fragment="#records")
    opened.page.wait_for_selector("#record h2")
    box = opened.page.locator("#list")
    for share in (0, 0.3, 0.999, 1):
        box.evaluate("(box, share) => { box.scrollTop = box.scrollHeight * share }", share)
        opened.page.wait_for_timeout(60)
        assert 5 < opened.page.locator("#rows .row").count() < 40
    assert "record 1999" in opened.texts("#rows .row-title")
    assert opened.page.evaluate("document.querySelectorAll('*').length") < 2_000
    box.focus()
    opened.page.keyboard.press("Home")
    opened.page.keyboard.press("End")
    opened.page.locator("#record h2", has_text="record 1999").wait_for()
    opened.page.fill("#search", "1234 in 1843")
    opened.page.wait_for_function(
        "() => document.getElementById('found').textContent.startsWith('1 of')", timeout=20_000
    )
    assert opened.texts("#rows .row-title") == ["record 1234"]


def test_what_is_left_out_is_said_and_the_worst_come_first(opening: Open, folder: Folder) -> None:
    folder.write("rows.jsonl", HONEST[5], HONEST[5] | {"id": "also kept"}, ABSENT, CROSSING)
    done = folder.start("report", "rows.jsonl", "-o", "page.html", "--limit", "2")
    assert "the page shows the 2 worst" in done.stderr
    opened = opening(folder.path / "page.html")
    assert "2 worst of 4 records" in opened.texts("#left-out")[0]
    opened.page.click("nav [href='#records']")
    opened.page.wait_for_selector("#rows .row")
    assert opened.texts("#rows .row-title")[0] == "absent"
    assert opened.page.locator("#rows .row").count() == 2


def test_an_input_without_rows_is_shown_as_one_that_could_not_be_read(opening: Open, folder: Folder) -> None:
    assert folder.start("report", "-", "-o", "page.html").returncode == 2
    opened = opening(folder.path / "page.html", fragment="#records")
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("End")
    assert opened.texts("#found") == ["1 record"]


def test_a_browser_that_cannot_unpack_says_so(browser: "Browser", page_file: Path) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(page_file.as_uri())
    page.get_by_text("this browser does not unpack them").wait_for()
    assert page.locator(".chart").first.is_visible()
    page.close()


NAMED = CROSSING["guidelines"].replace("Person", "PersonName")
# Guidelines of one row declare what those of the other do, with one attribute more.
OTHERWISE = CROSSING["guidelines"].replace("class Place:", "class Place:\n    country: str  # where the place lies")


def test_what_is_found_about_the_dataset_leads_to_the_record_that_shows_it(opening: Open, folder: Folder) -> None:
    opened = opening(page_of(folder, KEPT, CROSSING | {"guidelines": OTHERWISE}, HONEST[6] | {"guidelines": OTHERWISE}))
    assert opened.texts("#remarks h2") == ["Findings about the dataset"]
    places = opened.page.locator("#remarks .place")
    assert places.count() == opened.page.locator("#remarks .finding").count() > 0
    # The record may be open already.
    for number in [*range(places.count())] * 2:
        opened.page.evaluate("location.hash = '#overview'")
        named = (places.nth(number).text_content() or "").split()[-1]
        places.nth(number).focus()
        opened.page.keyboard.press("Enter")
        opened.page.locator("#record h2", has_text=named).wait_for()
        assert opened.page.evaluate("document.activeElement.id") == "record"


def test_what_is_found_about_the_dataset_leads_to_no_record_that_is_left_out(opening: Open, folder: Folder) -> None:
    opened = opening(page_of(folder, ABSENT, KEPT, CROSSING | {"guidelines": OTHERWISE}, options=("--limit", "1")))
    assert any("inconsistent-type" in one for one in opened.texts("#remarks .finding-head"))
    assert opened.page.locator("#remarks span.place").count() > 0
    assert opened.page.locator("#remarks button.place").count() == 0


def test_a_bar_leads_only_to_what_is_shown(opening: Open, folder: Folder) -> None:
    misnamed = KEPT | {"guidelines": NAMED, "labels": '[PersonName(name="Grace"), Persn(name="Grace")]'}
    alike = KEPT | {
        "guidelines": OTHERWISE,
        "labels": '[Person(name="Grace Hopper"), Place(country="", name="Arlington")]',
    }
    opened = opening(page_of(folder, misnamed, KEPT | {"id": "first"}, alike, options=("--limit", "1")))
    charts = ".chart tbody th"
    assert opened.texts(f"{charts} button bdi")
    # Only records that are left out have it.
    for label in ("GX501 duplicate-document", "Person", "Place"):
        assert label in opened.texts(f"{charts} > bdi")
        assert label not in opened.texts(f"{charts} button bdi")
    assert "PersonName" in opened.texts(f"{charts} button bdi")
    # No record has it: it is about the dataset.
    assert "GX509 inconsistent-type" in opened.texts(f"{charts} a bdi")
    opened.page.locator(f"{charts} a", has_text="GX509").focus()
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_function("() => document.activeElement.id === 'remarks'")
    assert opened.page.locator("#overview").is_visible()
    # All others filter by what they say.
    for button in opened.page.locator(f"{charts} button").all():
        opened.page.evaluate("location.hash = '#overview'")
        button.click()
        assert opened.page.input_value(f"#{button.get_attribute('data-facet')}") == button.get_attribute("data-value")
        assert opened.page.locator("#rows .row").count() == 1


def test_a_bar_of_a_type_does_not_show_types_that_only_begin_alike(opening: Open, folder: Folder) -> None:
    named = KEPT | {"id": "named", "guidelines": NAMED, "labels": '[PersonName(name="Grace Hopper")]'}
    opened = opening(page_of(folder, KEPT, named))
    opened.page.locator("[data-facet=type][data-value=Person]").click()
    opened.page.get_by_text("1 of 2 records").wait_for()
    assert opened.texts("#rows .row-title") == ["kept"]


def test_a_bar_pressed_on_the_keyboard_leads_into_the_list(opening: Open, page_file: Path) -> None:
    opened = opening(page_file)
    opened.page.locator("[data-facet=code][data-value=GX201]").focus()
    opened.page.keyboard.press("Enter")
    opened.page.locator("#record h2", has_text="absent").wait_for()
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("document.activeElement.id") == "list"


def test_a_legend_of_colours_is_shown_with_what_has_them_only(opening: Open, page_file: Path) -> None:
    for width, shown in ((1400, True), (360, False)):
        page = opening(page_file, width=width, height=800).page
        assert page.locator(".chart .bar").first.is_visible() == shown
        assert page.locator(".chart .key").first.is_visible() == shown


@pytest.mark.parametrize("separator", [", ", ",\n"], ids=["one line", "many lines"])
def test_a_record_with_thousands_of_values_and_findings_stays_small(
    opening: Open, folder: Folder, separator: str
) -> None:
    names = [f"N{number}" for number in range(3_000)]
    labels = separator.join(f'{"Person" if number % 3 else "Persn"}("{one}")' for number, one in enumerate(names))
    document = " and ".join(one for number, one in enumerate(names) if number % 3)
    opened = opening(page_of(folder, CROSSING | {"labels": f"[{labels}]", "document": document}, KEPT), fragment="#0")
    opened.page.locator("#record h2", has_text="crossing").wait_for()
    assert opened.page.evaluate("document.querySelectorAll('*').length") < 6_000
    # All of it can be had.
    found = opened.page.locator(".findings-panel > .findings > .finding")
    assert found.count() == 100
    opened.page.locator(".findings-panel").get_by_text("Show all 1,000").click()
    assert found.count() == 1_000
    opened.page.locator(".source-panel.labels").get_by_text("Show all of it").click()
    assert opened.page.locator(".source-panel.labels .note").count() == 1_000
    assert "".join(opened.texts(".labels code")) == f"[{labels}]".replace("\n", "")
    opened.page.locator(".absent-panel").get_by_text("Show all 1,000").click()
    assert opened.page.locator(".absent-value").count() == 1_000
    opened.page.locator(".document-panel").get_by_text("Show the other").click()
    assert opened.page.locator(".segment.is-value").count() == 2_000
    assert document_of(opened.page) == document
    # What is not drawn yet is drawn when it is gone to.
    assert not opened.texts("#value-5999")
    found.last.locator(".place").click()
    assert "[2997] Persn" in selected(opened.page)[0]


def test_a_long_document_can_be_shown_whole(opening: Open, folder: Folder) -> None:
    document = "Grace Hopper lived in Arlington. " + "And so on. " * 10_000
    opened = opening(page_of(folder, KEPT | {"document": document}), fragment="#0")
    opened.page.locator("#record h2", has_text="kept").wait_for()
    assert document_of(opened.page) == document[:100_000]
    more = opened.page.get_by_text("Show the other 10,033 characters")
    more.focus()
    opened.page.keyboard.press("Enter")
    assert document_of(opened.page) == document
    assert more.count() == 0
    assert opened.page.evaluate("document.activeElement.className") == "document"


def test_a_place_far_down_in_a_document_is_drawn_when_it_is_gone_to(opening: Open, folder: Folder) -> None:
    opened = opening(page_of(folder, KEPT | {"document": "And so on. " * 10_000 + KEPT["document"]}), fragment="#0")
    opened.page.locator("#record h2", has_text="kept").wait_for()
    opened.page.locator(".tree .class", has_text="Person").click()
    assert selected(opened.page) == ["[0] Person"]
    assert marked(opened.page) == "Grace HopperArlington"


def test_a_value_with_many_findings_shows_the_first_of_them(opening: Open, folder: Folder) -> None:
    attributes = "".join(f"    a{number}: str  # a part of it\n" for number in range(40))
    guidelines = f'{CROSSING["guidelines"]}\n\n@dataclass\nclass Wide:\n    """A thing of many parts."""\n{attributes}'
    opened = opening(page_of(folder, KEPT | {"guidelines": guidelines, "labels": "[Wide()]"}), fragment="#0")
    opened.page.locator("#record h2", has_text="kept").wait_for()
    assert opened.texts(".tree .note")[3:] == ["and 37 more below, under Findings"]
    assert opened.page.locator(".findings-panel .finding").count() >= 40


@pytest.mark.parametrize("name", [" ", "\u200b", "\u202e\u3164", "\u2800"], ids=ascii)
def test_a_record_whose_id_nobody_sees_is_called_by_its_line(opening: Open, folder: Folder, name: str) -> None:
    opened = opening(page_of(folder, KEPT | {"id": name}), fragment="#0")
    opened.page.wait_for_selector("#record h2")
    assert opened.texts("#record h2") == opened.texts("#rows .row-title") == ["line 1"]


def test_labels_of_files_are_shown_with_their_guidelines_and_text(opening: Open, folder: Folder) -> None:
    folder.write("guidelines.py", CROSSING["guidelines"])
    folder.write("text.txt", CROSSING["document"])
    folder.write("labels.py", CROSSING["labels"])
    done = folder.start("report", "--guidelines", "guidelines.py", "--text", "text.txt", "labels.py", "-o", "page.html")
    assert done.returncode == 0, done.stderr
    opened = opening(folder.path / "page.html")
    opened.record("labels.py")
    assert document_of(opened.page) == CROSSING["document"]
    assert json.loads(json.dumps(opened.texts(".labels code"))) == CROSSING["labels"].split("\n")


def test_what_was_generated_can_be_looked_at(opening: Open, folder: Folder) -> None:
    documents = Path(__file__).parents[2] / "fixtures" / "documents"
    assert folder.start("generate", str(documents), "-o", "out").returncode == 0
    assert folder.start("check", "out").returncode == 0
    assert folder.start("report", "out", "-o", "page.html").returncode == 0
    kept = [json.loads(row) for row in (folder.path / "out/data/train.jsonl").read_text(encoding="utf-8").splitlines()]
    opened = opening(folder.path / "page.html")
    assert opened.texts("nav .count") == [str(len(kept))]
    for number, row in enumerate(kept):
        opened.page.evaluate(f"location.hash = '#{number}'")
        opened.page.locator("#record h2", has_text=row["id"]).wait_for()
        assert document_of(opened.page) == row["document"]
        assert opened.page.locator(".findings-panel .finding").count() == 0
    opened.record("music-en-1.txt")
    line(opened, "Róisín Daly").click()
    assert marked(opened.page) == "Róisín Daly"
    opened.shoot("generated")
