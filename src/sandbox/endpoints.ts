// The calls that the sandbox answers, by one name each: in counts, in fault switches and in scripted answers.
// Names only; paths and methods live in routes.ts.

export const ENDPOINTS = [
  "token",
  "createUser",
  "mintToken",
  "organization",
  "listUsers",
  "getUser",
  "orgMe",
  "me",
  "myTasks",
  "updateUser",
  "changeRole",
  "disableUser",
  "enableUser",
  "health",
  "unknown",
] as const;

/** `unknown` stands for every path or method that the API does not have. */
export type Endpoint = (typeof ENDPOINTS)[number];
