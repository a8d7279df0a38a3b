// Who reads one language reads it everywhere: a choice in one example is made in all, and kept for the next visit.
const KEY = "docs-language";

document.addEventListener("change", ({ target }) => {
  if (target.closest(".tabs")) choose(target.value);
});

function choose(language) {
  localStorage.setItem(KEY, language);
  for (const input of document.querySelectorAll(`.tabs [value="${language}"]`)) input.checked = true;
}

const kept = localStorage.getItem(KEY);
if (kept && CSS.supports("selector(:has(*))")) choose(CSS.escape(kept));
