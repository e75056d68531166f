// Reads documents of `bus asyncapi` with AsyncAPI's own parser, and a board with a validator of JSON Schema.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";

const [schemaFile, boardFile, ...documents] = process.argv.slice(2);
let failed = 0;
const parser = new Parser();
for (const file of documents) {
  const { document, diagnostics } = await parser.parse(readFileSync(file, "utf8"), { source: file });
  // That there is a newer version is no fault: tools that matter refuse it.
  const told = new Map(diagnostics.filter((it) => it.code !== "asyncapi-latest-version").map((it) => [`${it.code}: ${it.message}`, it]));
  const replies = document ? document.operations().all().filter((it) => it.reply()).length : 0;
  if (!document || told.size > 0) {
    failed += 1;
    console.log(`FAILED  ${file}`);
    for (const [text, it] of told) console.log(`    ${text} at /${it.path.join("/")}`);
  } else {
    console.log(`ok      ${file}: ${document.operations().all().length} operations, ${replies} with a reply`);
  }
}
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
const valid = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));
if (valid(JSON.parse(readFileSync(boardFile, "utf8")))) {
  console.log(`ok      ${boardFile} keeps ${schemaFile}`);
} else {
  failed += 1;
  console.log(`FAILED  ${boardFile}`, valid.errors);
}
console.log(`${documents.length + 1 - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
