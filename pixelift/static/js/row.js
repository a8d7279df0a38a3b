// The row of one picture: its target size before it is sent, its upload while it is, what went wrong after.
import { fileSize, size } from "./words.js";

const template = document.getElementById("row");
const GLYPH = { bad: "failed", warn: "warn", good: "completed" };

export class Row {
  constructor(picture, element = template.content.cloneNode(true).firstElementChild) {
    this.picture = picture;
    this.element = element;
    this.name = element.querySelector("[data-name]");
    this.size = element.querySelector("[data-size]");
    this.bar = element.querySelector("progress");
    this.noted = element.querySelector("[data-note]");
    this.button = element.querySelector("[data-remove]");
    this.name.textContent = picture.label;
    this.bar.setAttribute("aria-label", `Upload of ${picture.label}`);
    this.stoppable(false);
  }

  show(scale) {
    const { picture } = this;
    if (picture.url && !this.element.querySelector("img")) this.thumbnail(picture.url);
    const known = picture.width && !picture.fault;
    const target = known ? [result(picture.width, scale), result(picture.height, scale)] : null;
    const unknown = picture.field === "url" ? "Size known after we fetched it" : "Your browser can’t show it; its size is read after the upload";
    const own = picture.width ? size(picture.width, picture.height) : unknown;
    const facts = picture.facts ? ` · ${picture.facts}` : "";
    const bold = document.createElement("b");
    if (target) bold.textContent = size(...target);
    if (picture.fault && !picture.width) this.size.replaceChildren(picture.facts);
    else this.size.replaceChildren(own, ...(target ? [" → ", bold] : []), facts);
    if (picture.fault) this.note(picture.fault.words, picture.fault.kind);
  }

  thumbnail(url) {
    const image = document.createElement("img");
    image.className = "thumb big";
    image.alt = "";
    image.src = url;
    this.element.querySelector(".thumb").replaceWith(image);
  }

  note(words, kind) {
    this.noted.className = `note ${kind}`;
    this.noted.querySelector("span").textContent = words;
    const use = this.noted.querySelector("use");
    const sheet = use.dataset.glyph ?? use.getAttribute("href").split("#")[0];
    use.setAttribute("href", `${sheet}#${GLYPH[kind]}`);
    this.noted.hidden = false;
  }

  progress(loaded, total) {
    this.bar.hidden = false;
    this.bar.value = (loaded / total) * 100;
    this.size.textContent = loaded < total ? `Uploading, ${fileSize(loaded)} of ${fileSize(total)}` : this.picture.field === "url" ? "Fetching the picture" : "Checking the picture";
  }

  // While it is sent, its button stops the upload; else it removes the row.
  stoppable(sending) {
    this.button.setAttribute("aria-label", `${sending ? "Stop the upload of" : "Remove"} ${this.picture.label}`);
    if (!sending) this.bar.hidden = true;
    else this.noted.hidden = true;
  }

  // Turn into the row of the job that was made; return where its page is.
  become({ html, location }) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const made = holder.content.firstElementChild;
    this.element.replaceWith(made);
    this.element = made;
    this.picture.sent = true;
    return location;
  }
}

// As the server rounds (pixelift/engine/planning.py): halves to the even neighbour.
export function result(length, scale) {
  const near = Math.round(length * scale);
  return Math.max(1, (length * scale) % 1 === 0.5 && near % 2 ? near - 1 : near);
}
