// Keeps a page fresh: fetches it again every few seconds and replaces the parts that changed. What a person is selecting
// stays until they are done, and the page says so when it can no longer ask. Without scripts the page reloads itself.

const EVERY_MS = 5000;
const notice = document.getElementById("stale");
let lastAt = Date.now();

function isSelecting(element) {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

function liveParts(root) {
  return [...root.querySelectorAll("[data-live]")];
}

function renew(next) {
  const now = liveParts(document);
  const fresh = liveParts(next);
  document.title = next.title;
  if (now.map((part) => part.id).join() !== fresh.map((part) => part.id).join()) {
    document.getElementById("main").replaceChildren(...next.getElementById("main").childNodes);
    return;
  }
  for (const [index, part] of now.entries()) {
    const newer = fresh[index];
    if (part.outerHTML === newer.outerHTML || isSelecting(part)) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.className = newer.className;
    part.replaceChildren(...newer.childNodes);
    if (focused !== null) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function say(text) {
  if (notice.textContent !== text) notice.textContent = text;
  notice.hidden = text === "";
}

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(15_000) });
    if (response.status === 401 || response.status === 429) {
      say("You are no longer signed in. Reload the page to sign in again.");
      return;
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    renew(new DOMParser().parseFromString(await response.text(), "text/html"));
    lastAt = Date.now();
    say("");
  } catch {
    const time = new Date(lastAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    say(`Roster Sync does not answer. What you see is from ${time}; this page keeps trying.`);
  }
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, EVERY_MS);
}

setTimeout(keepFresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
