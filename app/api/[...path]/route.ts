/** 404 for every path and method that the API does not have. */
import { notFound } from "../problem";

const nothing = (): Response => notFound("such path", "/docs/api");

export { nothing as DELETE, nothing as GET, nothing as OPTIONS, nothing as PATCH, nothing as POST, nothing as PUT };
