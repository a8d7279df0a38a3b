// "Compare models": a region of a picture through several models, side by side, before anything is ordered.
// Pages call `compare(picture, settings, choose)`; a job's page has its own button and orders the choice at once.
import "./panes.js";
import "./region.js";

const dialog = document.getElementById("previews");
const form = dialog.querySelector("[data-choose]");
const region = dialog.querySelector("pixel-region");
const panes = dialog.querySelector("pixel-panes");
const unseen = dialog.querySelector(".unseen");
const act = form.querySelector("[data-act] span");
const MOST = 6, SOON_S = 2;
let asked, stopping;

// `picture` has field ("file", "url" or "job") and value, and as far as they are known url, width, height, label.
// `settings` are what all variants share; `choose` is called with the one that was chosen.
export function compare(picture, settings, choose) {
  asked = { picture, settings, choose };
  document.getElementById("previews-title").textContent = `Compare models on ${picture.label}`;
  complain("");
  panes.say("Move the frame to the place that matters, then compare. Nothing is ordered yet.");
  dialog.showModal();
  region.show(picture);
  unseen.hidden = Boolean(picture.url);
}

form.addEventListener("change", (event) => event.target.name === "side" && region.resize(Number(event.target.value)));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (stopping) stop();
  else ask();
});
form.lastElementChild.addEventListener("click", (event) => event.detail > 1 && event.preventDefault()); // twice means once
dialog.addEventListener("close", stop);

function stop() {
  stopping?.abort();
  stopping = null;
  act.textContent = "Compare";
}

async function ask() {
  const boxes = [...form.querySelectorAll("[type=checkbox]:checked")];
  if (!boxes.length || boxes.length > MOST) return complain(`Choose 1 to ${MOST} to compare.`);
  complain("");
  const { signal } = (stopping = new AbortController());
  act.textContent = "Stop";
  const clock = count(boxes.length);
  const reply = await send(boxes.map((box) => ({ ...asked.settings(), ...JSON.parse(box.value) })), signal);
  clearInterval(clock);
  if (!signal.aborted) stop();
  if (reply.success) return show(reply.data, boxes);
  panes.say("There is nothing to compare yet.");
  complain(reply.error.message);
}

// The server sees within a second that nobody waits for the last answer any more; until then it makes no other.
async function send(variants, signal, again = true) {
  try {
    const response = await fetch(dialog.dataset.api, { method: "POST", signal, ...body(variants) });
    if (response.status === 401) return { error: { message: "You are signed out. Sign in in another tab, then compare again." } };
    const soon = response.status === 429 && Number(response.headers.get("Retry-After")) <= SOON_S;
    if (!soon || !again) return await response.json();
    await new Promise((done) => setTimeout(done, SOON_S * 1000));
    return await send(variants, signal, false);
  } catch {
    return { error: { message: signal.aborted ? "" : "The connection broke. Compare again." } };
  }
}

function body(variants) {
  const { field, value } = asked.picture;
  if (field !== "file") {
    const names = { url: "image_url", job: "job_id" };
    const order = { [names[field]]: value, region: region.region, variants };
    return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(order) };
  }
  const data = new FormData();
  data.append("file", value, asked.picture.label);
  data.append("region", JSON.stringify(region.region));
  data.append("variants", JSON.stringify(variants));
  return { body: data };
}

function show({ source, variants }, boxes) {
  const plain = { title: "Source", note: "as it is", picture: source };
  panes.fill([plain, ...variants.map(({ settings, picture, seconds, error }, at) => ({
    title: boxes[at].dataset.title,
    note: picture ? `${Number(settings.scale.toFixed(2))}× · ${seconds < 10 ? Math.max(seconds, 0.1).toFixed(1) : Math.round(seconds)}\u00a0s` : "",
    picture,
    trouble: error?.message,
    act: [asked.choose.words, () => asked.choose(settings)],
  }))]);
  dialog.querySelector("[data-said]").textContent = "All move together: zoom, then drag.";
  panes.focus({ preventScroll: true });
  panes.scrollIntoView({ block: "nearest" });
}

// Say how long it takes already, every second.
function count(number) {
  const began = performance.now();
  const say = () => panes.say(`Making ${number === 1 ? "1 preview" : `${number} previews`} · ${Math.round((performance.now() - began) / 1000)}\u00a0s`);
  say();
  panes.scrollIntoView({ block: "nearest" });
  return setInterval(say, 1000);
}

function complain(words) {
  const error = form.querySelector(".error");
  error.hidden = !words;
  error.querySelector("span").textContent = words;
}

// A job's page: its source, its settings, and one click that orders the choice.
const promote = dialog.querySelector("[data-promote]");
if (promote) {
  const { job, label, width, height, shown, scale } = promote.dataset;
  const picture = { field: "job", value: job, label, url: shown, width: Number(width), height: Number(height) };
  const { model, denoise, enhance_face } = promote.elements;
  const settings = () => ({ model: model.value, scale: Number(scale), denoise: Number(denoise.value), enhance_face: Number(enhance_face.value) });
  const order = (chosen) => {
    for (const field of [model, denoise, enhance_face]) field.value = chosen[field.name];
    promote.submit();
  };
  order.words = "Upscale with this";
  document.addEventListener("click", (event) => event.target.closest("[data-compare]") && compare(picture, settings, order));
}
