// Feeds the decoder of browser forms whatever a fuzzer thinks of: the first byte says how the body
// is cut into pieces; one cut must say what another says.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "walrus/objects/form_decoder.h"

namespace {

using namespace angophora;

struct Outcome {
  bool good = false;
  std::size_t fields = 0;
  std::string data;
};

Outcome decode(std::string_view body, std::size_t piece_bytes) {
  walrus::FormDecoder decoder("b");
  Outcome outcome;
  for (; !body.empty(); body.remove_prefix(std::min(body.size(), piece_bytes)))
    if (!decoder.feed(body.substr(0, piece_bytes), outcome.data)) return outcome;
  outcome.good = decoder.finish().has_value();
  outcome.fields = decoder.fields().size();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = decode(body, size);
  const auto pieces = decode(body, data[0] % 64 + 1);
  if (whole.good && pieces.good && (whole.data != pieces.data || whole.fields != pieces.fields))
    std::abort();
  (void)walrus::form_boundary(body);
  return 0;
}
