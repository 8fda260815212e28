import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "KEY-3",
  section: "keys",
  kind: "stated",
  statement: {
    en: "A Kliv backup holds the whole data set, so backups are encrypted with a shared key.",
    ja: "Klivのバックアップはデータ全体を含むため、共有鍵で暗号化されています。",
  },
  must: {
    en: "This is stated here. Each backup has a data key of its own, which is wrapped by the shared key.",
    ja: "このページにその旨が記載されていること。バックアップごとに個別のデータ鍵があり、それが共有鍵で保護されていること。",
  },
  proof: {
    en: "The header of a backup shows the wrapped data key.",
    ja: "バックアップのヘッダーで、保護されたデータ鍵を確認します。",
  },
  everyHours: 168,
});
