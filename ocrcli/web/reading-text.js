"use strict";
// The text as data. A cell is {text, glyph, checked}: one character, the glyph on the photo that it was read from
// (null for spaces and for what was typed in between), and whether a person has looked at it. Cells, lines and lists
// of lines are never changed, only replaced, so that undoing is putting the former list back.

const HOW = { letters: "read letter by letter", lines: "read as a whole row" };

function glyphsOf(words) {
  return words.map((word) => {
    const text = word.glyphs.map((glyph) => glyph[0]).join("");
    const mean = word.glyphs.reduce((sum, glyph) => sum + glyph[1], 0) / word.glyphs.length;
    const how = HOW[word.recognizer] || HOW.letters;
    return word.glyphs.map(([read, confidence, box, others]) => ({
      text: read, confidence, box, others, word: { text, confidence: mean, how },
    }));
  });
}

function cellsOf(words) {
  const cells = [];
  for (const glyphs of glyphsOf(words)) {
    if (cells.length) cells.push(spaceCell());
    for (const glyph of glyphs) cells.push({ text: glyph.text, glyph, checked: false });
  }
  return cells;
}

function spaceCell() {
  return { text: " ", glyph: null, checked: false };
}

function linesOf(page) {
  return page.lines.map(({ paragraph, words }) => ({ paragraph, cells: cellsOf(words) }));
}

function lineText(line) {
  return line.cells.map((cell) => cell.text).join("").replace(/\s+/g, " ").trim();
}

// As `ocr read` prints it: a line for a line, an empty one between paragraphs.
function pageText(lines) {
  let text = "";
  let before = null;
  for (const line of lines) {
    const row = lineText(line);
    if (!row) continue;
    if (before !== null && before !== line.paragraph) text += "\n";
    text += row + "\n";
    before = line.paragraph;
  }
  return text;
}

// The cells of a line whose text was edited as a whole: characters that stayed keep their glyphs, and a character
// that took another's place takes its glyph. The fewest edits decide, as in Levenshtein's distance.
function retyped(cells, text) {
  const old = cells.flatMap((cell) => Array.from(cell.text, (character) => ({ character, cell })));
  const made = Array.from(text.replace(/\s+/g, " ").trim());
  const cost = costs(old.map((item) => item.character), made);
  const result = [];
  const used = new Set();
  let row = 0, column = 0;
  while (column < made.length) {
    const swap = row < old.length ? cost[row + 1][column + 1] + change(old[row].character, made[column]) : Infinity;
    if (cost[row][column] === swap) {
      result.push(successor(old[row].cell, made[column], used));
      row += 1;
      column += 1;
    } else if (row < old.length && cost[row][column] === cost[row + 1][column] + 1) {
      row += 1;
    } else {
      result.push({ text: made[column], glyph: null, checked: true });
      column += 1;
    }
  }
  return result;
}

function successor(cell, character, used) {
  if (cell.text === character) return cell;
  const glyph = used.has(cell) ? null : cell.glyph;
  used.add(cell);
  return { text: character, glyph, checked: true };
}

function change(from, to) {
  if (from === to) return 0;
  return (from === " ") === (to === " ") ? 1 : 3; // a space never takes the place of a letter
}

// cost[i][j]: edits that turn old[i..] into made[j..].
function costs(old, made) {
  const table = Array.from({ length: old.length + 1 }, () => new Array(made.length + 1).fill(0));
  for (let row = old.length; row >= 0; row -= 1) {
    for (let column = made.length; column >= 0; column -= 1) {
      const down = row < old.length ? table[row + 1][column] + 1 : Infinity;
      const right = column < made.length ? table[row][column + 1] + 1 : Infinity;
      const both = row < old.length && column < made.length
        ? table[row + 1][column + 1] + change(old[row], made[column]) : Infinity;
      const least = Math.min(down, right, both);
      table[row][column] = least === Infinity ? 0 : least;
    }
  }
  return table;
}

// 0 to 4: below a half, below 3/4, 9/10, 97/100, and above.
const LEVELS = [0.5, 0.75, 0.9, 0.97];

function level(confidence) {
  return LEVELS.filter((bound) => confidence >= bound).length;
}

function percent(share) {
  if (share >= 0.9995) return "over 99.9\u00a0%";
  if (share < 0.0005) return "under 0.1\u00a0%";
  const digits = share > 0.99 || share < 0.01 ? 1 : 0;
  return (share * 100).toFixed(digits) + "\u00a0%";
}

const NAMES = { " ": "space", ".": "full stop", ",": "comma", "-": "hyphen", "'": "apostrophe", "!": "exclamation mark" };

// What a screen reader is given: it may pass over a mark that stands alone, and does not say what is a capital.
function spoken(text) {
  if (NAMES[text]) return NAMES[text];
  return /^\p{Lu}$/u.test(text) ? "capital " + text : text;
}

// The same, with what is seen in it: who speaks to the browser says what they see.
function named(text) {
  return NAMES[text] && text !== " " ? `${NAMES[text]} ${text}` : spoken(text);
}
