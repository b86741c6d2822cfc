// The app's Home tab.
import { get, post } from "./api.js";
import { blocksNode } from "./blocks.js";
import { clearTrouble, confirmed, showTrouble } from "./dialogs.js";
import { h } from "./dom.js";
import { collect } from "./modal.js";
import { state } from "./state.js";

export async function refreshHome(panel) {
  const { view } = await get("home");
  const sign = view ? view.hash : "none";
  if (panel.dataset.hash === sign) return;
  const before = panel.contains(document.activeElement) ? document.activeElement.dataset.focus : "";
  panel.dataset.hash = sign;
  panel.replaceChildren(view ? blocksNode(context(view), view.blocks) : empty());
  const same = before && [...panel.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === before);
  if (same) same.focus({ preventScroll: true });
}

function empty() {
  return h("div", { class: "home-empty" }, h("h2", {}, "This is a work in progress"), h("p", {}, `${state.session.app.name} has not published a Home for you yet.`));
}

function context(view) {
  const fields = [];
  return {
    surface: "home", prefix: `v-${view.id}`, viewId: view.id,
    valueOf: (block, element) => view.state.values[block.block_id]?.[element.action_id],
    register: (block, element, read) => fields.push({ block, element, read }),
    async act(block, element, value, node) {
      clearTrouble(node);
      if (!(await confirmed(element.confirm))) return;
      node.setAttribute("aria-busy", "true");
      const answer = await post("clicks", { view: view.id, block_id: block.block_id, action_id: element.action_id, value, values: collect(fields) });
      node.removeAttribute("aria-busy");
      if (!answer.ok) showTrouble(node, answer.shown || answer.error);
    },
  };
}
