// An activation above its slope.

import { Card } from "./base.js";
import { option } from "../diagram/live_controls.js";
import { make } from "../diagram/live_elements.js";
import { numberText } from "../diagram/live_numbers.js";

/** Each activation and its derivative. */
export const ACTIVATIONS = {
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  tanh: { value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  identity: { value: (z) => z, slope: () => 1 },
};

function sigmoid(z) {
  const e = Math.exp(-Math.abs(z)); // never overflows
  return (z < 0 ? e : 1) / (1 + e);
}

/** Write an activation as the lessons do. */
const shown = (name) => (name === "relu" ? "ReLU" : name);

/** Say in words what stands at z. */
export function slopeWords(name, z) {
  const { value, slope } = ACTIVATIONS[name];
  const at = `${shown(name)} at z = ${numberText(z)}: a = ${numberText(value(z))}`;
  if (name === "relu" && z === 0) return `${at}. A kink: slope 0 on the left, 1 on the right, and no tangent. We take a′ = 0.`;
  const share = slope(z) * 100;
  return `${at}, slope a′ = ${numberText(slope(z))}. Of a small nudge of z, ${share ? numberText(share) : "nothing"}`
    + `${share ? "\u00a0%" : ""} comes through.`;
}

export function openSlope(el, { names, z: first, far, svgs, frames }, svg) {
  const card = new Card(el, "An activation and its derivative", svg);
  let [name, z] = [names[0], first];

  if (names.length > 1) {
    const radios = names.map((each) => option(`${card.id}-name`, each, shown(each), () => choose(each)));
    radios[0].firstChild.checked = true;
    card.tools.append(make("fieldset", { class: "nn-switch" }, make("legend", { class: "nn-unseen" }, "Activation"), ...radios));
  }
  card.addSlider("z", "z", { min: -far, max: far, step: 0.1 }, z, numberText, (value) => {
    z = value;
    update();
  });

  function choose(each) {
    name = each;
    card.draw(svgs[name]);
    update();
  }

  function update() {
    const [upper, lower] = frames[name].map(openFrame);
    const [a, slope] = [ACTIVATIONS[name].value(z), ACTIVATIONS[name].slope(z)];
    const isKink = name === "relu" && z === 0;
    const tangent = isKink ? [] : [-2, 2].map((far) => [z + far, a + slope * far]);
    card.set("tangent", upper.line(tangent));
    card.set("rise", isKink ? "" : upper.line([[z, a], [z + 1, a], [z + 1, a + slope]]));
    card.set("point", upper.dots([[z, a]]));
    card.set("stem", lower.line([[z, 0], [z, slope]]));
    card.set("slope-point", lower.dots([[z, slope]]));
    card.set("slope", isKink ? "a kink" : `slope ${numberText(slope)}`);
    card.set("derivative", `a′ = ${numberText(slope)}`);
    card.say(slopeWords(name, z));
  }

  update();
  return () => card.close();
}
