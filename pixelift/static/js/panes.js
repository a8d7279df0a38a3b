// <pixel-panes>: the same region several times, zoomed and moved in step: wheel, drag, pinch, + - 0 and Shift with arrows.
import { listen } from "./gestures.js";
import { View } from "./view.js";

const template = document.getElementById("pane");

class PixelPanes extends HTMLElement {
  connectedCallback() {
    this.bar = this.nextElementSibling;
    this.hint = this.firstElementChild;
    this.addEventListener("keydown", (event) => this.key(event));
    this.bar.addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (zoom) this.view.show(Number(zoom));
    });
  }

  // Say something in place of pictures.
  say(words) {
    this.hint.textContent = words;
    this.replaceChildren(this.hint);
    this.bar.hidden = true;
  }

  // Each of `shown`: title, note, and either picture {data_url, width, height} or trouble; act: [words, function].
  fill(shown) {
    this.replaceChildren(...shown.map(pane));
    this.bar.hidden = false;
    if (!this.view) this.follow();
    this.view.picture = this.querySelector(".result img");
    this.view.show(1);
  }

  // There is nothing to zoom before the first pictures.
  follow() {
    this.view = new View(this);
    listen(this);
  }

  key(event) {
    if (this.bar.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step && event.shiftKey) this.view.move(-40 * step[0], -40 * step[1]);
    else if ("+=-".includes(event.key)) this.view.by(event.key === "-" ? 0.8 : 1.25);
    else if (event.key === "0") this.view.show(1);
    else return;
    event.preventDefault();
  }

  // View tells of every change, whoever made it.
  zoomed(zoom) {
    this.classList.toggle("zoomed", zoom > 1);
    for (const button of this.bar.querySelectorAll("[data-zoom]")) {
      button.setAttribute("aria-pressed", String(Math.abs(zoom / button.dataset.zoom - 1) < 0.01));
    }
  }
}

function pane({ title, note, picture, trouble, act }) {
  const figure = template.content.cloneNode(true).firstElementChild;
  const [image, button] = [figure.querySelector("img"), figure.querySelector("button")];
  figure.querySelector("b").textContent = title;
  figure.querySelector("figcaption .muted").textContent = note;
  if (picture) {
    Object.assign(image, { src: picture.data_url, alt: title, width: picture.width, height: picture.height });
  } else {
    image.replaceWith(Object.assign(document.createElement("p"), { textContent: trouble }));
  }
  if (act && picture) {
    const [words, does] = act;
    Object.assign(button, { textContent: words, hidden: false, ariaLabel: `${words}: ${title}` });
    button.addEventListener("click", does);
  }
  return figure;
}

customElements.define("pixel-panes", PixelPanes);
