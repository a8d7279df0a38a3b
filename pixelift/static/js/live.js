// Says when live updates stop, and when they are tried again. The stream itself is hx-sse's work (see jobs/show.html).
const FIRST_DELAY_MS = 1000, LONGEST_DELAY_MS = 16_000;
const host = document.querySelector("[data-live]");
const banner = document.getElementById("stopped");
let timer, failures = 0;

if (host) {
  host.addEventListener("htmx:sse:after:connection", () => { failures = 0; hide(); });
  host.addEventListener("htmx:sse:before:connection", ({ detail: { connection } }) => connection.attempt > 1 && countDown(delay(connection.attempt)));
  host.addEventListener("htmx:sse:close", hide);
  // hx-sse retries a stream that broke, but not one that never began.
  host.addEventListener("htmx:error", retry);
  host.addEventListener("htmx:response:error", retry);
}

function retry() {
  const wait = delay(++failures);
  countDown(wait);
  setTimeout(() => host.dispatchEvent(new Event("again")), wait);
}

const delay = (attempt) => Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);

function countDown(wait) {
  clearInterval(timer);
  let left = Math.round(wait / 1000);
  const say = () => (banner.querySelector("[data-again]").textContent = left > 0 ? `Trying again in ${left--}\u00a0s.` : "Trying again.");
  say();
  banner.hidden = false;
  timer = setInterval(say, 1000);
}

function hide() {
  clearInterval(timer);
  banner.hidden = true;
}
