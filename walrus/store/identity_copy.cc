#include "walrus/store/identity_copy.h"

#include "walrus/store/columns.h"

namespace angophora::walrus {

Result<std::optional<StoredIdentities>> IdentityCopy::load() {
  TRY(auto q, tx_.prepare("SELECT version, checked_ms, document FROM identities WHERE id=1"));
  TRY(const bool found, q.step());
  if (!found) return std::optional<StoredIdentities>();
  return std::optional(StoredIdentities{q.integer(0), time_of(q.integer(1)), q.text(2)});
}

Result<> IdentityCopy::save(const StoredIdentities& identities) {
  TRY(auto q, tx_.prepare("INSERT INTO identities (id, version, checked_ms, document) "
                          "VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET version=?1, "
                          "checked_ms=?2, document=?3"));
  q.bind(1, identities.version).bind(2, milliseconds_of(identities.checked));
  q.bind(3, identities.document);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> IdentityCopy::set_checked(common::SysTime checked) {
  TRY(auto q, tx_.prepare("UPDATE identities SET checked_ms=?1 WHERE id=1"));
  q.bind(1, milliseconds_of(checked));
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::walrus
