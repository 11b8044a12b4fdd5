// What a network computes, and how its numbers and parts are written: pure functions, tested against Python.
// Layers and neurons count from 1 in names, from 0 in arrays.

/** Return z and x of one sample: z[l - 1] and x[l] belong to layer l, x[0] is the input. */
export function forward(network, input) {
  const last = network.W.length;
  const z = [];
  const x = [input];
  for (let layer = 1; layer <= last; layer++) {
    const W = network.W[layer - 1];
    const before = x[layer - 1];
    const sums = network.b[layer - 1].map((bias, end) => {
      let sum = 0;
      for (let start = 0; start < before.length; start++) sum += before[start] * W[start][end];
      return sum + bias;
    });
    z.push(sums);
    x.push(layer === last ? sums : sums.map((value) => (value > 0 ? value : 0)));
  }
  return { z, x };
}

/** Return J of one sample: half the sum of the squared errors. */
export function cost(pass, target) {
  return pass.x[pass.x.length - 1].reduce((sum, value, k) => sum + (value - target[k]) ** 2, 0) / 2;
}

/** Return delta, dW and db of one sample; delta[l - 1], dW[l - 1] and db[l - 1] belong to layer l. */
export function backward(network, pass, target) {
  const last = network.W.length;
  const delta = new Array(last);
  delta[last - 1] = pass.x[last].map((value, k) => value - target[k]);
  for (let layer = last - 1; layer >= 1; layer--) {
    const after = delta[layer];
    delta[layer - 1] = network.W[layer].map((row, k) => {
      if (!(pass.z[layer - 1][k] > 0)) return 0; // the slope of the ReLU is 0 at 0
      return row.reduce((sum, weight, m) => sum + weight * after[m], 0);
    });
  }
  const dW = delta.map((ends, l) => pass.x[l].map((start) => ends.map((end) => start * end)));
  return { delta, dW, db: delta };
}

/** Return the number of paths from a weight to J. */
export function countPaths(dims, weight) {
  return dims.slice(weight.layer + 1).reduce((product, width) => product * width, 1);
}

/** Return every path from a weight to J: for each, the neurons (from 1) that it visits in layers l, l + 1, ... L. */
export function paths(dims, weight) {
  let found = [[weight.end]];
  for (let layer = weight.layer + 1; layer < dims.length; layer++) {
    const neurons = Array.from({ length: dims[layer] }, (_, k) => k + 1);
    found = found.flatMap((path) => neurons.map((neuron) => [...path, neuron]));
  }
  return found;
}

export const MOST_PATHS = 4; // spelled out; more are added up neuron by neuron

/** Return the factors of dJ/dw, read from J back to the weight.
 *
 * Up to MOST_PATHS paths: one term for each, with all of its factors, and nothing shared. More: one term for each
 * neuron of the next layer, dJ/dz times the weight that is crossed; gate and neuron are shared by all terms.
 * A factor is {kind, over, under, value, part}: `over` and `under` are the parts of the fraction, `part` names where in
 * the picture its number stands.
 */
export function chain(network, pass, gradients, target, weight) {
  const { layer, start, end } = weight;
  const last = network.W.length;
  const slope = (l, k) => (l === last || pass.z[l - 1][k - 1] > 0 ? 1 : 0);
  const error = (k) => factor("error", "J", ["x", last, k], pass.x[last][k - 1] - target[k - 1]);
  const gate = (l, k) => factor("gate", ["x", l, k], ["z", l, k], slope(l, k));
  const crossed = (l, from, to) =>
    factor("weight", ["z", l, to], ["x", l - 1, from], network.W[l - 1][from - 1][to - 1], partName("w", l, from, to));
  const neuron = factor(layer === 1 ? "input" : "neuron", ["z", layer, end], ["w", layer, start, end],
    pass.x[layer - 1][start - 1], partName("x", layer - 1, start));
  const total = gradients.dW[layer - 1][start - 1][end - 1];

  if (countPaths(network.dims, weight) <= MOST_PATHS) {
    const terms = paths(network.dims, weight).map((path) => {
      const factors = [error(path[path.length - 1])];
      for (let l = last; l > layer; l--) {
        const [from, to] = [path[l - layer - 1], path[l - layer]];
        factors.push(gate(l, to), crossed(l, from, to));
      }
      factors.push(gate(layer, end), neuron);
      return { factors, path, value: product(factors) };
    });
    return { terms, shared: [], total };
  }
  const terms = network.W[layer][end - 1].map((_, k) => {
    const delta = factor("delta", "J", ["z", layer + 1, k + 1], gradients.delta[layer][k]);
    const factors = [delta, crossed(layer + 1, end, k + 1)];
    return { factors, path: [end, k + 1], value: product(factors) };
  });
  return { terms, shared: [gate(layer, end), neuron], total };
}

function factor(kind, over, under, value, part = null) {
  const of = kind === "gate" ? over : under; // the part of the picture where its number stands
  return { kind, over, under, value, part: part ?? partName(...(kind === "delta" ? ["d", ...of.slice(1)] : of)) };
}

function product(factors) {
  return factors.reduce((result, { value }) => result * value, 1) + 0; // no -0
}

/** Return a part's name, as a learner types it: w2_22, z1_2. */
export function partName(kind, layer, ...index) {
  return `${kind}${layer}_${index.join(Math.max(...index) > 9 ? "_" : "")}`;
}

/** Return the layer of a part, by its name. */
export const layerOf = (name) => Number(/\d+/.exec(name)[0]);

/** Return the weight that a name means, its layer and neurons counted from 1. */
export function weightNamed(name) {
  const [, layer, first, second] = /^w(\d+)_(\d+?)_?(\d+)$/.exec(name);
  return { name, layer: Number(layer), start: Number(first), end: Number(second) };
}

/** Return a whole number with commas between thousands. */
export const countText = (count) => count.toLocaleString("en-US");

/** Return a number with about three significant digits, as Python's number_text does. */
export function numberText(value) {
  const size = Math.abs(value);
  let digits;
  if (Number.isNaN(size)) return "?";
  if (size === 0) digits = "0";
  else if (size === Infinity) digits = "∞";
  else if (size >= 1e-3 && size < 1e2) digits = String(Number(size.toPrecision(3)));
  else if (size >= 1e2 && size < 1e4) digits = size.toFixed(2).replace(/\.?0+$/, "");
  else digits = size.toExponential(2).replace("+", "").replace("-", MINUS);
  return value < 0 ? MINUS + digits : digits;
}

const MINUS = "\u2212";
/** Return a number with its sign, also a plus. */
export const signed = (value) => (value > 0 ? "+" : "") + numberText(value);

/** Return the step of a slider: 1, 2 or 5 times a power of ten, about a fiftieth of a size. */
export function niceStep(size) {
  const rough = size > 0 && Number.isFinite(size) ? size / 50 : 0.02;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.8);
  return Number((factor * power).toPrecision(3));
}

// The stages of a pass: 0 shows the inputs, 1 to L a layer each, L + 1 the cost, then L layers backward.

export const allShown = (last) => 2 * last + 1;
export const forwardShown = (stage, layer) => stage >= layer;
export const backwardShown = (stage, layer, last) => stage >= 2 * last + 2 - layer;

/** Return what happens at a stage: which layer is at work, and a sentence about it. */
export function stageWords(stage, last) {
  if (stage === 0) return { layer: 0, words: "The inputs are given. Press Forward." };
  if (stage < last) {
    const words = "each square adds up its weighted inputs and its bias, each circle bends the sum.";
    return { layer: stage, words: `Forward, layer ${stage}: ${words}` };
  }
  if (stage === last) {
    return { layer: last, words: `Forward, layer ${last}: each square adds up; the output's circle bends nothing.` };
  }
  if (stage === last + 1) {
    return { layer: last + 1, words: "Forward, the cost: J is half the square of the error. Press Backward." };
  }
  const layer = 2 * last + 2 - stage;
  const source = layer === last
    ? "δ is the error, output minus target"
    : `δ is what comes back from layer ${layer + 1} along the weights, stopped by closed gates`;
  const rest = "Each weight gets δ at its end times the neuron at its start.";
  return { layer, words: `Backward, layer ${layer}: ${source}. ${rest}` };
}
