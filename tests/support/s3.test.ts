/** The S3 server of the tests against signatures that AWS published. */
import { createHash } from "node:crypto";
import { request as send } from "node:http";
import { describe, expect, it } from "vitest";
import type { SignedRequest } from "./s3";
import { signatureOf, startS3 } from "./s3";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the signature of a request", () => {
  /** "Signature Calculations for the Authorization Header" and "Using Query Parameters", S3's API reference. */
  const s3 = {
    method: "GET",
    path: "/",
    query: [],
    date: "20130524T000000Z",
    region: "us-east-1",
    service: "s3",
    payload: sha256(""),
  };
  const host = "examplebucket.s3.amazonaws.com";
  const s3Headers = { host, "x-amz-content-sha256": sha256(""), "x-amz-date": s3.date };
  const s3Signed = Object.keys(s3Headers);
  const welcome = "Welcome to Amazon S3.";
  const ofS3: [string, SignedRequest, string][] = [
    [
      "GET of a range",
      {
        ...s3,
        path: "/test.txt",
        headers: { ...s3Headers, range: "bytes=0-9" },
        signedHeaders: ["host", "range", "x-amz-content-sha256", "x-amz-date"],
      },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT",
      {
        ...s3,
        method: "PUT",
        path: "/test%24file.text",
        payload: sha256(welcome),
        headers: {
          ...s3Headers,
          "x-amz-content-sha256": sha256(welcome),
          date: "Fri, 24 May 2013 00:00:00 GMT",
          "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        signedHeaders: ["date", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-storage-class"],
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "GET of a setting",
      { ...s3, query: [["lifecycle", ""]], headers: s3Headers, signedHeaders: s3Signed },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "GET of a list",
      {
        ...s3,
        query: [
          ["max-keys", "2"],
          ["prefix", "J"],
        ],
        headers: s3Headers,
        signedHeaders: s3Signed,
      },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
    [
      "GET of a presigned address",
      {
        ...s3,
        path: "/test.txt",
        query: [
          ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
          ["X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"],
          ["X-Amz-Date", s3.date],
          ["X-Amz-Expires", "86400"],
          ["X-Amz-SignedHeaders", "host"],
        ],
        headers: { host },
        signedHeaders: ["host"],
        payload: "UNSIGNED-PAYLOAD",
      },
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    ],
  ];
  it.each(ofS3)("is that of S3's documentation: %s", (_, request, signature) => {
    expect(signatureOf(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")).toBe(signature);
  });

  /** aws-sig-v4-test-suite; those whose path S3 would encode otherwise are left out. */
  const suite = {
    method: "GET",
    path: "/",
    query: [],
    headers: { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" },
    signedHeaders: ["host", "x-amz-date"],
    date: "20150830T123600Z",
    region: "us-east-1",
    service: "service",
    payload: sha256(""),
  };
  const withHeader = (name: string, value: string) => ({
    ...suite,
    headers: { ...suite.headers, [name]: value },
    signedHeaders: ["host", name, "x-amz-date"],
  });
  const ofSuite: [string, SignedRequest, string][] = [
    ["get-vanilla", suite, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["post-vanilla", { ...suite, method: "POST" }, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "get-vanilla-query-order-key-case",
      {
        ...suite,
        query: [
          ["Param2", "value2"],
          ["Param1", "value1"],
        ],
      },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "get-header-key-duplicate",
      withHeader("my-header1", "value2,value2,value1"),
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ],
    [
      "get-header-value-multiline",
      withHeader("my-header1", "value1,value2,value3"),
      "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
    ],
    [
      "get-unreserved",
      { ...suite, path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" },
      "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ],
  ];
  it.each(ofSuite)("is that of AWS's test suite: %s", (_, request, signature) => {
    expect(signatureOf(request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")).toBe(signature);
  });
});

it("stores nothing of a body that its client doesn't finish, and goes on", async () => {
  const s3 = await startS3();
  const { hostname, port } = new URL(s3.url);
  const gone = send({ hostname, port, method: "PUT", path: "/any/half", headers: { "content-length": 100 } });
  gone.once("error", () => {});
  gone.write("half", () => gone.destroy());
  await new Promise((resolve) => gone.once("close", resolve));
  expect((await fetch(s3.url)).status).toBe(403);
  expect([...s3.objects.keys()]).toEqual([]);
  await s3.stop();
});
