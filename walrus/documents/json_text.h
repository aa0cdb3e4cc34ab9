#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace angophora::walrus {

// The text that `value`, which is one, holds.
inline std::string_view text_of(const boost::json::value& value) {
  const auto& text = value.get_string();
  return {text.data(), text.size()};
}

}  // namespace angophora::walrus
