import assert from "node:assert/strict";

/** This answer is the RFC 9457 problem of this code, whole and in order. */
export function assertProblem(answer, status, code) {
  assert.equal(answer.status, status, answer.text.slice(0, 500));
  assert.equal(answer.header("content-type"), "application/problem+json");
  const problem = answer.json;
  assert.equal(problem.code, code, answer.text);
  assert.equal(problem.status, status);
  assert.equal(problem.type, `/docs/problems.html#${code}`);
  for (const part of ["title", "detail", "instance"]) {
    assert.ok(typeof problem[part] === "string" && problem[part] !== "", `${part}: ${answer.text}`);
  }
  return problem;
}

/** The request that `send` makes is refused with this problem, and the shop is as it was. */
export async function assertRefused(shop, status, code, send) {
  const before = await shop.picture();
  const problem = assertProblem(await send(), status, code);
  // Nothing is left to be told either, else this would be another picture in a moment.
  assert.equal((await shop.outbox()).rows, 0);
  assert.deepEqual(await shop.picture(), before);
  return problem;
}
