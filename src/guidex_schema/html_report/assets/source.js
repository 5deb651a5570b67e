// Source: guidelines and labels line by line, with what was found below each line.

function sourceNote(finding) {
  const note = make("div", "note " + finding.severity, make("span", "severity", NOUNS[finding.severity]), " ");
  note.append(make("span", "code", finding.code), " ", make("span", "finding-name", finding.name), " ");
  write(note, finding.message);
  if (finding.fix) write(note, (finding.fix.safe ? " Safe fix: " : " Unsafe fix: ") + finding.fix.title + ".");
  return note;
}

// Lines as Python has them: each with its start and its end, without what ends it.
function linesOf(text) {
  const lines = [];
  let start = 0;
  for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push([start, index]);
    start = index + end.length;
  }
  if (start < text.length || !lines.length) lines.push([start, text.length]);
  return lines;
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    if (!groups.has(key(item))) groups.set(key(item), []);
    groups.get(key(item)).push(item);
  }
  return groups;
}

// The words of Python source that are easier to read in colour. Every alternative is tried at one place only once.
const TOKENS = /("""|''')[^]*?(?:\1|$)|"(?:[^"\\\r\n]|\\[^])*"?|'(?:[^'\\\r\n]|\\[^])*'?|#[^\r\n]*|\b(?:class|def|from|import|as|None|True|False|return|pass)\b|@[\w.]+/g;

function colouring(text, room) {
  const pieces = [];
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    const first = token[0];
    const kind = first === "#" ? "comment" : first === '"' || first === "'" ? "string" : "keyword";
    pieces.push([index, index + token.length, kind]);
  }
  let next = 0;
  return {
    // Lines are drawn in order, so each piece is looked at once for every line that it reaches into.
    draw(element, part, start, end, mark) {
      while (next < pieces.length && pieces[next][1] <= start) next++;
      let at = start;
      for (let place = next; at < end; place++) {
        const [from, to, kind] = place < pieces.length ? pieces[place] : [end, end, ""];
        if (from > at) drawMarked(element, part, at, Math.min(from, end), mark, room);
        at = Math.max(at, Math.min(from, end));
        const stop = Math.min(to, end);
        if (stop > at && !room.takes()) {
          write(element, part.text.slice(at, end), room);
          return;
        }
        if (stop > at) {
          const piece = make("span", kind);
          drawMarked(piece, part, at, stop, mark, room);
          element.append(piece);
          at = stop;
        }
      }
    },
  };
}
