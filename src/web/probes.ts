// /healthz and /readyz, for machines: both open without a password, both JSON, neither with anything secret.
// healthz asks "is this process alive and does Redis answer?": a red state that only a person can heal (a wrong secret)
// is no reason to restart a container. readyz asks "can work be done now?": 503 while the state is red.

import type { FastifyInstance } from "fastify";
import { asTyped, type Invocation } from "../invocation.ts";
import type { Health, OverviewSources } from "./overview-sources.ts";
import { isRedisUp, PING_MS, TooLate, within } from "./snapshot.ts";

const REDIS_GONE: Pick<Health, "status" | "problems"> = {
  status: "red",
  problems: [{ what: "Redis does not answer.", doThis: "Start it again; work goes on by itself." }],
};

export function registerProbes(server: FastifyInstance, sources: OverviewSources, invocation: Invocation): void {
  /** Null when Redis does not answer. */
  async function look(): Promise<Health | null> {
    if (!(await isRedisUp(sources))) return null;
    try {
      return await within(PING_MS, sources.health());
    } catch (error) {
      if (error instanceof TooLate) return null;
      throw error;
    }
  }

  server.get("/healthz", async (_request, reply) => {
    const health = await look();
    return reply.code(health === null ? 503 : 200).send(openly(health ?? REDIS_GONE, invocation));
  });

  server.get("/readyz", async (_request, reply) => {
    const answer = openly((await look()) ?? REDIS_GONE, invocation);
    return reply.code(answer.status === "red" ? 503 : 200).send(answer);
  });
}

/** Without the names of files, with commands as they are typed here, and each problem once. */
function openly(
  { status, problems }: Pick<Health, "status" | "problems">,
  invocation: Invocation,
): Pick<Health, "status" | "problems"> {
  const told = problems.map(({ openly: what, doThis, ...problem }) => ({
    ...problem,
    what: asTyped(what ?? problem.what, invocation),
    doThis: asTyped(doThis, invocation),
  }));
  const first = new Map(told.map((problem) => [`${problem.what} ${problem.doThis}`, problem]));
  return { status, problems: [...first.values()] };
}
