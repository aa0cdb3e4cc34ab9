#include "clc/store/tags.h"

namespace angophora::clc {
namespace {

// A kind of object that carries tags: how its ids begin, what EC2 calls it, and whose it is.
struct Taggable {
  std::string_view prefix;
  std::string_view resource_type;
  std::string_view owner;
};
constexpr std::string_view kImageOwner =
    "SELECT account_id FROM images WHERE image_id=?1 AND available=1";
constexpr Taggable kTaggable[] = {
    {"eipalloc", "elastic-ip", "SELECT account_id FROM public_addresses WHERE allocation_id=?1"},
    {"i", "instance", "SELECT account_id FROM instances WHERE instance_id=?1"},
    {"emi", "image", kImageOwner},
    {"eki", "image", kImageOwner},
    {"eri", "image", kImageOwner},
    {"key", "key-pair", "SELECT account_id FROM key_pairs WHERE key_pair_id=?1"},
    {"sg", "security-group", "SELECT account_id FROM security_groups WHERE group_id=?1"},
    {"vol", "volume", "SELECT account_id FROM volumes WHERE volume_id=?1 AND state<>'deleted'"},
    {"snap", "snapshot",
     "SELECT account_id FROM snapshots WHERE snapshot_id=?1 AND state NOT IN ('deleting', "
     "'deleted')"},
};

const Taggable* find_kind(std::string_view resource_id) {
  for (const auto& kind : kTaggable)
    if (is_well_formed_id(resource_id, kind.prefix)) return &kind;
  return nullptr;
}

}  // namespace

std::string_view resource_type_of(std::string_view resource_id) {
  const auto* kind = find_kind(resource_id);
  return kind ? kind->resource_type : std::string_view();
}

Result<std::optional<AccountId>> TagRows::owner_of(std::string_view resource_id) {
  const auto* kind = find_kind(resource_id);
  if (!kind) return std::optional<AccountId>();
  TRY(auto q, tx_.prepare(kind->owner));
  TRY(const bool found, q.bind(1, resource_id).step());
  if (!found) return std::optional<AccountId>();
  return std::optional(q.id<AccountId>(0));
}

Result<> TagRows::put(const AccountId& account, std::string_view resource_id, const Tags& tags) {
  if (tags.empty()) return common::ok();
  for (const auto& [key, value] : tags) {
    TRY(auto q, tx_.prepare("INSERT INTO tags (resource_id, tag_key, tag_value, account_id) "
                            "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (resource_id, tag_key) "
                            "DO UPDATE SET tag_value=excluded.tag_value"));
    q.bind(1, resource_id).bind(2, key).bind(3, value).bind(4, account);
    TRY_VOID(q.run());
  }
  TRY(auto count, tx_.prepare("SELECT count(*) FROM tags WHERE resource_id=?1"));
  TRY_VOID(count.bind(1, resource_id).step());
  if (count.integer(0) > static_cast<std::int64_t>(kTagsMax))
    return Error(TagErrc::too_many, "The maximum number of tags for a resource, " +
                                        std::to_string(kTagsMax) + ", would be exceeded on " +
                                        std::string(resource_id));
  return common::ok();
}

Result<> TagRows::remove(std::string_view resource_id, std::string_view key,
                         const std::optional<std::string>& only_value) {
  TRY(auto q, tx_.prepare("DELETE FROM tags WHERE resource_id=?1 AND tag_key=?2 AND "
                          "(?3=0 OR tag_value=?4)"));
  q.bind(1, resource_id).bind(2, key).bind(3, only_value ? 1 : 0);
  q.bind(4, only_value.value_or(std::string()));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> TagRows::remove_all(std::string_view resource_id) {
  TRY(auto q, tx_.prepare("DELETE FROM tags WHERE resource_id=?1"));
  q.bind(1, resource_id);
  TRY_VOID(q.run());
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

Result<std::map<std::string, Tags>> TagRows::of_kind(const AccountId& account,
                                                     std::string_view prefix) {
  TRY(auto q, tx_.prepare("SELECT resource_id, tag_key, tag_value FROM tags WHERE account_id=?1 "
                          "AND resource_id>=?2 AND resource_id<?3"));
  // '.' is the character after '-'.
  q.bind(1, account).bind(2, std::string(prefix) + "-").bind(3, std::string(prefix) + ".");
  std::map<std::string, Tags> by_id;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return by_id;
    by_id[q.text(0)][q.text(1)] = q.text(2);
  }
}

Result<std::vector<TagRow>> TagRows::list(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT resource_id, tag_key, tag_value FROM tags WHERE account_id=?1 "
                          "ORDER BY resource_id, tag_key"));
  return all_rows(q.bind(1, account), [](Query& row) {
    return TagRow{row.text(0), row.text(1), row.text(2)};
  });
}

}  // namespace angophora::clc
