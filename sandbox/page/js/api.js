// Speaks to the stand-in's own endpoints, always as one person of one workspace.
import { state } from "./state.js";

async function request(verb, path, body) {
  const options = { method: verb, headers: { "Content-Type": "application/json" } };
  if (body) options.body = JSON.stringify({ team: state.team, as: state.as, ...body });
  const response = await fetch(`/_sandbox/${path}`, options);
  return response.json();
}

export const post = (path, body = {}) => request("POST", path, body);
export const patch = (path, body = {}) => request("PATCH", path, body);

export function get(path, query = {}) {
  return request("GET", `${path}?${new URLSearchParams({ team: state.team, as: state.as, ...query })}`);
}

export function listen(onEvent) {
  const source = new EventSource("/_sandbox/stream");
  source.onmessage = (message) => onEvent(JSON.parse(message.data));
  let broken = false;
  source.onerror = () => { broken = true; };
  source.onopen = () => {
    if (broken) onEvent({ kind: "reset" });
    broken = false;
  };
}
