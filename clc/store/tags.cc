#include "clc/store/tags.h"

namespace angophora::clc {

Result<> TagRows::put(const AccountId& account, std::string_view resource_id, const Tags& tags) {
  for (const auto& [key, value] : tags) {
    TRY(auto q, tx_.prepare("INSERT INTO tags (resource_id, tag_key, tag_value, account_id) "
                            "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (resource_id, tag_key) "
                            "DO UPDATE SET tag_value=excluded.tag_value"));
    q.bind(1, resource_id).bind(2, key).bind(3, value).bind(4, account);
    TRY_VOID(q.run());
  }
  return common::ok();
}

Result<Tags> TagRows::of(std::string_view resource_id) {
  TRY(auto q, tx_.prepare("SELECT tag_key, tag_value FROM tags WHERE resource_id=?1"));
  q.bind(1, resource_id);
  Tags tags;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return tags;
    tags[q.text(0)] = q.text(1);
  }
}

Result<> TagRows::remove_all(std::string_view resource_id) {
  TRY(auto q, tx_.prepare("DELETE FROM tags WHERE resource_id=?1"));
  q.bind(1, resource_id);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::clc
