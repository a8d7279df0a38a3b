// One picture in the Studio's list: a file, an address, or one that the server has already.
import { sniff } from "./sniff.js";
import { fileSize, megapixels } from "./words.js";

export class Picture {
  constructor(field, value, label) {
    [this.field, this.value, this.label] = [field, value, label];
    this.facts = ""; // "PNG, 40 kB"
    this.fault = null; // why it cannot be sent
    this.target = undefined; // [width, height] of the result; null when the wish is too large; undefined when not known
    this.sent = false;
  }

  // Learn what can be known before sending: kind, size in pixels, what is wrong.
  async look(limits) {
    const file = this.value;
    const kind = await sniff(file, limits.readable);
    this.facts = `${kind.name}, ${fileSize(file.size)}`;
    if (!file.size) return this.refuse("The file is empty. Choose another one.");
    if (!kind.readable) return this.refuse(`We can’t read ${kind.name} here. Save it as JPEG, PNG, WebP, AVIF or TIFF and drop it again.`, true);
    if (file.size > limits.maxBytes) return this.refuse(`${fileSize(file.size)} is above your plan’s ${fileSize(limits.maxBytes)}. Save it smaller and drop it again.`);
    await this.measure(file, kind.shown);
    if (this.width * this.height > limits.maxPixels) {
      this.refuse(`${megapixels(this.width * this.height)} is above your plan’s ${megapixels(limits.maxPixels)}. Crop it and drop it again.`);
    }
  }

  async measure(file, shown) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
      [this.width, this.height, this.url] = [image.naturalWidth, image.naturalHeight, image.src];
    } catch {
      URL.revokeObjectURL(image.src);
      if (shown) this.refuse("This picture is damaged and cannot be read. Save it again and drop the new file.", true);
    }
  }

  refuse(words, bad = false, passes = false) {
    this.fault = { words, kind: bad ? "bad" : "warn", passes };
  }

  // What the server refused it may take with other settings.
  reconsider() {
    if (this.fault?.passes) this.fault = null;
  }

  get ready() {
    return !this.fault && !this.sent && this.target !== null;
  }
}
