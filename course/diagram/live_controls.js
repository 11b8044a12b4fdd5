// What a person can move, press and choose. JupyterLab leaves the keys to elements with `data-lm-suppress-shortcuts`.

import { make, write } from "./live_elements.js";
import { niceStep, numberText } from "./live_numbers.js";

export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** Return a button; `test` is its name for tests, `title` says more. */
export function button(words, test, title, onclick) {
  return make("button", { type: "button", class: "nn-button", "data-testid": test, title, onclick }, words);
}

/** Return a list to choose from; `groups` are {label, options}, a group without a label is not shown as one. */
export function chooser(attributes, groups, choose) {
  const onchange = () => choose(select.selectedIndex, select.value);
  const select = make("select", { ...attributes, ...OWN_KEYS, onchange });
  for (const { label, options } of groups) {
    const elements = options.map((words) => make("option", {}, words));
    select.append(...(label ? [make("optgroup", { label }, ...elements)] : elements));
  }
  return select;
}

/** Return one of two or more radio buttons that look like a switch: its input stands in its label. */
export function option(name, value, words, choose) {
  const radio = make("input", { type: "radio", name, value, "data-testid": value, ...OWN_KEYS, onchange: choose });
  return make("label", {}, radio, make("span", {}, words));
}

/** A labelled native range input with its number behind it. */
export class Slider {
  /** `title` is a label's content, or a control that stands in its place; `set(value)` takes what is chosen. */
  constructor(id, test, title, set, isWeight = false) {
    this.input = make("input", { type: "range", id, "data-testid": test, "aria-label": test, ...OWN_KEYS,
      oninput: () => set(Number(this.input.value)) });
    this.output = make("output", { for: id, class: "nn-output" });
    this.element = make("div", { class: `nn-slider${isWeight ? " nn-is-weight" : ""}` },
      isWeight ? title : make("label", { for: id }, title), this.input, this.output);
  }

  /** Set its range: so many steps to either side of the given number, which stands in the middle and is met exactly. */
  range(given, size, steps) {
    const step = niceStep(size);
    if (this.given === given && this.step === step) return;
    Object.assign(this, { given, step });
    this.reach(steps);
  }

  reach(steps) {
    const round = (value) => Number(value.toPrecision(12));
    const [min, max] = [-steps, steps].map((count) => round(this.given + count * this.step));
    Object.assign(this.input, { min, max, step: this.step });
  }

  /** Show a value; where Python set one beyond the range, the range reaches as far. */
  show(value, name) {
    if (this.step && (value < Number(this.input.min) || value > Number(this.input.max))) {
      this.reach(Math.ceil(Math.abs(value - this.given) / this.step));
    }
    if (Number(this.input.value) !== value) this.input.value = value;
    write(this.output, numberText(value));
    this.input.setAttribute("aria-valuetext", numberText(value));
    if (name) this.input.setAttribute("aria-label", name);
  }
}
