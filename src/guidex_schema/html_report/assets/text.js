// Text: everything that comes from data is written as text nodes, never as markup.

// What people do not see, or what turns text around; joiners and the spaces that scripts use are harmless.
const UNSEEN = /(?:[^\P{C}\t\n\u200c\u200d]|[^\P{Z} \u00a0\u3000])+/gu;
// These are common in honest text: a quiet sign is enough, and what they do to the line stays.
const COMMON = /^[\p{Zs}\u00ad\u061c\u200b\u200e\u200f]+$/u;
// Texts of which nobody sees anything.
const BLANK = /^[\p{Z}\p{C}\p{DI}\s\u2800]*$/u;
// Texts with more signs are no honest ones.
const MOST_SIGNS = 1000;
// So many things of a list are drawn at once.
const AT_FIRST = 100;

// Room for what a browser takes long to draw: signs for what nobody sees, and elements for lines and marks.
class Room {
  constructor(elements = Infinity) {
    this.signs = MOST_SIGNS;
    this.elements = elements;
    this.isShort = false;
  }

  // Say whether so many elements more are drawn; where some are not, no others are.
  takes(elements = 1) {
    this.elements -= elements;
    this.isShort = this.elements < 0;
    return !this.isShort;
  }
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null));
  return element;
}

function name(character) {
  return "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

// Names of the characters of a run, of a long one those of the first.
function names(run) {
  const characters = [...run];
  const more = characters.length > 4 ? " and " + (characters.length - 3) + " more" : "";
  return characters.slice(0, more ? 3 : 4).map(name).join(" ") + more;
}

function sign(className, run, label) {
  const element = make("span", className, run);
  element.dataset.name = element.title = label;
  return element;
}

// Write text so that its textContent is the text itself, with a sign on whatever in it could deceive.
function write(element, text, room = new Room()) {
  let written = 0;
  for (const { 0: run, index } of text.matchAll(UNSEEN)) {
    // The end of a line.
    const shown = run.endsWith("\r") && text[index + run.length] === "\n" ? run.slice(0, -1) : run;
    if (!shown) continue;
    if (index > written) element.append(text.slice(written, index));
    written = index;
    if (room.signs-- <= 0) {
      element.append(sign("unseen-rest", text.slice(written), "what follows holds more unseen characters"));
      return element;
    }
    element.append(sign(COMMON.test(shown) ? "gap" : "unseen-character", shown, names(shown)));
    written += shown.length;
  }
  if (written < text.length) element.append(text.slice(written));
  return element;
}

// A text of unknown direction, which does not turn what stands around it.
function isolated(text, className) {
  const element = make("bdi", className);
  element.dir = "auto";
  return write(element, text);
}

// Escapes as in Python, where only text can stand: option labels, titles, what is said to screen readers.
function visible(text) {
  const escaped = (run) => [...run].map((one) => "\\u{" + one.codePointAt(0).toString(16) + "}").join("");
  return text.replace(UNSEEN, escaped).replace(/[\t\n]/g, " ");
}

function shortened(text, length) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  return line.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "") + "…";
}

// Identifiers of one dataset mostly begin alike.
function shortenedInside(text, length) {
  const characters = [...text];
  if (characters.length <= length) return text;
  return characters.slice(0, length - 11).join("") + "…" + characters.slice(-10).join("");
}

function counted(number, one, many) {
  return number.toLocaleString("en") + " " + (number === 1 ? one : many || one + "s");
}

const NOUNS = { error: "error", warning: "warning", info: "note" };
const SEVERITIES = ["error", "warning", "info"];

function moreButton(label, act) {
  const more = make("button", "link more", label);
  more.type = "button";
  more.addEventListener("click", (event) => {
    event.stopPropagation();
    more.remove();
    act();
  });
  return more;
}

// Draw the first of some things in a list; give the list, and what shows all of them where there are more.
function drawnFirst(list, things, draw) {
  list.append(...things.slice(0, AT_FIRST).map(draw));
  const rest = things.slice(AT_FIRST);
  if (!rest.length) return [list];
  const showAll = () => {
    const drawn = rest.map(draw);
    list.append(...drawn);
    // The button is gone; who pressed it reads on from here.
    drawn[0].tabIndex = -1;
    drawn[0].focus({ preventScroll: true });
  };
  return [list, moreButton("Show all " + things.length.toLocaleString("en"), showAll)];
}

// A finding in a list of findings, with a place to go to where it has one.
function findingItem(finding, place, go) {
  const item = make("li", "finding " + finding.severity);
  const head = make("p", "finding-head", make("span", "severity", NOUNS[finding.severity]), " ");
  head.append(make("span", "code", finding.code), " ", make("span", "finding-name", finding.name));
  if (place) {
    const where = go ? make("button", "link place") : make("span", "place");
    if (go) {
      where.type = "button";
      where.addEventListener("click", go);
    }
    head.append(" ", write(where, place));
  }
  item.append(head, write(make("p", "message"), finding.message));
  if (finding.fix) {
    const safety = finding.fix.safe ? "Safe fix: " : "Unsafe fix: ";
    item.append(write(make("p", "fix", safety), finding.fix.title));
  }
  return item;
}

// Draw the part of a text from start to end, with an element for each marked segment in it that there is room for.
function drawMarked(element, part, start, end, draw, room) {
  let at = start;
  for (const [from, to, marks] of part.segments) {
    if (to <= at) continue;
    if (from >= end || !room.takes()) break;
    const first = Math.max(from, at), last = Math.min(to, end);
    if (first > at) write(element, part.text.slice(at, first), room);
    element.append(write(draw(marks), part.text.slice(first, last), room));
    at = last;
  }
  if (at < end) write(element, part.text.slice(at, end), room);
}
