// Swagger UI on our own document. It colours itself by a class, so tell it what the page shows.
const root = document.documentElement;
const night = matchMedia("(prefers-color-scheme: dark)");
const place = document.getElementById("swagger");

function dress() {
  const { theme } = root.dataset;
  root.classList.toggle("dark-mode", theme ? theme === "dark" : night.matches);
}

dress();
night.addEventListener("change", dress);
new MutationObserver(dress).observe(root, { attributeFilter: ["data-theme"] });
SwaggerUIBundle({ url: place.dataset.document, domNode: place, deepLinking: true, tryItOutEnabled: true });
