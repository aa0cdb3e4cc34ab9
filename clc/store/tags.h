// Tags of any object, by its id. Whoever removes an object removes its tags with it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/tag.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// What DescribeTags calls the kind of the object with this id, e.g. "security-group"; "" when it is
// the id of nothing that carries tags.
std::string_view resource_type_of(std::string_view resource_id);

struct TagRow {
  std::string resource_id;
  std::string key;
  std::string value;
};

class TagRows {
 public:
  explicit TagRows(Tx& tx) : tx_(tx) {}

  // The account that has this object; nobody when there is none.
  Result<std::optional<AccountId>> owner_of(std::string_view resource_id);

  // Adds or overwrites. TagErrc::too_many when the object would have more than kTagsMax.
  Result<> put(const AccountId& account, std::string_view resource_id, const Tags& tags);
  // A tag that is not there, or has another value than the one given, stays as it is.
  Result<> remove(std::string_view resource_id, std::string_view key,
                  const std::optional<std::string>& only_value);
  Result<> remove_all(std::string_view resource_id);

  Result<Tags> of(std::string_view resource_id);
  // Of an account's objects whose ids start with `prefix` and '-', by id.
  Result<std::map<std::string, Tags>> of_kind(const AccountId& account, std::string_view prefix);
  // All of an account, by object and key.
  Result<std::vector<TagRow>> list(const AccountId& account);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
