// The loss over two weights: the path of gradient descent on Python's map.

import { Card, NOTCHES, openFrame, rateAt, repeat } from "./base.js";
import { backward, cost, forward, niceStep, numberText, weightNamed } from "../diagram/live_numbers.js";

/** Return J and its derivatives by some weights, each {layer, start, end} from 1, averaged over all samples. */
export function lossAndSlopes(network, weights) {
  const n = network.X.length;
  let J = 0;
  const slopes = weights.map(() => 0);
  network.X.forEach((input, s) => {
    const pass = forward(network, input);
    const { dW } = backward(network, pass, network.Y[s]);
    J += cost(pass, network.Y[s]) / n;
    weights.forEach(({ layer, start, end }, i) => { slopes[i] += dW[layer - 1][start - 1][end - 1] / n; });
  });
  return { J, slopes };
}

/** Return the path of gradient descent for some weights, all others fixed: a list of {at, J, slopes}, the start first.
 *
 * It ends early when J has grown a million times.
 */
export function descend(network, weights, start, rate, steps) {
  const moving = { ...network, W: network.W.map((W) => W.map((row) => [...row])) };
  const visit = (at) => {
    weights.forEach((weight, i) => { moving.W[weight.layer - 1][weight.start - 1][weight.end - 1] = at[i]; });
    return { at, ...lossAndSlopes(moving, weights) };
  };
  const path = [visit(start)];
  while (path.length <= steps && path[path.length - 1].J <= 1e6 * (path[0].J + 1)) {
    const { at, slopes } = path[path.length - 1];
    path.push(visit(at.map((value, i) => value - rate * slopes[i])));
  }
  return path;
}

/** Return how many steps went back on the one before: by more than a right angle. */
export function turns(path) {
  const moves = path.slice(1).map(({ at }, i) => at.map((value, k) => value - path[i].at[k]));
  return moves.slice(1).filter((move, i) => move.reduce((sum, value, k) => sum + value * moves[i][k], 0) < 0).length;
}

/** Say in words where a path has come to. */
export function pathWords(path, names, rate, isInside) {
  const { at, J, slopes } = path[path.length - 1];
  const where = names.map((name, i) => `${name} = ${numberText(at[i])}`).join(", ");
  const steps = path.length - 1;
  const rises = path.slice(1).filter((each, i) => each.J > path[i].J).length;
  const flat = slopes.every((slope) => slope === 0) ? " Both derivatives are 0 here: descent stands still." : "";
  if (!steps) return `Start: ${where}, J = ${numberText(J)}. Press Step or Run.${flat}`;
  const count = (times) => (times === 1 ? "once" : `${times} times`);
  return `${steps} step${steps > 1 ? "s" : ""} with learning rate ${numberText(rate)}: J went from ${numberText(path[0].J)} to `
    + `${numberText(J)}. Now ${where}.${rises ? ` J rose ${count(rises)}.` : ""}`
    + `${turns(path) ? ` The path turned back ${count(turns(path))}.` : ""}${isInside ? "" : " It has left the map."}`
    + `${J > 1e6 * (path[0].J + 1) ? " J has grown a million times: stopped." : flat}`;
}

const MOST_STEPS = 200;
const RUN = 50;

export function openSurface(el, { network, names, start: given, rate: middle, reach, frames }, svg) {
  const card = new Card(el, `J of ${network.name} over ${names.join(" and ")}`, svg);
  const [world, curve] = frames.map(openFrame);
  const weights = names.map(weightNamed);
  const state = { start: [...given], notch: 0, steps: 0 };
  let stop = () => {};

  card.addButtons("Gradient descent", ["Step", "step", () => run(1)], [`Run ${RUN}`, "run", () => run(RUN)],
    ["Reset", "reset", reset]);
  const step = niceStep(2 * reach);
  const starts = names.map((name, i) => {
    const [min, max] = [world.x, world.y][i].map((end) => given[i] + step * Math.trunc(((end - given[i]) / step) * (1 + 1e-9)));
    return card.addSlider(`start-${i + 1}`, `start ${name}`, { min, max, step }, given[i], numberText, (value) => {
      state.start[i] = value;
      update();
    });
  });
  const rate = () => rateAt(middle, state.notch);
  const rateSlider = card.addSlider("rate", "learning rate", NOTCHES, 0,
    (notch) => numberText(rateAt(middle, notch)), (notch) => {
      state.notch = notch;
      update();
    });
  card.figure.addEventListener("click", ({ clientX, clientY }) => { // a click on the map is a start, too
    const matrix = card.figure.querySelector("svg").getScreenCTM().inverse();
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix);
    const at = world.back(x, y).map((value, i) => given[i] + step * Math.round((value - given[i]) / step))
      .map((value) => Number(value.toPrecision(12)));
    if (!world.holds(at)) return;
    state.start = at;
    starts.forEach((set, i) => set(at[i]));
    update();
  });

  function run(times) {
    stop();
    stop = repeat(times, () => {
      if (state.steps >= MOST_STEPS) return false;
      state.steps += 1;
      return update();
    });
  }

  function reset() {
    stop();
    Object.assign(state, { start: [...given], notch: 0, steps: 0 });
    starts.forEach((set, i) => set(given[i]));
    rateSlider(0);
    update();
  }

  /** Draw and tell the path; return whether it may go on. */
  function update() {
    const path = descend(network, weights, state.start, rate(), state.steps);
    const last = path.length - 1;
    const top = Math.max(...path.map(({ J }) => J)) || 1;
    const places = path.map(({ at }) => at);
    const along = path.map(({ J }, i) => [i / Math.max(1, last), J / top]);
    card.set("path", world.line(places));
    card.set("dots", world.dots(places));
    card.set("here", world.dots(places.slice(-1)));
    card.set("curve", curve.line(along));
    card.set("curve-dots", curve.dots(along));
    card.set("top", numberText(top));
    card.set("last", last ? String(last) : "");
    card.say(pathWords(path, names, rate(), world.holds(places[last])));
    return last === state.steps;
  }

  update();
  return () => {
    stop();
    card.close();
  };
}
