// The Studio: pictures come by drop, paste, choice or address, say their target size, and are sent one by one.
// Without this file the form posts all files at once and the server redirects.
import { listenForPictures } from "./arrivals.js";
import { seconds } from "./pace.js";
import { Picture } from "./picture.js";
import { Row } from "./row.js";
import { Sending } from "./sending.js";
import { fill } from "./sliders.js";
import { wish } from "./target.js";
import { offer } from "./trying.js";
import { complain, pictures as counted, roughly, size } from "./words.js";

const form = document.getElementById("order");
const list = document.getElementById("rows");
const { maxBytes, maxPixels, readable } = form.dataset;
const limits = { maxBytes: Number(maxBytes), maxPixels: Number(maxPixels), readable: readable.split(" ") };
const SIZES = ["own_scale", "width", "height"];
const rows = new Set();
const sending = new Sending(form, refresh);

takeKept(list.querySelector("article"));
listenForPictures(form, { file: addFile, url: (url) => add(new Picture("url", url, url)) });
form.addEventListener("input", (event) => {
  if (event.target.dataset.quality) suggest(event.target.dataset.quality);
  for (const { picture } of rows) picture.reconsider();
  refresh();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
addEventListener("beforeunload", (event) => sending.row && event.preventDefault());

async function addFile(file) {
  const row = add(new Picture("file", file, file.name || "pasted.png"));
  await row.picture.look(limits);
  refresh();
}

function add(picture, element) {
  const row = new Row(picture, element);
  rows.add(row);
  if (!element) list.append(row.element);
  offer(row, form);
  row.button.addEventListener("click", (event) => {
    event.preventDefault();
    remove(row);
  });
  refresh();
  return row;
}

// The picture of an earlier job, which the server put into the list.
function takeKept(element) {
  if (!element) return;
  const hidden = element.querySelector("input");
  const picture = new Picture("source", hidden.value, element.dataset.label);
  [picture.width, picture.height] = [Number(element.dataset.width), Number(element.dataset.height)];
  picture.facts = element.querySelector("[data-size]").textContent.split(" · ")[1];
  hidden.remove();
  add(picture, element);
}

function remove(row) {
  if (row === sending.row) return sending.stop();
  URL.revokeObjectURL(row.picture.url);
  rows.delete(row);
  row.element.remove();
  refresh();
  form.elements.file.focus();
}

function suggest(quality) {
  form.elements.quality.value = quality;
  fill(form.elements.quality);
}

function refresh() {
  const wanted = wish(form);
  for (const field of SIZES) form.elements[field].removeAttribute("aria-invalid");
  complain("size-error", (!wanted.open && wanted.fault) || "", wanted.field ?? form.elements.own_scale);
  for (const row of rows) if (!row.picture.sent && row !== sending.row) row.show(wanted);
  list.hidden = !list.childElementCount;
  form.querySelector("[data-title]").textContent = list.hidden ? "Drop pictures" : "Drop more pictures";
  const pictures = [...rows].map((row) => row.picture);
  propose(pictures, wanted);
  quote(pictures);
}

// The side that is left open says what it will be, when all pictures agree.
function propose(pictures, wanted) {
  const { width, height } = form.elements;
  const one = !wanted.fault && !wanted.scale && !(wanted.width && wanted.height);
  const sizes = one ? new Set(pictures.filter((each) => each.target).map((each) => each.target.join(" "))) : [];
  const [wide, high] = sizes.size === 1 ? [...sizes][0].split(" ") : [];
  width.placeholder = wide ?? "Width";
  height.placeholder = high ?? "Height";
}

function quote(all) {
  const ready = all.filter((picture) => picture.ready);
  const faulty = all.filter((picture) => !picture.ready && !picture.sent).length;
  const largest = ready.filter(({ target }) => target).sort((a, b) => b.target[0] * b.target[1] - a.target[0] * a.target[1])[0];
  form.querySelector("[data-act]").textContent = ready.length ? `Upscale ${counted(ready.length)}` : "Upscale pictures";
  document.getElementById("quote").hidden = !ready.length;
  form.querySelector("[data-count]").textContent = faulty ? `${ready.length} · ${faulty} can’t be sent` : ready.length;
  form.querySelector("[data-largest]").textContent = largest ? size(...largest.target) : "known later";
  const time = seconds(ready, form.querySelector("[name=model]:checked"));
  form.querySelector("[data-time]").textContent = time === null ? "not known yet" : `about ${roughly(time)}`;
  if (ready.length) complain("files-error", "", form.elements.file);
}

async function send() {
  const waiting = [...rows].filter((row) => row.picture.ready);
  if (sending.row) return;
  const { fault, field } = wish(form);
  if (field) return complain("size-error", fault, field).focus();
  if (!waiting.length) {
    return complain("files-error", "Choose a picture first: drop one, paste one, or add one by URL.", form.elements.file).focus();
  }
  const last = await sending.all(waiting);
  document.getElementById("sent").hidden = !last;
  if (last && rows.size === 1) location.assign(last);
}
