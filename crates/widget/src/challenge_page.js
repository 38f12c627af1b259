{
  // Between the service's script and whoever waits for what it says: the form of this page, or the
  // page of the shop's that this one stands in.
  const place = document.querySelector("[data-site-key]");
  const { siteKey, action, about, script } = place.dataset;
  const [form] = document.forms;
  const tell = (challenge) => parent.postMessage({ challenge }, "*");
  const solved = (token) => {
    if (!form) return tell({ token });
    form.elements.challenge.value = token;
    form.submit();
  };
  const failed = () => {
    if (!form) tell({ failed: true });
    else {
      const [check, alert] = document.querySelectorAll("p");
      check.hidden = true;
      alert.hidden = false;
    }
    return true; // it is told of, and need not be written to the console
  };
  window.backroomChallenge = () =>
    window.turnstile.render(place, {
      sitekey: siteKey,
      action,
      cData: about,
      language: document.documentElement.lang,
      size: "flexible",
      appearance: "interaction-only",
      retry: "never", // whoever sends the form again begins anew
      "response-field": false,
      "before-interactive-callback": () => form || tell({ asks: true }),
      callback: solved,
      "error-callback": failed,
      "unsupported-callback": failed,
    });
  const source = document.createElement("script");
  source.nonce = document.currentScript.nonce; // it hands that on to what it loads itself
  source.src = `${script}?render=explicit&onload=backroomChallenge`;
  source.onerror = failed;
  document.head.append(source);
  if (!form) tell({ begun: true });
}
