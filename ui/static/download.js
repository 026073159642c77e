// A file asked for after the session has ended is refused without a word of the page's: the browser
// fetches it by itself. So a press on a download asks whether anybody is still signed in, and says it
// in the place of the whole page, as every other press does (ui/guard.py).
"use strict";
(() => {
  async function ask() {
    // no file has this address: who is signed in is told so, who is not is refused (ui/closed.py)
    const answer = await fetch("./media/", { method: "HEAD", cache: "no-store" });
    if (answer.status !== 403) return;
    const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    const said = document.getElementById(`zj-over-${language}`).content.cloneNode(true);
    document.getElementById("zj-over").replaceChildren(said);
    document.getElementById("root").remove();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-testid=stDownloadButton] button")) ask().catch(() => {});
  }, true);
})();
