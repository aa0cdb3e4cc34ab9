#include "clc/store/identity_changes.h"

#include "clc/store/counters.h"

namespace angophora::clc {
namespace {

struct KindName {
  IdentityKind kind;
  std::string_view name;
};
constexpr KindName kKindNames[] = {
    {IdentityKind::account, "account"},
    {IdentityKind::user, "user"},
    {IdentityKind::access_key, "access_key"},
    {IdentityKind::certificate, "certificate"},
    {IdentityKind::group, "group"},
    {IdentityKind::policy, "policy"},
    {IdentityKind::role, "role"},
};

Result<IdentityKind> kind_of(std::string_view name) {
  for (const auto& known : kKindNames)
    if (known.name == name) return known.kind;
  return Error(common::Errc::corrupt, "there is no kind of identity " + std::string(name));
}

}  // namespace

std::string_view to_string(IdentityKind kind) {
  for (const auto& known : kKindNames)
    if (known.kind == kind) return known.name;
  return {};
}

Result<> IdentityChanges::note(IdentityKind kind, std::string_view id) {
  TRY(const auto version, Counters(tx_).raise(kIdentitiesVersion));
  TRY(auto q, tx_.prepare("INSERT INTO identity_changes (version, kind, object_id) "
                          "VALUES (?1, ?2, ?3) ON CONFLICT (kind, object_id) "
                          "DO UPDATE SET version = excluded.version"));
  TRY_VOID(q.bind(1, version).bind(2, to_string(kind)).bind(3, id).run());
  return common::ok();
}

Result<> IdentityChanges::note(const PolicyEntity& entity) {
  switch (entity.kind) {
    case EntityKind::account:
      return note(IdentityKind::account, entity.id);
    case EntityKind::user:
      return note(IdentityKind::user, entity.id);
    case EntityKind::group:
      return note(IdentityKind::group, entity.id);
    case EntityKind::role:
      return note(IdentityKind::role, entity.id);
  }
  return common::ok();
}

Result<std::vector<IdentityChange>> IdentityChanges::after(std::int64_t version,
                                                           std::size_t limit) {
  TRY(auto q, tx_.prepare("SELECT version, kind, object_id FROM identity_changes "
                          "WHERE version > ?1 ORDER BY version LIMIT ?2"));
  q.bind(1, version).bind(2, limit);
  std::vector<IdentityChange> changes;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return changes;
    TRY(const auto kind, kind_of(q.text(1)));
    changes.push_back({q.integer(0), kind, q.text(2)});
  }
}

Result<std::int64_t> IdentityChanges::version() { return Counters(tx_).value(kIdentitiesVersion); }

}  // namespace angophora::clc
