"""A page in a real browser without a window, and all that happens in it."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

# The core suite collects these tests, and has no Playwright.
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path(__file__).parent / "screenshots"


@dataclass
class Opened:
    """A page in the browser, and what it did that a page should not do by itself."""

    page: "Page"
    happened: list[str] = field(default_factory=list)

    def shoot(self, name: str) -> None:
        """Take a picture for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.page.locator(selector).all_text_contents()
        return found

    def record(self, name: str) -> None:
        """Show the record of that id."""
        self.page.evaluate("location.hash = '#records'")
        self.page.fill("#search", "")
        self.page.keyboard.press("Escape")
        row = self.page.locator("#rows .row", has_text=name).first
        row.click()
        self.page.locator("#record h2", has_text=name).wait_for()


def open_page(
    browser: "Browser",
    path: Path,
    *,
    fragment: str = "",
    scheme: Literal["light", "dark"] = "light",
    width: int = 1400,
    height: int = 900,
) -> Opened:
    """Open a file, and wait until it is ready."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    one = Opened(context.new_page())

    def refuse(dialog: Any) -> None:
        one.happened.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    one.page.on("console", lambda message: one.happened.append(f"the console: {message.text}"))
    one.page.on("pageerror", lambda error: one.happened.append(f"an error: {error}"))
    one.page.on("request", lambda request: one.happened.append(f"a request: {request.url[:100]}"))
    one.page.on("dialog", refuse)
    one.page.goto(path.as_uri() + fragment)
    one.page.wait_for_selector(":root[data-ready]")
    # The page itself is the only thing that is asked for.
    assert one.happened.pop(0).startswith("a request: file:")
    return one
