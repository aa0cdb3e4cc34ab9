#include "common/policy/context.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "common/base/text.h"
#include "common/policy/keys.h"

namespace angophora::policy {

namespace {

// A key of ours that no policy can name would be a slip of the pen, never seen by any condition.
// Claims of tokens come from strangers and may have any name.
[[maybe_unused]] bool may_be_set(const std::string& key) {
  constexpr std::string_view kServices[] = {"aws:", "ec2:", "s3:", "iam:", "sts:"};
  const bool ours = std::any_of(std::begin(kServices), std::end(kServices),
                                [&](auto service) { return key.starts_with(service); });
  return !ours || find_key(key.ends_with('/') ? key + "tag" : key).has_value();
}

}  // namespace

Facts::Entry& Facts::entry(std::string_view key) {
  auto lower = common::to_lower(key);
  assert(may_be_set(lower));
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.key == lower; });
  auto& at = found == entries_.end() ? entries_.emplace_back() : *found;
  at = Entry{};
  at.key = std::move(lower);
  return at;
}

Facts& Facts::set(std::string_view key, std::string value) {
  entry(key).values.push_back(std::move(value));
  return *this;
}

Facts& Facts::set(std::string_view key, std::vector<std::string> values) {
  entry(key).values = std::move(values);
  return *this;
}

Facts& Facts::lazy(std::string_view key, std::function<std::vector<std::string>()> values) {
  entry(key).later = std::move(values);
  return *this;
}

Facts& Facts::tags(std::string_view prefix, Tags values) {
  entry(prefix).tags = std::move(values);
  return *this;
}

Facts& Facts::tags(std::string_view prefix, std::function<Tags()> values) {
  entry(prefix).tags_later = std::move(values);
  return *this;
}

void Facts::find(std::string_view key, std::vector<std::string>& values) const {
  for (const auto& known : entries_) {
    if (known.key == key) {
      values = known.later ? known.later() : known.values;
      return;
    }
    if (!known.key.ends_with('/') || !key.starts_with(known.key)) continue;
    const auto name = key.substr(known.key.size());
    for (const auto& [tag, value] : known.tags_later ? known.tags_later() : known.tags)
      if (common::equal_ignore_case(tag, name)) {
        values.push_back(value);
        return;
      }
    return;
  }
}

}  // namespace angophora::policy
