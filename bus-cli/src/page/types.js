// Types as text, from the table of their contract.
const LEAVES = { unit: "()", text: "string" };

function shapesOf(contract, of) { return contract.codec === "json" && of.readable ? of.readable : of.compact; }

// The kind of a shape and what is in it: a word alone, or an object with one member.
function opened(shape) {
  if (typeof shape === "string") return [shape, null];
  const kind = Object.keys(shape)[0];
  return [kind, shape[kind]];
}

function nameOf(shape) {
  const [kind, body] = opened(shape);
  return ["unit_struct", "newtype", "tuple_struct", "struct", "enum"].includes(kind) ? body.name : null;
}

// A type where it is used; `later` collects those that are written out by themselves.
function inline(types, number, later, depth) {
  const shape = types[number];
  if (shape === undefined) return "?";
  if (depth > 60) return "..";
  const [kind, body] = opened(shape);
  const part = (of) => inline(types, of, later, depth + 1);
  switch (kind) {
    case "option": return "Option<" + part(body) + ">";
    case "list": return "Vec<" + part(body) + ">";
    case "map": return "Map<" + part(body[0]) + ", " + part(body[1]) + ">";
    case "tuple": return "(" + body.map(part).join(", ") + ")";
    case "array": return "[" + part(body.of) + "; " + body.length + "]";
    case "opaque": return "?" + body.name;
    default:
      if (body === null) return LEAVES[kind] || kind;
      if (!later.includes(number)) later.push(number);
      return body.name;
  }
}

function fieldLines(types, fields, later, indent) {
  return fields.map((field) => {
    const aliases = (field.aliases || []).map((alias) => " (also " + alias + ")").join("");
    const presence = field.presence === "sometimes" ? "?" : field.presence === "unknown" ? "~" : "";
    return indent + field.name + presence + ": " + inline(types, field.of, later, 0) + aliases;
  });
}

function definition(types, number, later) {
  const [kind, body] = opened(types[number]);
  const part = (of) => inline(types, of, later, 0);
  if (kind === "unit_struct") return [body.name];
  if (kind === "newtype") return [body.name + "(" + part(body.of) + ")"];
  if (kind === "tuple_struct") return [body.name + "(" + body.fields.map(part).join(", ") + ")"];
  if (kind === "struct") return [body.name + " {", ...fieldLines(types, body.fields, later, "  "), "}"];
  const lines = ["enum " + body.name + " {"];
  for (const variant of body.variants) {
    const [content, inner] = opened(variant.content);
    if (content === "newtype") lines.push("  " + variant.name + "(" + part(inner) + ")");
    else if (content === "tuple") lines.push("  " + variant.name + "(" + inner.map(part).join(", ") + ")");
    else if (content === "struct") lines.push("  " + variant.name + " {", ...fieldLines(types, inner.fields, later, "    "), "  }");
    else lines.push("  " + variant.name + (content === "unknown" ? "(?)" : ""));
  }
  if (body.others === "ignored") lines.push("  .. others are taken");
  lines.push("}");
  return lines;
}

// A type and all that it is made of, a line each.
function typeLines(types, root) {
  const later = [];
  const lines = [inline(types, root, later, 0)];
  for (let at = 0; at < later.length && lines.length < 600; at++) lines.push(...definition(types, later[at], later));
  return later.length && lines[0] === nameOf(types[later[0]]) && later[0] === root ? lines.slice(1) : lines;
}

// What a method's side writes or reads, by part.
function partsOf(version, name, calls) {
  const method = methodOf(version, name);
  if (!method) return [];
  const of = (title, type, writes) => {
    const shapes = shapesOf(version.contract, type);
    return { title: title + (writes ? " writes" : " reads"), lines: typeLines(version.contract.types, writes ? shapes.written : shapes.read) };
  };
  return [
    ...method.arguments.map((argument) => of("argument " + argument.name, argument.type, calls)),
    of("answer", method.answer, !calls),
    of("error", method.error, !calls),
  ];
}
