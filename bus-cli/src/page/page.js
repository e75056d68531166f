// The page itself: what the address says is what is shown.
const VIEWS = { findings: findingsView, matrix: matrixView, graph: graphView, contract: contractView, service: serviceView, method: methodView, help: helpView };
const TABS = [["findings", "Findings"], ["matrix", "Matrix"], ["graph", "Graph"]];
const main = document.getElementById("main"), search = document.getElementById("search");

function stateOf() {
  const given = new URLSearchParams(location.hash.slice(1));
  const state = Object.fromEntries(given);
  if (!Object.hasOwn(VIEWS, state.view || "")) state.view = "findings";
  return state;
}

function show(moved) {
  const state = stateOf();
  document.getElementById("views").replaceChildren(...TABS.map(([view, word]) => h("a", { href: link({ view, q: state.q }), "aria-current": state.view === view ? "page" : null }, word)));
  if (document.activeElement !== search) search.value = state.q || "";
  try {
    main.replaceChildren(...[VIEWS[state.view](state)].flat(4).filter((it) => it !== null && it !== undefined && it !== false));
  } catch (error) {
    // What cannot be drawn is said; a blank page would look like a board without findings.
    main.replaceChildren(h("h2", {}, "This cannot be drawn"), h("p", {}, String(error)));
  }
  document.title = ["Interaction board", state.method || state.contract || state.service].filter(Boolean).map(clean).join(": ");
  if (moved) { window.scrollTo(0, 0); main.focus({ preventScroll: true }); }
}

search.addEventListener("input", () => {
  const state = stateOf();
  // A sheet of one thing has nothing to search in.
  const view = ["findings", "matrix", "graph"].includes(state.view) ? state.view : "findings";
  const to = link({ ...(view === "graph" ? state : {}), view, q: search.value });
  history.replaceState(null, "", to);
  show(false);
});

document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (search.value) { search.value = ""; search.dispatchEvent(new Event("input")); } else location.hash = "";
    search.blur();
    return;
  }
  if (event.target === search) {
    if (event.key === "Enter") { const first = main.querySelector("td a, a.method"); if (first) first.focus(); }
    return;
  }
  if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
  else if (event.key === "?") location.hash = link({ view: "help" });
  else if (["1", "2", "3"].includes(event.key)) location.hash = link({ view: TABS[Number(event.key) - 1][0], q: stateOf().q });
  else if (event.key === "j" || event.key === "k") {
    const links = [...main.querySelectorAll("a[href], summary")];
    const at = links.indexOf(document.activeElement), to = event.key === "j" ? at + 1 : at < 0 ? links.length - 1 : at - 1;
    if (links[to]) links[to].focus();
  }
});
window.addEventListener("hashchange", () => show(true));
// What is folded away on the screen is printed.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((it) => { it.open = true; }));

const left = [board.edges_left_out ? `${board.edges_left_out} edges are left out: there are too many` : "", board.what_if_left_out ? `${board.what_if_left_out} possible changes were not looked at` : ""].filter(Boolean).join("; ");
document.getElementById("foot").replaceChildren(h("span", {}, `Drawn by bus board from manifests and locks; what runs now is not known. ${left}`), " ", h("a", { href: link({ view: "help" }) }, "Keys"));
show(false);
