// The ⋯ menu.
import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

export function overflow(ctx, block, element) {
  const items = element.options.map((option) => h("button", {
    type: "button", role: "menuitem", tabindex: "-1", dataset: { testid: `option:${option.value}` },
    onclick: () => {
      close();
      if (option.url) window.open(option.url, "_blank", "noopener");
      ctx.act(block, element, option.value, opener);
    },
  }, plain(option.text.text)));
  const menu = h("div", { class: "menu", role: "menu", hidden: true }, items);
  const opener = h("button", {
    type: "button", class: "button icon", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "More actions",
    dataset: { testid: `overflow:${element.action_id}`, focus: `${block.block_id}/${element.action_id}` }, onclick: () => (menu.hidden ? open() : close()),
  }, "•••");
  const outside = (event) => node.contains(event.target) || close();

  function open() {
    menu.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside);
    items[0].focus();
  }

  function close() {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    opener.focus();
  }

  function onkeydown(event) {
    if (menu.hidden) return;
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const node = h("span", { class: "overflow", onkeydown }, opener, menu);
  return node;
}
