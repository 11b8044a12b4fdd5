// The live network picture: what stands where, what a person can do, and what the page shows and says then.
// It computes forward and backward by itself; no request leaves the page. Python joins the files into one.

import { alive } from "./alive.js";
import { button, chooser, option, OWN_KEYS, Slider } from "./live_controls.js";
import { make, write, written } from "./live_elements.js";
import { Equation } from "./live_equation.js";
import { allShown, backward, backwardShown, chain, cost, forward, forwardShown, numberText, partName, signed,
  stageWords, weightNamed } from "./live_numbers.js";
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
      make("summary", {}, "All numbers as a table"), this.tables);
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
    this.sliders = this.x.map((_, i) => {
      const name = partName("x", 0, i + 1);
      return new Slider(`${this.id}-x${i}`, name, written(["x", 0, i + 1]), (value) => {
        this.x[i] = value;
        this.changed(name, value);
      });
    });
    const groups = this.given.W.map((W, l) => ({
      label: `layer ${l + 1}`,
      options: W.flatMap((ends, i) => ends.map((_, j) => partName("w", l + 1, i + 1, j + 1))),
    }));
    this.weights = chooser({ "data-testid": "weight", "aria-label": "Weight" }, groups,
      (_, name) => this.chooseWeight(name));
    this.weightSlider = new Slider(`${this.id}-w`, "weight-value", this.weights, (value) => {
      this.weightValue = value;
      this.changed(this.weight.name, value);
    }, true);
    const inputs = this.sliders.map(({ element }) => element);
    return make("div", { class: `nn-controls${this.x.length > MANY_INPUTS ? " nn-many" : ""}` },
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
    return this.network.W[this.weight.layer - 1][this.weight.start - 1][this.weight.end - 1];
  }

  set weightValue(value) {
    this.network.W[this.weight.layer - 1][this.weight.start - 1][this.weight.end - 1] = value;
  }

  get givenWeight() {
    return this.given.W[this.weight.layer - 1][this.weight.start - 1][this.weight.end - 1];
  }

  derivativeOf({ gradients }) {
    return gradients.dW[this.weight.layer - 1][this.weight.start - 1][this.weight.end - 1];
  }

  openWeight() {
    this.litView = null;
    const { pass, gradients, target } = this.compute();
    const links = chain(this.network, pass, gradients, target, this.weight);
    const spot = (name, isOn) => { // a delta has no box of its own
      const key = name[0] === "d" ? `z${name.slice(1)}` : name;
      this.picture.mark(key, "box", "nn-spot", isOn);
    };
    this.equation = new Equation(this.equationHost, links, this.weight, this.network, spot);
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
    const list = (kind, array) =>
      array.map((value, k) => `${partName(kind, layer, k + 1)} = ${numberText(value)}`).join(", ");
    if (layer > this.last) return this.costWords();
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
    const layer = Number(key[1]);
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
    if (this.picture.caption) write(this.picture.caption, sample + (isMoved ? ", inputs moved" : ""));
  }

  showNeurons() {
    const { pass, target, J, gradients } = this.now;
    const show = (key, value) => this.picture.setValue(key, this.isKnown(key) ? numberText(value) : "?");
    const hasBiases = this.given.b.flat().some((bias) => bias !== 0);
    pass.x.forEach((x, layer) => x.forEach((value, k) => {
      const [own, z, b, d] = ["x", "z", "b", "d"].map((kind) => partName(kind, layer, k + 1));
      show(own, value);
      if (layer === 0) return;
      const sum = pass.z[layer - 1][k];
      show(z, sum);
      this.picture.mark(own, "box", "nn-closed", this.isKnown(own) && layer < this.last && !(sum > 0));
      if (this.view === "gradients") {
        this.picture.setBelow(b, "δ", this.isKnown(d) ? signed(gradients.delta[layer - 1][k]) : "?");
      } else this.picture.setBelow(b, hasBiases ? "b" : "", numberText(this.given.b[layer - 1][k]));
    }));
    target.forEach((value, k) => this.picture.setValue(partName("y", this.last, k + 1), numberText(value)));
    show("J", J);
  }

  showWeights() {
    const { dW } = this.now.gradients;
    const known = dW.filter((_, l) => backwardShown(this.stage, l + 1, this.last)).flat(2);
    const largest = known.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    this.network.W.forEach((W, l) => W.forEach((ends, i) => ends.forEach((weight, j) => {
      const key = partName("w", l + 1, i + 1, j + 1);
      const isDerivative = this.view === "gradients";
      const isKnown = isDerivative && this.isKnown(key);
      const text = isKnown ? signed(dW[l][i][j]) : isDerivative ? "?" : numberText(weight);
      this.picture.setValue(key, text);
      this.picture.setDerivative(key, isKnown ? dW[l][i][j] : null, largest);
      this.picture.mark(key, "value", "nn-moved", !isDerivative && weight !== this.given.W[l][i][j]);
    })));
  }

  showControls() {
    this.sliders.forEach((slider, i) => {
      const column = this.given.X.map((x) => x[i]);
      const spread = Math.max(...column) - Math.min(...column);
      slider.range(this.given.X[this.row][i], spread || Math.abs(column[0]) || 1, 50);
      slider.show(this.x[i]);
    });
    const size = Math.max(...this.given.W[this.weight.layer - 1].flat().map(Math.abs)) || 1;
    this.weightSlider.range(this.givenWeight, size, 100);
    this.weightSlider.show(this.weightValue, this.weight.name);
    this.weights.value = this.weight.name;
    this.rows.selectedIndex = this.row;
    for (const radio of this.views) radio.checked = radio.value === this.view;
  }

  showStage() {
    const { layer, words } = stageWords(this.stage, this.last);
    this.picture.frame(this.isStepped ? layer : null);
    write(this.told, this.isStepped ? words : "");
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
      + "The table below has all numbers.");
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
    if (this.details.open) this.tables.replaceChildren(...tables(this.network, this.now, (key) => this.isKnown(key)));
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

/** Return the name of the part that an element of the picture belongs to. */
function partAt(element) {
  return element.closest("[data-part]")?.dataset.part;
}

export default alive((model, element) => {
  const live = new Live(model, element);
  return () => live.close();
});
