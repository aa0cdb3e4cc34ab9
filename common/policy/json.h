// Reads JSON that strangers send, with limits, and refuses what most readers forgive: a name twice
// in one object, control characters in text, anything after the end. Numbers keep their spelling.
// Private to the folder. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::policy {

struct Json {
  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  std::string text;  // of a string, of a number as it was written, "true" or "false"
  std::vector<Json> items;
  std::vector<Member> members;  // in the order they were written

  const Json* member(std::string_view name) const;
  bool is(Kind k) const { return kind == k; }
};

struct Json::Member {
  std::string name;
  Json value;
};

// "an object", "a number", for sentences.
std::string_view describe(Json::Kind kind);

struct JsonLimits {
  std::size_t depth_max = 12;
  std::size_t values_max = 6000;
};

// PolicyErrc::malformed with a sentence that names the place.
common::Result<Json> read_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace angophora::policy
