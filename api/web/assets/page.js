/* What a page can do beyond reading: copy, share, a map to zoom, opening without a network.
   Everything the page says works without it. */
(function () {
  "use strict";
  const root = document.documentElement;
  const version = new URL(document.currentScript.src).search;

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
  for (const button of document.querySelectorAll("[data-share]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const url = location.origin + location.pathname;
      navigator.share({ title: document.title, text: button.dataset.share, url }).catch(() => {});
    });
  }

  const map = document.getElementById("map"), opener = document.getElementById("map-open");
  if (map && opener) {
    opener.hidden = false;
    opener.addEventListener("click", async () => {
      opener.disabled = true;
      try {
        const drawn = await import(`/assets/map.js${version}`);
        await drawn.open(map);
        opener.hidden = true;
      } catch {
        opener.disabled = false;
        document.getElementById("map-failed").hidden = false;
      }
    });
  }

  /* Without a network: say when the page was kept, and verify the signature here. */
  const notice = document.getElementById("kept");
  if (root.dataset.kept && notice) {
    notice.hidden = false;
    const when = new Date(root.dataset.kept);
    if (!isNaN(when)) notice.querySelector("time").textContent = when.toLocaleString(root.lang);
  }
  const code = new URLSearchParams(location.search).get("plate") || new URLSearchParams(location.search).get("code")
    || (/^\/[pc]\//i.test(location.pathname) ? location.pathname : null);
  if (root.dataset.kept && code) here(code);
  else if (root.hasAttribute("data-unproved")) root.removeAttribute("data-unproved");

  async function here(given) {
    const place = document.getElementById("standing");
    if (!place) return;
    let finding = "unknown", found = null;
    try {
      found = plates.read(given);
      finding = await plates.judge(found, await plates.trust());
    } catch { finding = "unknown"; }
    const certificate = found && found.form === "certificate" && finding === "genuine";
    const said = document.getElementById(`kept-${certificate ? "certificate" : finding}`).content.cloneNode(true);
    const told = said.querySelector("[data-told]");
    if (told && found) told.textContent = found.text || found.address;
    place.replaceWith(said);
    root.removeAttribute("data-unproved");
  }

  if ("serviceWorker" in navigator) {
    addEventListener("load", async () => {
      try {
        await navigator.serviceWorker.register("/sw.js");
        await navigator.serviceWorker.ready;
        // What signatures are verified with must not grow old; the browser asks again only when it is due.
        await Promise.all(["/v1/plates/keys", "/v1/plates/revocations"].map((path) => fetch(path)));
        if (self.plates && !await plates.native()) await fetch(plates.fallback);
      } catch { /* The page works without. */ }
    });
  }
})();
