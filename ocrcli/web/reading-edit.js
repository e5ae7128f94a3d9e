// Changes: each replaces the lines of a page by others, keeps the former ones for undoing, and says what it did.

const live = make("div", { class: "unseen", role: "status", "aria-live": "polite" });

function say(text) {
  live.textContent = text;
}

function replaceLines(view, lines) {
  view.history.push(view.lines);
  view.lines = lines;
  keepDraft(view);
  view.render();
}

function undo(view) {
  settle(view);
  if (!view.history.length) return;
  view.lines = view.history.pop();
  keepDraft(view);
  view.render();
  say("Undone.");
  focusLetter(view, view.list.querySelector("[tabindex='0']"));
}

function focusLetter(view, letter) {
  if (!letter) return;
  stopAt(view.list, letter);
  letter.focus();
}

// Puts a text in the place of a cell; an empty one takes the cell away. Gives the cell that is there now, if any.
function correct(view, line, cell, text) {
  const made = text ? [{ text, glyph: cell.glyph, checked: true }] : [];
  const at = line.cells.indexOf(cell);
  const cells = [...line.cells.slice(0, at), ...made, ...line.cells.slice(at + 1)];
  const changed = { paragraph: line.paragraph, cells };
  replaceLines(view, view.lines.map((other) => (other === line ? changed : other)));
  say(!text ? `${spoken(cell.text)} removed` : text === cell.text ? `${spoken(text)} checked` :
    `${spoken(cell.text)} corrected to ${spoken(text)}`);
  return cells.slice(at).find((other) => other.text !== " ") || cells.findLast((other) => other.text !== " ");
}

// Turns a line into a field.
function editLine(view, line) {
  const at = view.lines.indexOf(line);
  settle(view);
  line = view.lines[at]; // a word of it may have been kept just now
  const item = view.items.get(line);
  const number = view.lines.indexOf(line) + 1;
  const input = make("input", { "aria-label": `Text of line ${number}`, spellcheck: "false", autocomplete: "off" });
  input.value = lineText(line);
  const below = make("button", { type: "button" }, "Add line below");
  const cancel = make("button", { type: "button" }, "Cancel");
  const crop = cropOf(view, line.cells, `Line ${number} on the photo`);
  const form = make("form", { class: "editing" }, crop || "", input, make("button", { type: "submit" }, "Done"), cancel, below);
  const former = [...item.childNodes];
  item.replaceChildren(form);
  const leave = () => {
    item.replaceChildren(...former);
    focusLetter(view, item.querySelector(".letter") || item.querySelector("button"));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
    retype(view, line, input.value);
  });
  cancel.addEventListener("click", leave);
  below.addEventListener("click", () => {
    leave();
    addLine(view, retype(view, line, input.value) || line);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    event.stopPropagation();
  });
  input.focus();
  input.select();
}

// Gives the line as it is now.
function retype(view, line, text) {
  if (text.trim() === lineText(line)) return line;
  const changed = { paragraph: line.paragraph, cells: retyped(line.cells, text) };
  replaceLines(view, view.lines.map((other) => (other === line ? changed : other)));
  say(lineText(changed) ? "Line changed." : "Line emptied; it will not be saved.");
  const item = view.items.get(changed);
  focusLetter(view, item.querySelector(".letter") || item.querySelector("button"));
  return changed;
}

function addLine(view, line) {
  const added = { paragraph: line.paragraph, cells: [] };
  const at = view.lines.indexOf(line) + 1;
  replaceLines(view, [...view.lines.slice(0, at), added, ...view.lines.slice(at)]);
  editLine(view, added);
}

// Takes what stands in open fields as if it had been kept.
function keepOpen(view) {
  settle(view);
  for (const form of view.list.querySelectorAll("form")) form.requestSubmit();
}

function save(view) {
  keepOpen(view);
  const address = URL.createObjectURL(new Blob([pageText(view.lines)], { type: "text/plain;charset=utf-8" }));
  make("a", { href: address, download: view.page.file }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  view.saved = view.lines;
  keepDraft(view);
  say(`${view.page.file} saved.`);
}
