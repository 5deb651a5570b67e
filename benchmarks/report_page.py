"""What a page of `guidex report` costs: to make, beside a plain `guidex check` of the same rows, and to open.

The page is opened in Chromium where that is there. The rows are those of corpus.py, so each has guidelines of its
own and about 44 values in 1,300 words.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
GUIDEX = [sys.executable, "-m", "guidex_schema"]


def run(*arguments: str) -> float:
    """Run the command, and give its seconds by the wall: part of the work is done by the jail."""
    start = time.perf_counter()
    subprocess.run([*GUIDEX, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def opened(page: Path, rounds: int) -> dict[str, float]:
    """Give the median seconds until the page can be used, until a record is shown, and until all texts are searched."""
    from playwright.sync_api import sync_playwright

    taken: dict[str, list[float]] = {"open": [], "record": [], "search": [], "nodes": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for _ in range(rounds):
            tab = browser.new_page()
            start = time.perf_counter()
            tab.goto(page.as_uri())
            tab.wait_for_selector(":root[data-ready]")
            taken["open"].append(time.perf_counter() - start)
            start = time.perf_counter()
            tab.keyboard.press("j")
            tab.wait_for_selector("#record h2")
            taken["record"].append(time.perf_counter() - start)
            start = time.perf_counter()
            tab.fill("#search", "a word that no text holds")
            tab.get_by_text("No record is like that.").wait_for()
            taken["search"].append(time.perf_counter() - start)
            taken["nodes"].append(tab.evaluate("document.querySelectorAll('*').length"))
            tab.close()
        browser.close()
    return {name: statistics.median(figures) for name, figures in taken.items()}


def main() -> None:
    """Measure, and print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="rows of the page (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; medians are printed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the rows (default: %(default)s)")
    parser.add_argument("--unopened", action="store_true", help="leave the browser out")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows, page = Path(name) / "rows.jsonl", Path(name) / "page.html"
        corpus.write(rows, [one.columns() for one in corpus.rows(options.seed, options.rows)])
        checks, reports = [], []
        for _ in range(options.rounds):
            checks.append(run("check", str(rows), "--exit-zero", "--output-format", "concise"))
            reports.append(run("report", str(rows), "-o", str(page)))
        check, report = statistics.median(checks), statistics.median(reports)
        figures = {"rows": options.rows, "check": check, "report": report, "ratio": report / check}
        figures["bytes"] = page.stat().st_size
        print(f"{options.rows:,} rows, {rows.stat().st_size:,} bytes, {options.rounds} rounds")
        print(f"guidex check     {check:8.2f} s")
        print(f"guidex report    {report:8.2f} s  {report / check:.2f} times as long, {page.stat().st_size:,} bytes")
        if CHROMIUM.exists() and not options.unopened:
            figures |= (browsed := opened(page, options.rounds))
            print(f"opened in        {browsed['open']:8.2f} s  until it can be used")
            print(f"a record in      {browsed['record']:8.2f} s  {browsed['nodes']:,.0f} elements then")
            print(f"all searched in  {browsed['search']:8.2f} s")
        else:
            print("opened in               ?    in no browser")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
