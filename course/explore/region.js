// Two classes in the plane: the region that a 2-h-1 network gives to class 1, while it trains.

import { Card, NOTCHES, openFrame, rateAt, repeat } from "./base.js";
import { ACTIVATIONS } from "./slope.js";
import { numberText } from "../diagram/live_numbers.js";

/** Return the logit of one point, and its hidden neurons; the parameters are [W (2, h), b (h), v (h), c]. */
function logit([W, b, v, c], [x1, x2]) {
  const hidden = b.map((bias, k) => Math.tanh(x1 * W[0][k] + x2 * W[1][k] + bias));
  return { z: hidden.reduce((sum, x, k) => sum + x * v[k], 0) + c, hidden };
}

/** Return the parameters after an epoch of descent on all samples at once. */
export function trainEpoch(parameters, X, y, rate) {
  const [W, b, v, c] = parameters;
  const n = X.length;
  const [dW, db, dv] = [W.map((row) => row.map(() => 0)), b.map(() => 0), v.map(() => 0)];
  let dc = 0;
  X.forEach((input, s) => {
    const { z, hidden } = logit(parameters, input);
    const delta = (ACTIVATIONS.sigmoid.value(z) - y[s]) / n; // p - y
    dc += delta;
    hidden.forEach((x, k) => {
      const before = delta * v[k] * (1 - x * x);
      dv[k] += x * delta;
      db[k] += before;
      dW[0][k] += input[0] * before;
      dW[1][k] += input[1] * before;
    });
  });
  const moved = (values, slopes) => values.map((value, k) => value - rate * slopes[k]);
  return [W.map((row, i) => moved(row, dW[i])), moved(b, db), moved(v, dv), c - rate * dc];
}

/** Return J, the accuracy, and the points on the wrong side. */
export function judge(parameters, X, y) {
  let J = 0;
  const wrong = X.filter((input, s) => {
    const { z } = logit(parameters, input);
    J += (Math.max(z, 0) - z * y[s] + Math.log1p(Math.exp(-Math.abs(z)))) / X.length;
    return z > 0 !== (y[s] === 1);
  });
  return { J, accuracy: 1 - wrong.length / X.length, wrong };
}

const ROWS = 60; // as in Python
const COLUMNS = 85;

/** Return the region where p > ½ as rows of points: from the first to the second, from the third to the fourth ... */
export function regionRows(parameters, frame) {
  const grid = ([low, high], count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
  const across = grid(frame.x, COLUMNS);
  return grid(frame.y, ROWS).map((height) => {
    const z = across.map((x) => logit(parameters, [x, height]).z);
    const edges = z[0] > 0 ? [across[0]] : [];
    for (let i = 0; i + 1 < COLUMNS; i++) {
      if (z[i] > 0 !== z[i + 1] > 0) edges.push(across[i] + ((across[i + 1] - across[i]) * z[i]) / (z[i] - z[i + 1]));
    }
    if (z[COLUMNS - 1] > 0) edges.push(across[COLUMNS - 1]);
    return edges.map((x) => [x, height]);
  });
}

export function openRegion(el, { X, y, hidden: given, rate: middle, first, frame: numbers }, svg) {
  const card = new Card(el, "A decision region while it is learnt", svg);
  const frame = openFrame(numbers);
  const state = { hidden: given, notch: 0, epochs: 0, parameters: first[given - 1] };
  let stop = () => {};
  const rate = () => rateAt(middle, state.notch);

  card.addButtons("Train", ["Train 1 epoch", "train-1", () => train(1, 1)], ["10", "train-10", () => train(10, 1)],
    ["100", "train-100", () => train(25, 4)], ["1000", "train-1000", () => train(50, 20)], ["Reset", "reset", reset]);
  card.addSlider("hidden", "hidden neurons", { min: 1, max: first.length, step: 1 }, given, String, (value) => {
    state.hidden = value;
    reset();
  });
  card.addSlider("rate", "learning rate", NOTCHES, 0, (notch) => numberText(rateAt(middle, notch)),
    (notch) => { state.notch = notch; });

  function train(times, epochs) {
    stop();
    stop = repeat(times, () => {
      for (let i = 0; i < epochs; i++) state.parameters = trainEpoch(state.parameters, X, y, rate());
      state.epochs += epochs;
      update();
    });
  }

  function reset() {
    stop();
    Object.assign(state, { epochs: 0, parameters: first[state.hidden - 1] });
    update();
  }

  function update() {
    const { J, accuracy, wrong } = judge(state.parameters, X, y);
    const region = regionRows(state.parameters, frame)
      .map((edges) => edges.map((at, i) => (i % 2 ? "L" : "M") + frame.place(at)).join("")).join("");
    card.set("region", region);
    card.set("stripes", region);
    card.set("wrong", frame.dots(wrong));
    const { hidden, epochs } = state;
    card.say(`${hidden} hidden neuron${hidden > 1 ? "s" : ""}, ${epochs ? `${epochs} epoch${epochs > 1 ? "s" : ""}` : "not trained yet"}: `
      + `J is ${numberText(J)}, ${X.length - wrong.length} of ${X.length} points are on the right side `
      + `(${numberText(accuracy * 100)}\u00a0%).`);
  }

  update();
  return () => {
    stop();
    card.close();
  };
}
