// The choice for one letter: it, enlarged, and its alternatives in a list.

class Choice {
  constructor(onChosen) {
    this.onChosen = onChosen;
    this.canvas = make("canvas", { width: 240, height: 240, "aria-hidden": "true" });
    this.title = make("h3", { id: "choice-title" });
    this.facts = make("p", { id: "choice-facts" });
    this.list = make("ul", { role: "listbox", tabindex: "0", "aria-label": "What is written" });
    this.input = make("input", { id: "choice-other", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    this.form = make("form", {}, make("label", { for: "choice-other" }, "Something else"), this.input,
      make("button", { type: "submit" }, "Use"));
    this.removeButton = make("button", { type: "button" }, "No letter");
    this.wordButton = make("button", { type: "button" }, "Whole word");
    this.closeButton = make("button", { type: "button" }, "Close");
    this.box = make(
      "div",
      { class: "choice", role: "dialog", "aria-labelledby": "choice-title", "aria-describedby": "choice-facts", hidden: "" },
      make("div", { class: "seen" }, this.canvas, make("div", {}, this.title, this.facts)),
      this.list, this.form, make("div", { class: "bar" }, this.removeButton, this.wordButton, this.closeButton),
    );
    document.body.append(this.box);
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option.reading);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.replace(/\s+/g, "");
      if (text) this.choose(text);
    });
    this.removeButton.addEventListener("click", () => this.choose(""));
    this.wordButton.addEventListener("click", () => this.wholeWord());
    this.closeButton.addEventListener("click", () => this.close(true));
    document.addEventListener("pointerdown", (event) => {
      if (!this.box.hidden && !this.box.contains(event.target)) this.close(false);
    });
  }

  // Opens beside an element, to which the focus returns.
  open(view, line, cell, opener) {
    Object.assign(this, { view, line, cell, opener });
    const { glyph } = cell;
    this.title.textContent = `What is \u201c${cell.text}\u201d?`;
    this.facts.textContent = glyph ? about(glyph, cell) : "Typed in; nothing on the photo belongs to it.";
    this.canvas.hidden = !glyph;
    if (glyph) drawCrop(view, this.canvas, glyph);
    this.list.replaceChildren(...readings(cell).map(([text, share], number) => {
      const option = make("li", { role: "option", id: `choice-${number}`, "aria-label": optionLabel(text, share) },
        make("span", { class: "said" }, text));
      if (share !== null) option.append(" ", make("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" }),
        make("span", { class: "sure" }, percent(share)));
      option.reading = text;
      return option;
    }));
    this.input.value = "";
    this.box.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    this.place(opener);
    this.select(0);
    this.list.focus({ preventScroll: true });
    view.light(glyph);
  }

  place(opener) {
    const from = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const { clientWidth, clientHeight } = document.documentElement;
    const within = (at, size, room) => Math.max(8, Math.min(at, room - size - 8));
    const fitsAbove = from.top > height + 14;
    const fitsBelow = from.bottom + height + 14 < clientHeight;
    const top = fitsAbove && !fitsBelow ? from.top - height - 6 : within(from.bottom + 6, height, clientHeight);
    this.box.style.left = `${within(from.left - 16, width, clientWidth) + window.scrollX}px`;
    this.box.style.top = `${top + window.scrollY}px`;
  }

  select(number) {
    const options = [...this.list.children];
    this.at = (number + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    this.list.setAttribute("aria-activedescendant", options[this.at].id);
    options[this.at].scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.close(true);
    } else if (event.key === "Tab") {
      this.keepInside(event);
    } else if (event.target === this.list) {
      this.onListKey(event);
    }
    event.stopPropagation();
  }

  onListKey(event) {
    const last = this.list.children.length - 1;
    const moves = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: last };
    if (event.key in moves) this.select(moves[event.key]);
    else if (event.key === "Enter" && event.shiftKey) this.wholeWord();
    else if (event.key === "Enter" || event.key === " ") this.choose(this.list.children[this.at].reading);
    else if (event.key === "Delete" || event.key === "Backspace") this.choose("");
    else if (isTyped(event)) this.choose(event.key);
    else return;
    event.preventDefault();
  }

  keepInside(event) {
    const stops = [this.list, ...this.box.querySelectorAll("input, button")];
    const to = stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
    stops[(to + stops.length) % stops.length].focus();
    event.preventDefault();
  }

  choose(text) {
    const { view, line, cell, opener } = this;
    this.close(false);
    this.onChosen(view, line, cell, text, opener);
  }

  wholeWord() {
    this.close(false);
    editWord(this.view, this.cell);
  }

  close(refocus) {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.opener.removeAttribute("aria-expanded");
    if (refocus) this.opener.focus();
  }
}

// What a cell may be, what it is now first; each with its probability, or null if nothing is known of it.
function readings(cell) {
  const { glyph } = cell;
  const known = glyph ? [[glyph.text, glyph.confidence], ...glyph.others] : [];
  const now = known.find(([text]) => text === cell.text) || [cell.text, null];
  return [now, ...known.filter(([text]) => text !== cell.text)];
}

function optionLabel(text, share) {
  return named(text) + (share === null ? "" : ` ${percent(share)}`);
}

function isTyped(event) {
  return event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
}
