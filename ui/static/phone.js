// While the connection is gone the chosen fields wait in this window; the text typed, the words looked
// for, the yes to the question, the form's token and the code never do. All works without script.
(function () {
  const KEY = "zaojie-phone";
  const form = document.querySelector("form[data-keep]");
  const gone = document.getElementById("gone");
  const NAMES = ["asked_how", "channel", "category", "place", "kind", "grid", "day"];
  const kept = () => {
    try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { return {}; }
  };
  if (document.querySelector("[data-done]")) sessionStorage.removeItem(KEY);
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  if (!form) return;

  const keep = () => {
    const said = {};
    for (const [name, value] of new FormData(form)) if (NAMES.includes(name)) said[name] = value;
    sessionStorage.setItem(KEY, JSON.stringify(said));
  };
  const back = () => {
    for (const [name, value] of Object.entries(kept())) {
      for (const field of form.querySelectorAll(`[name="${name}"]:not([type=hidden])`)) {
        if (field.type === "radio") {
          if (field.value === value) field.checked = true;
        } else if (field.type === "date") {
          field.value = value;
        } else if ([...field.options].some((one) => one.value === value)) {
          field.value = value;
        }
      }
    }
  };
  // what was sent and never answered, or stood there when the connection went
  if ("fresh" in form.dataset || form.dataset.keep === "said") back();
  if (!("fresh" in form.dataset)) sessionStorage.removeItem(KEY);
  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    gone.hidden = false;
    gone.scrollIntoView();
  });
  window.addEventListener("offline", keep);
  window.addEventListener("online", () => { gone.hidden = true; });

  const here = document.getElementById("here");
  if (here && navigator.geolocation && window.isSecureContext) {
    const said = document.getElementById("here-said");
    here.hidden = said.hidden = false;
    here.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      (at) => {
        document.getElementById("spot").value = `${at.coords.longitude},${at.coords.latitude}`;
        said.textContent = here.dataset.found;
      },
      () => { said.textContent = here.dataset.failed; },
      { enableHighAccuracy: true, timeout: 15000 },
    ));
    document.getElementById("place").addEventListener("change", () => {
      document.getElementById("spot").value = "";
    });
  }
})();
