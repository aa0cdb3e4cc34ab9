#include "clc/store/instances.h"

namespace angophora::clc {

Result<> AccountUsage::change(const Instance& instance, std::int64_t sign) {
  TRY(auto q, tx_.prepare("INSERT INTO account_usage "
                          "(account_id, instances, vcpus, memory_mib, disk_gib) "
                          "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id) DO UPDATE SET "
                          "instances=account_usage.instances+excluded.instances, "
                          "vcpus=account_usage.vcpus+excluded.vcpus, "
                          "memory_mib=account_usage.memory_mib+excluded.memory_mib, "
                          "disk_gib=account_usage.disk_gib+excluded.disk_gib"));
  const auto& takes = instance.resources;
  q.bind(1, instance.account).bind(2, sign).bind(3, sign * takes.vcpus);
  q.bind(4, sign * takes.memory_mib).bind(5, sign * (takes.disk_gib + instance.ephemeral_gib));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> AccountUsage::add(const Instance& instance) { return change(instance, 1); }
Result<> AccountUsage::take_away(const Instance& instance) { return change(instance, -1); }

Result<> AccountUsage::rebuild() {
  TRY_VOID(tx_.execute("DELETE FROM account_usage"));
  return tx_.execute(
      "INSERT INTO account_usage (account_id, instances, vcpus, memory_mib, disk_gib) "
      "SELECT account_id, count(*), sum(vcpus), sum(memory_mib), sum(disk_gib+ephemeral_gib) "
      "FROM instances WHERE state<>'terminated' GROUP BY account_id");
}

}  // namespace angophora::clc
