"use strict";
// The board and what is looked up in it. Nothing here touches the page.
const board = JSON.parse(document.getElementById("board").textContent);

const RANK = { same: 0, safe: 1, by_value: 2, unknown: 3, error_in_decoding: 4, refused: 5 };
const WORDS = { same: "same", safe: "safe", by_value: "by value", unknown: "unknown", error_in_decoding: "error in decoding", refused: "refused", not_served: "not served" };
const MARKS = { ok: "✓", warn: "~", unk: "?", bad: "✕" };

// What nobody knows is grey, whatever else is said.
function tone(outcome) {
  if (outcome === "same" || outcome === "safe") return "ok";
  if (outcome === "by_value") return "warn";
  if (outcome === "error_in_decoding" || outcome === "refused" || outcome === "not_served") return "bad";
  return "unk";
}

function outcomeOf(edge) { return edge.verdict ? edge.verdict.outcome : "not_served"; }

function worst(outcomes) {
  let found = null;
  const rank = (outcome) => outcome === "not_served" ? 6 : outcome in RANK ? RANK[outcome] : 3;
  for (const outcome of outcomes) if (found === null || rank(outcome) > rank(found)) found = outcome;
  return found;
}

// A name that others chose: what would turn the line around is shown as its number.
function clean(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (letter) => "\\u{" + letter.codePointAt(0).toString(16) + "}");
}

function grouped(list, key) {
  const groups = new Map();
  for (const item of list) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

const contracts = new Map(board.contracts.map((contract) => [contract.id, contract]));
const services = new Map(board.services.map((service) => [service.id, service]));
const edgesOf = grouped(board.edges, (edge) => edge.contract);
const rolesOf = grouped(board.roles, (role) => role.contract);
const rolesBy = grouped(board.roles, (role) => role.service);

function versionOf(contract, number) { return contract.versions.find((version) => version.number === number); }

// The version that stands for a contract: the first that a manifest has, or the newest of the locks.
function current(contract) {
  const declared = contract.versions.find((version) => version.locked.length < version.evidence.length);
  if (declared) return declared;
  return contract.versions.reduce((one, two) => Math.max(0, ...two.locked) >= Math.max(0, ...one.locked) ? two : one);
}

function roles(contract, does) { return (rolesOf.get(contract) || []).filter((role) => role.does === does); }

// Every method of all versions that are not retired, the current ones first.
function methodsOf(contract) {
  const names = [];
  for (const version of [current(contract), ...contract.versions.filter((it) => !it.retired)])
    for (const method of version.contract.methods) if (!names.includes(method.name)) names.push(method.name);
  return names;
}

function methodOf(version, name) { return version.contract.methods.find((method) => method.name === name); }

function signature(method) {
  const parts = method.arguments.map((argument) => argument.name + ": " + argument.type.name);
  return method.name + "(" + parts.join(", ") + ") → Result<" + method.answer.name + ", " + method.error.name + ">";
}

function matches(query, ...texts) {
  if (!query) return true;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const all = texts.join("\n").toLowerCase();
  return words.every((word) => all.includes(word));
}
