/** The kinds of notices, and what each says. */
export const noticeKinds = {
  audited: "the server trained a run of yours again",
  reproduced: "somebody reproduced a run of yours",
  overtaken: "a policy of yours was among the best of a board, and some are better now",
  flagged: "somebody flagged what you published",
  decided: "a flag of yours, or on what you published, was decided",
} as const;

export type NoticeKind = keyof typeof noticeKinds;

export const noticeKindNames = Object.keys(noticeKinds) as [NoticeKind, ...NoticeKind[]];
