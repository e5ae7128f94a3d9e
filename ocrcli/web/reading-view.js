// What is seen of a page beside its photo: the least sure letters, and the letters of its text.

const QUEUE_STEP = 24; // so many of the least sure letters are listed at once

// An element with attributes and children. Text only ever becomes text.
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Arrow keys move between the items of a group, of which one alone is a stop of the tab key.
function stopAt(group, item) {
  for (const other of group.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  if (item) item.tabIndex = 0;
}

class PageView {
  constructor(section, page) {
    this.section = section;
    this.page = page;
    this.lines = linesOf(page);
    this.read = this.lines;
    this.saved = this.lines;
    this.history = [];
    this.glyphs = this.lines.flatMap((line) => line.cells).filter((cell) => cell.glyph).map((cell) => cell.glyph);
    this.size = median(this.glyphs.map((glyph) => glyph.box[3])); // what is around a full stop tells what it is
    this.rects = new Map(); // glyph -> its box on the photo
    this.letters = new Map(); // cell -> its letter in the text
    this.items = new WeakMap(); // line -> its list item
    this.entries = new Map(); // glyph -> its entry among the least sure
    this.minimum = 0;
    this.masking = false;
    this.lit = [];
    this.onChange = () => {};
    this.photo = section.querySelector("img");
    this.photo.alt = "Photo of " + page.name;
    drawBoxes(this);
    this.buildQueue();
    this.buildText();
    this.buildUnread();
    this.render();
    this.showMore();
  }

  buildText() {
    this.list = make("ol", { class: "lines" });
    this.count = make("p", { class: "count" });
    this.undoButton = make("button", { type: "button", class: "undo", disabled: "" }, "Undo");
    this.saveButton = make("button", { type: "button", class: "save" }, "Save " + this.page.file);
    this.note = make("p", { class: "draft", hidden: "" });
    const heading = make("h3", {}, "Text");
    this.text = make(
      "div", { class: "text" },
      make("div", { class: "bar" }, heading, this.count, this.undoButton, this.saveButton),
      make("p", { class: "note" }, `The saved ${this.page.file} is what \u201cocr learn\u201d gets used to your hand with, and what \u201cocr eval\u201d takes as the true text.`),
      this.note,
      this.list,
      make("p", { class: "keys" },
        "Click a letter, or press Enter on it, for its alternatives. A double click, or Shift+Enter, opens its whole " +
        "word: Enter keeps it, Escape leaves it. Arrow keys go from letter to letter, a key that is typed corrects, " +
        "Delete removes, F2 edits the line, Ctrl+Z undoes."),
    );
    this.section.append(this.text);
  }

  // Text lines that were found and could not be read, as pictures.
  buildUnread() {
    const { unread } = this.page;
    if (!unread.length) return;
    const heading = unread.length > 1 ? `${unread.length} lines could not be read` : "A line could not be read";
    const items = unread.map((box, number) => {
      const canvas = make("canvas", { width: 480, height: 72, role: "img", "aria-label": `Unread line ${number + 1}` });
      canvas.draw = () => drawCrop(this, canvas, { box });
      nearby.observe(canvas);
      return make("li", {}, canvas);
    });
    this.text.append(make("h3", {}, heading), make("ol", { class: "unread" }, ...items));
  }

  // Before the text: who has little time looks at these first, and the tab key comes to them first.
  buildQueue() {
    this.sorted = [...this.glyphs].sort((a, b) => a.confidence - b.confidence);
    this.queue = make("ol", { class: "queue" });
    this.moreButton = make("button", { type: "button", class: "more" }, "Show more");
    const note = make("p", { class: "note" }, "Choose what is written; the next one follows.");
    const strip = make("div", { class: "strip" }, this.queue, this.moreButton);
    this.section.append(make("div", { class: "proof" }, make("h3", {}, "Least sure first"), note, strip));
  }

  showMore() {
    for (const glyph of this.sorted.slice(this.entries.size, this.entries.size + QUEUE_STEP)) {
      const canvas = make("canvas", { width: 96, height: 96, "aria-hidden": "true" });
      const button = make("button", { type: "button", tabindex: "-1", "aria-haspopup": "dialog" }, canvas,
        make("span", { class: "said" }), " ", make("span", { class: "sure" }, percent(glyph.confidence)));
      button.classList.add("level-" + level(glyph.confidence));
      button.glyph = glyph;
      this.entries.set(glyph, button);
      this.queue.append(make("li", {}, button));
      canvas.draw = () => drawCrop(this, canvas, glyph);
      nearby.observe(canvas);
      this.renderEntry(glyph);
    }
    if (!this.queue.querySelector("[tabindex='0']")) stopAt(this.queue, this.queue.querySelector("button"));
    this.moreButton.hidden = this.entries.size >= this.sorted.length;
  }

  cellOf(glyph) {
    return this.glyphCells.get(glyph);
  }

  // Shows the lines as they are now; those that did not change keep their elements.
  render() {
    const cells = this.lines.flatMap((line) => line.cells);
    this.glyphCells = new Map(cells.filter((cell) => cell.glyph).map((cell) => [cell.glyph, cell]));
    // So long lines are set smaller rather than broken.
    this.list.style.setProperty("--longest", Math.max(20, ...this.lines.map((line) => lineText(line).length)));
    let before = null;
    this.list.replaceChildren(...this.lines.map((line, number) => {
      if (!this.items.has(line)) this.items.set(line, this.renderLine(line));
      const item = this.items.get(line);
      item.classList.toggle("paragraph", before !== null && before !== line.paragraph);
      item.querySelector("[role=group]")?.setAttribute("aria-label", `Line ${number + 1}: ${lineText(line)}`);
      before = line.paragraph;
      return item;
    }));
    this.letters = new Map([...this.list.querySelectorAll(".letter")].map((letter) => [letter.cell, letter]));
    for (const letter of this.letters.values()) this.renderLetter(letter);
    this.renderBoxes();
    for (const glyph of this.entries.keys()) this.renderEntry(glyph);
    this.undoButton.disabled = !this.history.length;
    const checked = this.glyphs.filter((glyph) => !this.cellOf(glyph) || this.cellOf(glyph).checked).length;
    this.count.textContent = `${this.glyphs.length} letters` + (checked ? `, ${checked} checked` : "");
    if (!this.list.querySelector("[tabindex='0']")) stopAt(this.list, this.list.querySelector(".letter"));
    this.onChange();
  }

  renderLine(line) {
    const letters = make("span", { class: "letters", role: "group" });
    let word = null;
    for (const cell of line.cells) {
      if (cell.text === " ") {
        word = null;
        letters.append(" ");
        continue;
      }
      if (!word) letters.append((word = make("span", { class: "word" })));
      const letter = make("span", { role: "button", tabindex: "-1", "aria-haspopup": "dialog" });
      Object.assign(letter, { cell, line, glyph: cell.glyph });
      this.renderLetter(letter);
      word.append(letter);
    }
    const edit = make("button", { type: "button", class: "tool edit", title: "Edit this line (F2)" }, "Edit");
    edit.setAttribute("aria-label", "Edit the line " + lineText(line));
    edit.line = line;
    return make("li", {}, letters, edit);
  }

  unsure(cell) {
    return Boolean(cell.glyph) && !cell.checked && cell.glyph.confidence < this.minimum;
  }

  look(cell) {
    if (cell.checked) return "checked";
    return (cell.glyph ? "level-" + level(cell.glyph.confidence) : "") + (this.unsure(cell) ? " below" : "");
  }

  renderLetter(letter) {
    const { cell } = letter;
    const masked = this.masking && this.unsure(cell);
    const look = "letter " + this.look(cell) + (masked ? " masked" : "");
    if (letter.look === look) return; // of many thousands of letters only those that change
    letter.look = look;
    letter.className = look;
    letter.textContent = masked ? "?" : cell.text;
    const how = cell.checked || !cell.glyph ? "checked" : `${percent(cell.glyph.confidence)} sure`;
    letter.setAttribute("aria-label", `${masked ? "? for " : ""}${named(cell.text)}, ${how}`);
  }

  renderBoxes() {
    for (const [glyph, rect] of this.rects) {
      const cell = this.cellOf(glyph);
      const look = cell ? this.look(cell) : "gone";
      if (rect.look === look) continue;
      rect.look = look;
      rect.setAttribute("class", "box " + look + (this.lit.includes(rect) ? " lit" : ""));
      rect.under.setAttribute("class", "under " + look);
    }
  }

  renderEntry(glyph) {
    const button = this.entries.get(glyph);
    const cell = this.cellOf(glyph);
    const done = !cell || cell.checked;
    button.classList.toggle("done", done);
    button.querySelector(".said").textContent = cell ? cell.text : "\u2013";
    // What is seen, in its order, is part of the name: who speaks to the browser says what they see.
    const name = `${cell ? named(cell.text) : "removed \u2013"} ${percent(glyph.confidence)} sure`;
    button.setAttribute("aria-label", `${name}, ${done ? "checked, " : ""}in ${glyph.word.text}`);
  }

  // Letters below this confidence are faint, or shown as question marks.
  setMinimum(minimum, masking) {
    this.minimum = minimum;
    this.masking = masking;
    for (const letter of this.letters.values()) this.renderLetter(letter);
    this.renderBoxes();
  }

  // How many letters are below the minimum.
  below() {
    return [...this.letters.keys()].filter((cell) => this.unsure(cell)).length;
  }

  // Lights a glyph on the photo, in the text and among the least sure.
  light(glyph) {
    for (const element of this.lit) element.classList.remove("lit");
    const cell = glyph && this.cellOf(glyph);
    this.lit = [this.rects.get(glyph), cell && this.letters.get(cell), this.entries.get(glyph)].filter(Boolean);
    for (const element of this.lit) element.classList.add("lit");
    if (glyph) this.detail.textContent = about(glyph, cell);
  }
}

// A line about a letter.
function about(glyph, cell) {
  const now = !cell ? "removed" : cell.text === glyph.text ? null : `corrected to ${cell.text}`;
  const { text, confidence, how } = glyph.word;
  return `${glyph.text}: ${now || percent(glyph.confidence) + " sure"}; in \u201c${text}\u201d (${percent(confidence)}), ${how}`;
}
