// The live network picture: what stands where, what a person can do, and what the page shows and says then.
// It computes forward and backward by itself; no request leaves the page. Python joins the files into one.

import { alive } from "./alive.js";
import { button, chooser, option, OWN_KEYS, Slider } from "./live_controls.js";
import { make, write, written } from "./live_elements.js";
import { Equation } from "./live_equation.js";
import { allShown, backward, backwardShown, chain, cost, countText, forward, forwardShown, layerOf, numberText,
  partName, signed, stageWords, weightNamed } from "./live_numbers.js";
import { Picture } from "./live_picture.js";
import { tables } from "./live_table.js";

const SPEAK_AFTER = 500; // milliseconds without a change: a screen reader tells where a slider stopped, not each step
const SAVE_AFTER = 200; // milliseconds until Python hears of a change
const MANY_INPUTS = 3; // more than these stand in columns of their own

let count = 0; // so that labels find their controls where a page shows several pictures

/** A live picture in an element of a page. */
class Live {
  constructor(model, host) {
    this.model = model;
    this.id = `nn-live-${++count}`;
    this.given = model.get("network");
    this.last = this.given.W.length;
    this.network = { ...this.given, W: structuredClone(this.given.W) };
    this.row = model.get("row");
    this.x = [...model.get("x")];
    this.weight = weightNamed(model.get("weight"));
    this.weightValue = model.get("weight_value");
    this.view = "values";
    this.stage = allShown(this.last);
    this.isStepped = false;
    host.replaceChildren(this.build());
    this.openWeight();
    this.update();
    this.listen();
  }

  // What stands where

  build() {
    this.figure = make("div", { class: "nn-figure" });
    this.figure.innerHTML = this.model.get("svg");
    this.picture = new Picture(this.figure, this.network);
    const all = this.given.W.map((W) => W.length * W[0].length);
    this.hidden = all.map((count, l) => count - this.picture.weights[l].length).reduce((sum, count) => sum + count, 0);
    this.figure.addEventListener("click", ({ target }) => this.choosePart(target));
    for (const [event, isOn] of [["pointerover", true], ["pointerout", false]]) {
      this.figure.addEventListener(event, ({ target }) => this.picture.mark(partAt(target), "edge", "nn-hover", isOn));
    }
    this.legend = make("p", { class: "nn-legend" });
    this.told = make("p", { class: "nn-told" });
    this.equationHost = make("div", { class: "nn-chain", "data-testid": "chain" });
    this.promise = make("p", { class: "nn-promise", "data-testid": "promise" });
    this.tables = make("div", { class: "nn-tables" });
    this.details = make("details", { class: "nn-details", ontoggle: () => this.showTables() },
      make("summary", {}, `All ${this.hidden ? "drawn " : ""}numbers as a table`), this.tables);
    this.spoken = make("div", { class: "nn-unseen", "aria-live": "polite", "data-testid": "spoken" });
    return make("section", { class: "nn-live", "aria-label": `Live picture of ${this.given.name}`, ...OWN_KEYS },
      this.buildToolbar(), this.figure, this.legend, this.told, this.buildControls(), this.equationHost, this.promise,
      this.details, this.spoken);
  }

  buildToolbar() {
    const samples = this.given.X.map((_, n) => `${n + 1} of ${this.given.X.length}`);
    this.rows = chooser({ "data-testid": "row" }, [{ options: samples }], (index) => this.chooseRow(index));
    const views = ["values", "gradients"].map((view) =>
      option(`${this.id}-view`, view, view[0].toUpperCase() + view.slice(1), () => this.chooseView(view)));
    this.views = views.map((label) => label.querySelector("input"));
    return make("div", { class: "nn-toolbar" },
      make("label", { class: "nn-field" }, "Sample ", this.rows),
      make("fieldset", { class: "nn-switch" }, make("legend", { class: "nn-unseen" }, "Show"), ...views),
      make("div", { class: "nn-steps", role: "group", "aria-label": "Step by step" },
        button("Forward", "forward", "Compute the next layer", () => this.step("forward")),
        button("Backward", "backward", "Go back one layer", () => this.step("backward")),
        button("Reset", "reset", "All numbers as they were given", () => this.reset())));
  }

  buildControls() {
    this.sliders = this.picture.drawn[0].map((k) => {
      const name = partName("x", 0, k);
      const slider = new Slider(`${this.id}-x${k}`, name, written(["x", 0, k]), (value) => {
        this.x[k - 1] = value;
        this.changed(name, value);
      });
      const column = this.given.X.map((x) => x[k - 1]);
      return { k, slider, size: span(column) || Math.abs(column[0]) || 1 };
    });
    const groups = this.given.W.map((W, l) => {
      const [drawn, all] = [this.picture.weights[l], W.length * W[0].length];
      const rest = drawn.length < all ? `: ${countText(drawn.length)} of ${countText(all)} drawn` : "";
      return { label: `layer ${l + 1}${rest}`, options: drawn.map(({ name }) => name) };
    });
    this.weights = chooser({ "data-testid": "weight", "aria-label": "Weight" }, groups,
      (_, name) => this.chooseWeight(name));
    this.weightSlider = new Slider(`${this.id}-w`, "weight-value", this.weights, (value) => {
      this.weightValue = value;
      this.changed(this.weight.name, value);
    }, true);
    const inputs = this.sliders.map(({ slider }) => slider.element);
    return make("div", { class: `nn-controls${inputs.length > MANY_INPUTS ? " nn-many" : ""}` },
      make("div", { class: "nn-inputs", role: "group", "aria-label": "Inputs" }, ...inputs),
      make("div", { class: "nn-weight", role: "group", "aria-label": "Weight" }, this.weightSlider.element));
  }

  // What a person can do

  chooseRow(row) {
    this.row = row;
    this.x = [...this.given.X[row]];
    this.update();
    this.say(`Sample ${row + 1}. ${this.costWords()}`);
    this.save();
  }

  chooseWeight(name) {
    this.weight = weightNamed(name);
    this.openWeight();
    this.update();
    this.say(`${name} chosen, its value is ${numberText(this.weightValue)}. ${this.derivativeWords()}`);
    this.save();
  }

  choosePart(target) {
    const name = partAt(target);
    if (name?.[0] === "w") this.chooseWeight(name);
  }

  chooseView(view) {
    this.view = view;
    this.update();
    this.say(view === "values" ? "Values shown." : `Gradients shown. ${this.derivativeWords()}`);
  }

  /** Take the next step of a pass, or begin one: backward once the forward pass is done. */
  step(direction) {
    const isForwardDone = this.stage > this.last;
    if (direction === "forward") {
      this.view = "values";
      this.stage = isForwardDone ? 1 : this.stage + 1;
    } else {
      this.view = "gradients";
      this.stage = isForwardDone && this.stage < allShown(this.last) ? this.stage + 1 : this.last + 2;
    }
    this.isStepped = true;
    this.update();
    this.say(`${stageWords(this.stage, this.last).words} ${this.stageNumbers()}`);
  }

  reset() {
    this.network.W = structuredClone(this.given.W);
    this.x = [...this.given.X[this.row]];
    Object.assign(this, { view: "values", stage: allShown(this.last), isStepped: false });
    this.update();
    this.say(`All numbers as given. ${this.costWords()}`);
    this.save();
  }

  changed(name, value) {
    this.update();
    this.say([`${name} is ${numberText(value)}.`, this.costWords(), this.view === "gradients" && this.derivativeWords()]
      .filter(Boolean).join(" "));
    this.save();
  }

  // The chosen weight

  get weightValue() {
    return entry(this.network.W, this.weight);
  }

  set weightValue(value) {
    this.network.W[this.weight.layer - 1][this.weight.start - 1][this.weight.end - 1] = value;
  }

  get givenWeight() {
    return entry(this.given.W, this.weight);
  }

  derivativeOf({ gradients }) {
    return entry(gradients.dW, this.weight);
  }

  openWeight() {
    this.litView = null;
    const { pass, gradients, target } = this.compute();
    const links = chain(this.network, pass, gradients, target, this.weight);
    const spot = (name, isOn) => { // a delta has no box of its own
      const key = name[0] === "d" ? `z${name.slice(1)}` : name;
      this.picture.mark(key, "box", "nn-spot", isOn);
    };
    this.showEdge();
    this.equation = new Equation(this.equationHost, links, this.weight, this.network, this.picture.drawn, spot);
  }

  /** Scroll the picture sideways, where it is wider than the page, if the chosen weight is out of sight. */
  showEdge() {
    const label = this.picture.parts.get(this.weight.name).box.getBoundingClientRect();
    const figure = this.figure.getBoundingClientRect();
    if (label.left >= figure.left && label.right <= figure.right) return;
    this.figure.scrollLeft += (label.left + label.right - figure.left - figure.right) / 2;
  }

  // What the page says

  say(words) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => write(this.spoken, words), SPEAK_AFTER);
  }

  costWords() {
    return this.isKnown("J") ? `J is ${numberText(this.now.J)}.` : "";
  }

  derivativeWords() {
    const { name } = this.weight;
    return this.isKnown(name) ? `dJ by d${name} is ${numberText(this.derivativeOf(this.now))}.` : "";
  }

  /** Return the numbers that the stage has brought, in words. */
  stageNumbers() {
    const { pass, gradients } = this.now;
    const { layer } = stageWords(this.stage, this.last);
    if (layer > this.last) return this.costWords();
    const drawn = this.picture.drawn[layer];
    if (!drawn.length) return "";
    const list = (kind, array) =>
      drawn.map((k) => `${partName(kind, layer, k)} = ${numberText(array[k - 1])}`).join(", ");
    if (this.stage > this.last) return `${list("delta", gradients.delta[layer - 1])}.`;
    return `${list("z", pass.z[layer - 1])}; ${list("x", pass.x[layer])}.`;
  }

  // What the page shows

  compute() {
    const target = this.given.Y[this.row];
    const pass = forward(this.network, this.x);
    return { pass, target, J: cost(pass, target), gradients: backward(this.network, pass, target) };
  }

  /** Return whether a pass, taken step by step, has reached a part's number; of a weight, its derivative. */
  isKnown(key) {
    if (key === "J") return forwardShown(this.stage, this.last + 1);
    const layer = layerOf(key);
    return "wd".includes(key[0]) ? backwardShown(this.stage, layer, this.last) : forwardShown(this.stage, layer);
  }

  update() {
    this.now = this.compute();
    const { pass, gradients, target } = this.now;
    if (this.litView !== this.view) { // among dashed edges, arrowheads and gaps would mislead
      this.picture.light(this.weight, this.view === "values");
      this.showLegend();
      this.litView = this.view;
    }
    this.showCaption();
    this.showNeurons();
    this.showWeights();
    this.picture.endAtLabel();
    this.showControls();
    this.showStage();
    this.equation.write(chain(this.network, pass, gradients, target, this.weight), (key) => this.isKnown(key));
    this.showPromise();
    this.showTables();
  }

  showCaption() {
    const isMoved = this.x.some((value, i) => value !== this.given.X[this.row][i]);
    const sample = `${this.given.name}, sample ${this.row + 1} of ${this.given.X.length}`;
    const hidden = this.hidden ? `; weights not drawn: ${countText(this.hidden)}` : "";
    write(this.picture.caption, sample + (isMoved ? ", inputs moved" : "") + hidden);
  }

  showNeurons() {
    const { pass, target, J, gradients } = this.now;
    const show = (key, value) => this.picture.setValue(key, this.isKnown(key) ? numberText(value) : "?");
    const hasBiases = this.given.b.flat().some((bias) => bias !== 0);
    this.picture.drawn.forEach((neurons, layer) => neurons.forEach((k) => {
      const [own, z, b, d] = ["x", "z", "b", "d"].map((kind) => partName(kind, layer, k));
      show(own, pass.x[layer][k - 1]);
      if (layer === 0) return;
      const sum = pass.z[layer - 1][k - 1];
      show(z, sum);
      this.picture.mark(own, "box", "nn-closed", this.isKnown(own) && layer < this.last && !(sum > 0));
      if (this.view === "gradients") {
        this.picture.setBelow(b, "δ", this.isKnown(d) ? signed(gradients.delta[layer - 1][k - 1]) : "?");
      } else this.picture.setBelow(b, hasBiases ? "b" : "", numberText(this.given.b[layer - 1][k - 1]));
    }));
    for (const k of this.picture.drawn[this.last]) {
      this.picture.setValue(partName("y", this.last, k), numberText(target[k - 1]));
    }
    show("J", J);
  }

  showWeights() {
    const { dW } = this.now.gradients;
    const weights = this.picture.weights.flat();
    const largest = largestOf(weights.filter(({ name }) => this.isKnown(name)).map((weight) => entry(dW, weight)));
    const isDerivative = this.view === "gradients";
    for (const weight of weights) {
      const key = weight.name;
      const [value, derivative] = [entry(this.network.W, weight), entry(dW, weight)];
      const isKnown = isDerivative && this.isKnown(key);
      this.picture.setValue(key, isKnown ? signed(derivative) : isDerivative ? "?" : numberText(value));
      this.picture.setDerivative(key, isKnown ? derivative : null, largest);
      this.picture.mark(key, "value", "nn-moved", !isDerivative && value !== entry(this.given.W, weight));
    }
  }

  showControls() {
    for (const { k, slider, size } of this.sliders) {
      slider.range(this.given.X[this.row][k - 1], size, 50);
      slider.show(this.x[k - 1]);
    }
    const size = largestOf(this.given.W[this.weight.layer - 1].flat()) || 1;
    this.weightSlider.range(this.givenWeight, size, 100);
    this.weightSlider.show(this.weightValue, this.weight.name);
    this.weights.value = this.weight.name;
    this.rows.selectedIndex = this.row;
    for (const radio of this.views) radio.checked = radio.value === this.view;
  }

  showStage() {
    const { layer, words } = stageWords(this.stage, this.last);
    this.picture.frame(this.isStepped ? layer : null);
    const isDrawn = layer > this.last || this.picture.drawn[layer].length;
    write(this.told, this.isStepped ? words + (isDrawn ? "" : " This layer is not drawn.") : "");
  }

  showLegend() {
    const isGradients = this.view === "gradients";
    const key = (name, words) =>
      make("span", {}, make("span", { class: `nn-key nn-is-${name}`, "aria-hidden": "true" }), words);
    this.legend.replaceChildren(...(isGradients
      ? [key("plus", "+ J grows with the weight"), key("minus", "\u2212 J falls"), key("zero", "0 nothing"),
        make("span", {}, "wider: larger"), make("span", {}, "under a square: δ, the derivative of J by its z")]
      : [key("square", "z adds up"), key("circle", "x bends the sum"), key("closed", "closed gate"),
        key("path", "from J back to the chosen weight"), make("span", {}, "click an edge to choose its weight")]));
    const { svg } = this.picture;
    svg.classList.toggle("nn-is-gradients", isGradients);
    svg.setAttribute("aria-label", `${this.given.name}, a ${this.given.dims.join("-")} network`
      + `${isGradients ? " with its derivatives" : ""}, lit from J back to ${this.weight.name}. `
      + "The table below has its numbers.");
  }

  /** Compare what the derivative promised about the moved weight with what J did. */
  showPromise() {
    const moved = this.weightValue - this.givenWeight;
    this.promise.hidden = !moved || this.stage < allShown(this.last);
    if (this.promise.hidden) return;
    const value = this.weightValue;
    this.weightValue = this.givenWeight;
    const before = this.compute();
    this.weightValue = value;
    write(this.promise, `You moved ${this.weight.name} by ${signed(Number(moved.toPrecision(6)))}. `
      + `Its derivative at the start promised a change of J of ${signed(this.derivativeOf(before) * moved)}; `
      + `J changed by ${signed(this.now.J - before.J)}.`);
  }

  showTables() {
    if (this.details.open) {
      this.tables.replaceChildren(...tables(this.network, this.picture, this.now, (key) => this.isKnown(key)));
    }
  }

  // What Python hears and says

  save() {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      const said = { row: this.row, x: [...this.x], weight: this.weight.name, weight_value: this.weightValue };
      for (const [name, value] of Object.entries(said)) this.model.set(name, value);
      this.model.save_changes();
    }, SAVE_AFTER);
  }

  listen() {
    const heard = {
      row: (row) => row !== this.row && this.chooseRow(row),
      weight: (name) => name !== this.weight.name && this.chooseWeight(name),
      x: (x) => {
        if (x.length !== this.x.length || x.every((value, i) => value === this.x[i])) return;
        this.x = [...x];
        this.update();
      },
      weight_value: (value) => {
        if (this.model.get("weight") !== this.weight.name || value === this.weightValue) return;
        this.weightValue = value;
        this.update();
      },
    };
    this.listeners = Object.entries(heard).map(([name, hear]) => [`change:${name}`, () => hear(this.model.get(name))]);
    for (const [event, listener] of this.listeners) this.model.on(event, listener);
  }

  close() {
    clearTimeout(this.speaking);
    clearTimeout(this.saving);
    for (const [event, listener] of this.listeners) this.model.off(event, listener);
  }
}

/** Return a weight's entry of one of the lists W and dW. */
const entry = (W, { layer, start, end }) => W[layer - 1][start - 1][end - 1];

const largestOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const span = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity)
  - values.reduce((least, value) => Math.min(least, value), Infinity);

/** Return the name of the part that an element of the picture belongs to. */
function partAt(element) {
  return element.closest("[data-part]")?.dataset.part;
}

export default alive((model, element) => {
  const live = new Live(model, element);
  return () => live.close();
});
