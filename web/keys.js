// Moves over the start page by keys: j and k to the next and the last item, Enter opens the first
// link of the item, h the start page, ? says so. The page works without it.
"use strict";
const items = [...document.querySelectorAll("[data-item]")];
const help = document.getElementById("keys");

function move(by) {
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "h") location.href = "/";
  else if (event.key === "?" && help) help.hidden = !help.hidden;
  else if (event.key === "Enter" && items.includes(event.target)) {
    const link = event.target.querySelector("a[href]");
    if (link) link.click();
  }
});
