import { entries } from "./entry.ts";

/** Groups, invitations, service accounts, sharing. */
export const teamProblems = entries({
  GROUP_EXISTS: {
    status: 409,
    title: { en: "There is a group of this name", ja: "同じ名前のグループがあります" },
    detail: { en: "Choose another name, or use the group that is there.", ja: "別の名前にするか、既存のグループをお使いください。" },
  },
  GROUPS_TOO_MANY: {
    status: 409,
    title: { en: "The team has too many groups", ja: "グループの数が上限に達しています" },
    detail: { en: "A team has at most {max} groups. Delete one that is not used.", ja: "1つのチームで作成できるグループは最大 {max} 件です。使っていないグループを削除してください。" },
  },
});
