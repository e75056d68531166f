// Pictures in SVG: who talks to whom, and the way of one call.
const SVG = "http://www.w3.org/2000/svg";

function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

function short(text, most) {
  const letters = Array.from(clean(text));
  return letters.length > most ? letters.slice(0, most - 1).join("") + "…" : letters.join("");
}

function title(text) { return s("title", {}, clean(text)); }

// Callers, contracts and servers of one part of the board, as lists of names and lines between them.
function linesOf(list) {
  const lines = new Map();
  const put = (from, to, side, outcome) => {
    const key = JSON.stringify([from, to, side]);
    const known = lines.get(key);
    if (known) known.outcome = worst([known.outcome, outcome]);
    else lines.set(key, { from, to, side, outcome });
  };
  for (const contract of list) {
    for (const edge of edgesOf.get(contract) || []) put(edge.caller, contract, "calls", outcomeOf(edge));
    for (const role of roles(contract, "serves")) {
      const served = (edgesOf.get(contract) || []).filter((edge) => edge.server === role.service).map(outcomeOf);
      // Served and called by nobody: nothing is known of it.
      put(contract, role.service, "serves", worst(served) || "unknown");
    }
  }
  return [...lines.values()];
}

// The contracts that a selection has to do with.
function contractsOf(kind, id) {
  if (kind === "contract") return [id];
  return [...new Set((rolesBy.get(id) || []).map((role) => role.contract))];
}

const ROW = 30, WIDE = 230, GAP = 190;

// Three columns: callers, contracts, servers. Each is ordered by where its lines go, so that few cross.
function layered(lines, picked) {
  const middle = [...new Set(lines.map((line) => line.side === "calls" ? line.to : line.from))];
  const place = new Map(middle.map((name, at) => [name, at]));
  const ordered = (side, near, far) => {
    const groups = grouped(lines.filter((line) => line.side === side), near);
    const mean = (list) => list.reduce((sum, line) => sum + place.get(far(line)), 0) / list.length;
    return [...groups.entries()].map(([name, list]) => [name, mean(list)]).sort((one, two) => one[1] - two[1]).map(([name]) => name);
  };
  const left = ordered("calls", (line) => line.from, (line) => line.to);
  const right = ordered("serves", (line) => line.to, (line) => line.from);
  const height = Math.max(left.length, middle.length, right.length, 1) * ROW + 44;
  const columns = [[left, 0, "service"], [middle, WIDE + GAP, "contract"], [right, 2 * (WIDE + GAP), "service"]];
  const at = new Map();
  const nodes = [];
  columns.forEach(([names, x, kind], column) => {
    const top = 34 + (height - 44 - names.length * ROW) / 2;
    nodes.push(s("text", { x, y: 18, class: "dim" }, ["callers", "contracts", "servers"][column]));
    names.forEach((name, row) => {
      const y = top + row * ROW;
      at.set(column + "\n" + name, y + ROW / 2 - 3);
      const chosen = picked && picked.kind === kind && picked.id === name;
      nodes.push(s("a", { href: link({ view: "graph", [kind]: name }), class: chosen ? "picked" : null },
        title(name), s("rect", { x, y, width: WIDE, height: ROW - 6, rx: kind === "contract" ? 11 : 4, class: "box" }),
        s("text", { x: x + 9, y: y + 16 }, short(name, 28))));
    });
  });
  const wires = lines.map((line) => {
    const calls = line.side === "calls";
    const [x1, x2] = calls ? [WIDE, WIDE + GAP] : [2 * WIDE + GAP, 2 * (WIDE + GAP)];
    const y1 = at.get((calls ? 0 : 1) + "\n" + line.from), y2 = at.get((calls ? 1 : 2) + "\n" + line.to);
    const faded = picked && picked.kind && line.from !== picked.id && line.to !== picked.id ? " faded" : "";
    return s("path", { class: "wire e-" + tone(line.outcome) + faded, d: `M${x1} ${y1}C${x1 + 80} ${y1} ${x2 - 80} ${y2} ${x2} ${y2}` },
      title(line.from + " → " + line.to + ": " + WORDS[line.outcome]));
  });
  const width = 3 * WIDE + 2 * GAP;
  return s("svg", { viewBox: `-4 0 ${width + 8} ${height}`, width: width + 8, height, role: "img", "aria-label": "Callers, contracts and servers" }, wires, nodes);
}

// One call: where its records go, what names their partitions, how the reply is known.
function sequence(contract, version, method) {
  const of = version.contract;
  const names = (does) => [...new Set(roles(contract.id, does).map((role) => role.service))];
  const said = (list) => list.length === 0 ? "nobody here" : list.length > 1 ? list[0] + " and " + (list.length - 1) + " more" : list[0];
  const partitions = (name) => {
    const topic = board.topics.find((topic) => topic.name === name && topic.contracts.includes(contract.id));
    return topic ? topic.partitions + " partitions" + (topic.at_least === null ? " when made" : " at least") : "";
  };
  const lanes = [[said(names("calls")), "caller", "box"], [of.topic, partitions(of.topic), "topic"], [said(names("serves")), "server", "box"], [of.reply, partitions(of.reply), "topic"]];
  const STEP = 250, x = (lane) => 110 + lane * STEP;
  const key = method.arguments.find((argument) => argument.key);
  const oneway = (method.options || []).includes("oneway");
  const timeout = method.timeout_ms ?? of.timeout_ms;
  const steps = [
    [0, 1, method.name + "(" + method.arguments.map((argument) => argument.name).join(", ") + ")", "partition " + (key ? "by " + key.name : "in turns") + "; key = reply partition; a header named TOKEN"],
    [1, 2, "consumer group " + of.topic, "one server of the group takes it"],
    ...(oneway ? [] : [[2, 3, method.answer.name + " or " + method.error.name, "partition = key; the same TOKEN"], [3, 0, "read by the caller alone", "known by its TOKEN, within " + (timeout ? timeout + " ms" : "the caller's timeout")]]),
  ];
  const height = 76 + steps.length * 62;
  const parts = lanes.map(([name, under, kind], lane) => [
    s("line", { x1: x(lane), x2: x(lane), y1: 52, y2: height - 8, class: "life" }),
    s("rect", { x: x(lane) - 104, y: 8, width: 208, height: 42, rx: kind === "topic" ? 14 : 4, class: kind }),
    s("text", { x: x(lane), y: 26, "text-anchor": "middle" }, short(name, 26), title(name)),
    s("text", { x: x(lane), y: 42, "text-anchor": "middle", class: "dim" }, under),
  ]);
  steps.forEach(([from, to, text, under], step) => {
    const y = 92 + step * 62, back = to < from ? 1 : -1;
    parts.push(s("path", { d: `M${x(from)} ${y}H${x(to)}`, class: "wire" }), s("path", { d: `M${x(to)} ${y}l${9 * back} -5v10z`, class: "head" }));
    const middle = (x(from) + x(to)) / 2;
    parts.push(s("text", { x: middle, y: y - 7, "text-anchor": "middle" }, short(text, from - to > 1 ? 90 : 34), title(text)));
    parts.push(s("text", { x: middle, y: y + 15, "text-anchor": "middle", class: "dim" }, short(under, from - to > 1 ? 120 : 60), title(under)));
  });
  return s("svg", { viewBox: `-40 0 1060 ${height}`, width: 1060, height, role: "img", "aria-label": "The way of a call" }, parts);
}
