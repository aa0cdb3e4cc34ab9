#include "clc/store/quota_usage.h"

namespace angophora::clc {
namespace {

// Where what counts stands.
struct Place {
  const char* table;
  const char* id;   // the column that notes go by
  const char* sum;  // over rows that count
  const char* counts;
};

#define INSTANCE_ROWS "instances", "instance_id"
#define LIVE_INSTANCES "state<>'terminated'"

Place place_of(Quota quota) {
  switch (quota) {
    case Quota::instances:
      return {INSTANCE_ROWS, "count(*)", LIVE_INSTANCES};
    case Quota::vcpus:
      return {INSTANCE_ROWS, "sum(vcpus)", LIVE_INSTANCES};
    case Quota::memory_mib:
      return {INSTANCE_ROWS, "sum(memory_mib)", LIVE_INSTANCES};
    case Quota::disk_gib:
      return {INSTANCE_ROWS, "sum(disk_gib+ephemeral_gib)", LIVE_INSTANCES};
    case Quota::images:
      return {"images", "image_id", "count(*)", "available=1"};
    case Quota::volumes:
      return {"volumes", "volume_id", "count(*)", "state<>'deleted'"};
    case Quota::volume_gib:
      return {"volumes", "volume_id", "sum(size_gib)", "state<>'deleted'"};
    case Quota::snapshots:
      return {"snapshots", "snapshot_id", "count(*)", "state<>'deleted'"};
    case Quota::addresses:
      return {"public_addresses", "allocation_id", "count(*)", "allocation_id<>''"};
    case Quota::security_groups:
      return {"security_groups", "group_id", "count(*)", "1=1"};
    case Quota::users:
      return {"users", "user_id", "count(*)", "is_root=0"};
    case Quota::groups:
      return {"user_groups", "group_id", "count(*)", "1=1"};
    case Quota::roles:
      return {"roles", "role_id", "count(*)", "1=1"};
    case Quota::instance_profiles:
      return {"instance_profiles", "profile_id", "count(*)", "1=1"};
    case Quota::policies:
      return {"managed_policies", "policy_id", "count(*)", "1=1"};
  }
  return {};
}

// Of instances there may be a great many, so that sums of them are kept.
const char* kept_sum(Quota quota) {
  switch (quota) {
    case Quota::instances:
      return "instances";
    case Quota::vcpus:
      return "vcpus";
    case Quota::memory_mib:
      return "memory_mib";
    case Quota::disk_gib:
      return "disk_gib";
    default:
      return nullptr;
  }
}

Result<std::int64_t> sum_where(Tx& tx, const Place& place, const std::string& owner,
                               std::string_view id) {
  TRY(auto q, tx.prepare(std::string("SELECT coalesce(") + place.sum + ", 0) FROM " + place.table +
                         " WHERE " + owner + "=?1 AND " + place.counts));
  TRY_VOID(q.bind(1, id).step());
  return q.integer(0);
}

}  // namespace

Result<std::int64_t> QuotaUsage::of(Quota quota, const AccountId& account) {
  if (const auto* column = kept_sum(quota)) {
    TRY(auto q,
        tx_.prepare(std::string("SELECT ") + column + " FROM account_usage WHERE account_id=?1"));
    TRY(const bool found, q.bind(1, account).step());
    return found ? q.integer(0) : 0;
  }
  return sum_where(tx_, place_of(quota), "account_id", account.value);
}

Result<std::int64_t> QuotaUsage::of(Quota quota, const UserId& user) {
  if (!kind_of(quota).of_users) return std::int64_t{0};
  return sum_where(tx_, place_of(quota), "maker_id", user.value);
}

Result<> QuotaUsage::note_maker(Quota quota, std::string_view id, const UserId& user) {
  const auto place = place_of(quota);
  TRY(auto q, tx_.prepare(std::string("UPDATE ") + place.table + " SET maker_id=?2 WHERE " +
                          place.id + "=?1"));
  TRY_VOID(q.bind(1, id).bind(2, user).run());
  return common::ok();
}

Result<std::vector<LimitingPolicy>> QuotaUsage::policies(const AccountId& account,
                                                         const UserId& user) {
  TRY(auto q, tx_.prepare("SELECT entity_id, name, document FROM inline_policies "
                          "WHERE entity_id=?1 OR (?2<>'' AND (entity_id=?2 OR entity_id IN "
                          "(SELECT group_id FROM user_group_members WHERE user_id=?2))) "
                          "ORDER BY entity_id, name"));
  q.bind(1, account).bind(2, user);
  return all_rows(q, [&account](Query& row) {
    return LimitingPolicy{row.text(0) == account.value, {row.text(1), row.text(2)}};
  });
}

}  // namespace angophora::clc
