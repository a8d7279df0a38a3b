// The server writes data-theme from a cookie, so the first paint is right. A press changes both without a reload.
const root = document.documentElement;
const YEAR_S = 31_536_000;

document.addEventListener("submit", (event) => {
  const button = event.submitter?.closest('[name="theme"]');
  if (!button) return;
  event.preventDefault();
  choose(button.value);
});

function choose(theme) {
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll('[name="theme"]')) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}
