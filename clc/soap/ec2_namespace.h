// Versions of EC2's API are dates, and name the namespace of messages and answers.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace angophora::clc {

inline constexpr std::string_view kNewestEc2 = "2016-11-15";
inline constexpr std::string_view kEc2SpaceBegin = "http://ec2.amazonaws.com/doc/";

// Something like 2016-11-15; anything else must not get into a namespace.
inline bool is_version_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return std::count(text.begin(), text.end(), '-') == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || std::isdigit(static_cast<unsigned char>(c));
         });
}

// Of `version`, or of the newest for what is no date.
inline std::string ec2_namespace(std::string_view version) {
  return std::string(kEc2SpaceBegin)
      .append(is_version_date(version) ? version : kNewestEc2)
      .append("/");
}

}  // namespace angophora::clc
