// What a service knows of a request and its resource, as condition keys with values. The service
// supplies it lazily: nothing is asked for that no policy looks at.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angophora::policy {

class Context {
 public:
  virtual ~Context() = default;
  // Puts the values of `key` into `values`; leaves it empty when the request does not have the key.
  // `key` is in lower case ("aws:resourcetag/owner"). Asked at most once per key and decision.
  virtual void find(std::string_view key, std::vector<std::string>& values) const = 0;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

// A context made of keys, functions and tags:
//
//   Facts facts;
//   facts.set("aws:SourceIp", address).set("ec2:InstanceType", "m1.small");
//   facts.tags("aws:ResourceTag/", [&] { return read_tags(instance); });
//
// What a function borrows must outlive the decision. A key that is set twice has its last value. A
// key of ours that keys.inc does not have is a mistake: a debug build stops.
class Facts final : public Context {
 public:
  Facts& set(std::string_view key, std::string value);
  Facts& set(std::string_view key, std::vector<std::string> values);  // none: as if not set
  Facts& set(std::string_view key, bool value) {
    return set(key, std::string(value ? "true" : "false"));
  }
  Facts& set(std::string_view key, const char* value) { return set(key, std::string(value)); }
  Facts& lazy(std::string_view key, std::function<std::vector<std::string>()> values);
  // All keys that begin with `prefix`, which ends in '/': the rest is the name of a tag, in any
  // case.
  Facts& tags(std::string_view prefix, Tags values);
  Facts& tags(std::string_view prefix, std::function<Tags()> values);

  void find(std::string_view key, std::vector<std::string>& values) const override;

 private:
  struct Entry {
    std::string key;  // lower case
    std::vector<std::string> values;
    std::function<std::vector<std::string>()> later;
    std::function<Tags()> tags_later;
    Tags tags;
  };
  Entry& entry(std::string_view key);
  std::vector<Entry> entries_;
};

}  // namespace angophora::policy
