// The policies that are part of an account, user or group.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/policies.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class InlinePolicies {
 public:
  explicit InlinePolicies(Tx& tx) : tx_(tx) {}

  // In place of one with that name.
  Result<> put(const PolicyEntity& entity, const InlinePolicy& policy);
  Result<std::optional<InlinePolicy>> find(const PolicyEntity& entity, std::string_view name);
  Result<std::vector<InlinePolicy>> of(const PolicyEntity& entity);  // by name
  Result<bool> remove(const PolicyEntity& entity, std::string_view name);
  Result<> remove_all(const PolicyEntity& entity);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
