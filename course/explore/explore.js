// An explorer's place in the page: in an element <nn-explorer key="..."> around the still picture, which comes alive as
// soon as the page has it and the model of the same key; without the model (a notebook that was saved and opened again)
// the still picture stays. Python joins the files into one.

import { openRegion } from "./region.js";
import { openSlope } from "./slope.js";
import { openSurface } from "./surface.js";

// Each widget loads this file anew, so what they share hangs on the window.
const openers = (globalThis.nnExplorers ??= new Map());

function wake(element) {
  const open = openers.get(element.getAttribute("key"));
  if (!open || element.dataset.isLive) return;
  element.dataset.isLive = "true";
  open(element);
}

const opened = (model, el) => ({ slope: openSlope, surface: openSurface, region: openRegion })[model.get("kind")](
  el, model.get("state"), model.get("svg"));

function initialize({ model }) {
  const key = model.get("key");
  openers.set(key, (element) => opened(model, element));
  if (!customElements.get("nn-explorer")) {
    customElements.define("nn-explorer", class extends HTMLElement {
      connectedCallback() {
        wake(this);
      }
    });
  }
  document.querySelectorAll("nn-explorer").forEach(wake);
  return () => openers.delete(key);
}

export default { initialize, render: ({ model, el }) => opened(model, el) };
