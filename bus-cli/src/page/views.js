// What is shown. Texts go in as texts, never as markup.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  element.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function link(state) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value) search.set(name, value);
  return "#" + search;
}

const name = (text) => h("bdi", {}, clean(text));
const serviceLink = (id) => h("a", { href: link({ view: "service", service: id }) }, name(id));
const contractLink = (id) => h("a", { href: link({ view: "contract", contract: id }) }, name(id));
const methodLink = (contract, method, label) => h("a", { href: link({ view: "method", contract, method }), class: "method" }, name(label || contract + "." + method));
const tag = (outcome) => h("span", { class: "tag " + tone(outcome) }, MARKS[tone(outcome)] + " " + (WORDS[outcome] || outcome));
const between = (list, mark) => list.flatMap((item, at) => at ? [mark, item] : [item]);
const evidence = (list) => h("span", { class: "dim small" }, "from ", between(list.map((it) => h("code", {}, name(it))), ", "));

function findingCard(finding) {
  const about = [
    ...(finding.methods.length && finding.contracts.length === 1 ? finding.methods.map((method) => methodLink(finding.contracts[0], method)) : finding.contracts.map(contractLink)),
    ...finding.services.slice(0, 8).map((id) => services.has(id) ? serviceLink(id) : name(id)),
  ];
  return h("article", { class: "finding " + finding.level, id: "finding-" + board.findings.indexOf(finding) },
    h("p", { class: "what" }, h("span", { class: "tag " + (finding.level === "error" ? "bad" : finding.rule === "contract-unknown" ? "unk" : "warn") }, finding.level), " ", name(finding.sentence)),
    h("p", {}, "Next: ", name(finding.next_step)),
    h("p", { class: "small" }, between(about, " · ")),
    h("details", {}, h("summary", {}, "Evidence of each side"), finding.sides.map((side) => h("p", {}, h("b", {}, name(side.who)), " ", name(side.says), " ", evidence(side.evidence))), h("p", { class: "dim small" }, h("code", {}, name(finding.id)))));
}

function findingsView(state) {
  const found = board.findings.filter((finding) => matches(state.q, finding.sentence, finding.rule, finding.id, ...finding.services, ...finding.contracts));
  const count = (level) => board.findings.filter((finding) => finding.level === level).length;
  const counts = [[count("error"), "errors"], [count("warn"), "warnings"], [board.services.length, "services"], [board.contracts.length, "contracts"], [board.topics.length, "topics"]];
  return [
    h("div", { class: "counts" }, counts.map(([number, word]) => h("div", { class: "count" }, h("b", {}, String(number)), word))),
    h("h2", {}, "Findings"),
    found.length ? found.slice(0, 500).map(findingCard) : h("p", {}, board.findings.length ? "No finding has these words." : board.services.length ? "Nothing is wrong, as far as manifests and locks tell." : "Only locks are on this board: nobody knows who calls and who serves."),
    found.length > 500 ? h("p", {}, `${found.length - 500} more: search to see them.`) : null,
    h("h2", {}, "Contracts"),
    contractTable(state),
  ];
}

function contractTable(state) {
  const rows = board.contracts.filter((contract) => {
    const of = current(contract).contract;
    return matches(state.q, contract.id, of.topic, of.reply, of.docs || "", ...methodsOf(contract), ...(rolesOf.get(contract.id) || []).map((role) => role.service), ...of.types.map((type) => nameOf(type) || ""));
  });
  return h("table", { class: "plain" }, h("thead", {}, h("tr", {}, ["Contract", "Methods", "Called by", "Served by", "Worst"].map((word) => h("th", { scope: "col" }, word)))),
    h("tbody", {}, rows.map((contract) => {
      const edges = edgesOf.get(contract.id) || [];
      const found = worst(edges.map(outcomeOf));
      const people = (does) => { const list = [...new Set(roles(contract.id, does).map((role) => role.service))]; return list.length > 4 ? list.length + " services" : between(list.map(serviceLink), ", "); };
      return h("tr", {}, h("td", {}, contractLink(contract.id)), h("td", {}, between(methodsOf(contract).map((method) => methodLink(contract.id, method, method)), ", ")), h("td", {}, people("calls")), h("td", {}, people("serves")), h("td", {}, found ? tag(found) : h("span", { class: "tag unk" }, "? not called")));
    })));
}

const MOST_CELLS = 40000;

function matrixView(state) {
  const callers = [...new Set(board.edges.map((edge) => edge.caller))].sort();
  const all = board.contracts.flatMap((contract) => methodsOf(contract).map((method) => ({ contract: contract.id, method })));
  const shown = callers.filter((caller) => matches(state.q, caller, ...(rolesBy.get(caller) || []).map((role) => role.contract)));
  const used = new Set(board.edges.filter((edge) => shown.includes(edge.caller)).map((edge) => edge.contract));
  let columns = all.filter((column) => !state.q || used.has(column.contract));
  const byContract = columns.length * shown.length > MOST_CELLS;
  if (byContract) columns = [...new Set(columns.map((column) => column.contract))].map((contract) => ({ contract, method: null }));
  const cells = grouped(board.edges, (edge) => JSON.stringify([edge.caller, edge.contract, byContract ? null : edge.method]));
  const groups = [...grouped(columns, (column) => column.contract)];
  const cell = (caller, column) => {
    const edges = cells.get(JSON.stringify([caller, column.contract, column.method]));
    if (!edges) return h("td", {});
    const outcome = worst(edges.map(outcomeOf));
    const maybe = edges.every((edge) => edge.evidence === "possible");
    const words = `${clean(caller)} ${maybe ? "may call" : "calls"} ${clean(column.contract)}${column.method ? "." + clean(column.method) : ""}: ${WORDS[outcome]}`;
    const to = column.method ? { view: "method", contract: column.contract, method: column.method } : { view: "contract", contract: column.contract };
    return h("td", {}, h("a", { href: link(to), class: tone(outcome) + (maybe ? " maybe" : ""), title: words, "aria-label": words }, MARKS[tone(outcome)]));
  };
  return [
    h("h2", {}, "Callers × " + (byContract ? "contracts" : "methods")),
    h("p", { class: "dim small" }, "✓ every value arrives · ~ some values do not · ? nobody knows · ✕ refused, unreadable or not served. Pale: the caller's manifest names the contract and no methods. A cell opens the method.", byContract ? " Too many methods to show at once: search for a service, or open a contract." : ""),
    shown.length && columns.length ? h("div", { class: "scroll" }, h("table", { class: "matrix" },
      h("thead", {}, h("tr", {}, h("th", { class: "corner" }), groups.map(([id, list]) => h("th", { colspan: list.length, scope: "colgroup" }, h("a", { href: link({ view: "contract", contract: id }), title: clean(id) }, name(id))))),
        byContract ? null : h("tr", {}, h("th", { class: "corner" }, h("span", {}, "caller")), columns.map((column) => h("th", { scope: "col" }, h("a", { href: link({ view: "method", contract: column.contract, method: column.method }), class: "method", title: clean(column.method) }, name(column.method)))))),
      h("tbody", {}, shown.map((caller) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: link({ view: "service", service: caller }), title: clean(caller) }, name(caller))), columns.map((column) => cell(caller, column))))))) : h("p", {}, "Nobody calls anything that has these words."),
  ];
}

const MOST_LINES = 90, MOST_NODES = 60;

function graphView(state) {
  const picked = state.contract ? { kind: "contract", id: state.contract } : state.service ? { kind: "service", id: state.service } : null;
  const ids = board.contracts.map((contract) => contract.id);
  const whole = linesOf(ids);
  const large = whole.length > MOST_LINES || board.services.length > MOST_NODES || ids.length > MOST_NODES;
  const chip = (kind, id) => h("a", { class: "chip", href: link({ view: "graph", [kind]: id, q: state.q }), "aria-current": picked && picked.kind === kind && picked.id === id ? "true" : null, title: clean(id) }, name(id));
  const shown = (list) => list.filter((id) => matches(state.q, id)).slice(0, 600);
  const lines = picked ? linesOf(contractsOf(picked.kind, picked.id)) : whole;
  const open = picked ? h("p", {}, picked.kind === "contract" ? contractLink(picked.id) : serviceLink(picked.id), " · ", h("a", { href: link({ view: "graph" }) }, "show all")) : null;
  // Beyond what a picture shows, one way is left out after the other, and that is said.
  const drawn = lines.slice(0, 400);
  return [
    h("h2", {}, "Who talks to whom"), open,
    large && !picked ? h("p", {}, `${board.services.length} services and ${ids.length} contracts: choose one to see its lines.`) : layered(drawn, picked),
    lines.length > drawn.length && (picked || !large) ? h("p", {}, `${lines.length - drawn.length} lines are left out.`) : null,
    large ? [h("h3", {}, "Services"), h("div", { class: "chips" }, shown([...services.keys()]).map((id) => chip("service", id))), h("h3", {}, "Contracts"), h("div", { class: "chips" }, shown(ids).map((id) => chip("contract", id)))] : null,
  ];
}

function rolesTable(list, who) {
  return h("table", { class: "plain" }, h("tbody", {}, list.map((role) => h("tr", {}, h("td", {}, role.does), h("td", {}, who === "service" ? serviceLink(role.service) : contractLink(role.contract)), h("td", {}, "version " + role.version + " of this board"), h("td", {}, role.methods ? between(role.methods.map((method) => methodLink(role.contract, method, method)), ", ") : h("span", { class: "dim" }, role.does === "calls" ? "any method" : "all methods")), h("td", {}, evidence(role.evidence))))));
}

function aboutFindings(about) {
  const found = board.findings.filter(about);
  return found.length ? [h("h3", {}, "Findings"), found.slice(0, 100).map(findingCard)] : null;
}

function versionsTable(contract) {
  return h("table", { class: "plain" }, h("tbody", {}, contract.versions.map((version) => {
    const built = (rolesOf.get(contract.id) || []).filter((role) => role.version === version.number);
    return h("tr", {}, h("td", {}, "version " + version.number), h("td", {}, version.locked.length ? "locked as " + version.locked.join(", ") : "not in a lock", version.retired ? ", retired" : ""), h("td", {}, built.length ? between(built.slice(0, 12).map((role) => h("span", {}, serviceLink(role.service), " ", role.does)), ", ") : h("span", { class: "dim" }, "nobody here")), h("td", {}, evidence(version.evidence)));
  })));
}

function contractView(state) {
  const contract = contracts.get(state.contract);
  if (!contract) return missing(state.contract);
  const of = current(contract).contract;
  const topics = board.topics.filter((topic) => topic.contracts.includes(contract.id));
  return [
    h("h2", {}, name(contract.id)), of.docs ? h("p", {}, name(of.docs)) : null,
    h("p", {}, h("span", { class: "dim" }, "codec "), of.codec, " · ", h("a", { href: link({ view: "graph", contract: contract.id }) }, "graph")),
    h("h3", {}, "Methods"), h("table", { class: "plain" }, h("tbody", {}, methodsOf(contract).map((method) => {
      const edges = (edgesOf.get(contract.id) || []).filter((edge) => edge.method === method);
      const found = worst(edges.map(outcomeOf)), described = methodOf(current(contract), method);
      return h("tr", {}, h("td", {}, methodLink(contract.id, method, described ? signature(described) : method)), h("td", {}, found ? tag(found) : h("span", { class: "tag unk" }, "? not called")));
    }))),
    h("h3", {}, "Who"), rolesTable(rolesOf.get(contract.id) || [], "service"),
    h("h3", {}, "Topics"), h("table", { class: "plain" }, h("tbody", {}, topics.map((topic) => h("tr", {}, h("td", {}, h("code", {}, name(topic.name))), h("td", {}, topic.purpose.replace("_", " ")), h("td", {}, `${topic.partitions} partitions ${topic.at_least === null ? "when made" : "at least"}`), h("td", { class: "dim small" }, Object.entries(topic.settings).map(([key, value]) => key + "=" + value).join(" ")))))),
    h("h3", {}, "Versions"), versionsTable(contract),
    aboutFindings((finding) => finding.contracts.includes(contract.id)),
  ];
}

function serviceView(state) {
  const service = services.get(state.service);
  if (!service) return missing(state.service);
  return [h("h2", {}, name(service.id)), h("p", {}, evidence(service.evidence), " · ", h("a", { href: link({ view: "graph", service: service.id }) }, "graph")), h("h3", {}, "Roles"), rolesTable(rolesBy.get(service.id) || [], "contract"), aboutFindings((finding) => finding.services.includes(service.id) || finding.services.includes(service.name))];
}

function missing(what) { return [h("h2", {}, "Not on this board"), h("p", {}, name(what || "nothing was named"))]; }

// Both sides' types beside each other; lines that the other side does not have are marked.
function sidesView(contract, method) {
  const edges = (edgesOf.get(contract.id) || []).filter((edge) => edge.method === method);
  const calls = roles(contract.id, "calls").filter((role) => edges.some((edge) => edge.caller === role.service));
  const serves = roles(contract.id, "serves");
  const numbers = (list) => [...new Set(list.map((role) => role.version))];
  const column = (number, does, list) => {
    const version = versionOf(contract, number), of = list.filter((role) => role.version === number).map((role) => role.service);
    return { does, title: [does === "calls" ? "callers " : "servers ", between(of.slice(0, 6).map(serviceLink), ", "), of.length > 6 ? ` and ${of.length - 6} more` : ""], parts: partsOf(version, method, does === "calls") };
  };
  const columns = [...numbers(calls).map((number) => column(number, "calls", calls)), ...numbers(serves).map((number) => column(number, "serves", serves))];
  if (!columns.length) columns.push({ does: "serves", title: ["as it is locked"], parts: partsOf(current(contract), method, false) });
  const others = (of) => columns.filter((other) => other.does !== of.does);
  return h("div", { class: "sides" }, columns.map((one) => h("section", { class: "side" }, h("h4", {}, one.title),
    one.parts.length ? one.parts.map((part, at) => h("div", {}, h("pre", { class: "dim" }, name(part.title)), h("pre", {}, part.lines.map((line) => {
      const differs = others(one).some((other) => !(other.parts[at] && other.parts[at].lines.includes(line)));
      return h("div", { class: differs ? "differs" : null }, name(line));
    })))) : h("p", { class: "tag bad" }, "has no such method"))));
}

function breaksView(contract, method) {
  const all = board.what_if.filter((it) => it.contract === contract.id && it.method === method);
  if (!all.length) return h("p", { class: "dim" }, board.what_if_left_out ? "Changes of this method were not looked at: the board is too large. Draw it in parts." : "Nobody on this board calls it, or it has no types that could change: nobody is known to break.");
  const asking = (number) => [...new Set((edgesOf.get(contract.id) || []).filter((edge) => edge.method === method).map((edge) => edge.caller))].filter((id) => roles(contract.id, "calls").some((role) => role.service === id && role.version === number));
  const several = new Set(all.map((it) => it.version)).size > 1;
  const row = (change) => {
    const felt = change.callers.filter((caller) => tone(caller.outcome) !== "ok" && asking(caller.version).length);
    const found = worst(change.callers.filter((caller) => asking(caller.version).length).map((caller) => caller.outcome)) || "unknown";
    return { found, row: h("tr", {}, h("td", {}, name(change.part), several ? h("span", { class: "dim" }, " of version " + change.version) : null), h("td", {}, name(change.change)), h("td", {}, tag(found)), h("td", {}, felt.length ? felt.map((caller) => h("div", {}, between(asking(caller.version).slice(0, 8).map(serviceLink), ", "), asking(caller.version).length > 8 ? ` and ${asking(caller.version).length - 8} more` : "", h("span", { class: "dim small" }, " ", name(caller.sentence)))) : h("span", { class: "dim" }, "nobody"))) };
  };
  const rows = all.map(row).sort((one, two) => RANK[two.found] - RANK[one.found]);
  const table = (list) => h("table", { class: "plain" }, h("thead", {}, h("tr", {}, ["Part", "If its server changes this", "then values are", "and this breaks"].map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, list.map((it) => it.row)));
  return [table(rows), h("p", { class: "dim small" }, "Every row is the library's own verdict on the changed types against what each caller was built with. Taking the method away breaks all of its callers.")];
}

function methodView(state) {
  const contract = contracts.get(state.contract);
  if (!contract) return missing(state.contract);
  const serving = roles(contract.id, "serves").map((role) => versionOf(contract, role.version));
  const version = [...serving, current(contract), ...contract.versions].find((it) => methodOf(it, state.method));
  if (!version) return missing(state.contract + "." + state.method);
  const method = methodOf(version, state.method), of = version.contract;
  const edges = (edgesOf.get(contract.id) || []).filter((edge) => edge.method === state.method);
  const timeout = method.timeout_ms ?? of.timeout_ms;
  const facts = [["contract", contractLink(contract.id)], ["codec", of.codec], ["timeout", timeout ? timeout + " ms" : "the caller's, 5 s without one"], ["options", (method.options || []).join(", ")], ["fingerprint", method.fingerprint ? h("code", {}, method.fingerprint) : "none: a type could not be looked into"]];
  return [
    h("h2", { id: "method" }, h("code", {}, name(signature(method)))), method.docs ? h("p", {}, name(method.docs)) : null,
    h("table", {}, h("tbody", {}, facts.filter(([, value]) => value).map(([word, value]) => h("tr", {}, h("th", { scope: "row", class: "dim" }, word), h("td", {}, value))))),
    h("h3", { id: "callers" }, "Who calls it"),
    edges.length ? h("table", { class: "plain" }, h("tbody", {}, edges.slice(0, 400).map((edge) => h("tr", { class: "caller" }, h("td", {}, serviceLink(edge.caller)), h("td", { class: "dim" }, edge.evidence === "declared" ? "declared" : "may call any method"), h("td", {}, edge.server ? ["served by ", serviceLink(edge.server)] : "nobody serves it"), h("td", {}, tag(outcomeOf(edge))), h("td", { class: "small" }, (edge.verdict ? edge.verdict.differences : []).slice(0, 4).map((it) => h("div", {}, h("b", {}, name([it.way, it.part, it.path].filter(Boolean).join(" "))), ": ", name(it.sentence)))))))) : h("p", {}, h("span", { class: "tag unk" }, "? not called"), " Nobody on this board calls it."),
    h("h3", { id: "breaks" }, "What breaks if I change it"), breaksView(contract, state.method),
    h("h3", {}, "Both sides"), sidesView(contract, state.method),
    h("h3", {}, "The way of a call"), sequence(contract, version, method),
    h("h3", {}, "Versions"), versionsTable(contract),
    aboutFindings((finding) => finding.contracts.includes(contract.id) && (!finding.methods.length || finding.methods.includes(state.method))),
  ];
}

function helpView() {
  const keys = [["/", "search"], ["1 2 3", "findings, matrix, graph"], ["j k", "next and previous link of the page"], ["Esc", "empty the search, or go back to the findings"], ["?", "this"]];
  return [h("h2", {}, "Keys"), h("table", { class: "keys" }, h("tbody", {}, keys.map(([key, words]) => h("tr", {}, h("td", {}, h("kbd", {}, key)), h("td", {}, words)))))];
}
