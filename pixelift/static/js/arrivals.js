// How pictures come in: chosen, dropped anywhere on the page, pasted, or by address.
import { complain } from "./words.js";

export function listenForPictures(form, take) {
  const files = form.elements.file;
  const zone = form.querySelector(".dropzone");
  const takeAll = (list) => { for (const file of list) take.file(file); };

  files.addEventListener("change", () => {
    takeAll(files.files);
    files.value = "";
  });
  addEventListener("paste", ({ clipboardData }) => takeAll(clipboardData.files));
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  for (const end of ["dragleave", "drop"]) {
    addEventListener(end, (event) => (end === "drop" || !event.relatedTarget) && zone.classList.remove("over"));
  }
  addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    takeAll(event.dataTransfer.files);
  });
  listenForAddress(form, take.url);
}

function listenForAddress(form, take) {
  const field = form.elements.url;
  const add = (event) => {
    event.preventDefault();
    const right = /^https?:\/\//i.test(field.value) && URL.canParse(field.value);
    complain("url-error", right ? "" : "Write the whole address, with https:// in front.", field);
    if (!right) return field.focus();
    take(field.value.trim());
    field.value = "";
    document.getElementById("by-url").hidePopover();
  };
  form.querySelector("[data-add-url]").addEventListener("click", add);
  field.addEventListener("keydown", (event) => event.key === "Enter" && add(event));
}
