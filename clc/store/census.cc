#include "clc/store/census.h"

#include "clc/store/counters.h"
#include "clc/store/registrations.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kStuckMax = 100;

Result<CountByName> counts(Tx& tx, std::string_view sql) {
  TRY(auto q, tx.prepare(sql));
  return all_rows(q, [](Query& row) { return std::pair(row.text(0), row.integer(1)); });
}

Result<std::int64_t> number(Tx& tx, std::string_view sql) {
  TRY(auto q, tx.prepare(sql));
  TRY(const bool found, q.step());
  return found ? q.integer(0) : 0;
}

Result<std::vector<Census::Stuck>> stuck_attachments(Tx& tx, common::SysTime since) {
  TRY(auto q, tx.prepare("SELECT volume_id, instance_id, state, reason, changed_at_ms "
                         "FROM attachments WHERE state<>'attached' AND changed_at_ms<?1 "
                         "ORDER BY changed_at_ms LIMIT ?2"));
  q.bind(1, to_ms(since)).bind(2, kStuckMax);
  return all_rows(q, [](Query& row) {
    return Census::Stuck{row.id<VolumeId>(0), row.id<InstanceId>(1), row.text(2), row.text(3),
                         from_ms(row.integer(4))};
  });
}

}  // namespace

Result<Census> take_census(Tx& tx, common::SysTime stuck_since) {
  Census census;
  TRY(census.instances,
      counts(tx, "SELECT state, count(*) FROM instances GROUP BY state ORDER BY state"));
  TRY(census.volumes, counts(tx,
                             "SELECT state, count(*) FROM volumes WHERE state<>'deleted' "
                             "GROUP BY state ORDER BY state"));
  TRY(census.images, counts(tx,
                            "SELECT kind, count(*) FROM images WHERE available=1 "
                            "GROUP BY kind ORDER BY kind"));
  TRY(census.volumes_gib,
      number(tx, "SELECT COALESCE(sum(size_gib), 0) FROM volumes WHERE state<>'deleted'"));
  TRY(census.accounts, number(tx, "SELECT count(*) FROM accounts"));
  TRY(census.users, number(tx, "SELECT count(*) FROM users"));
  TRY(census.registry_version, Registrations(tx).version());
  TRY(census.restored_at_ms, Counters(tx).value(kRestored));
  TRY(census.stuck, stuck_attachments(tx, stuck_since));
  return census;
}

Result<std::vector<std::pair<NodeName, InstanceId>>> instances_by_node(Tx& tx) {
  TRY(auto q, tx.prepare("SELECT node, instance_id FROM instances "
                         "WHERE node<>'' AND state<>'terminated' ORDER BY node, instance_id"));
  return all_rows(q,
                  [](Query& row) { return std::pair(row.id<NodeName>(0), row.id<InstanceId>(1)); });
}

}  // namespace angophora::clc
