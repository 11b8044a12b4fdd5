// A widget's place in the page: in an element <nn-live key="..."> around the still picture, which comes alive as soon
// as the page has it and the model of the same key; without the model (a notebook that was saved and opened again) the
// still picture stays. Each widget loads this file anew, so what they share hangs on the window.

const openers = (globalThis.nnLive ??= new Map());

function wake(element) {
  const open = openers.get(element.getAttribute("key"));
  if (!open || element.dataset.isLive) return;
  element.dataset.isLive = "true";
  open(element);
}

/** Return what a widget's module exports; `open(model, element)` builds it there and returns what ends it. */
export function alive(open) {
  function initialize({ model }) {
    const key = model.get("key");
    openers.set(key, (element) => open(model, element));
    if (!customElements.get("nn-live")) {
      customElements.define("nn-live", class extends HTMLElement {
        connectedCallback() {
          wake(this);
        }
      });
    }
    document.querySelectorAll("nn-live").forEach(wake);
    return () => openers.delete(key);
  }

  return { initialize, render: ({ model, el }) => open(model, el) }; // render: where a front-end wants a widget's view
}
