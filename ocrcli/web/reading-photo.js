// What is drawn on a photo, and what is cut out of it.

const SVG = "http://www.w3.org/2000/svg";

// Crops are drawn when they come near the window: of a hundred pages, most never do.
const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    nearby.unobserve(target);
    target.draw();
  }
}, { rootMargin: "400px" });

// Strokes are as thin as the writing is small on the screen, so that they never cover it.
const shrunk = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const letter = (target.view.size * contentRect.width) / target.view.page.width;
    target.style.setProperty("--thin", Math.max(0.4, Math.min(1, letter / 24)).toFixed(2));
  }
});

function draw(svg, name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  svg.append(made);
  return made;
}

// Each letter has a line under it that tells how sure it is, and a box that is seen when it is lit or very unsure.
function drawBoxes(view) {
  const { page } = view;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true"); // the letters of the text say the same
  const boxed = ([x, y, width, height], more) => draw(svg, "rect", { x, y, width, height, ...more });
  for (const box of page.unread) boxed(box, { class: "unread" });
  for (const glyph of view.glyphs) {
    const [x, y, width, height] = glyph.box;
    const rect = boxed(glyph.box);
    const below = Math.min(page.height, y + height + view.size * 0.08);
    rect.glyph = glyph;
    rect.under = draw(svg, "line", { x1: x + width * 0.06, x2: x + width * 0.94, y1: below, y2: below });
    view.rects.set(glyph, rect);
  }
  view.photo.parentElement.append(svg);
  svg.view = view;
  shrunk.observe(svg);
  view.detail = make("figcaption", { class: "detail" }, "Point at a letter to see it in both places.");
  view.section.querySelector("figure").append(view.detail);
}

// A glyph, or a line, with some of what is around it, its own box framed.
function drawCrop(view, canvas, glyph) {
  const [left, top, width, height] = glyph.box;
  const aspect = canvas.width / canvas.height;
  const side = Math.max(1.6 * Math.max(width, height * aspect), view.size * aspect);
  const down = side / aspect;
  return drawArea(view, canvas, [left + width / 2 - side / 2, top + height / 2 - down / 2, side, down], glyph.box);
}

// A part of the photo, as large as the canvas is; with a frame, if there is one.
async function drawArea(view, canvas, [left, top, width, height], frame) {
  view.decoded ||= view.photo.decode().catch(() => {}); // a photo that cannot be shown is missed already
  await view.decoded;
  const { naturalWidth, naturalHeight } = view.photo;
  const scale = naturalWidth / view.page.width;
  const pen = canvas.getContext("2d");
  const zoom = canvas.width / width;
  pen.setTransform(1, 0, 0, 1, 0, 0); // it may have been drawn on before
  pen.fillStyle = "#888";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(zoom, 0, 0, canvas.height / height, -left * zoom, (-top * canvas.height) / height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(view.photo, 0, 0, naturalWidth / scale, naturalHeight / scale);
  if (!frame) return;
  pen.lineWidth = 2 / zoom;
  pen.strokeStyle = "#2563eb";
  pen.strokeRect(...frame);
}

// A picture of where some cells were read, to be seen while they are typed anew; null if they were nowhere.
function cropOf(view, cells, name) {
  const boxes = cells.filter((cell) => cell.glyph).map((cell) => cell.glyph.box);
  if (!boxes.length) return null;
  const margin = view.size * 0.5;
  const left = Math.min(...boxes.map((box) => box[0])) - margin;
  const top = Math.min(...boxes.map((box) => box[1])) - margin;
  const width = Math.max(...boxes.map((box) => box[0] + box[2])) + margin - left;
  const height = Math.max(...boxes.map((box) => box[1] + box[3])) + margin - top;
  const across = Math.min(1600, Math.max(60, Math.round((96 * width) / Math.min(height, 3 * view.size))));
  const down = Math.max(1, Math.round((across * height) / width));
  const canvas = make("canvas", { class: "crop", width: across, height: down, role: "img", "aria-label": name });
  drawArea(view, canvas, [left, top, width, height]);
  return canvas;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] || 0;
}
