// Tags of any object, by its id.
#pragma once

#include "clc/domain/instance.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class TagRows {
 public:
  explicit TagRows(Tx& tx) : tx_(tx) {}
  // Adds or overwrites.
  Result<> put(const AccountId& account, std::string_view resource_id, const Tags& tags);
  Result<Tags> of(std::string_view resource_id);
  Result<> remove_all(std::string_view resource_id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
