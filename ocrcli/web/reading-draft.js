// Drafts: what was corrected and not yet saved as a file, kept in this browser, by page.
// A draft is a list of [paragraph, cells], a cell [text, number of its glyph or -1, 1 if checked].

function draftKey(page) {
  return `ocr draft: ${page.file}: ${hashed(JSON.stringify(page))}`;
}

// Two 32-bit FNV-1a hashes: enough to tell one reading of a photo from another.
function hashed(text) {
  let first = 0x811c9dc5;
  let second = 0x9dc5811c;
  for (let at = 0; at < text.length; at += 1) {
    first = Math.imul(first ^ text.charCodeAt(at), 0x01000193) >>> 0;
    second = Math.imul(second ^ text.charCodeAt(text.length - 1 - at), 0x01000193) >>> 0;
  }
  return first.toString(16).padStart(8, "0") + second.toString(16).padStart(8, "0");
}

// Runs something with the browser's storage; null where there is none, it is denied, or it is full.
function withStorage(use) {
  try {
    return use(window.localStorage);
  } catch {
    return null;
  }
}

// Whether nothing would be lost if the window were closed now.
function keepDraft(view) {
  view.key ||= draftKey(view.page);
  if (view.lines === view.read || view.lines === view.saved) {
    withStorage((storage) => storage.removeItem(view.key));
    view.kept = true;
    view.note.hidden = true;
    return;
  }
  view.kept = withStorage((storage) => {
    storage.setItem(view.key, JSON.stringify(drafted(view)));
    return true;
  }) === true;
}

function drafted(view) {
  const numbers = new Map(view.glyphs.map((glyph, number) => [glyph, number]));
  const cellAs = ({ text, glyph, checked }) => [text, glyph ? numbers.get(glyph) : -1, checked ? 1 : 0];
  return view.lines.map(({ paragraph, cells }) => [paragraph, cells.map(cellAs)]);
}

// Puts a draft in the place of what was read; undoing leaves it again.
function restoreDraft(view) {
  view.key ||= draftKey(view.page);
  const lines = withStorage((storage) => linesOfDraft(view, JSON.parse(storage.getItem(view.key))));
  if (!lines) return;
  view.note.textContent = "What you corrected before and did not save is here again.";
  view.note.hidden = false;
  view.kept = true;
  view.history.push(view.lines);
  view.lines = lines;
  view.render();
}

// Other programs may have written there as well: what is no draft of this page throws.
function linesOfDraft(view, draft) {
  if (draft === null) return null;
  const known = new Map(view.read.flatMap((line) => line.cells).map((cell) => [cell.glyph, cell]));
  const used = new Set();
  return draft.map(([paragraph, cells]) => ({
    paragraph: Number(paragraph),
    cells: cells.map(([text, number, checked]) => {
      const glyph = number < 0 ? null : view.glyphs[number];
      if (typeof text !== "string" || !text || glyph === undefined || (glyph && used.has(glyph))) throw new Error("no draft");
      if (glyph) used.add(glyph);
      const read = glyph && known.get(glyph);
      return read && !checked && read.text === text ? read : { text, glyph, checked: Boolean(checked) };
    }),
  }));
}
