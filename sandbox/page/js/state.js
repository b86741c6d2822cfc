// What this page shows right now. One object; everything else is asked for again when it may have changed.
export const state = {
  team: "", // id
  as: "", // id of the person
  session: null,
  place: "", // a channel id, or "app"
  tab: "home", // of the app: home | messages
  thread: "", // ts of the open thread
  unread: new Set(),
  ledger: [],
  followEnd: false, // the person just sent something: show the end of the list, wherever it was scrolled to
};

export const person = (id) => state.session.people.find((one) => one.id === id);
export const channelById = (id) =>
  [...state.session.channels, ...state.session.other_channels].find((one) => one.id === id);

export function nameOf(id) {
  const found = person(id);
  return found ? found.real_name : id;
}

// The channel whose messages are on screen, or "" while Home is shown.
export function currentChannel() {
  if (state.place !== "app") return state.place;
  return state.tab === "messages" ? state.session.app.dm : "";
}
