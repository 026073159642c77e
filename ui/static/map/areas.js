// The map of areas inside streamlit-folium's frame: geometry is fetched once, afterwards only one
// class digit per area arrives. Everything from Python comes as digits or base64, and every text
// is set as textContent: names are data from strangers.
(function () {
  "use strict";

  const decode = (packed) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))));

  let map, group, settings, geometry, polygons = [], labels = [], pending = null, shown = null;

  function ring(steps) {
    const points = new Array(steps.length / 2);
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      points[i / 2] = [y / 1e5, x / 1e5];
    }
    return points;
  }

  // a fill that is no colour: stripes or dots, so that "unknown" is never read as "low"
  function hatch(colour, sign) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = pen.fillStyle = settings.edge;
    if (sign[0] === "/") {
      pen.lineWidth = 0.8;
      pen.beginPath();
      for (const shift of [-8, 0, 8]) { pen.moveTo(shift, 8); pen.lineTo(shift + 8, 0); }
      pen.stroke();
    } else {
      pen.fillRect(1, 1, 1.5, 1.5);
      pen.fillRect(5, 5, 1.5, 1.5);
    }
    return pen.createPattern(tile, "repeat");
  }

  function note(text) {
    const box = document.createElement("div");
    box.className = "zaojie-note";
    box.setAttribute("role", "alert");
    box.textContent = text;
    map.getContainer().appendChild(box);
  }

  const name = (position) => geometry.areas[position][settings.name];

  // the area whose figure a drawn area shows: its ancestor at the depth that was sent
  function source(place) {
    const depth = shown.depths.charCodeAt(place) - 48;
    let position = geometry.leaves[place];
    while (position >= 0 && geometry.areas[position][2] > depth) position = geometry.areas[position][1];
    return position;
  }

  function figure(position) {
    const found = shown.figures.get(position);
    if (!found) return null;
    const value = (found[0] / shown.texts.scale).toFixed(shown.texts.decimals);
    return shown.texts.figure.replace("{value}", value).replace("{base}", found[1]);
  }

  function tip(polygon) {
    const box = document.createElement("div");
    const line = (text, kind) => {
      const row = document.createElement("div");
      row.className = kind;
      row.textContent = text;
      box.appendChild(row);
    };
    const position = geometry.leaves[polygon.place];
    line(name(position), "zaojie-name");
    if (!shown) return box;
    const digit = shown.digits[polygon.place];
    const from = shown.texts.missing[digit] ? -1 : source(polygon.place);
    line(from < 0 ? shown.texts.missing[digit] : figure(from) || shown.texts.classes[digit], "");
    if (from >= 0 && from !== position) line(shown.texts.covered.replace("{area}", name(from)), "zaojie-small");
    return box;
  }

  // only where there is room: a wide area's label goes when its outline is narrower than it
  function placeLabels() {
    for (const label of labels) {
      const left = map.latLngToLayerPoint(label.box.getNorthWest()).x;
      const room = map.latLngToLayerPoint(label.box.getNorthEast()).x - left;
      label.element.style.display = room > 64 ? "" : "none";
      const own = shown && shown.figures.get(label.position);
      label.value.textContent = own
        ? (own[0] / shown.texts.scale).toFixed(shown.texts.decimals) + shown.texts.unit : "";
    }
  }

  function draw() {
    const pen = L.canvas({ padding: 0.3 });
    polygons = geometry.shapes.map((shape, place) => {
      const polygon = L.polygon(shape.map((rings) => rings.map(ring)), {
        renderer: pen, weight: 0.5, color: settings.edge, opacity: 0.7, fillOpacity: 1,
        fillColor: settings.fills[0], smoothFactor: 0.6,
      });
      polygon.place = place;
      const code = geometry.areas[geometry.leaves[place]][0];
      polygon.toGeoJSON = () => ({ type: "Feature", properties: { code }, geometry: null });
      group.addLayer(polygon);
      return polygon;
    });
    group.bindTooltip(tip, { sticky: true, className: "zaojie-tip" });
    const chosen = L.polygon([], {
      renderer: pen, fill: false, color: "#1d4ed8", weight: 4, interactive: false,
    }).addTo(map);
    group.on("click", (event) => {
      window.zaojieMap.selected = event.layer.toGeoJSON().properties.code;
      chosen.setLatLngs(event.layer.getLatLngs()).bringToFront();
    });
    for (const [position, rings, middle] of geometry.lines) {
      const outline = rings.map(ring);
      L.polygon(outline, {
        renderer: pen, fill: false, color: "#1f2937", weight: 1.6, interactive: false, smoothFactor: 0.6,
      }).addTo(map);
      if (geometry.lines.length > 1) addLabel(position, outline, ring(middle)[0]);
    }
    map.on("zoomend resize", placeLabels);
  }

  function addLabel(position, outline, middle) {
    const element = document.createElement("div"), title = document.createElement("div");
    const value = document.createElement("div");
    title.textContent = name(position);
    value.className = "zaojie-value";
    element.append(title, value);
    const icon = L.divIcon({ html: element, className: "zaojie-label", iconSize: [96, 30] });
    L.marker(middle, { icon, interactive: false, keyboard: false }).addTo(map);
    labels.push({ position, box: L.latLngBounds(outline), element, value });
  }

  function apply() {
    if (!geometry || !pending) return;
    shown = pending;
    pending = null;
    for (const polygon of polygons) {
      const fill = settings.fills[shown.digits.charCodeAt(polygon.place) - 48];
      if (polygon.options.fillColor !== fill) polygon.setStyle({ fillColor: fill });
    }
    placeLabels();
    L.Util.requestAnimFrame(() => { window.zaojieMap.painted += 1; });
  }

  window.zaojieMap = {
    painted: 0,
    selected: null,

    start(target, packed) {
      map = target;
      settings = decode(packed);
      settings.fills = settings.colours.map((colour, digit) =>
        settings.hatched[digit] ? hatch(colour, settings.hatched[digit]) : colour);
      map.getContainer().setAttribute("aria-label", settings.title);
      // on the map before its areas are: streamlit-folium listens to the layers it sees at its start
      group = L.featureGroup().addTo(map);
      map.fitBounds(settings.bounds, { animate: false });
      fetch(settings.url, { credentials: "same-origin" })
        .then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.json();
        })
        .then((found) => { geometry = found; draw(); apply(); })
        .catch(() => note(settings.failed));
    },

    show(digits, depths, figures, packed) {
      const table = new Map();
      if (figures) {
        for (const item of figures.split(";")) {
          const [position, value, base] = item.split(",").map(Number);
          table.set(position, [value, base]);
        }
      }
      pending = { digits, depths, figures: table, texts: decode(packed) };
      apply();
    },
  };
})();
