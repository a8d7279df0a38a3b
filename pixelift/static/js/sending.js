// Send the rows one after another; each becomes a live row of its job, or says why it was refused.
import { upload } from "./upload.js";

export class Sending {
  constructor(form, changed) {
    [this.form, this.changed] = [form, changed];
    this.row = null;
  }

  // Return where the last job is, or null when none was accepted.
  async all(rows) {
    let last = null;
    for (const row of rows) {
      if (row.element.isConnected) last = (await this.one(row)) ?? last;
      this.row = null;
      this.changed();
    }
    return last;
  }

  stop() {
    this.stopping.abort();
  }

  async one(row) {
    [this.row, this.stopping] = [row, new AbortController()];
    row.stoppable(true);
    try {
      const watch = { signal: this.stopping.signal, onProgress: (loaded, total) => row.progress(loaded, total) };
      const answer = await upload(this.form.action, this.body(row.picture), watch);
      if (answer.status === 201) return row.become(answer);
      if (answer.redirect) location.assign(answer.redirect);
      row.picture.refuse(sentence(answer), true, true);
    } catch (error) {
      if (error.name !== "AbortError") row.note("The connection broke before it arrived. Upscale again to send it.", "bad");
    }
    row.stoppable(false);
    return null;
  }

  body(picture) {
    const data = new FormData(this.form);
    for (const name of ["file", "url", "source"]) data.delete(name);
    if (picture.field === "file") data.append("file", picture.value, picture.label);
    else data.append(picture.field, picture.value);
    return data;
  }
}

function sentence(answer) {
  const page = new DOMParser().parseFromString(answer.html, "text/html");
  return page.querySelector("[data-problem]")?.textContent ?? "Something broke on our side. Remove it and add it again.";
}
