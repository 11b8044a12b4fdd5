// What the explorers share: frames, cards, and things that happen again and again.

import { button, OWN_KEYS, Slider } from "../diagram/live_controls.js";
import { make, write } from "../diagram/live_elements.js";

/** Return where numbers stand in one of Python's frames. */
export function openFrame([left, top, width, height, x0, x1, y0, y1]) {
  const across = (x) => left + ((x - x0) / (x1 - x0)) * width;
  const down = (y) => top + ((y1 - y) / (y1 - y0)) * height;
  const place = ([x, y]) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`;
  return {
    x: [x0, x1],
    y: [y0, y1],
    place,
    holds: ([x, y]) => x >= x0 && x <= x1 && y >= y0 && y <= y1,
    line: (points) => points.map((point, i) => (i ? "L" : "M") + place(point)).join(""),
    dots: (points) => points.map((point) => `M${place(point)}h0`).join(""),
    back: (px, py) => [x0 + ((px - left) / width) * (x1 - x0), y1 - ((py - top) / height) * (y1 - y0)],
  };
}

/** Call `act` a few times, once a frame, or all at once where motion is not wanted, until it returns false.
 *
 * Return a function that stops it.
 */
export function repeat(times, act) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let waiting = 0;
  let left = times;
  const next = () => {
    let goesOn = true;
    do {
      left -= 1;
      goesOn = act() !== false && left > 0;
    } while (still && goesOn);
    if (goesOn) waiting = requestAnimationFrame(next);
  };
  next();
  return () => cancelAnimationFrame(waiting);
}

/** The slider of a learning rate: ten notches for each factor of ten, from a hundredth to a hundred times the middle. */
export const NOTCHES = { min: -20, max: 20, step: 1 };
export const rateAt = (middle, notch) => Number((middle * 10 ** (notch / 10)).toPrecision(2));

let cards = 0; // so that labels find their sliders where a page shows several

/** A card: buttons, Python's picture, words that are shown at once and spoken when all is quiet, sliders. */
export class Card {
  constructor(element, title, svg) {
    this.id = `nn-explorer-${++cards}`;
    this.title = title;
    [this.tools, this.figure, this.sliders] = ["toolbar", "figure", "sliders"].map((name) => make("div", { class: `nn-${name}` }));
    this.told = make("p", { class: "nn-told", "data-testid": "told" });
    this.spoken = make("div", { class: "nn-unseen", "aria-live": "polite", "data-testid": "spoken" });
    this.draw(svg);
    element.replaceChildren(make("section", { class: "nn-live nn-explorer", "aria-label": title, ...OWN_KEYS },
      this.tools, this.figure, this.told, this.sliders, this.spoken));
  }

  /** Show a picture that Python drew. */
  draw(svg) {
    this.figure.innerHTML = svg;
    for (const words of this.figure.querySelectorAll("svg > title, svg > desc")) words.remove(); // stale as soon as it moves
    const picture = this.figure.querySelector("svg");
    picture.removeAttribute("aria-labelledby");
    picture.setAttribute("aria-label", `${this.title}. The words below say what it shows.`);
  }

  /** Give the part of the picture with a role another line, or other words. */
  set(role, content) {
    const part = this.figure.querySelector(`[data-role="${role}"]`);
    if (part.localName === "path") part.setAttribute("d", content);
    else write(part, content);
  }

  say(words) {
    write(this.told, words);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => write(this.spoken, words), 500);
  }

  /** Add buttons, each [words, name for tests, what it does]. */
  addButtons(title, ...buttons) {
    this.tools.append(make("div", { class: "nn-steps", role: "group", "aria-label": title },
      ...buttons.map(([words, test, act]) => button(words, test, null, act))));
  }

  /** Add a slider; `text` writes its value, `set` takes it. Return a function that moves it. */
  addSlider(test, title, range, value, text, set) {
    const slider = new Slider(`${this.id}-${test}`, test, title, (chosen) => {
      show(chosen);
      set(chosen);
    });
    const show = (now) => {
      slider.show(now, title);
      write(slider.output, text(now));
      slider.input.setAttribute("aria-valuetext", text(now));
    };
    Object.assign(slider.input, range);
    show(value);
    this.sliders.append(slider.element);
    return show;
  }

  close() {
    clearTimeout(this.speaking);
  }
}
