// The page of the server: sends photos, and shows the report that comes back in a frame of its own.
"use strict";

const at = (id) => document.getElementById(id);
const tries = 30;
let asked = 0;
let saved = "";

// A token in the address, after #, never reaches a log; it is taken out of the address at once.
function tokenOfAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  at("token").value = given;
  at("secret").hidden = false;
  history.replaceState(null, "", location.pathname);
}

function tell(text, wrong = false) {
  at("status").textContent = text;
  at("status").classList.toggle("wrong", wrong);
}

function wait(seconds) {
  return new Promise((done) => { setTimeout(done, seconds * 1000); });
}

function send(files) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || "photo");
  const query = new URLSearchParams({ format: "html" });
  if (at("language").value) query.set("language", at("language").value);
  const headers = at("token").value ? { Authorization: `Bearer ${at("token").value}` } : {};
  return fetch(`/read?${query}`, { method: "POST", body: form, headers });
}

async function answerOf(files) {
  for (let number = 1; ; number += 1) {
    const answer = await send(files);
    if (answer.status !== 429 || number === tries) return answer;
    tell("Others are being read; waiting ...");
    await wait(Number(answer.headers.get("Retry-After")) || 1);
  }
}

async function read(files) {
  if (!files.length) return;
  asked += 1;
  const mine = asked;
  const names = files.length === 1 ? files[0].name || "the photo" : `${files.length} photos`;
  tell(`Reading ${names} ...`);
  try {
    const answer = await answerOf(files);
    const body = await answer.text();
    if (mine !== asked) return; // others were chosen in the meantime
    if (answer.ok) show(body, names, Number(answer.headers.get("Ocr-Failed")));
    else refuse(answer.status, body);
  } catch {
    tell("The server does not answer.", true);
  }
}

function refuse(status, body) {
  let message = `The server answered ${status}.`;
  try {
    message = JSON.parse(body).error.message;
  } catch {
    // no JSON: it keeps the number
  }
  if (status === 401) {
    at("secret").hidden = false;
    at("token").focus();
  }
  tell(message, true);
}

function show(report, names, failed) {
  at("report").srcdoc = report;
  at("report").hidden = false;
  URL.revokeObjectURL(saved);
  saved = URL.createObjectURL(new Blob([report], { type: "text/html" }));
  at("save").href = saved;
  at("save").download = "report.html";
  at("done").hidden = false;
  at("done").scrollIntoView();
  tell(failed ? `Read ${names}; ${failed} could not be read.` : `Read ${names}.`, Boolean(failed));
}

for (const id of ["files", "camera"]) {
  at(id).addEventListener("change", (event) => {
    read([...event.target.files]);
    event.target.value = ""; // the same photo can be chosen again
  });
}
at("form").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  read([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => read([...event.clipboardData.files]));
tokenOfAddress();
document.documentElement.classList.add("ready");
