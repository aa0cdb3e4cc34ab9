#include "sc/store/grants.h"

namespace angophora::sc {
namespace {

constexpr const char* kSelect =
    "SELECT volume, epoch, instance, node, granted, open, port, key FROM grants ";

Grant grant_of(const db::Query& q) {
  Grant grant;
  grant.volume = q.id<VolumeId>(0);
  grant.holder.epoch = q.integer(1);
  grant.holder.instance = q.id<InstanceId>(2);
  grant.holder.node = q.id<NodeName>(3);
  grant.granted = q.integer(4) != 0;
  grant.open = q.integer(5) != 0;
  grant.port = static_cast<std::uint16_t>(q.integer(6));
  grant.key = q.text(7);
  return grant;
}

}  // namespace

Result<std::optional<Grant>> Grants::find(const VolumeId& volume) {
  TRY(auto q, tx_.prepare(std::string(kSelect) + "WHERE volume=?1"));
  q.bind(1, volume);
  TRY(const bool found, q.step());
  if (!found) return std::optional<Grant>();
  return std::optional(grant_of(q));
}

Result<std::vector<Grant>> Grants::all() {
  TRY(auto q, tx_.prepare(std::string(kSelect) + "ORDER BY volume"));
  std::vector<Grant> grants;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return grants;
    grants.push_back(grant_of(q));
  }
}

Result<> Grants::put(const Grant& grant) {
  TRY(auto q, tx_.prepare("INSERT INTO grants "
                          "(volume, epoch, instance, node, granted, open, port, key) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                          "ON CONFLICT (volume) DO UPDATE SET epoch=excluded.epoch, "
                          "instance=excluded.instance, node=excluded.node, "
                          "granted=excluded.granted, open=excluded.open, port=excluded.port, "
                          "key=excluded.key"));
  q.bind(1, grant.volume).bind(2, grant.holder.epoch).bind(3, grant.holder.instance);
  q.bind(4, grant.holder.node).bind(5, grant.granted ? 1 : 0).bind(6, grant.open ? 1 : 0);
  q.bind(7, grant.port).bind_blob(8, grant.key);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Grants::remove(const VolumeId& volume) {
  TRY(auto q, tx_.prepare("DELETE FROM grants WHERE volume=?1"));
  q.bind(1, volume);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::sc
