/** Why the file system refuses, in words. */

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "it, or a part of its path, is a file where a folder is needed",
  EISDIR: "it is a folder, not a file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EEXIST: "there is something of that name already",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EROFS: "its file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ERR_INVALID_ARG_VALUE: "the name holds a character that no file name may hold",
  ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB",
};

/** The reason of an error of the file system; its own message where we have no words for its code. */
export function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}
