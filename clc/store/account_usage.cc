#include "clc/store/instances.h"

namespace angophora::clc {

Result<> AccountUsage::add(const AccountId& account, std::int64_t instances) {
  TRY(auto q, tx_.prepare("INSERT INTO account_usage (account_id, instances) VALUES (?1, ?2) "
                          "ON CONFLICT (account_id) DO UPDATE SET "
                          "instances=account_usage.instances+excluded.instances"));
  q.bind(1, account).bind(2, instances);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::int64_t> AccountUsage::instances(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT instances FROM account_usage WHERE account_id=?1"));
  q.bind(1, account);
  TRY(const bool found, q.step());
  return found ? q.integer(0) : 0;
}

Result<> AccountUsage::rebuild() {
  TRY_VOID(tx_.execute("DELETE FROM account_usage"));
  return tx_.execute(
      "INSERT INTO account_usage (account_id, instances) SELECT account_id, count(*) "
      "FROM instances WHERE state<>'terminated' GROUP BY account_id");
}

}  // namespace angophora::clc
