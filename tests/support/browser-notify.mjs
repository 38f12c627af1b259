// Who answers a sign-up, for the tests of pages.

/** What Backroom says when it has taken one. */
export const SAID = "Nearly there: open the message that we have sent you.";

/**
 * Answers `POST /v1/notify` on this shopper's page as Backroom does, or as `answer(route)` says.
 * Gives what was posted, each a `URLSearchParams`.
 */
export async function notifying(shopper, answer = said(202, SAID)) {
  const posted = [];
  await shopper.page.route("**/v1/notify", (route) => {
    posted.push(new URLSearchParams(route.request().postData()));
    return answer(route);
  });
  return posted;
}

/** An answer with these words; a `problem` is the last part of its type. */
export function said(status, text, problem) {
  const type = problem ? "application/problem+json" : "application/json";
  const body = { ...(problem && { type: `https://backroom.example/problems/${problem}` }), said: text };
  const headers = { "access-control-allow-origin": "*" };
  return (route) => route.fulfill({ status, headers, contentType: type, body: JSON.stringify(body) });
}

/** Opens the form, fills it in, and sends it. */
export async function signUp(shopper, { email = "ann@example.com", quantity } = {}, host = "backroom-stock") {
  const notify = shopper.part("notify", host);
  await fillIn(shopper, { email, quantity }, host);
  await notify.locator("form button").click();
}

/** The same, but not sent yet. */
export async function fillIn(shopper, { email = "ann@example.com", quantity } = {}, host = "backroom-stock") {
  const notify = shopper.part("notify", host);
  if (!(await notify.evaluate(({ open }) => open))) await notify.locator("summary").click();
  await notify.locator("[name=email]").fill(email);
  if (quantity) await notify.locator("[name=quantity]").fill(String(quantity));
  await notify.locator("[name=consent]").check();
}
