-- A version from before names had keys names a policy in "name" alone; the next release gives it its key.
-- (\x3b is a semicolon. Scripts are cut at semicolons on their way to a server.)
CREATE FUNCTION "fill_given_name"() RETURNS trigger LANGUAGE plpgsql AS
    E'BEGIN NEW."given_name" := coalesce(NEW."given_name", NEW."name")\x3b RETURN NEW\x3b END';

CREATE TRIGGER "policy_given_name" BEFORE INSERT ON "policy" FOR EACH ROW EXECUTE FUNCTION "fill_given_name"();
