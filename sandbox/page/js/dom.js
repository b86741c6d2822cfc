// Builds nodes; text always becomes text, never markup.
function fill(node, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key === "class") node.setAttribute("class", value);
    else if (key in node && typeof value !== "string" && key !== "list") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(props || {})) if (value !== undefined) node.setAttribute(key, value);
  node.append(...children.flat(Infinity).filter(Boolean));
  return node;
}

export const testid = (id) => ({ testid: id });

// Replaces the children of `parent` by keyed rows; rows whose JSON did not change keep their node (and focus). In one
// that changed the focus stays with the same control or, where that is gone, with the row: the keyboard goes on there.
export function reconcile(parent, rows, build) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const focused = document.activeElement;
  const focusRow = [...parent.children].find((node) => node.contains(focused))?.dataset.key;
  const focusKey = focusRow && focused.dataset.focus;
  const next = rows.map((row) => {
    const sign = JSON.stringify(row.data);
    const known = old.get(row.key);
    if (known && known.rowSign === sign) return known;
    const node = build(row);
    node.dataset.key = row.key;
    node.rowSign = sign;
    return node;
  });
  next.forEach((node, n) => {
    if (parent.children[n] !== node) parent.insertBefore(node, parent.children[n] || null);
  });
  while (parent.children.length > next.length) parent.lastChild.remove();
  if (focusRow && !parent.contains(document.activeElement)) refocus(next.find((node) => node.dataset.key === focusRow), focusKey);
}

function refocus(row, focusKey) {
  if (!row) return;
  row.tabIndex = -1;
  const again = [...row.querySelectorAll("[data-focus]")].find((node) => focusKey && node.dataset.focus === focusKey);
  (again || row).focus({ preventScroll: true });
}

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
