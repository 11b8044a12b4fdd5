// The picture: the SVG that Python drew with hooks (`data-part`, `data-role`), changed in place.

import { makeSvg } from "./live_elements.js";
import { countPaths, layerOf, partName, paths } from "./live_numbers.js";

const FONT = 12;
const LETTER = FONT * 0.62; // careful estimates of a letter's width, as in Python
const BOLD_LETTER = FONT * 0.69;
const ROOM = { w: 60, b: 60, y: 60, z: 48, x: 48, J: 74 }; // pixels for a number, by the first letter of its part
const [ARROW_LENGTH, ARROW_HALF_WIDTH, LABEL_HEIGHT] = [12, 7, 18];

/** Return the names of the drawn parts on the paths from a weight to J, with how each is lit: "lit", "lit-a", "lit-b".
 *
 * Where there are two paths, the parts on only one of them are lit as A or B.
 */
function litParts(dims, drawn, weight) {
  const last = dims.length - 1;
  const two = countPaths(dims, weight) === 2 ? paths(dims, weight) : null;
  const style = (layer, ...neurons) => { // neurons of this layer, or of the one before and this one
    if (!two) return "lit";
    const [onA, onB] = two.map((path) => neurons.every((neuron, i) => {
      const at = layer - neurons.length + 1 + i;
      return path[at - weight.layer] === neuron;
    }));
    return onA && onB ? "lit" : `lit-${onA ? "a" : "b"}`;
  };
  const found = new Map([[weight.name, "lit"], ["J", "lit"]]);
  for (let layer = weight.layer; layer <= last; layer++) {
    const next = drawn[layer + 1] ?? [];
    for (const k of layer === weight.layer ? [weight.end] : drawn[layer]) {
      found.set(partName("z", layer, k), style(layer, k));
      found.set(partName("x", layer, k), style(layer, k));
      if (layer === last) found.set(`J_${k}`, style(layer, k));
      for (const m of next) found.set(partName("w", layer + 1, k, m), style(layer + 1, k, m));
    }
  }
  return found;
}

/** One network's picture.
 *
 * `drawn` are the neurons of each layer that are drawn, counted from 1, none of a layer that is not; `weights` are the
 * drawn weights of each layer from 1.
 */
export class Picture {
  /** Take the SVG in `root`. */
  constructor(root, network) {
    this.dims = network.dims;
    this.svg = root.querySelector("svg");
    this.svg.querySelectorAll("title, desc").forEach((words) => words.remove()); // stale as soon as a number changes
    this.svg.removeAttribute("aria-labelledby");
    this.caption = this.svg.querySelector('text[text-anchor="start"]:not([data-part])');
    this.collect();
    this.see();
    this.arrange();
    this.lit = [];
    this.chosen = null;
    this.hasArrows = true;
  }

  /** Find the elements of each part: its edge, arrow, box, name and value. */
  collect() {
    this.parts = new Map();
    for (const element of this.svg.querySelectorAll("[data-part]")) {
      const { part: key, role } = element.dataset;
      if (!this.parts.has(key)) this.parts.set(key, { key });
      this.parts.get(key)[role] = element;
    }
    for (const part of this.parts.values()) {
      part.line = part.edge?.getAttribute("d");
      part.points = part.arrow?.getAttribute("points");
      if (part.key[0] === "w" && part.box) {
        part.middle = Number(part.box.getAttribute("x")) + Number(part.box.getAttribute("width")) / 2;
        part.isCrowded = part.box.getAttribute("visibility") === "hidden";
        part.edge.classList.toggle("nn-crowded", part.isCrowded);
      }
    }
  }

  /** Find out which neurons and weights of a large network are drawn. */
  see() {
    this.drawn = this.dims.map((width, layer) => Array.from({ length: width }, (_, k) => k + 1)
      .filter((k) => this.parts.has(partName("x", layer, k))));
    this.weights = this.drawn.slice(1).map((ends, l) => this.drawn[l].flatMap((start) => ends.map((end) =>
      ({ name: partName("w", l + 1, start, end), layer: l + 1, start, end }))));
  }

  /** Put the edges into layers of their own: what shades them below, what feels the pointer above. */
  arrange() {
    const group = (name) => makeSvg("g", { class: `nn-${name}` });
    const [bands, halos, edges, hits, badges] = ["bands", "halos", "edges", "hits", "badges"].map(group);
    Object.assign(this, { bands, halos, edges, badges });
    this.svg.querySelector("g").firstElementChild.after(bands, halos, edges, hits);
    this.svg.append(badges);
    for (const part of this.parts.values()) {
      edges.append(...[part.edge, part.arrow].filter(Boolean));
      if (part.key[0] === "w" && part.edge) {
        hits.append(makeSvg("path", { d: part.line, "data-part": part.key, "stroke-width": part.isCrowded ? 8 : 14 }));
      }
      if (part.key[0] === "b" && part.name) { // numbers of any length begin under the square's left side
        part.name.setAttribute("x", Number(part.box.getAttribute("x")) + 2);
        part.name.setAttribute("text-anchor", "start");
      }
    }
  }

  /** Write a part's number, smaller if it is long. */
  setValue(key, text) {
    const part = this.parts.get(key);
    if (!part?.value) return;
    const isBold = part.value.classList.contains("nn-lit");
    if (part.text === text && part.isBold === isBold) return;
    Object.assign(part, { text, isBold });
    part.value.textContent = text;
    const room = ROOM[key[0]];
    const size = FONT * Math.min(1, room / ((isBold ? BOLD_LETTER : LETTER) * text.length));
    part.value.setAttribute("font-size", size.toFixed(1));
    if (part.middle) { // a weight's label covers no more of its edge than it must
      const width = Math.min(room, LETTER * text.length) + 6;
      part.box.setAttribute("x", (part.middle - width / 2).toFixed(1));
      part.box.setAttribute("width", width.toFixed(1));
    }
  }

  /** Write under a square: "b" or "δ" and its number; null hides it. */
  setBelow(key, letter, text) {
    const part = this.parts.get(key);
    if (!part?.value) return;
    if (part.letter !== letter) {
      part.letter = letter;
      part.name.firstChild.textContent = `${letter} = `;
      const visibility = letter ? "visible" : "hidden";
      for (const element of [part.box, part.name, part.value]) element.setAttribute("visibility", visibility);
    }
    this.setValue(key, text);
  }

  /** Give a weight's edge the sign and the width of its derivative; null takes them away. */
  setDerivative(key, derivative, largest) {
    const part = this.parts.get(key);
    if (!part?.edge) return;
    const signs = { "-1": "nn-minus", 0: "nn-zero", 1: "nn-plus" };
    const sign = derivative === null ? "" : signs[Math.sign(derivative)];
    if (part.sign !== sign) {
      for (const element of [part.edge, part.value]) {
        if (part.sign) element?.classList.remove(part.sign);
        if (sign) element?.classList.add(sign);
      }
      part.sign = sign;
    }
    const most = part.isCrowded ? 4 : 7;
    const width = derivative ? (1 + (most - 1) * Math.sqrt(Math.abs(derivative) / largest)).toFixed(1) : "";
    if (part.width !== width) {
      part.width = width;
      part.edge.style.strokeWidth = width;
    }
  }

  /** Set or take away a class of a part's box, edge or value. */
  mark(key, role, name, isOn) {
    this.parts.get(key)?.[role]?.classList.toggle(name, isOn);
  }

  /** Light the paths from a weight to J, with or without arrowheads. */
  light(weight, hasArrows) {
    this.hasArrows = hasArrows;
    for (const part of this.lit) this.setLit(part, "");
    this.halos.replaceChildren();
    this.badges.replaceChildren();
    this.lit = [];
    for (const [key, style] of litParts(this.dims, this.drawn, weight)) {
      const part = this.parts.get(key);
      if (!part) continue;
      this.setLit(part, style);
      this.lit.push(part);
      if (style !== "lit" && key[0] === "z" && layerOf(key) === weight.layer + 1) this.addBadge(part, style);
    }
    for (const part of this.parts.values()) {
      const isChosen = part.key === weight.name;
      part.box?.classList.toggle("nn-chosen", isChosen);
      if (part.isCrowded) {
        const visibility = isChosen ? "visible" : "hidden";
        for (const element of [part.box, part.value]) element.setAttribute("visibility", visibility);
      }
    }
    this.chosen = this.parts.get(weight.name);
    this.svg.classList.add("nn-has-light");
  }

  setLit(part, style) {
    for (const element of [part.edge, part.arrow, part.box, part.key === "J" ? null : part.value]) {
      element?.classList.remove("nn-lit", "nn-lit-a", "nn-lit-b");
      if (style) element?.classList.add("nn-lit", `nn-${style}`);
    }
    if (!part.edge) return;
    const hasArrow = style && this.hasArrows;
    part.edge.setAttribute("d", (hasArrow && part.edge.dataset.lit) || part.line);
    part.arrow?.setAttribute("points", part.points);
    part.arrow?.setAttribute("visibility", hasArrow ? "visible" : "hidden");
    if (style) {
      this.edges.append(...[part.edge, part.arrow].filter(Boolean)); // over the others
      this.halos.append(makeSvg("path", { d: part.line, class: part.isCrowded ? "nn-thin" : "" }));
    }
  }

  /** Let the path end at its weight: the arrowhead points to the right side of the label, if there is room for it. */
  endAtLabel() {
    const part = this.chosen;
    if (!part?.arrow || part.isCrowded || !this.hasArrows) return;
    const [x1, y1, x2, y2] = part.line.match(/-?[\d.]+/g).map(Number);
    const slope = (y2 - y1) / (x2 - x1);
    const steepness = Math.abs(slope) || 1e-9;
    const along = Math.hypot(1, slope);
    const leaves = (LABEL_HEIGHT / 2 + 1) / steepness + Math.max(0, ARROW_HALF_WIDTH / steepness - ARROW_LENGTH);
    const x = part.middle + Math.min(Number(part.box.getAttribute("width")) / 2 + 1, leaves);
    if ((x2 - x) * along < ARROW_LENGTH + 6) return;
    const point = (distance, aside) => { // from the tip, along the line and across it
      const [right, down] = [distance / along - (slope * aside) / along, (slope * distance) / along + aside / along];
      return `${(x + right).toFixed(1)},${(y1 + slope * (x - x1) + down).toFixed(1)}`;
    };
    const corners = [point(0, 0), point(ARROW_LENGTH, ARROW_HALF_WIDTH), point(ARROW_LENGTH, -ARROW_HALF_WIDTH)];
    part.arrow.setAttribute("points", corners.join(" "));
    part.edge.setAttribute("d", `M${x1},${y1}L${corners[0]}M${point(ARROW_LENGTH, 0)}L${x2},${y2}`);
  }

  /** Put the letter of its path over a square. */
  addBadge({ box }, style) {
    if (!box) return;
    const x = Number(box.getAttribute("x")) + Number(box.getAttribute("width")) / 2;
    const y = Number(box.getAttribute("y")) - 11;
    const text = makeSvg("text", { x, y: y + 4 });
    text.textContent = style.at(-1).toUpperCase();
    this.badges.append(makeSvg("circle", { cx: x, cy: y, r: 9, class: `nn-${style}` }), text);
  }

  /** Frame the column of the layer at work, L + 1 for the cost; null for none. */
  frame(layer) {
    this.bands.replaceChildren();
    if (layer === null) return;
    const keys = layer === this.dims.length ? ["J"] : [partName("z", layer, 1), partName("x", layer, 1)];
    const boxes = keys.map((key) => this.parts.get(key)?.box?.getBBox()).filter(Boolean);
    if (!boxes.length) return;
    const left = Math.min(...boxes.map((box) => box.x)) - 7;
    const right = Math.max(...boxes.map((box) => box.x + box.width)) + 7;
    const height = this.svg.viewBox.baseVal.height - 42;
    this.bands.append(makeSvg("rect", { x: left, y: 8, width: right - left, height, rx: 10 }));
  }
}
