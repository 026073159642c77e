// A page that takes longer than a second says so, to eyes and to screen readers, in a place of its
// own (#zj-wait, ui/start_page.py) where nothing moves for it.
"use strict";
(() => {
  const AFTER = 1000; // milliseconds; what is faster would only flicker
  const place = document.getElementById("zj-wait");
  let timer = null;
  let wasConnected = false; // Streamlit itself says it when the connection is lost later

  function waits() {
    const app = document.querySelector("[data-testid=stApp]");
    if (!app) return true;
    if (app.dataset.testConnectionState === "CONNECTED") wasConnected = true;
    return !wasConnected || app.dataset.testScriptState !== "notRunning";
  }

  function say() {
    const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    place.textContent = place.dataset[language];
  }

  function look() {
    if (waits()) {
      timer ??= setTimeout(say, AFTER);
      return;
    }
    clearTimeout(timer);
    timer = null;
    place.textContent = "";
  }

  new MutationObserver(look).observe(document.documentElement, {
    subtree: true,
    attributeFilter: ["data-test-script-state", "data-test-connection-state"],
  });
  look();
})();
