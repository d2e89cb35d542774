/** Croissant 1.1, the JSON-LD by which data sets are described for search engines and loaders: mlcommons.org/croissant/1.1. */

/** The context that the specification recommends (its appendix 1), of the terms used here. */
const context = {
  "@language": "en",
  "@vocab": "http://schema.org/",
  sc: "http://schema.org/",
  cr: "http://mlcommons.org/croissant/",
  dct: "http://purl.org/dc/terms/",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  containedIn: "cr:containedIn",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  extract: "cr:extract",
  field: "cr:field",
  fileObject: "cr:fileObject",
  isLiveDataset: "cr:isLiveDataset",
  key: "cr:key",
  md5: "cr:md5",
  recordSet: "cr:recordSet",
  source: "cr:source",
} as const;

/** A licence; without a URL, what is known instead of one. */
export interface Licence {
  name: string;
  url?: string;
}

export interface CroissantFile {
  /** Unique within the data set, and what fields refer to. */
  id: string;
  /** Absolute, or the path within `containedIn`. */
  url: string;
  mediaType: string;
  /** Hexadecimal, of the file's bytes. */
  md5?: string | undefined;
  bytes?: number | undefined;
  /** The id of the archive that it comes out of. */
  containedIn?: string;
}

export interface CroissantField {
  name: string;
  type: "text" | "number" | "integer";
  description?: string;
}

export interface CroissantRecords {
  name: string;
  description: string;
  fields: readonly CroissantField[];
  /** The id of the file whose columns the fields are, or the records themselves. */
  from: { file: string } | { records: readonly Record<string, string | number>[]; key: string };
}

export interface Described {
  name: string;
  description: string;
  /** Its page. */
  url: string;
  licence: Licence;
  creators: readonly ({ person: string } | { organization: string })[];
  /** ISO 8601: a date, or the year where no more is known. */
  published: string;
  version: string;
  citeAs: string;
  keywords: readonly string[];
  /** Whether its files change as time passes. */
  live?: boolean;
  files: readonly CroissantFile[];
  records: readonly CroissantRecords[];
}

const dataTypes = { text: "sc:Text", number: "sc:Float", integer: "sc:Integer" } as const;

/** A data set as Croissant's JSON-LD. */
export const croissant = ({ name, licence, creators, published, live, files, records, ...described }: Described) => ({
  "@context": context,
  "@type": "sc:Dataset",
  conformsTo: "http://mlcommons.org/croissant/1.1",
  name,
  ...described,
  license: licence.url ?? { "@type": "sc:CreativeWork", name: licence.name },
  creator: creators.map((creator) =>
    "person" in creator
      ? { "@type": "sc:Person", name: creator.person }
      : { "@type": "sc:Organization", name: creator.organization },
  ),
  datePublished: published,
  ...(live && { isLiveDataset: true }),
  distribution: files.map(({ id, url, mediaType, md5, bytes, containedIn }) => ({
    "@type": "cr:FileObject",
    "@id": id,
    name: id,
    contentUrl: url,
    encodingFormat: mediaType,
    ...(bytes !== undefined && { contentSize: `${bytes} B` }),
    ...(md5 !== undefined && { md5 }),
    ...(containedIn !== undefined && { containedIn: { "@id": containedIn } }),
  })),
  recordSet: records.map(({ name: records, description, fields, from }) => ({
    "@type": "cr:RecordSet",
    "@id": records,
    name: records,
    description,
    ...("key" in from && { key: { "@id": `${records}/${from.key}` } }),
    field: fields.map(({ name: field, type, description }) => ({
      "@type": "cr:Field",
      "@id": `${records}/${field}`,
      name: field,
      ...(description !== undefined && { description }),
      dataType: dataTypes[type],
      ...("file" in from && { source: { fileObject: { "@id": from.file }, extract: { column: field } } }),
    })),
    ...("records" in from && {
      data: from.records.map((record) =>
        Object.fromEntries(Object.entries(record).map(([field, value]) => [`${records}/${field}`, value])),
      ),
    }),
  })),
});
