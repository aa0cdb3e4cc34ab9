#include "clc/store/inline_policies.h"

#include "clc/store/identity_changes.h"

namespace angophora::clc {
namespace {

InlinePolicy read_policy(Query& q) { return {q.text(0), q.text(1)}; }

}  // namespace

Result<> InlinePolicies::put(const PolicyEntity& entity, const InlinePolicy& policy) {
  TRY(auto q, tx_.prepare("INSERT INTO inline_policies (entity_id, name, document) "
                          "VALUES (?1, ?2, ?3) ON CONFLICT (entity_id, name) "
                          "DO UPDATE SET document=excluded.document"));
  TRY_VOID(q.bind(1, entity.id).bind(2, policy.name).bind(3, policy.document).run());
  return IdentityChanges(tx_).note(entity);
}

Result<std::optional<InlinePolicy>> InlinePolicies::find(const PolicyEntity& entity,
                                                         std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT name, document FROM inline_policies "
                          "WHERE entity_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, entity.id).bind(2, name).step());
  return found ? std::optional<InlinePolicy>(read_policy(q)) : std::nullopt;
}

Result<std::vector<InlinePolicy>> InlinePolicies::of(const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("SELECT name, document FROM inline_policies WHERE entity_id=?1 "
                          "ORDER BY name"));
  return all_rows(q.bind(1, entity.id), read_policy);
}

Result<bool> InlinePolicies::remove(const PolicyEntity& entity, std::string_view name) {
  TRY(auto q, tx_.prepare("DELETE FROM inline_policies WHERE entity_id=?1 AND name=?2"));
  TRY(const auto count, q.bind(1, entity.id).bind(2, name).run());
  if (count > 0) TRY_VOID(IdentityChanges(tx_).note(entity));
  return count > 0;
}

Result<> InlinePolicies::remove_all(const PolicyEntity& entity) {
  TRY(auto q, tx_.prepare("DELETE FROM inline_policies WHERE entity_id=?1"));
  TRY_VOID(q.bind(1, entity.id).run());
  return IdentityChanges(tx_).note(entity);
}

}  // namespace angophora::clc
