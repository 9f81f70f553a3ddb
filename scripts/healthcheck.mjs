// For the container's HEALTHCHECK: exit code 0 when the web pages of this container say that the process is well.

const host = process.env.HOST || "127.0.0.1";
const isEverywhere = host === "0.0.0.0" || host === "::";
const name = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
try {
  const answer = await fetch(`http://${name}:${process.env.PORT || "3000"}/healthz`, {
    signal: AbortSignal.timeout(4000),
  });
  if (!answer.ok) console.error(`/healthz answered ${answer.status}: ${await answer.text()}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.error(`/healthz did not answer (${error.cause?.code ?? error.name}).`);
  process.exitCode = 1;
}
