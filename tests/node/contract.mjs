// Gives the second opinion on the contract: what ajv says of each document under each schema, and what the parser of
// AsyncAPI says of the description of the stream. Reads one JSON on standard input, writes one on standard output.
// Usage: node contract.mjs < {"schemas": {…}, "documents": [{"schema": …, "document": …}], "asyncapi": {…}}

import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const OURS = ["x-label-fr", "x-description-fr", "x-labels", "x-personal", "x-sealed"];
const ERROR = 0;

const asked = JSON.parse(readFileSync(0, "utf8"));

// Strict: a keyword that nobody knows is an error, so each of ours is named.
const ajv = new Ajv2020({ strict: true, strictRequired: false });
addFormats(ajv);
ajv.addVocabulary(OURS);
const validators = {};
for (const [name, schema] of Object.entries(asked.schemas)) validators[name] = ajv.compile(schema);
const verdicts = asked.documents.map(({ schema, document }) => validators[schema](document));

const { document, diagnostics } = await new Parser().parse(JSON.stringify(asked.asyncapi));
const errors = diagnostics.filter(({ severity }) => severity === ERROR);
const received = document?.operations().filterByReceive().flatMap((operation) => operation.messages().all());
console.log(
  JSON.stringify({
    verdicts,
    errors: errors.map(({ message, path }) => `${path.join("/")}: ${message}`),
    received: received?.map((message) => message.name()) ?? [],
  }),
);
