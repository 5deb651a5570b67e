// One record: its document with every span, its values, what is absent, its findings and its sources.

const SHOWN_AT_ONCE = 100000;
// As many spans of a document, and elements of a source.
const SPANS_AT_ONCE = 400;
const ELEMENTS_AT_ONCE = 2000;
// Lines below the text that there is room for, and how many spans one place may have to be given any.
const LANES = 3;
const CROWD = 12;
const PART_TITLES = { document: "Document", labels: "Labels", guidelines: "Guidelines" };

class RecordView {
  constructor(record, content, step) {
    this.record = record;
    this.content = content;
    this.segments = [];
    this.lines = { labels: new Map(), guidelines: new Map() };
    this.more = {};
    this.element = document.getElementById("record");
    this.tree = content.values.length ? new ValueTree(content, (number) => this.showValue(number), (type) => this.showType(type)) : null;
    const body = make("div", "panels");
    if (content.parts.document) body.append(this.documentPanel());
    const side = make("div", "side");
    if (this.tree) side.append(panel("Instances", "instances", this.tree.element));
    else if (content.parts.labels) {
      side.append(panel("Instances", "instances", make("p", "quiet", "No instance could be read of the labels.")));
    }
    const absent = this.absentPanel();
    if (absent) side.append(absent);
    body.append(side);
    const sources = ["labels", "guidelines"].filter((part) => content.parts[part]).map((part) => this.sourcePanel(part));
    const raw = content.raw === null ? null : panel("The row as it stands", "raw", write(make("pre", "source"), content.raw));
    const findings = this.findingsPanel();
    this.element.replaceChildren(...[this.head(step, findings), raw, body, findings, ...sources].filter(Boolean));
    this.element.scrollTop = 0;
  }

  head(step, findings) {
    const { record } = this;
    const back = make("a", "back", "← All records");
    back.href = "#records";
    const heading = make("h2", "", isolated(title(record)));
    const where = make("p", "where", make("span", "verdict " + record.verdict, record.verdict), " ");
    const place = record.line !== null ? ":" + record.line : record.index !== null ? " row " + record.index : "";
    where.append(isolated(record.file), place);
    if (record.split) where.append(" · ", isolated(record.split));
    const counts = make("button", "link row-counts", ...severityCounts(record));
    counts.type = "button";
    counts.addEventListener("click", () => findings.scrollIntoView({ block: "start" }));
    if (counts.firstChild) where.append(" · ", counts);
    const steps = make("div", "steps");
    for (const [label, by, key] of [["Previous", -1, "k"], ["Next", 1, "j"]]) {
      const button = make("button", "plain", label + " ", make("kbd", "", key));
      button.type = "button";
      button.addEventListener("click", () => step(by));
      steps.append(button);
    }
    return make("header", "record-head", back, make("div", "record-title", heading, where), steps);
  }

  documentPanel() {
    const text = make("div", "document");
    text.dir = "auto";
    text.tabIndex = 0;
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", "Document with marked spans; arrows move between them");
    this.text = text;
    text.addEventListener("click", (event) => {
      const segment = event.target.closest(".segment");
      if (segment && String(getSelection()) === "") this.showSegment(segment);
    });
    text.addEventListener("keydown", (event) => this.walk(event));
    const loose = this.content.findings.filter((one) => one.part === "document");
    const parts = [text];
    const legend = this.legend();
    if (legend) parts.unshift(legend);
    if (loose.length) parts.unshift(...unplacedFindings(loose));
    const box = panel("Document", "document-panel", ...parts);
    this.drawDocument(SHOWN_AT_ONCE, SPANS_AT_ONCE);
    return box;
  }

  // The entity types that have values in the document, with their colours.
  legend() {
    const counts = new Map();
    for (const value of this.content.values) {
      if (value.places) counts.set(value.type, (counts.get(value.type) || 0) + 1);
    }
    if (!counts.size) return null;
    const legend = make("p", "legend");
    for (const [type, count] of [...counts].slice(0, 20)) {
      legend.append(make("span", "", make("span", "dot t" + this.content.types[type].colour), isolated(type), " " + count));
    }
    return legend;
  }

  drawDocument(length = Infinity, spans = Infinity) {
    const part = this.content.parts.document;
    // The text ends where spans do: what is not marked is not in the labels.
    const end = Math.min(part.text.length, length, part.segments.length > spans ? part.segments[spans][0] : Infinity);
    this.segments = [];
    this.lanes = this.laneOf(part);
    this.text.replaceChildren();
    drawMarked(this.text, part, 0, end, (marks) => this.segment(marks, part), new Room());
    if (end < part.text.length) {
      const more = moreButton("Show the other " + counted(part.text.length - end, "character"), () => {
        this.drawDocument();
        this.text.focus({ preventScroll: true });
      });
      this.text.after(more);
      this.more.document = more;
    } else if (this.more.document) this.more.document.remove();
  }

  // Give each span a height of its own below the text: the shortest nearest to it.
  laneOf(part) {
    const lanes = new Map();
    const beside = new Map();
    for (const [, , numbers] of part.segments) {
      if (numbers.length > CROWD) continue;
      const spans = numbers.filter((number) => part.marks[number][2] === "value");
      for (const number of spans) beside.set(number, joined(beside.get(number), spans));
    }
    const length = (number) => part.marks[number][1] - part.marks[number][0];
    for (const number of [...beside.keys()].sort((one, other) => length(one) - length(other) || other - one)) {
      const taken = new Set([...beside.get(number)].map((one) => lanes.get(one)));
      let lane = 0;
      while (taken.has(lane)) lane++;
      lanes.set(number, lane);
    }
    return lanes;
  }

  segment(numbers, part) {
    const element = make("span", "segment");
    const owners = [];
    for (const number of numbers) {
      const [, , kind, owner] = part.marks[number];
      if (kind === "value") owners.push(owner);
      else if (kind === "near") element.classList.add("is-near");
      else element.classList.add("is-finding", this.content.findings[owner].severity);
    }
    if (owners.length) {
      const inner = this.content.values[owners[owners.length - 1]];
      element.classList.add("is-value", "t" + this.content.types[inner.type].colour, inner.status);
      // Every other span around it is a line below it, at one height from its start to its end.
      for (const number of numbers) {
        const lane = this.lanes.get(number);
        if (lane === undefined || lane > LANES) continue;
        const { colour } = this.content.types[this.content.values[part.marks[number][3]].type];
        element.classList.add(lane ? "lanes" : "nearest-lane");
        element.style.setProperty(lane ? "--lane-" + lane : "--line", "var(--line-" + colour + ")");
      }
      element.title = owners.map((owner) => visible(this.content.values[owner].path)).join("\n");
      element.setAttribute("role", "button");
      element.tabIndex = -1;
    }
    element.marks = numbers.map((number) => part.marks[number]);
    this.segments.push(element);
    return element;
  }

  absentPanel() {
    const part = this.content.parts.document;
    const absent = [...this.content.values.keys()].filter((number) => this.content.values[number].status === "absent");
    if (!absent.length) return null;
    const passages = new Map(part.marks.filter((mark) => mark[2] === "near").map((mark) => [mark[3], mark]));
    const item = (number) => {
      const value = this.content.values[number];
      const near = passages.get(number);
      const button = make("button", "absent-value", write(make("span", "path"), value.path), isolated(value.text, "text"));
      button.type = "button";
      button.addEventListener("click", () => this.showValue(number));
      const item = make("li", "", button);
      if (near) {
        const passage = part.text.slice(near[0], near[1]);
        const share = value.coverage === 1 ? "all of it, put otherwise" : Math.round(100 * value.coverage) + " % of it";
        item.append(make("p", "quiet", "nearest: ", isolated(shortened(passage, 200), "quote"), " (" + share + ")"));
      } else item.append(make("p", "quiet", "nothing in the document comes near"));
      if (value.abstractive) item.append(make("p", "quiet", "abstractive: it need not stand in the document"));
      return item;
    };
    return panel("Not in the document", "absent-panel", ...drawnFirst(make("ul", "absent-values"), absent, item));
  }

  findingsPanel() {
    const found = [...this.content.findings];
    if (!found.length) return panel("Findings", "findings-panel", make("p", "quiet", "Nothing was found."));
    found.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
    const item = (one) => findingItem(one, this.placeOf(one), this.hasPlace(one) ? () => this.showFinding(one) : null);
    const summary = make("summary", "", make("h3", "", "Findings"), " ", make("span", "count", found.length));
    const box = make("details", "panel findings-panel", summary, ...drawnFirst(make("ol", "findings"), found, item));
    box.open = true;
    return box;
  }

  placeOf(finding) {
    const words = [];
    if (finding.path) words.push(finding.path);
    if (finding.file) words.push(finding.file);
    if (finding.part !== "file") words.push(finding.part + (finding.line === null ? "" : ":" + finding.line + ":" + finding.column));
    return words.join("  ");
  }

  hasPlace(finding) {
    return finding.part !== "file" && finding.part in this.content.parts;
  }

  sourcePanel(part) {
    const source = this.content.parts[part];
    const found = this.content.findings.filter((one) => one.part === part);
    const list = make("ol", "source");
    list.tabIndex = 0;
    list.setAttribute("aria-label", PART_TITLES[part] + ", line by line");
    const summary = make("summary", "", make("h3", "", PART_TITLES[part]));
    if (found.length) summary.append(" ", make("span", "count", found.length));
    const box = make("details", "panel source-panel " + part, summary, list);
    box.open = part === "labels" || found.some((one) => one.severity === "error");
    const unplaced = found.filter((one) => one.line === null);
    if (unplaced.length) list.before(...unplacedFindings(unplaced));
    const byLine = grouped(found, (one) => one.line);
    const lines = linesOf(source.text);
    const mark = (marks) => {
      const worst = SEVERITIES.find((one) => marks.some((mark) => this.content.findings[source.marks[mark][3]].severity === one));
      const element = make("span", "is-finding " + worst);
      element.marks = marks.map((mark) => source.marks[mark]);
      return element;
    };
    const draw = (elements) => {
      const room = new Room(elements);
      const colours = colouring(source.text, room);
      list.replaceChildren();
      for (const [place, [from, to]] of lines.entries()) {
        if (!room.takes(3)) break;
        const code = make("code");
        colours.draw(code, source, from, to, mark);
        const line = make("li", "code-line", make("span", "line-number", place + 1), code);
        line.id = part + "-" + (place + 1);
        for (const finding of byLine.get(place + 1) || []) {
          if (!room.takes(4)) break;
          line.append(sourceNote(finding));
        }
        this.lines[part].set(place + 1, line);
        list.append(line);
      }
      if (room.isShort) {
        this.more[part] = moreButton("Show all of it", () => {
          draw(Infinity);
          list.focus({ preventScroll: true });
        });
        box.append(this.more[part]);
      }
    };
    draw(ELEMENTS_AT_ONCE);
    return box;
  }

  // What is marked in the document for some values, and which values are marked in the tree.
  mark(numbers, passages) {
    const wanted = new Set(passages);
    for (const segment of this.segments) {
      const kinds = segment.marks.filter(([, , , owner]) => wanted.has(owner)).map(([, , kind]) => kind);
      segment.classList.toggle("on", kinds.includes("value") || kinds.includes("near"));
      segment.classList.toggle("nearest", kinds.includes("near"));
    }
    if (this.tree) this.tree.mark(numbers);
    for (const line of this.element.querySelectorAll(".code-line.on")) line.classList.remove("on");
  }

  clear() {
    const marked = this.element.querySelector(".on, [aria-selected=true]");
    this.mark([], []);
    return marked !== null;
  }

  showValue(number) {
    const all = this.tree.within(number);
    const best = this.bestOf(all);
    this.mark([number], all);
    const item = this.tree.items.get(number);
    const value = this.content.values[number];
    if (best) scrollTo(best);
    const places = all.reduce((sum, one) => sum + (this.content.values[one].places || 0), 0);
    const near = value.status === "absent" ? "does not stand in the document" + (best ? "; what comes nearest is marked" : "") : "";
    say(shortened(visible(value.path), 80) + ": " + (near || counted(places, "place") + " in the document"));
    scrollTo(item.firstElementChild);
  }

  // The element of the best place of the first value that has one; places are listed best first.
  bestOf(numbers) {
    const part = this.content.parts.document;
    if (!part) return null;
    for (const number of numbers) {
      const mark = part.marks.find(([, , kind, owner]) => kind !== "finding" && owner === number);
      if (!mark) continue;
      const segment = this.segments.find((one) => one.marks.includes(mark));
      if (segment || !this.more.document) return segment || null;
      this.drawDocument();
      return this.segments.find((one) => one.marks.includes(mark)) || null;
    }
    return null;
  }

  showSegment(segment) {
    const owners = [...new Set(segment.marks.filter((mark) => mark[2] === "value").map((mark) => mark[3]))];
    if (!owners.length) return;
    this.mark(owners, owners);
    // The innermost span is the one that was meant.
    scrollTo(this.tree.items.get(owners[owners.length - 1]).firstElementChild);
    say(counted(owners.length, "value") + " here: " + owners.map((one) => shortened(visible(this.content.values[one].path), 60)).join(", "));
  }

  showFinding(finding) {
    if (finding.part === "labels" && finding.value !== null) {
      this.showValue(finding.value);
    }
    if (finding.part === "document") return scrollTo(this.text);
    this.showLine(finding.part, finding.line || 1);
  }

  showType(type) {
    const { line } = this.content.types[type];
    if (line !== null) this.showLine("guidelines", line);
  }

  showLine(part, number) {
    const box = this.element.querySelector(".source-panel." + part);
    box.open = true;
    if (!this.lines[part].has(number) && this.more[part]) this.more[part].click();
    const line = this.lines[part].get(number);
    if (!line) return;
    for (const one of this.element.querySelectorAll(".code-line.on")) one.classList.remove("on");
    line.classList.add("on");
    scrollTo(line);
  }

  walk(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const spans = this.segments.filter((one) => one.classList.contains("is-value"));
    const place = spans.indexOf(document.activeElement);
    // What comes next lies to the left where text runs from right to left.
    const ahead = getComputedStyle(this.text).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const behind = ahead === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    if (event.key === ahead && spans[place + 1]) spans[place + 1].focus();
    else if (event.key === behind && place > 0) spans[place - 1].focus();
    else if ((event.key === "Enter" || event.key === " ") && place >= 0) this.showSegment(spans[place]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function unplacedFindings(found) {
  return drawnFirst(make("ol", "findings"), found, (one) => findingItem(one, "", null));
}

function panel(heading, className, ...children) {
  return make("section", "panel " + className, make("h3", "", heading), ...children);
}

function scrollTo(element) {
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function say(words) {
  document.getElementById("said").textContent = words;
}

function joined(set, more) {
  return new Set([...(set || []), ...more]);
}
