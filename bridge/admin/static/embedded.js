// Inside a platform's admin: every request carries a fresh token, because browsers send no cookies in a frame.
(() => {
  "use strict";
  let token = "";
  const fetchToken = async () => { token = await window.shopify.idToken(); return token; };

  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault();
    fetchToken().then(() => event.detail.issueRequest(true));
  });
  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers.Authorization = `Bearer ${token}`; });
  // A page that says what went wrong is shown like any other.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.boosted && event.detail.xhr.status >= 400 && event.detail.xhr.status !== 401) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) location.reload(); });

  // A download is a request like any other; the browser is handed what came.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[download]");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const answer = await fetch(link.href, { headers: { Authorization: `Bearer ${await fetchToken()}` } });
    if (!answer.ok) return;
    const address = URL.createObjectURL(await answer.blob());
    const handle = Object.assign(document.createElement("a"), { href: address, download: link.download || "download" });
    handle.click();
    URL.revokeObjectURL(address);
  }, true);
})();
