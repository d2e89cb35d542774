/** Whatever the API has not, in any method: 404 as its other problems are told. */
import { notFound } from "../problem";

const nothing = (): Response => notFound("such path", "/docs/api");

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
