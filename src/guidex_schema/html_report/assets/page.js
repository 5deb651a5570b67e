// The page: its views, its keys and its theme.

const root = document.documentElement;
const article = document.getElementById("record");
const narrow = matchMedia("(max-width: 50rem)");
let list = null;
let view = null;
let opening = 0;

async function start() {
  const index = await unpacked(document.getElementById("index").textContent.trim());
  list = new RecordList(index, (position, reading) => openRecord(position, reading));
  list.filter();
  showRemarks(index.remarks);
  for (const button of document.querySelectorAll("[data-facet]")) {
    button.addEventListener("click", async () => {
      show("records");
      await list.only(button.dataset.facet, button.dataset.value);
      if (list.shown.length) list.choose(0);
      list.box.focus({ preventScroll: true });
    });
  }
  addEventListener("hashchange", () => route());
  if (narrow.matches) document.getElementById("more").open = false;
  route(false);
  root.dataset.ready = "true";
}

// At the start nobody has gone anywhere, and the focus stays where it is.
function route(isMove = true) {
  const wanted = location.hash.slice(1);
  if (/^\d+$/.test(wanted) && Number(wanted) < list.records.length) {
    show("records");
    if (!view || view.position !== Number(wanted)) openRecord(Number(wanted), true, isMove);
    else {
      document.body.classList.add("reading");
      article.focus({ preventScroll: true });
    }
  } else if (wanted === "records") {
    document.body.classList.remove("reading");
    show("records");
    if (!narrow.matches && !view && list.shown.length) list.choose(0);
    list.box.focus({ preventScroll: true });
  } else if (wanted !== "main") {
    show("overview");
    if (wanted === "remarks") document.getElementById("remarks")?.focus();
  }
}

function show(name) {
  for (const id of ["overview", "records"]) document.getElementById(id).hidden = id !== name;
  for (const link of document.querySelectorAll("header nav a")) {
    if (link.hash === "#" + name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.classList.toggle("in-records", name === "records");
  if (name === "records") list.draw();
}

async function openRecord(position, reading, isMove = true) {
  const turn = ++opening;
  const content = await contentOf(position);
  // Another record was asked for meanwhile.
  if (turn !== opening) return;
  const wasInside = article.contains(document.activeElement);
  view = new RecordView(list.records[position], content, (by) => list.choose(list.current + by));
  view.position = position;
  list.follow(position);
  if (reading) {
    document.body.classList.add("reading");
    if (narrow.matches) scroll(0, 0);
  }
  // What had the focus is gone or out of sight.
  if (wasInside || (isMove && reading && (narrow.matches || !list.box.contains(document.activeElement)))) {
    article.focus({ preventScroll: true });
  }
  if (location.hash !== "#" + position) history.replaceState(null, "", "#" + position);
  say("Record " + shortened(visible(title(list.records[position])), 80));
}

function showRemarks(remarks) {
  const place = (one) => {
    const reference = one.record;
    if (reference === null) return one.file || "";
    const where = reference.line !== null ? ":" + reference.line : " row " + reference.index;
    return (one.file || "") + where + (reference.id === null ? "" : " " + reference.id);
  };
  const item = (one) => {
    const reference = one.record;
    const isOf = (record) => reference !== null && record.file === one.file && record.index === reference.index;
    const position = list.records.findIndex(isOf);
    const go = () => {
      location.hash = "#" + position;
    };
    return findingItem(one, place(one), position < 0 ? null : go);
  };
  const box = document.querySelector("#remarks ol");
  if (box) box.after(...drawnFirst(box, remarks, item).slice(1));
}

const help = document.getElementById("help");
document.getElementById("keys").addEventListener("click", () => help.showModal());

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !list || help.open) return;
  const field = event.target.closest("input, select, textarea");
  if (field) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    list.box.focus();
    return;
  }
  switch (event.key) {
    case "j": case "k":
      show("records");
      list.choose(list.current + (event.key === "j" ? 1 : -1), true);
      break;
    case "/":
      document.body.classList.remove("reading");
      show("records");
      document.getElementById("search").focus();
      break;
    case "o": location.hash = "overview"; break;
    case "?": help.showModal(); break;
    case "Escape":
      if (view && view.clear()) break;
      location.hash = "records";
      break;
    default: return;
  }
  event.preventDefault();
});

const THEMES = { "": "system", light: "light", dark: "dark" };
const themeButton = document.getElementById("theme");

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  themeButton.replaceChildren(make("span", "roomy", "Theme: "), THEMES[theme]);
}

// Pages opened from a file may have no storage.
function stored(work) {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

const kept = stored((storage) => storage.getItem("guidex-theme"));
setTheme(Object.hasOwn(THEMES, kept) ? kept : "");
themeButton.addEventListener("click", () => {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(root.dataset.theme || "") + 1) % names.length];
  setTheme(next);
  stored((storage) => storage.setItem("guidex-theme", next));
});

start().catch((error) => {
  const words = "The records cannot be shown: this browser does not unpack them. ";
  document.getElementById("main").prepend(make("p", "notice", words, make("code", "", String(error))));
});
