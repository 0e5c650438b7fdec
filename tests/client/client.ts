// An integrator's first hour: a client generated from the OpenAPI document asks a running service one question.
// Usage: node generated/client.js http://127.0.0.1:8080

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./generated/schema.js";

type Question = operations["evaluate"]["requestBody"]["content"]["application/json"];
type Problem = components["schemas"]["Problem"];

const baseUrl = process.argv[2];
assert(baseUrl, "usage: client.js URL");
const client = createClient<paths>({ baseUrl });

// The example of the document, so that what is documented is what is sent.
const document = JSON.parse(readFileSync("../../openapi/an-sinh.json", "utf8"));
const example: Question =
  document.paths["/v1/evaluations"].post.requestBody.content["application/json"].example;

const { data, error, response } = await client.POST("/v1/evaluations", { body: example });
assert.equal(error, undefined);
assert.equal(response.status, 200);
// Nothing is cast from here on: the compiler knows the answer from the document.
const decision = data?.people[0]?.decisions[0];
assert.equal(data?.as_of, "2026-01-14");
assert.equal(decision?.entitlement, "health_insurance_premium");
assert.equal(decision?.outcome, "entitled");
assert.equal(decision?.authority, "plan");

// A failure is typed as well: it is the same problem for every operation.
const refused = await client.POST("/v1/evaluations", {
  body: "not an object" as unknown as Question,
  bodySerializer: () => "{",
  headers: { "accept-language": "en" },
});
const problem: Problem | undefined = refused.error;
assert.equal(problem?.code, "malformed_json");
assert.equal(problem.title, "Malformed JSON");
assert.equal(problem.trace_id, refused.response.headers.get("trace-id"));

const health = await client.GET("/health/ready");
assert.equal(health.data?.status, "ok");

console.log("client: ok");
