// All numbers as tables, for screen readers and for those who like tables.

import { make } from "./live_elements.js";
import { numberText, partName } from "./live_numbers.js";

const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
const cell = (text = "") => make("td", {}, text);

function table(caption, columns, rows) {
  const head = make("tr", {}, ...columns.map((name) => (name ? make("th", { scope: "col" }, name) : cell())));
  return make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...rows));
}

/** Return the tables of neurons, weights and cost; `isKnown(part)` tells which numbers have been reached. */
export function tables(network, { pass, gradients, target, J }, isKnown) {
  const shown = (key, value) => cell(isKnown(key) ? numberText(value) : "?");
  const neurons = pass.x.flatMap((x, layer) => x.map((value, k) => {
    const [z, own, delta] = ["z", "x", "d"].map((kind) => partName(kind, layer, k + 1));
    if (layer === 0) return row(own, cell(), cell(numberText(value)), cell(), cell());
    return row(`layer ${layer}, neuron ${k + 1}`, shown(z, pass.z[layer - 1][k]), shown(own, value),
      cell(numberText(network.b[layer - 1][k])), shown(delta, gradients.delta[layer - 1][k]));
  }));
  const weights = network.W.flatMap((W, l) => W.flatMap((starts, i) => starts.map((value, j) => {
    const key = partName("w", l + 1, i + 1, j + 1);
    return row(key, cell(numberText(value)), shown(key, gradients.dW[l][i][j]));
  })));
  const costs = target.map((value, k) =>
    row(`target y${target.length > 1 ? k + 1 : ""}`, cell(numberText(value))));
  return [
    table("Neurons", ["", "z", "x", "bias", "δ = dJ/dz"], neurons),
    table("Weights", ["", "value", "dJ/dw"], weights),
    table("Cost", ["", "value"], [...costs, row("cost J", shown("J", J))]),
  ];
}
