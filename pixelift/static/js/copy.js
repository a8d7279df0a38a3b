// data-copy="id" copies the text of that element, data-copy-text="…" the text itself; the button says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-text]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const words = button.querySelector("span");
  const before = (button.dataset.before ??= words.textContent);
  words.textContent = (await copy(button.dataset.copyText ?? source.textContent.trim())) ? "Copied" : "Select and copy";
  if (source && words.textContent !== "Copied") getSelection().selectAllChildren(source);
  setTimeout(() => (words.textContent = before), 1600);
});

// The clipboard is there over https and on localhost only; elsewhere the reader's own copy command has to do.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
