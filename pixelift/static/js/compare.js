// <pixel-compare>: a native range moves the split, so keyboard, touch and screen reader come for free.
// Buttons in the same .stage drive it: data-mode, data-zoom, data-pixels, data-faces, data-loupe, data-full.
// Keys in the stage: + and - zoom, 0 fits, Shift with arrows moves a zoomed picture; arrows move an open loupe, Esc closes it.
// Without this file both pictures stand side by side (see :not(:defined) in stage.css).
import { listen } from "./gestures.js";
import { Loupe } from "./loupe.js";
import { View } from "./view.js";

class PixelCompare extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.view = new View(this);
    this.split(this.range.value);
    this.range.addEventListener("input", () => this.split(this.range.value));
    this.stage = this.closest(".stage");
    if (!this.stage) return;
    listen(this);
    this.stage.addEventListener("click", (event) => this.command(event.target.closest("button")));
    this.stage.addEventListener("keydown", (event) => this.key(event));
    const full = this.stage.querySelector("[data-full]");
    full.hidden = !document.fullscreenEnabled;
    this.stage.addEventListener("fullscreenchange", () => press(full, document.fullscreenElement === this.stage));
  }

  split(percent) {
    this.range.value = percent;
    this.style.setProperty("--at", `${this.range.value}%`);
  }

  command(button) {
    if (!button) return;
    const { mode, zoom } = button.dataset;
    if (mode) this.classList.toggle("sides", mode === "sides");
    if (mode) choose(button);
    if (zoom) this.view.show(zoom === "fit" ? 1 : zoom / this.view.fitted());
    if ("pixels" in button.dataset) press(button, this.classList.toggle("pixels"));
    if ("faces" in button.dataset) press(button, this.classList.toggle("marked"));
    if ("loupe" in button.dataset) this.magnify(!this.loupe);
    if ("full" in button.dataset) document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // those belong to the browser
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step && this.loupe) this.loupe.move(...step, event.shiftKey);
    else if (step && event.shiftKey && this.view.zoom > 1) this.view.move(-40 * step[0], -40 * step[1]);
    else if (event.key === "Escape" && this.loupe) this.magnify(false);
    else if ("+=-".includes(event.key)) this.view.by(event.key === "-" ? 0.8 : 1.25);
    else if (event.key === "0") this.view.show(1);
    else return;
    event.preventDefault();
  }

  magnify(on) {
    this.loupe?.remove();
    this.loupe = on ? new Loupe(this) : null;
    press(this.stage.querySelector("[data-loupe]"), on);
  }

  // The zoom may come from fingers or the wheel; the buttons tell the truth all the same.
  zoomed(zoom) {
    this.classList.toggle("zoomed", zoom > 1);
    for (const button of this.stage?.querySelectorAll("[data-zoom]") ?? []) {
      const wanted = button.dataset.zoom === "fit" ? 1 : button.dataset.zoom / this.view.fitted();
      press(button, Math.abs(zoom / wanted - 1) < 0.01);
    }
  }
}

const press = (button, on) => button?.setAttribute("aria-pressed", String(on));
const choose = (button) => { for (const other of button.parentElement.children) press(other, other === button); };

customElements.define("pixel-compare", PixelCompare);
