-- The rows of listen.ndjson, each a line with a JSON object, as a table. In JSON a line
-- end stands in no text, so that commas can take their places.
create table listen as
select
  value ->> 'host' as host,
  value ->> 'proto' as proto,
  value ->> 'local_address' as local_address,
  value ->> 'local_port' as local_port,
  value ->> 'program_name' as program_name
from
  json_each(
    '[' || replace(
      rtrim(readfile('docs/fleet/listen.ndjson'), char(10)),
      char(10),
      ','
    ) || ']'
  );
