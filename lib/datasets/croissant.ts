/** A data set as Croissant describes it: whose it is, its files at their publisher's, and its classes. */
import type { CroissantFile } from "@/lib/records";
import { croissant } from "@/lib/records";
import { attributionOf } from "./attribution";
import type { DatasetInfo } from "./dataset";

/** @param origin of this site, which serves the files that come with it */
export function datasetCroissant(info: DatasetInfo, origin: string) {
  const { name, shape, classes, trainCount, testCount, licence, creators, published, source, version } = info;
  return croissant({
    name,
    description:
      `${trainCount} training and ${testCount} test images of ${shape.join(" × ")} (height, width, channels) in ` +
      `${classes.length} classes, as DMBench trains and scores on them.`,
    url: source,
    licence,
    creators: creators.map((person) => ({ person })),
    published: String(published),
    version: `${version}.0.0`,
    citeAs: attributionOf(info),
    keywords: ["image classification", "batch normalization"],
    files: filesOf(info, origin),
    records: [
      {
        name: "classes",
        description: "The names of the classes by the number that labels have",
        fields: [
          { name: "label", type: "integer" },
          { name: "name", type: "text" },
        ],
        from: { key: "label", records: classes.map((name, label) => ({ label, name })) },
      },
    ],
  });
}

/** The checksums of the registry are of unpacked files, and of archives. */
function filesOf({ slug, files, archive, otherFolders }: DatasetInfo, origin: string): CroissantFile[] {
  if (archive)
    return [
      { id: archive.name, url: archive.urls[0]!, mediaType: "application/gzip", md5: archive.md5 },
      ...files.map(({ name }) => ({
        id: name,
        url: `${otherFolders?.at(-1)}/${name}`,
        mediaType: "application/octet-stream",
        containedIn: archive.name,
      })),
    ];
  return files.flatMap(({ name, md5, urls }) => {
    const unpacked = name.replace(/\.gz$/, "");
    return [
      { id: name, url: urls[0] ?? `${origin}/api/v1/datasets/${slug}/${name}`, mediaType: "application/gzip" },
      {
        id: unpacked,
        url: unpacked,
        mediaType: unpacked.endsWith(".csv") ? "text/csv" : "application/octet-stream",
        md5,
        containedIn: name,
      },
    ];
  });
}
