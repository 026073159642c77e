// Streamlit's own words in the language of the session: its frontend knows English only.
// What it says is replaced by what the catalogue says (the JSON in the start page, ui/start_page.py):
// whole texts, each only in its place of the page, so that nobody's own words are touched. In an
// English session nothing is replaced; after a change of language what was replaced goes back.
"use strict";
(() => {
  const said = JSON.parse(document.getElementById("zj-words").textContent);
  const TAGS = { zh: "zh-CN", en: "en-GB" };
  const ATTRIBUTES = ["aria-label", "placeholder", "title"];
  const exact = new Map();
  const withGaps = [];
  for (const [within, english, chinese] of said.words) {
    if (english.includes("{")) withGaps.push({ within, pattern: pattern(english), chinese });
    else exact.set(english, [...(exact.get(english) || []), { within, chinese }]);
  }
  let language = said.language;
  const replaced = new Map(); // node -> { attribute or "": [English, Chinese] }

  function pattern(english) {
    const parts = english.split(/\{(\w+)\}/);
    const written = parts.map((part, at) =>
      at % 2 ? `(?<${part}>.+?)` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${written.join("")}$`);
  }

  function translated(text, element) {
    const asked = text.trim();
    if (asked.length < 2 || asked.length > 300) return null;
    for (const { within, chinese } of exact.get(asked) || [])
      if (element.closest(within)) return chinese;
    if (exact.has(asked) || !/^[:A-Za-z0-9]/.test(asked)) return null;
    for (const { within, pattern, chinese } of withGaps) {
      const found = pattern.exec(asked);
      if (found && element.closest(within))
        return chinese.replace(/\{(\w+)\}/g, (_, gap) =>
          gap === "date" ? written(found.groups[gap]) : found.groups[gap]);
    }
    return null;
  }

  function written(date) { // "November 26, 2026", as a screen reader hears it
    const day = new Date(date);
    const long = { year: "numeric", month: "long", day: "numeric" };
    return Number.isNaN(day.getTime()) ? date : day.toLocaleDateString("zh-CN", long);
  }

  function keep(node, name, english, chinese) {
    if (!replaced.has(node)) replaced.set(node, {});
    replaced.get(node)[name] = [english, chinese];
  }

  function text(node) {
    const own = node.nodeValue;
    const chinese = node.parentElement && translated(own, node.parentElement);
    if (!chinese) return;
    keep(node, "", own, chinese);
    node.nodeValue = chinese;
  }

  function attribute(element, name) {
    const own = element.getAttribute(name);
    const chinese = own && translated(own, element);
    if (!chinese) return;
    keep(element, name, own, chinese);
    element.setAttribute(name, chinese);
  }

  function all(root) {
    if (root.nodeType === Node.TEXT_NODE) return text(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ATTRIBUTES) if (root.hasAttribute(name)) attribute(root, name);
    const marked = ATTRIBUTES.map((name) => `[${name}]`).join(",");
    for (const element of root.querySelectorAll(marked))
      for (const name of ATTRIBUTES) if (element.hasAttribute(name)) attribute(element, name);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) text(walk.currentNode);
  }

  function back() {
    for (const [node, kept] of replaced)
      for (const [name, [english, chinese]] of Object.entries(kept))
        if (name === "" && node.nodeValue === chinese) node.nodeValue = english;
        else if (name && node.getAttribute(name) === chinese) node.setAttribute(name, english);
    replaced.clear();
  }

  function forget() { // nodes that left the page
    for (const node of replaced.keys()) if (!node.isConnected) replaced.delete(node);
  }

  function speak(chosen) {
    if (!(chosen in TAGS) || chosen === language) return;
    language = chosen;
    document.documentElement.lang = TAGS[language];
    window.dispatchEvent(new Event("languagechange")); // calendars and their names of days
    if (language === "zh") all(document.body);
    else back();
  }

  // Calendars, and whatever asks the browser for its language, follow the session instead.
  Object.defineProperty(navigator, "language", { get: () => TAGS[language], configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [TAGS[language]], configurable: true });

  new MutationObserver((records) => {
    for (const record of records)
      for (const node of record.addedNodes) {
        const mark = node.nodeType === Node.ELEMENT_NODE &&
          (node.matches("[data-language]") ? node : node.querySelector("[data-language]"));
        if (mark) speak(mark.dataset.language);
      }
    if (language !== "zh") return;
    for (const record of records)
      if (record.type === "childList") record.addedNodes.forEach(all);
      else if (record.type === "characterData") text(record.target);
      else attribute(record.target, record.attributeName);
    if (replaced.size > 2000) forget();
  }).observe(document, {
    subtree: true, childList: true, characterData: true,
    attributes: true, attributeFilter: ATTRIBUTES,
  });
})();
