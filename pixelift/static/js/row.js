// The row of one picture: its target size before it is sent, its upload while it is, what went wrong after.
import { target } from "./target.js";
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

  // `wanted`: see target.js.
  show(wanted) {
    const { picture } = this;
    if (picture.url && !this.element.querySelector("img")) this.thumbnail(picture.url);
    picture.target = picture.width && !picture.fault && !wanted.fault ? target(picture, wanted) : undefined;
    const unknown = picture.field === "url" ? "Size known after we fetched it" : "Your browser can’t show it; its size is read after the upload";
    const own = picture.width ? size(picture.width, picture.height) : unknown;
    const facts = picture.facts ? ` · ${picture.facts}` : "";
    const bold = document.createElement("b");
    if (picture.target) bold.textContent = size(...picture.target);
    if (picture.fault && !picture.width) this.size.replaceChildren(picture.facts);
    else this.size.replaceChildren(own, ...(picture.target ? [" → ", bold] : []), facts);
    const tooMuch = picture.target === null && `That is more than 8 times larger. ${size(8 * picture.width, 8 * picture.height)} is the most.`;
    if (picture.fault) this.note(picture.fault.words, picture.fault.kind);
    else if (tooMuch) this.note(tooMuch, "warn");
    else if (this.isWarned) this.noted.hidden = true;
    this.isWarned = Boolean(picture.fault || tooMuch);
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
