// A manifest comes from whoever bundled the image: whatever it says, what is read keeps its
// promises.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clc/domain/image_manifest.h"
#include "clc/domain/instance_errors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora::clc;
  const std::string_view document(reinterpret_cast<const char*>(data), size);
  auto parsed = parse_manifest(document);
  if (!parsed) {
    if (parsed.error().code != ImageErrc::invalid_manifest) std::abort();
    return 0;
  }
  auto& manifest = parsed.assume_value();
  if (manifest.bytes < 1 || manifest.bundled_bytes < 1 || manifest.parts.empty()) std::abort();
  if (manifest.sha1.size() != 40 || manifest.signature.empty()) std::abort();
  if (is_signed_by_any(manifest, {})) std::abort();
  std::vector<FoundPart> found;
  for (const auto& part : manifest.parts) {
    if (part.file_name.find('/') != std::string::npos || part.sha1.size() != 40) std::abort();
    found.push_back({"folder/" + part.file_name, 1});
  }
  const bool fits = manifest.bundled_bytes == static_cast<std::int64_t>(found.size());
  if (take_part_sizes(manifest, found).has_value() != fits) std::abort();
  return 0;
}
