// The equation: the chain rule of one weight, with numbers.

import { derivative, make, write, written } from "./live_elements.js";
import { countPaths, countText, numberText } from "./live_numbers.js";

const FACTORS = { error: "the error", delta: "all paths behind it", weight: "a weight", neuron: "a neuron",
  input: "an input" };
const MOST_TERMS = 12; // written one by one
const COUNTS = ["No", "One", "Two", "Three", "Four"];

const sign = (text) => make("span", { class: "nn-sign" }, text);
const line = (...children) => make("div", { class: "nn-row" }, ...children);
const list = (...factors) => make("span", { class: "nn-factors", role: "list" },
  ...factors.flatMap((each, i) => (i ? [sign("·"), each] : [each])));
const bracketed = (value) => (value < 0 ? `(${numberText(value)})` : numberText(value));

/** The derivative of J by one weight, built once and written anew with each number. */
export class Equation {
  /** Build it in `host`.
   *
   * `links` is what `chain` found, `drawn` the neurons of each layer that are drawn; `spot(part, isOn)` marks a part of
   * the picture while the pointer is on its factor.
   */
  constructor(host, links, weight, network, drawn, spot) {
    Object.assign(this, { weight, last: network.W.length, drawn, spot, writers: [] });
    const name = () => written(["w", weight.layer, weight.start, weight.end]);
    const count = countPaths(network.dims, weight);
    const begin = `${COUNTS[count] ?? countText(count)} ${count === 1 ? "path leads" : "paths lead"} from `;
    const seen = drawn.slice(weight.layer + 1).reduce((product, neurons) => product * neurons.length, 1);
    const unseen = seen ? countText(count - seen) : "all";
    const hidden = count > seen ? `, ${unseen} of them through neurons that are not drawn` : "";
    const lead = (...words) => make("p", { class: "nn-lead" }, begin, name(), " to ", written("J"), hidden, ...words);
    const whole = (...children) => {
      const total = this.number("nn-total", (found) => numberText(found.total));
      const of = derivative("J", ["w", weight.layer, weight.start, weight.end]);
      return line(of, sign("="), ...children, sign("="), total);
    };
    const isGrouped = links.shared.length > 0;
    if (isGrouped) host.replaceChildren(...this.grouped(links, lead, whole));
    else if (count === 1) {
      host.replaceChildren(lead(". Read it backwards, from ", written("J"), ": its factors multiply."),
        whole(this.factors(links, 0)));
    } else host.replaceChildren(...this.added(links, lead, whole));
  }

  /** Return the rows of a few paths: each spelled out, then their sum. */
  added(links, lead, whole) {
    const style = (t) => `nn-path${links.terms.length === 2 ? ` nn-lit-${"ab"[t]}` : ""}`;
    return [
      lead(". Along a path the factors multiply; different paths add up."),
      ...links.terms.map((_, t) =>
        line(make("span", { class: style(t) }, `path ${"ABCD"[t]}`), this.factors(links, t), this.result(t))),
      whole(this.number("nn-number", ({ terms }) => terms.map(({ value }) => bracketed(value)).join(" + "))),
    ];
  }

  /** Return the rows of many paths: one for each drawn neuron of the next layer, the sum, and what all paths share. */
  grouped(links, lead, whole) {
    const count = links.terms.length;
    const neurons = this.drawn[this.weight.layer + 1];
    const isListed = (t) => (neurons.length ? neurons.includes(t + 1) : t < MOST_TERMS);
    const listed = [...links.terms.keys()].filter(isListed);
    const added = (terms) => numberText(terms.reduce((result, { value }) => result + value, 0));
    const rest = listed.length === count ? [] : [line(`the other ${countText(count - listed.length)} add up to`,
      this.number("nn-number", ({ terms }) => added(terms.filter((_, t) => !isListed(t)))))];
    const sum = make("span", { class: "nn-factor", role: "listitem" }, make("span", { class: "nn-fraction" }, "sum"),
      this.number("nn-number", ({ terms }) => added(terms)),
      make("span", { class: "nn-words" }, `of ${countText(count)}`));
    return [
      lead(`. They leave its neuron by ${countText(count)} weights; `
        + "what comes back along each is added up and passes the gate."),
      make("div", { class: "nn-terms" }, ...listed.map((t) => line(this.factors(links, t), this.result(t))), ...rest),
      whole(list(sum, ...links.shared.map((factor, f) => this.factor(factor, ({ shared }) => shared[f])))),
    ];
  }

  factors(links, t) {
    return list(...links.terms[t].factors.map((factor, f) => this.factor(factor, ({ terms }) => terms[t].factors[f])));
  }

  result(t) {
    return make("span", { class: "nn-result" }, sign("="),
      this.number("nn-number", ({ terms }) => numberText(terms[t].value)));
  }

  /** Return an element for a number that is known as soon as the weight's derivative is. */
  number(className, text) {
    const element = make("span", { class: className });
    this.writers.push((links, isKnown) => write(element, isKnown(this.weight.name) ? text(links) : "?"));
    return element;
  }

  /** Return a factor: its fraction, its value, and what it is; `find` gets it out of new links. */
  factor(example, find) {
    const value = make("span", { class: "nn-number" });
    const words = make("span", { class: "nn-words" });
    const element = make("span", {
      class: "nn-factor",
      role: "listitem",
      onpointerenter: () => this.spot(example.part, true),
      onpointerleave: () => this.spot(example.part, false),
    }, make("span", { class: "nn-fraction" }, derivative(example.over, example.under)), value, words);
    this.writers.push((links, isKnown) => {
      const factor = find(links);
      const isShown = factor.kind === "weight" || isKnown(factor.part);
      write(value, isShown ? numberText(factor.value) : "?");
      write(words, this.words(factor, isShown));
      element.classList.toggle("nn-nothing", isShown && factor.value === 0);
    });
    return element;
  }

  /** Return what a factor is; of a gate, whether it lets anything pass. */
  words({ kind, over, value }, isShown) {
    if (kind !== "gate") return FACTORS[kind];
    if (over[1] === this.last) return "output's gate";
    return isShown ? `${value ? "open" : "closed"} gate` : "a gate";
  }

  /** Write the numbers of new links; `isKnown(part)` tells which have been reached. */
  write(links, isKnown) {
    for (const writer of this.writers) writer(links, isKnown);
  }
}
