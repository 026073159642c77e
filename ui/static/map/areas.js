// The map of areas inside streamlit-folium's frame: geometry is fetched once, afterwards only one
// character per area arrives. Everything from Python comes as plain letters or base64, and every
// text is set as textContent: names are data from strangers.
(function () {
  "use strict";

  const decode = (packed) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))));
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]));
  const LABELS = 150;

  let map, group, pen, settings, geometry, polygons = [], outlines = new Map(), names, offices;
  let pending = null, shown = null, focus = -1, told = null, chosen, following = false;

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
    const ink = tile.getContext("2d");
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 8, 8);
    ink.strokeStyle = ink.fillStyle = settings.edge;
    if (sign[0] === ".") {
      ink.fillRect(1, 1, 1.5, 1.5);
      ink.fillRect(5, 5, 1.5, 1.5);
    } else {
      const rise = sign[0] === "/" ? 8 : 0;
      ink.lineWidth = 0.8;
      ink.beginPath();
      for (const shift of [-8, 0, 8]) { ink.moveTo(shift, rise); ink.lineTo(shift + 8, 8 - rise); }
      ink.stroke();
    }
    return ink.createPattern(tile, "repeat");
  }

  function note(text) {
    const box = document.createElement("div");
    box.className = "zaojie-note";
    box.setAttribute("role", "alert");
    box.textContent = text;
    map.getContainer().appendChild(box);
  }

  const name = (position) => geometry.areas[position][settings.name];
  const parent = (position) => geometry.areas[position][1];
  const depth = (position) => geometry.areas[position][2];

  function path(position) {
    const found = [];
    for (let at = position; at >= 0; at = parent(at)) found.unshift(at);
    return found;
  }

  // the area whose figure a drawn area shows: its ancestor at the depth that was sent
  function source(place) {
    let position = geometry.leaves[place];
    while (position >= 0 && depth(position) > shown.depths[place]) position = parent(position);
    return position;
  }

  function figure(position, digit) {
    const found = shown.figures.get(position), texts = shown.texts, kind = texts.classes[digit];
    if (!found) return kind;
    const [value, base] = found;
    if (value === null) return texts.band.replace("{class}", kind).replace("{base}", texts.bands[base] || base);
    return texts.figure.replace("{class}", kind).replace("{base}", base)
      .replace("{value}", (value / texts.scale).toFixed(texts.decimals));
  }

  function lines(box, rows) {
    for (const [text, kind] of rows) {
      const row = document.createElement("div");
      row.className = kind;
      row.textContent = text;
      box.appendChild(row);
    }
    return box;
  }

  function tip(polygon) {
    const position = geometry.leaves[polygon.place], rows = [[name(position), "zaojie-name"]];
    if (shown) {
      const digit = shown.digits[polygon.place];
      const from = shown.texts.missing[digit] ? -1 : source(polygon.place);
      rows.push([from < 0 ? shown.texts.missing[digit] : figure(from, digit), ""]);
      if (from >= 0 && from !== position) rows.push([shown.texts.covered.replace("{area}", name(from)), "zaojie-small"]);
    }
    return lines(document.createElement("div"), rows);
  }

  // one level deeper than what is chosen, where the click fell inside it; else from the top again
  function below(place) {
    const way = path(geometry.leaves[place]), at = way.indexOf(focus);
    return way[Math.min(at < 0 ? 1 : at + 1, way.length - 1)];
  }

  // the smallest of the drawn areas is shown among its neighbours, every wider one fills the frame
  function bounds(position) {
    for (let at = position; at >= 0; at = parent(at)) if (outlines.has(at)) return outlines.get(at).box;
    return L.latLngBounds(settings.bounds);
  }

  function choose(position, moves) {
    focus = position;
    window.zaojieMap.selected = position < 0 ? null : geometry.areas[position][0];
    const own = outlines.get(position), place = geometry.leaves.indexOf(position);
    const shape = own ? own.line.getLatLngs() : place < 0 ? [] : polygons[place].getLatLngs();
    chosen.setLatLngs(shape).bringToFront();
    if (moves) map.fitBounds(bounds(position), { animate: false, padding: [20, 20] });
  }

  // two maps beside each other: what one shows the other shows, without asking the server
  function twins() {
    const found = [];
    for (let n = 0; settings.twin && n < window.parent.frames.length; n += 1) {
      try {
        const other = window.parent.frames[n].zaojieMap;
        if (other && other !== window.zaojieMap && other.twin() === settings.twin) found.push(other);
      } catch (error) { continue; } // a frame of somebody else
    }
    return found;
  }

  // a plain button in the frame: hands the view on, once, when it is asked for
  function addTake() {
    const Take = L.Control.extend({
      options: { position: "topright" },
      onAdd() {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "zaojie-take";
        button.textContent = settings.take;
        L.DomEvent.disableClickPropagation(button);
        button.addEventListener("click", () => {
          const box = map.getBounds(), place = window.zaojieMap.selected || geometry.areas[0][0];
          const view = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
          const properties = { code: place, at: Date.now(), view };
          const layer = { toGeoJSON: () => ({ type: "Feature", geometry: null, properties }) };
          group.fire("click", { latlng: map.getCenter(), layer });
        });
        return button;
      },
    });
    new Take().addTo(map);
  }

  function draw() {
    polygons = geometry.shapes.map((shape, place) => {
      const polygon = L.polygon(shape.map((rings) => rings.map(ring)), {
        renderer: pen, weight: 0.5, color: settings.edge, opacity: 0.7,
        fillOpacity: settings.tiles ? 0.65 : 1, fillColor: settings.fills[0], smoothFactor: 0.6,
      });
      polygon.place = place;
      // before the group hears of the click and asks what was clicked
      polygon.on("click", () => {
        choose(below(place), true);
        polygon.at = Date.now();
        for (const other of twins()) other.pick(focus);
      });
      polygon.toGeoJSON = () => ({
        type: "Feature", geometry: null,
        properties: { code: window.zaojieMap.selected, at: polygon.at || 0 },
      });
      group.addLayer(polygon);
      return polygon;
    });
    group.bindTooltip(tip, { sticky: true, className: "zaojie-tip" });
    chosen = L.polygon([], { renderer: pen, fill: false, color: "#1f4e79", weight: 4, interactive: false }).addTo(map);
    for (const [position, rings, middle] of geometry.lines) {
      const outline = rings.map(ring);
      const line = L.polygon(outline, { renderer: pen, fill: false, color: "#1b2430", interactive: false, smoothFactor: 0.6 });
      outlines.set(position, { line, box: L.latLngBounds(outline), middle: ring(middle)[0] });
    }
    names = L.layerGroup().addTo(map);
    offices = L.layerGroup().addTo(map);
    map.on("zoomend moveend resize", () => { drawOutlines(); drawNames(); });
    map.on("moveend", () => {
      if (!following) for (const other of twins()) other.follow(map.getCenter(), map.getZoom());
    });
    if (settings.take) addTake();
  }

  // an area that lends its figure to those within is outlined as one; others as soon as there is room
  function drawOutlines() {
    for (const [position, { line, box }] of outlines) {
      const lends = shown !== null && shown.sources.has(position);
      const weight = lends ? 2.2 : depth(position) <= 1 ? 1.2 : 0.9;
      const there = lends || depth(position) <= 1 || width(box) > 70;
      if (there && !map.hasLayer(line)) line.addTo(map);
      if (!there && map.hasLayer(line)) line.remove();
      if (line.options.weight !== weight) line.setStyle({ weight });
    }
    if (map.hasLayer(chosen)) chosen.bringToFront();
  }

  // in web Mercator, pixels across grow evenly with longitude
  const width = (box) => ((box.getEast() - box.getWest()) / 360) * 256 * 2 ** map.getZoom();
  const letters = (text) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 255 ? 12.5 : 6.8), 0);

  // what an area's label says beside its name: only where the figure is its own
  function said(position) {
    const own = shown && shown.figures.get(position);
    if (!own || own[0] === null) return "";
    return (own[0] / shown.texts.scale).toFixed(shown.texts.decimals) + shown.texts.unit;
  }

  // names where there is room, the widest areas first, none over another
  function drawNames() {
    names.clearLayers();
    const view = map.getBounds(), taken = [];
    let left = LABELS;
    const offer = (position, box, middle) => {
      const room = width(box) / (depth(position) <= 1 ? 0.75 : 1.4);
      if (!left || room < 20 || !view.contains(middle)) return;
      const text = name(position), value = said(position);
      const wide = Math.max(letters(text), letters(value)) + 6, high = value ? 30 : 16;
      if (room < wide) return;
      const at = map.latLngToLayerPoint(middle);
      const mine = [at.x - wide / 2, at.y - high / 2, at.x + wide / 2, at.y + high / 2];
      if (taken.some((t) => mine[0] < t[2] && t[0] < mine[2] && mine[1] < t[3] && t[1] < mine[3])) return;
      taken.push(mine);
      left -= 1;
      const html = lines(document.createElement("div"), [[text, ""], [value, "zaojie-value"]]);
      const icon = L.divIcon({ html, className: "zaojie-label", iconSize: [wide, high] });
      L.marker(middle, { icon, interactive: false, keyboard: false }).addTo(names);
    };
    if (outlines.size > 1) for (const [position, { box, middle }] of outlines) offer(position, box, middle);
    if (width(L.latLngBounds(settings.bounds)) < 20 * Math.sqrt(polygons.length)) return;
    for (const polygon of polygons) {
      const box = polygon.getBounds();
      if (left && view.intersects(box)) offer(geometry.leaves[polygon.place], box, box.getCenter());
    }
  }

  function drawOffices() {
    offices.clearLayers();
    for (const [position, kinds] of shown.texts.offices) {
      const own = outlines.get(position), place = geometry.leaves.indexOf(position);
      const middle = own ? own.middle : place < 0
        ? L.latLngBounds(settings.bounds).getCenter() : polygons[place].getBounds().getCenter();
      const mark = document.createElement("div");
      mark.textContent = kinds.length > 1 ? String(kinds.length) : "";
      const icon = L.divIcon({ html: mark, className: "zaojie-office", iconSize: [16, 16], iconAnchor: [8, -10] });
      const box = lines(document.createElement("div"), kinds.map((text) => [text, ""]));
      L.marker(middle, { icon, keyboard: false }).bindTooltip(box, { className: "zaojie-tip" }).addTo(offices);
    }
  }

  function apply() {
    if (!geometry || !pending) return;
    shown = pending;
    pending = null;
    shown.sources = new Set();
    let changed = false;
    for (const polygon of polygons) {
      const digit = shown.digits[polygon.place], fill = settings.fills[digit];
      if (polygon.options.fillColor !== fill) { polygon.options.fillColor = fill; changed = true; }
      if (!shown.texts.missing[digit]) shown.sources.add(source(polygon.place));
    }
    if (changed) pen.redrawAll();
    const [asked, moves] = shown.texts.selected;
    if (moves !== told) { // chosen outside the map: by the address or the way back up
      told = moves;
      if (asked !== focus) choose(asked, true);
    }
    drawOutlines();
    drawNames();
    drawOffices();
    L.Util.requestAnimFrame(() => { window.zaojieMap.painted += 1; });
  }

  window.zaojieMap = {
    painted: 0,
    selected: null,

    twin: () => (settings ? settings.twin : ""),

    // shows what another frame shows; `following` keeps the two from calling each other for ever
    follow(middle, zoom) {
      following = true;
      map.setView([middle.lat, middle.lng], zoom, { animate: false });
      following = false;
    },

    pick(position) { if (geometry) choose(position, false); },

    start(target, packed) {
      map = target;
      settings = decode(packed);
      settings.fills = settings.colours.map((colour, digit) =>
        settings.hatched[digit] ? hatch(colour, settings.hatched[digit]) : colour);
      map.getContainer().setAttribute("aria-label", settings.title);
      const Pen = L.Canvas.extend({
        // everything in the next frame, instead of growing the part to be redrawn area by area
        redrawAll() {
          this._all = true;
          this._redrawRequest = this._redrawRequest || L.Util.requestAnimFrame(this._redraw, this);
        },
        _redraw() {
          if (!this._map) return;
          if (this._all) this._redrawBounds = null;
          this._all = false;
          L.Canvas.prototype._redraw.call(this);
        },
        // areas of one colour are one path: a fill for each class instead of one for each area
        _draw() {
          const ink = this._ctx, part = this._redrawBounds, fills = new Map(), rest = [];
          ink.save();
          if (part) {
            const size = part.getSize();
            ink.beginPath();
            ink.rect(part.min.x, part.min.y, size.x, size.y);
            ink.clip();
          }
          this._drawing = true;
          for (let order = this._drawFirst; order; order = order.next) {
            const layer = order.layer;
            if (part && !(layer._pxBounds && layer._pxBounds.intersects(part))) continue;
            if (layer.place === undefined) rest.push(layer);
            else {
              const colour = layer.options.fillColor;
              if (!fills.has(colour)) fills.set(colour, []);
              fills.get(colour).push(layer);
            }
          }
          for (const [colour, layers] of fills) {
            ink.beginPath();
            for (const layer of layers) {
              for (const points of layer._parts) {
                const last = points.length - 1; // closePath asks for the bounds of all that is there
                ink.moveTo(points[last].x, points[last].y);
                for (const at of points) ink.lineTo(at.x, at.y);
              }
            }
            const { fillOpacity, opacity, weight, color } = layers[0].options;
            ink.globalAlpha = fillOpacity;
            ink.fillStyle = colour;
            ink.fill("evenodd");
            ink.globalAlpha = opacity;
            ink.lineWidth = weight;
            ink.strokeStyle = color;
            ink.stroke();
          }
          for (const layer of rest) layer._updatePath();
          this._drawing = false;
          ink.restore();
        },
      });
      pen = new Pen({ padding: 0.3 });
      if (settings.tiles) L.tileLayer(settings.tiles, { maxZoom: 19 }).addTo(map);
      // on the map before its areas are: streamlit-folium listens to the layers it sees at its start
      group = L.featureGroup().addTo(map);
      map.fitBounds(settings.bounds, { animate: false });
      fetch(settings.url, { credentials: "same-origin" })
        .then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.json();
        })
        .then((found) => { geometry = found; draw(); apply(); })
        .catch((error) => { note(settings.failed); throw error; });
    },

    // letters: per drawn area its class digit + 10 × the depth of the area whose figure it shows
    show(letters, figures, packed) {
      const table = new Map();
      if (figures) {
        for (const item of figures.split(";")) {
          const [position, value, base] = item.split(",");
          table.set(Number(position), [value === "" ? null : Number(value), Number(base)]);
        }
      }
      const values = [...letters].map((letter) => VALUE.get(letter));
      pending = {
        digits: values.map((value) => value % 10), depths: values.map((value) => Math.floor(value / 10)),
        figures: table, texts: decode(packed),
      };
      apply();
    },
  };
})();
