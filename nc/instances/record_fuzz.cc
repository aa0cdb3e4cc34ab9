// An instance's record as it may be found on disk.
#include "nc/instances/record_json.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora;
  const auto record =
      nc::record_from_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!record) {
    fuzz::require(record.error().code == common::Errc::corrupt);
    return 0;
  }
  const auto written = nc::to_json(record.value());
  const auto again = nc::record_from_json(written);
  fuzz::require(again && nc::to_json(again.value()) == written);
  return 0;
}
