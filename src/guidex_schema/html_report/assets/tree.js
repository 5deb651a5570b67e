// The values of a record as a tree (WAI-ARIA Authoring Practices, "Tree View"): one tab stop, arrows move.

// Further findings of a value stand in the list of findings.
const MOST_NOTES = 3;
const OPEN_AT_ONCE = 400;
const STATUS_WORDS = {
  exact: "exact",
  normalised: "normalised",
  variant: "variant",
  absent: "absent",
  "not-applicable": "",
};

class ValueTree {
  constructor(content, choose, declare) {
    this.values = content.values;
    this.types = content.types;
    this.choose = choose;
    this.declare = declare;
    this.children = this.values.map(() => []);
    this.top = [];
    this.findings = new Map();
    this.values.forEach((value, number) => {
      (value.parent === null ? this.top : this.children[value.parent]).push(number);
    });
    for (const finding of content.findings) {
      if (finding.value === null) continue;
      if (!this.findings.has(finding.value)) this.findings.set(finding.value, []);
      this.findings.get(finding.value).push(finding);
    }
    this.items = new Map();
    this.element = make("ul", "tree");
    this.element.setAttribute("role", "tree");
    this.element.setAttribute("aria-label", "Instances");
    this.element.setAttribute("aria-multiselectable", "true");
    this.grow(this.element, this.top, 1);
    this.focused = null;
    if (this.top.length) this.items.get(this.top[0]).tabIndex = 0;
    this.element.addEventListener("click", (event) => this.press(event));
    this.element.addEventListener("keydown", (event) => this.type(event));
    this.element.addEventListener("focusin", (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item) this.rove(Number(item.dataset.value));
    });
  }

  grow(list, numbers, level, from = 0) {
    for (const [place, number] of numbers.slice(from, from + AT_FIRST).entries()) {
      list.append(this.item(number, level, from + place + 1, numbers.length));
    }
    const left = numbers.length - from - AT_FIRST;
    if (left > 0) {
      const more = make("li", "more");
      more.setAttribute("role", "none");
      const button = moreButton("Show more (" + left.toLocaleString("en") + " left)", () => {
        more.remove();
        this.grow(list, numbers, level, from + AT_FIRST);
      });
      more.append(button);
      more.grow = button;
      list.append(more);
    }
  }

  item(number, level, place, size) {
    const value = this.values[number];
    const item = make("li", "node");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", level);
    item.setAttribute("aria-posinset", place);
    item.setAttribute("aria-setsize", size);
    item.setAttribute("aria-selected", "false");
    item.tabIndex = -1;
    item.dataset.value = number;
    const line = this.line(value);
    line.id = "value-" + number;
    item.setAttribute("aria-labelledby", line.id);
    item.append(line);
    const found = this.findings.get(number) || [];
    item.append(...found.slice(0, MOST_NOTES).map((one) => this.note(one)));
    if (found.length > MOST_NOTES) {
      item.append(make("div", "note", "and " + (found.length - MOST_NOTES).toLocaleString("en") + " more below, under Findings"));
    }
    this.items.set(number, item);
    if (this.children[number].length) {
      item.setAttribute("aria-expanded", "false");
      if (this.values.length <= OPEN_AT_ONCE) this.expand(number, true);
    }
    return item;
  }

  line(value) {
    const line = make("div", "line");
    line.append(make("span", "twist"));
    if (value.name) line.append(isolated(value.name, value.parent === null || /^[[(]/.test(value.name) ? "index" : "name"), " ");
    if (value.kind === "instance") {
      const { colour } = this.types[value.type];
      line.append(make("span", "class", make("span", "dot t" + colour), isolated(value.type)));
    } else if (value.text === undefined) line.append(make("span", "kind", value.kind));
    else if (value.kind === "text") line.append(isolated(value.text, "text"));
    else line.append(isolated(value.text, "constant"));
    if (STATUS_WORDS[value.status]) {
      line.append(" ", make("span", "status " + value.status, STATUS_WORDS[value.status]));
      if (value.places > 1) {
        const many = value.places.toLocaleString("en") + (value.complete ? "" : "+") + " places";
        line.append(" ", make("span", "quiet places", many));
      }
      if (value.abstractive) line.append(" ", make("span", "quiet", "abstractive"));
    }
    return line;
  }

  note(finding) {
    const note = make("div", "note " + finding.severity);
    note.append(make("span", "severity", NOUNS[finding.severity]), " ", make("span", "code", finding.code), " ");
    return write(note, finding.message);
  }

  expand(number, wanted) {
    const item = this.items.get(number);
    if (!item || !this.children[number].length) return;
    let list = item.querySelector(":scope > ul");
    if (wanted && !list) {
      list = make("ul");
      list.setAttribute("role", "group");
      this.grow(list, this.children[number], Number(item.getAttribute("aria-level")) + 1);
      item.append(list);
    }
    if (list) list.hidden = !wanted;
    item.setAttribute("aria-expanded", wanted);
  }

  // Draw a value and everything around it, and give its element.
  reveal(number) {
    const parent = this.values[number].parent;
    if (parent !== null) {
      this.reveal(parent);
      this.expand(parent, true);
    }
    const list = parent === null ? this.element : this.items.get(parent).querySelector(":scope > ul");
    for (let more; !this.items.has(number) && (more = list.lastElementChild) && more.grow; ) more.grow.click();
    return this.items.get(number);
  }

  mark(numbers) {
    for (const item of this.element.querySelectorAll("[aria-selected=true]")) item.setAttribute("aria-selected", "false");
    for (const number of numbers) this.reveal(number).setAttribute("aria-selected", "true");
  }

  rove(number) {
    if (this.focused === null) this.element.querySelector("[tabindex='0']").tabIndex = -1;
    else this.items.get(this.focused).tabIndex = -1;
    this.focused = number;
    this.items.get(number).tabIndex = 0;
  }

  // Give a value and all that it holds.
  within(number) {
    return [number, ...this.children[number].flatMap((child) => this.within(child))];
  }

  press(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    const number = Number(item.dataset.value);
    this.rove(number);
    item.focus({ preventScroll: true });
    if (event.target.closest(".twist")) this.expand(number, item.getAttribute("aria-expanded") !== "true");
    else this.choose(number);
    if (event.target.closest(".class")) this.declare(this.values[number].type);
  }

  type(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target.closest("button") || event.ctrlKey || event.metaKey || event.altKey) return;
    const number = Number(item.dataset.value);
    const drawn = [...this.element.querySelectorAll("[role=treeitem]")].filter((one) => !one.closest("ul[hidden]"));
    const place = drawn.indexOf(item);
    const isOpen = item.getAttribute("aria-expanded") === "true";
    let next = null;
    switch (event.key) {
      case "ArrowDown": next = drawn[place + 1]; break;
      case "ArrowUp": next = drawn[place - 1]; break;
      case "Home": next = drawn[0]; break;
      case "End": next = drawn[drawn.length - 1]; break;
      case "ArrowRight":
        if (isOpen) next = drawn[place + 1];
        else this.expand(number, true);
        break;
      case "ArrowLeft":
        if (isOpen) this.expand(number, false);
        else if (this.values[number].parent !== null) next = this.items.get(this.values[number].parent);
        break;
      case "Enter": case " ": this.choose(number); break;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (next) next.focus();
  }
}
