// What a reader would see go wrong in the notebook that is open: {waiting: cells that are still being set, faults: lines}.
() => {
  const faults = [];
  const place = element => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    return cells.find(cell => cell.node.contains(element))?.model.id ?? "outside of all cells";
  };
  const tell = (element, words) => faults.push(`${place(element)}: ${words}`);
  const notebook = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook");
  const all = selector => [...notebook.querySelectorAll(selector)];
  const isShown = element => element.getClientRects().length > 0;

  // Mathematics is set after the text is shown, a cell at a time.
  const hasMath = cell => /\$/.test(cell.model.sharedModel.getSource().replace(/`[^`]*`/g, ""));
  const waiting = window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "markdown" && hasMath(cell) && !cell.node.querySelector("mjx-container"))
    .map(cell => cell.model.id);

  const rendered = all(".jp-RenderedHTMLCommon");
  for (const root of rendered) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (parent.closest("code, pre, mjx-container, style, script, svg, a")) continue;
      const raw = /\$|\\[a-zA-Z]{2,}|\*\*|<\/?[a-z]+>|&[a-z]+;/.exec(walker.currentNode.data);
      if (raw) tell(root, `shows raw text, ${JSON.stringify(walker.currentNode.data.trim().slice(0, 80))}`);
    }
  }
  for (const error of all("mjx-merror, [data-mjx-error]")) {
    tell(error, `mathematics that cannot be set, ${error.getAttribute("data-mjx-error") ?? error.textContent}`);
  }
  for (const unknown of all("mjx-container mtext[mathcolor='red']")) {
    tell(unknown, `mathematics with an unknown command, ${unknown.textContent}`);
  }
  for (const box of [...rendered, ...all(".jp-OutputArea-output, mjx-container[display]")].filter(isShown)) {
    const over = box.scrollWidth - box.clientWidth;
    if (box.clientWidth && over > 1) tell(box, `is ${over} pixels too wide`);
  }
  for (const image of all("img").filter(isShown)) {
    if (!image.complete || !image.naturalWidth) tell(image, "has a picture that is not there");
  }
  for (const picture of all(".jp-OutputArea-output svg").filter(isShown)) {
    const frame = picture.getBoundingClientRect();
    for (const text of picture.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const air = box.height / 4; // a line is higher than its letters
      const outside = Math.max(
        frame.left - box.left, box.right - frame.right, frame.top - box.top - air, box.bottom - frame.bottom - air);
      if (box.width && outside > 1) tell(picture, `its label ${JSON.stringify(text.textContent)} is cut off`);
    }
  }
  return { waiting, faults };
};
