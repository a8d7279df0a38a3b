// The Studio: pictures come by drop, paste, choice or address; each is sent by itself, so each has its own progress.
// Without this file the form posts all files at once and the server redirects.
import { listenForPictures } from "./arrivals.js";
import { Picture } from "./picture.js";
import { result, Row } from "./row.js";
import { upload } from "./upload.js";
import { pictures as words, size } from "./words.js";

const form = document.getElementById("order");
const list = document.getElementById("rows");
const limits = { maxBytes: Number(form.dataset.maxBytes), maxPixels: Number(form.dataset.maxPixels) };
const rows = new Set();
let sending = null;

const kept = list.querySelector("article");
if (kept) {
  const picture = new Picture("source", kept.querySelector("input").value, kept.dataset.label);
  [picture.width, picture.height] = [Number(kept.dataset.width), Number(kept.dataset.height)];
  picture.facts = kept.querySelector("[data-size]").textContent.split(" · ")[1];
  kept.querySelector("input").remove();
  add(picture, kept);
}
listenForPictures(form, { file: addFile, url: (url) => add(new Picture("url", url, url)) });
form.addEventListener("input", refresh);
form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
addEventListener("beforeunload", (event) => sending && event.preventDefault());

async function addFile(file) {
  const row = add(new Picture("file", file, file.name || "pasted.png"));
  await row.picture.look(limits);
  refresh();
}

function add(picture, element) {
  const row = new Row(picture, element);
  rows.add(row);
  if (!element) list.append(row.element);
  row.button.addEventListener("click", (event) => { event.preventDefault(); remove(row); });
  refresh();
  return row;
}

function remove(row) {
  if (row === sending?.row) return sending.stop.abort();
  URL.revokeObjectURL(row.picture.url);
  rows.delete(row);
  row.element.remove();
  refresh();
  document.getElementById("files").focus();
}

function scale() {
  const chosen = form.elements.scale.value;
  return chosen === "other" ? Number(form.elements.own_scale.value) : Number(chosen);
}

const waiting = () => [...rows].filter((row) => row.picture.ready);

function refresh() {
  const right = scale() >= 1 && scale() <= 8;
  complain("scale-error", right ? "" : "Choose a size from 1 to 8 times.", form.elements.own_scale);
  for (const row of rows) if (!row.picture.sent && row !== sending?.row) row.show(right ? scale() : 1);
  const ready = waiting();
  const largest = ready.map(({ picture }) => picture).filter(({ width }) => width).sort((a, b) => b.width * b.height - a.width * a.height)[0];
  const faulty = [...rows].filter((row) => row.picture.fault).length;
  list.hidden = !list.childElementCount;
  form.querySelector("[data-title]").textContent = list.hidden ? "Drop pictures" : "Drop more pictures";
  form.querySelector("[data-act]").textContent = ready.length ? `Upscale ${words(ready.length)}` : "Upscale pictures";
  document.getElementById("quote").hidden = !ready.length;
  form.querySelector("[data-count]").textContent = faulty ? `${ready.length} · ${faulty} can’t be sent` : ready.length;
  form.querySelector("[data-largest]").textContent = largest && right ? size(result(largest.width, scale()), result(largest.height, scale())) : "known later";
  if (ready.length) complain("files-error", "", form.elements.file);
}

async function send() {
  const queue = waiting();
  if (sending) return;
  if (form.elements.own_scale.getAttribute("aria-invalid")) return form.elements.own_scale.focus();
  if (!queue.length) return complain("files-error", "Choose a picture first: drop one, paste one, or add one by URL.", form.elements.file).focus();
  let last = null;
  for (const row of queue) if (rows.has(row)) last = (await sendOne(row)) ?? last;
  sending = null;
  refresh();
  document.getElementById("sent").hidden = !last;
  if (last && rows.size === 1) location.assign(last);
}

async function sendOne(row) {
  const stop = new AbortController();
  sending = { row, stop };
  row.stoppable(true);
  try {
    const answer = await upload(form.action, body(row.picture), { signal: stop.signal, onProgress: (...sofar) => row.progress(...sofar) });
    if (answer.status === 201) return done(row, answer);
    row.picture.refuse(sentence(answer), true);
  } catch (error) {
    if (error.name !== "AbortError") row.note("The connection broke before it arrived. Upscale again to send it.", "bad");
  }
  row.stoppable(false);
  sending = null;
  row.show(scale());
}

function body(picture) {
  const data = new FormData(form);
  for (const name of ["file", "url", "source"]) data.delete(name);
  data.append(picture.field, picture.value, ...(picture.field === "file" ? [picture.label] : []));
  return data;
}

function done(row, answer) {
  row.picture.sent = true;
  row.replace(answer.html);
  return answer.location;
}

function sentence(answer) {
  const page = new DOMParser().parseFromString(answer.html, "text/html");
  return page.querySelector("[data-problem]")?.textContent ?? "Something broke on our side. Remove it and add it again.";
}

function complain(id, text, field) {
  const error = document.getElementById(id);
  error.hidden = !text;
  error.querySelector("span").textContent = text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return field;
}
