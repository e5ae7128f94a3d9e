// A whole word, corrected at once: a field in its place, with a picture of it above.

// Where the word of a cell begins and ends in its line.
function wordAround(line, cell) {
  const at = line.cells.indexOf(cell);
  const end = line.cells.findIndex((other, number) => number > at && other.text === " ");
  const start = line.cells.findLastIndex((other, number) => number < at && other.text === " ") + 1;
  return [start, end < 0 ? line.cells.length : end];
}

function editWord(view, cell) {
  settle(view);
  const line = view.lines.find((other) => other.cells.includes(cell));
  const letter = view.letters.get(cell);
  if (!line || !letter) return;
  const [start, end] = wordAround(line, cell);
  const cells = line.cells.slice(start, end);
  const text = cells.map((other) => other.text).join("");
  const input = make("input", {
    "aria-label": `The word ${text}`, value: text, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
  });
  const fit = () => { input.size = Math.max(3, input.value.length + 1); };
  fit();
  const form = make("form", { class: "one-word" }, cropOf(view, cells, `${text} on the photo`) || "", input);
  const word = letter.closest(".word");
  word.replaceWith(form);
  const leave = () => form.replaceWith(word);
  form.leave = leave;
  input.addEventListener("input", fit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
    retypeWord(view, line, cells, input.value);
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
    focusLetter(view, letter);
  });
  view.light(cell.glyph);
  input.focus();
  input.select();
}

// All of a word that was kept is checked, also the letters that stayed as they were.
function retypeWord(view, line, cells, text) {
  const start = line.cells.indexOf(cells[0]);
  const former = cells.map((cell) => cell.text).join("");
  const made = retyped(cells, text).map((cell) => (cell.text === " " ? cell : { ...cell, checked: true }));
  const after = line.cells.slice(start + cells.length + (made.length ? 0 : 1)); // an empty word takes its space along
  const changed = { paragraph: line.paragraph, cells: [...line.cells.slice(0, start), ...made, ...after] };
  replaceLines(view, view.lines.map((other) => (other === line ? changed : other)));
  const now = made.map((cell) => cell.text).join("");
  say(!now ? `${former} removed` : now === former ? `${former} checked` : `${former} corrected to ${now}`);
  const next = made[0] || after[0] || changed.cells.findLast((cell) => cell.text !== " ");
  const item = view.items.get(changed);
  focusLetter(view, view.letters.get(next) || item.querySelector("button"));
}

// Keeps the words that were typed anew, and leaves the others, before something else is done to their lines.
function settle(view) {
  for (const form of view.list.querySelectorAll("form.one-word")) {
    const { value, defaultValue } = form.querySelector("input");
    if (value === defaultValue) form.leave();
    else form.requestSubmit();
  }
}
