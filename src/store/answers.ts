// What Redis answers to several commands at once, a pipeline's or a transaction's.

type Answers = readonly (readonly [Error | null, unknown])[] | null;

/** @throws what Redis said of the first one that failed */
export function answersOf(answers: Answers): readonly unknown[] {
  return (answers ?? []).map(([error, answer]) => {
    if (error !== null) throw error;
    return answer;
  });
}
