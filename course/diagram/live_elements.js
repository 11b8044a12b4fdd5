// Elements of HTML, SVG and MathML.

/** Return an element with attributes and children; `onclick` and the like are listeners. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function makeMath(tag, ...children) {
  const element = document.createElementNS("http://www.w3.org/1998/Math/MathML", tag);
  element.append(...children);
  return element;
}

/** Return the MathML of J, or of a part [kind, layer, ...index]: w with (2) above and 2,2 below. */
function symbol(part) {
  if (part === "J") return makeMath("mi", "J");
  const [kind, layer, ...index] = part;
  return makeMath("msubsup", makeMath("mi", kind), makeMath("mn", index.join(",")),
    makeMath("mrow", makeMath("mo", "("), makeMath("mn", String(layer)), makeMath("mo", ")")));
}

/** Return the MathML of a partial derivative. */
export function derivative(over, under) {
  const partial = (part) => makeMath("mrow", makeMath("mo", "∂"), symbol(part));
  const element = makeMath("math", makeMath("mfrac", partial(over), partial(under)));
  element.setAttribute("displaystyle", "true");
  return element;
}

/** Return a symbol as it stands in a sentence. */
export const written = (part) => makeMath("math", symbol(part));

/** Write a text only where it differs: most numbers stay when one slider moves. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
