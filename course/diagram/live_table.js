// All numbers as tables, for screen readers and for those who like tables.

import { make } from "./live_elements.js";
import { countText, numberText, partName } from "./live_numbers.js";

const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
const cell = (text = "") => make("td", {}, text);

function table(caption, columns, rows) {
  const head = make("tr", {}, ...columns.map((name) => (name ? make("th", { scope: "col" }, name) : cell())));
  return make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...rows));
}

/** Return a row for all that is not drawn, none if everything is. */
const missing = (what, count, colspan) => (count
  ? [make("tr", {}, make("th", { scope: "row", colspan }, `${what}: ${countText(count)} not drawn`))] : []);

/** Return the tables of what is drawn, and of the cost; `isKnown(part)` tells which numbers have been reached. */
export function tables(network, { drawn, weights: layers }, { pass, gradients, target, J }, isKnown) {
  const shown = (key, value) => cell(isKnown(key) ? numberText(value) : "?");
  const last = network.W.length;
  const neurons = drawn.flatMap((kept, layer) => [...kept.map((k) => {
    const [z, own, delta] = ["z", "x", "d"].map((kind) => partName(kind, layer, k));
    const value = pass.x[layer][k - 1];
    if (layer === 0) return row(own, cell(), cell(numberText(value)), cell(), cell());
    return row(`layer ${layer}, neuron ${k}`, shown(z, pass.z[layer - 1][k - 1]), shown(own, value),
      cell(numberText(network.b[layer - 1][k - 1])), shown(delta, gradients.delta[layer - 1][k - 1]));
  }), ...missing(layer ? `layer ${layer}` : "input", network.dims[layer] - kept.length, 5)]);
  const weights = layers.flatMap((kept, l) => [...kept.map(({ name, start, end }) =>
    row(name, cell(numberText(network.W[l][start - 1][end - 1])), shown(name, gradients.dW[l][start - 1][end - 1]))),
  ...missing(`layer ${l + 1}`, network.dims[l] * network.dims[l + 1] - kept.length, 3)]);
  const costs = drawn[last].map((k) => row(`target y${target.length > 1 ? k : ""}`, cell(numberText(target[k - 1]))));
  costs.push(...missing("targets", target.length - costs.length, 2), row("cost J", shown("J", J)));
  return [
    table("Neurons", ["", "z", "x", "bias", "δ = dJ/dz"], neurons),
    table("Weights", ["", "value", "dJ/dw"], weights),
    table("Cost", ["", "value"], costs),
  ];
}
