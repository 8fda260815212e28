import { Type } from "typebox";

export const groupLimits = { groupsMax: 500, nameCharactersMax: 100 };

export const Group = Type.Object({ id: Type.String(), name: Type.String(), members: Type.Integer(), createdAt: Type.String() });
export const GroupName = Type.String({ minLength: 1, maxLength: groupLimits.nameCharactersMax });
export const GroupMember = Type.Object({ user: Type.Object({ id: Type.String(), name: Type.String(), email: Type.String() }) });
