// Confirm dialogs and the triangle that Slack shows when an app did not answer.
import { h } from "./dom.js";
import { icon } from "./emoji.js";
import { plain, textObject } from "./mrkdwn.js";

export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h("dialog", { class: "confirm", "aria-labelledby": "confirm-title", dataset: { testid: "confirm" } },
      h("h2", { id: "confirm-title" }, plain(confirm.title.text)),
      h("div", { class: "confirm-text" }, textObject(confirm.text)),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", dataset: { testid: "confirm-deny" }, onclick: () => finish(false) }, plain(confirm.deny.text)),
        h("button", { type: "button", class: `button ${confirm.style === "danger" ? "danger solid" : "primary"}`, dataset: { testid: "confirm-ok" }, onclick: () => finish(true) }, plain(confirm.confirm.text))));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function showTrouble(node, text) {
  clearTrouble(node);
  node.after(h("span", { class: "trouble", role: "alert", dataset: { testid: "trouble" } }, icon("⚠"), " ", text));
}

export function clearTrouble(node) {
  if (node.nextElementSibling?.classList.contains("trouble")) node.nextElementSibling.remove();
}
