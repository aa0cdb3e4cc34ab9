// What the fuzz targets (*_fuzz.cc beside the code) share.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace angophora::fuzz {

// A promise of the code under test; breaking it is a finding.
inline void require(bool holds) {
  if (!holds) std::abort();
}

using Target = void (*)(std::string_view);

// The first byte chooses which of `targets` gets the rest.
inline void choose(const std::uint8_t* data, std::size_t size,
                   std::initializer_list<Target> targets) {
  if (size == 0) return;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  targets.begin()[data[0] % targets.size()](rest);
}

}  // namespace angophora::fuzz
