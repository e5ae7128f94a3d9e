// The whole report: its pages, the controls above them, and what mouse and keys do.

const DATA = JSON.parse(document.getElementById("data").textContent);
const views = [...document.querySelectorAll("section.page")].map((section, at) => new PageView(section, DATA.pages[at]));
const viewOf = new Map(views.map((view) => [view.section, view]));
const choice = new Choice(onChosen);
const slider = make("input", { type: "range", id: "minimum", min: 0, max: 100, step: 1, value: 0 });
const shown = make("output", { for: "minimum" });
const mask = make("input", { type: "checkbox", id: "mask" });

function buildControls() {
  const all = views.flatMap((view) => view.glyphs);
  const mean = all.reduce((sum, glyph) => sum + glyph.confidence, 0) / all.length;
  const summary = all.length ? `${all.length} letters, ${percent(mean)} of them expected to be right` : "No letters";
  const levels = ["below 50", "50\u201375", "75\u201390", "90\u201397", "97 and above"];
  const legend = make("ul", { class: "legend", "aria-label": "Colours: how sure a letter is, in percent" }, make("li", {}, "Sure, in %:"),
    ...levels.map((name, at) => make("li", {}, make("i", { class: "level-" + at }), name)),
    make("li", {}, make("i", { class: "checked" }), "checked"));
  const controls = make("section", { class: "controls", "aria-label": "What is shown" },
    make("label", { for: "minimum" }, "Minimum confidence"), slider, shown,
    make("label", { for: "mask" }, mask, "show letters below as ?"));
  const header = document.getElementById("top");
  header.append(make("p", { class: "summary" }, summary));
  if (views.length > 1) {
    header.append(make("nav", { "aria-label": "Pages" }, make("ol", {}, ...views.map((view, at) => {
      view.section.id = `page-${at + 1}`;
      return make("li", {}, make("a", { href: `#page-${at + 1}` }, view.page.name));
    }))));
  }
  document.getElementById("pages").before(controls);
  document.getElementById("pages").prepend(legend);
  document.body.append(live);
}

function applyMinimum() {
  for (const view of views) view.setMinimum(slider.value / 100, mask.checked);
  showMinimum();
}

function showMinimum() {
  const below = views.reduce((sum, view) => sum + view.below(), 0);
  shown.textContent = `${slider.value}\u00a0%: ${below} below`;
  slider.setAttribute("aria-valuetext", `${slider.value} percent, ${below} letters below`);
}

// The glyph that an element stands for, and its page.
function pointed(target) {
  const view = viewOf.get(target.closest?.("section.page"));
  if (!view) return {};
  const { glyph, cell } = target.closest(".letter, rect, .queue button") || {};
  return { view, glyph, cell: cell || view.cellOf(glyph) };
}

function openFor(view, cell, opener) {
  settle(view);
  const line = view.lines.find((other) => other.cells.includes(cell));
  if (line && opener?.isConnected) choice.open(view, line, cell, opener);
}

function onChosen(view, line, cell, text, opener) {
  const after = correct(view, line, cell, text);
  if (opener.closest(".queue")) {
    const next = nextEntry(view, opener);
    stopAt(view.queue, next);
    next.focus();
  } else {
    focusLetter(view, view.letters.get(after) || view.list.querySelector(".letter"));
  }
}

function nextEntry(view, entry) {
  const entries = [...view.queue.querySelectorAll("button")];
  const at = entries.indexOf(entry);
  return [...entries.slice(at + 1), ...entries.slice(0, at)].find((other) => !other.classList.contains("done")) || entry;
}

function onClick(event) {
  const { view, cell, glyph } = pointed(event.target);
  const button = event.target.closest("button");
  if (!view) return;
  if (button?.classList.contains("edit")) editLine(view, button.line);
  else if (button === view.undoButton) undo(view);
  else if (button === view.saveButton) save(view);
  else if (button === view.moreButton) view.showMore();
  else if (cell && window.getSelection().isCollapsed) {
    const entry = event.target.closest(".queue button");
    settle(view);
    const opener = entry || view.letters.get(cell);
    stopAt(entry ? view.queue : view.list, opener);
    openFor(view, cell, opener);
  } else if (glyph) view.light(glyph);
}

// The second click of two: the first has opened the choice for the letter.
function onDoubleClick(event) {
  const { view, cell } = pointed(event.target);
  if (!view || !cell || !event.target.closest(".letter, rect")) return;
  window.getSelection().removeAllRanges();
  choice.close(false);
  editWord(view, cell);
}

function onKey(event) {
  const view = viewOf.get(event.target.closest?.("section.page"));
  if (event.target.matches?.("input")) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undo(view || views.find((other) => other.history.length) || views[0]);
  } else if (view && event.target.matches(".letter")) {
    onLetterKey(event, view, event.target);
  } else if (view && event.target.matches(".queue button")) {
    const entries = [...view.queue.querySelectorAll("button")];
    move(event, view.queue, entries, entries.indexOf(event.target));
  }
}

function onLetterKey(event, view, letter) {
  const { cell, line } = letter;
  const letters = [...view.list.querySelectorAll(".letter")];
  const at = letters.indexOf(letter);
  const here = [...view.items.get(line).querySelectorAll(".letter")];
  if (event.key === "Enter" && event.shiftKey) editWord(view, cell);
  else if (event.key === "Enter" || event.key === " ") openFor(view, cell, letter);
  else if (event.key === "F2") editLine(view, line);
  else if (event.key === "Delete" || event.key === "Backspace") replaceAt(view, line, cell, "");
  else if (isTyped(event)) {
    replaceAt(view, line, cell, event.key);
    focusLetter(view, [...view.list.querySelectorAll(".letter")][at + 1]);
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    focusLetter(view, vertical(letters, letter, event.key === "ArrowUp"));
  } else if (event.key === "Home") focusLetter(view, here[0]);
  else if (event.key === "End") focusLetter(view, here.at(-1));
  else return void move(event, view.list, letters, at);
  event.preventDefault();
}

function replaceAt(view, line, cell, text) {
  const after = correct(view, line, cell, text);
  focusLetter(view, view.letters.get(after));
}

// The arrow keys along a list.
function move(event, group, items, at) {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const to = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : at + steps[event.key];
  if (Number.isNaN(to)) return;
  event.preventDefault();
  if (!items[to]) return;
  stopAt(group, items[to]);
  items[to].focus();
}

// The letter above or below: of the nearest row on the screen, the one that is nearest.
function vertical(letters, letter, up) {
  const from = letter.getBoundingClientRect();
  const beyond = letters.map((other) => ({ other, to: other.getBoundingClientRect() }))
    .filter(({ to }) => (up ? to.bottom <= from.top + 2 : to.top >= from.bottom - 2));
  const distance = ({ to }) => Math.abs(to.top - from.top) * 1000 + Math.abs(to.left - from.left);
  return beyond.sort((a, b) => distance(a) - distance(b))[0]?.other;
}

function onPoint(event) {
  const { view, glyph } = pointed(event.target);
  if (view && choice.box.hidden) view.light(glyph);
}

buildControls();
applyMinimum();
for (const view of views) {
  view.onChange = showMinimum;
  restoreDraft(view);
}
document.addEventListener("click", onClick);
document.addEventListener("dblclick", onDoubleClick);
document.addEventListener("keydown", onKey);
document.addEventListener("pointerover", onPoint);
document.addEventListener("focusin", onPoint);
slider.addEventListener("input", applyMinimum);
mask.addEventListener("change", applyMinimum);
window.addEventListener("pagehide", () => views.forEach(keepOpen)); // on phones nothing else comes before the end
window.addEventListener("beforeunload", (event) => {
  views.forEach(keepOpen);
  if (views.some((view) => view.lines !== view.saved && !view.kept)) event.preventDefault();
});
document.documentElement.classList.add("ready");
