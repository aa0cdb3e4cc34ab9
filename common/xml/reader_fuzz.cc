// Feeds the reader whatever a fuzzer thinks of; what is read must be writable and readable again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/xml/reader.h"
#include "common/xml/writer.h"

namespace {

void write(angophora::xml::Writer& writer, const angophora::xml::Element& element) {
  writer.open("e").attribute("name", element.name).text(element.text);
  for (const auto& child : element.children) write(writer, child);
  writer.close();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora::xml;
  Limits limits;
  limits.depth_max = 32;
  const auto root = read({reinterpret_cast<const char*>(data), size}, limits);
  if (!root) return 0;
  Writer writer;
  write(writer, root.assume_value());
  Limits wide;
  wide.bytes_max = 64 * 1024 * 1024;
  if (!read(std::move(writer).finish(), wide)) std::abort();
  return 0;
}
