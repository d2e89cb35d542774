/** Sign-in, sign-out and sessions, by next-auth. */
import NextAuth from "next-auth";
import { authOptions } from "@/lib/server/auth";

const handle = (request: Request, context: RouteContext<"/api/auth/[...nextauth]">): Promise<Response> => NextAuth(authOptions())(request, context);

export { handle as GET, handle as POST };
