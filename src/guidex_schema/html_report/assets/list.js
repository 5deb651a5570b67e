// The list of records: filtered, searched, and drawn only as far as it is seen.

const ROW = 76;
const SPARE = 6;
// So many records are unpacked together; between them the page answers.
const AT_ONCE = 50;

class RecordList {
  constructor(index, open) {
    this.records = index.records;
    this.names = index.names;
    this.open = open;
    this.shown = this.records.map((_, position) => position);
    this.current = -1;
    this.drawn = new Map();
    this.searching = 0;
    this.box = document.getElementById("list");
    this.rows = document.getElementById("rows");
    this.form = document.getElementById("filters");
    this.field = (id) => document.getElementById(id);
    this.fill();
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.choose(Number(row.dataset.place), true);
    });
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    // A field that is typed in changes when it is left for a row, which has to stand where it is until it is clicked.
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("select")) this.filter();
    });
    this.form.addEventListener("reset", () => setTimeout(() => this.filter()));
    let waiting = 0;
    for (const id of ["search", "type"]) {
      this.field(id).addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => this.filter(), 120);
      });
    }
  }

  // Fill the choices with what there is, and how often.
  fill() {
    this.choices("verdict", (record) => [record.verdict]);
    this.choices("severity", (record) => SEVERITIES.filter((_, rank) => record.severities[rank]), SEVERITIES, NOUNS);
    const codes = Object.fromEntries(Object.entries(this.names).map(([code, word]) => [code, code + " " + word]));
    this.choices("code", (record) => record.codes, Object.keys(codes), codes);
    this.choices("status", (record) => record.statuses, ["exact", "normalised", "variant", "absent", "not-applicable"]);
    this.choices("file", (record) => [record.file]);
    this.choices("split", (record) => (record.split ? [record.split] : []));
    this.field("order").value = "worst";
    const types = new Map();
    for (const record of this.records) for (const type of record.types) types.set(type, (types.get(type) || 0) + 1);
    const frequent = [...types].sort((one, other) => other[1] - one[1]).slice(0, 100);
    this.field("type-names").append(...frequent.map(([type]) => new Option(visible(type), type)));
    this.types = types;
  }

  choices(id, valuesOf, order, labels = {}) {
    const counts = new Map((order || []).map((value) => [value, 0]));
    for (const record of this.records) {
      for (const value of valuesOf(record)) counts.set(value, (counts.get(value) || 0) + 1);
    }
    const found = [...counts].filter(([, count]) => count);
    if (!order) found.sort((one, other) => other[1] - one[1]);
    const select = this.field(id);
    select.append(new Option("any", ""));
    for (const [value, count] of found.slice(0, 500)) {
      const label = visible(Object.hasOwn(labels, value) ? labels[value] : value);
      select.append(new Option(label + " (" + count.toLocaleString("en") + ")", value));
    }
    select.closest(".field").hidden = found.length < 2 && (id === "file" || id === "split");
  }

  // Set one filter, and no other.
  async only(facet, value) {
    this.form.reset();
    await null;
    const field = this.field(facet);
    field.value = value;
    await this.filter();
  }

  tests() {
    const value = (id) => this.field(id).value;
    const tests = [];
    if (value("verdict")) tests.push((record) => record.verdict === value("verdict"));
    if (value("severity")) {
      const rank = SEVERITIES.indexOf(value("severity"));
      tests.push((record) => record.severities[rank] > 0);
    }
    if (value("code")) tests.push((record) => record.codes.includes(value("code")));
    if (value("status")) tests.push((record) => record.statuses.includes(value("status")));
    if (value("file")) tests.push((record) => record.file === value("file"));
    if (value("split")) tests.push((record) => record.split === value("split"));
    const type = value("type");
    if (this.types.has(type)) tests.push((record) => record.types.includes(type));
    else if (type) {
      const part = folded(type);
      tests.push((record) => record.types.some((one) => folded(one).includes(part)));
    }
    return tests;
  }

  async filter() {
    const turn = ++this.searching;
    const tests = this.tests();
    const words = folded(this.field("search").value).trim();
    const active = tests.length + (words ? 1 : 0);
    const badge = this.field("active");
    badge.hidden = tests.length === 0;
    badge.textContent = tests.length;
    this.field("clear").hidden = active === 0;
    let found = this.records.map((_, position) => position);
    found = found.filter((position) => tests.every((test) => test(this.records[position])));
    if (this.field("order").value === "data") {
      found.sort((one, other) => this.records[one].number - this.records[other].number);
    }
    if (words) {
      const holding = [];
      for (let from = 0; from < found.length; from += AT_ONCE) {
        const some = found.slice(from, from + AT_ONCE);
        const texts = await Promise.all(some.map((position) => haystackOf(position, this.records[position])));
        if (turn !== this.searching) return;
        holding.push(...some.filter((_, place) => texts[place].includes(words)));
        this.field("found").textContent = "Searching…";
      }
      found = holding;
    }
    if (turn !== this.searching) return;
    const kept = this.shown[this.current];
    this.shown = found;
    this.current = found.indexOf(kept);
    const all = this.records.length;
    const told = found.length === all ? counted(all, "record") : found.length.toLocaleString("en") + " of " + counted(all, "record");
    this.field("found").textContent = found.length || !all ? told : "No record is like that.";
    this.box.scrollTop = 0;
    this.draw(true);
  }

  draw(afresh = false) {
    if (afresh) {
      this.rows.replaceChildren();
      this.drawn.clear();
      this.rows.style.height = this.shown.length * ROW + "px";
    }
    const first = Math.max(Math.floor(this.box.scrollTop / ROW) - SPARE, 0);
    const last = Math.min(first + Math.ceil(this.box.clientHeight / ROW) + 2 * SPARE, this.shown.length);
    for (const [place, row] of this.drawn) {
      if (place < first || place >= last) {
        row.remove();
        this.drawn.delete(place);
      }
    }
    for (let place = first; place < last; place++) {
      if (this.drawn.has(place)) continue;
      const row = this.row(place);
      const next = [...this.drawn.keys()].filter((one) => one > place).sort((a, b) => a - b)[0];
      this.rows.insertBefore(row, next === undefined ? null : this.drawn.get(next));
      this.drawn.set(place, row);
    }
    this.point();
  }

  row(place) {
    const record = this.records[this.shown[place]];
    const row = make("div", "row " + record.verdict);
    row.id = "row-" + place;
    row.dataset.place = place;
    row.setAttribute("role", "option");
    row.setAttribute("aria-setsize", this.shown.length);
    row.setAttribute("aria-posinset", place + 1);
    row.style.top = place * ROW + "px";
    const head = make("div", "row-head", make("span", "verdict " + record.verdict, record.verdict));
    head.append(isolated(shortenedInside(title(record), 26), "row-title"));
    const counts = make("span", "row-counts", ...severityCounts(record));
    row.append(head, isolated(shortened(record.preview, 110), "preview"), counts);
    return row;
  }

  // Say which row is current; it may not be drawn.
  point() {
    for (const [place, row] of this.drawn) row.setAttribute("aria-selected", place === this.current);
    if (this.drawn.has(this.current)) this.box.setAttribute("aria-activedescendant", "row-" + this.current);
    else this.box.removeAttribute("aria-activedescendant");
  }

  choose(place, reading = false) {
    if (!this.shown.length) return;
    this.current = Math.min(Math.max(place, 0), this.shown.length - 1);
    const top = this.current * ROW;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + ROW > this.box.scrollTop + this.box.clientHeight) {
      this.box.scrollTop = top + ROW - this.box.clientHeight;
    }
    this.draw();
    this.open(this.shown[this.current], reading);
  }

  // Make a record current that is opened from elsewhere.
  follow(position) {
    this.current = this.shown.indexOf(position);
    if (this.current >= 0) {
      const top = this.current * ROW;
      if (top < this.box.scrollTop || top + ROW > this.box.scrollTop + this.box.clientHeight) {
        this.box.scrollTop = top - this.box.clientHeight / 3;
      }
    }
    this.draw();
  }

  press(event) {
    const page = Math.max(Math.floor(this.box.clientHeight / ROW) - 1, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key in steps) this.choose(this.current + steps[event.key]);
    else if (event.key === "Home") this.choose(0);
    else if (event.key === "End") this.choose(this.shown.length - 1);
    else if (event.key === "Enter" && this.current >= 0) this.open(this.shown[this.current], true);
    else return;
    event.preventDefault();
  }
}

function severityCounts(record) {
  const counts = SEVERITIES.map((severity, rank) => [severity, record.severities[rank]]).filter(([, count]) => count);
  return counts.map(([severity, count]) => make("span", "severity " + severity, counted(count, NOUNS[severity])));
}

// What a record is called: its id, or where there is nothing to see of it, where the record stands.
function title(record) {
  if (record.id && !BLANK.test(record.id)) return record.id;
  if (record.line !== null) return "line " + record.line;
  return record.index === null ? record.file : "row " + record.index;
}
