// Feeds the aws-chunked decoder whatever a fuzzer thinks of. The first byte says whether a trailer
// is expected, the second how the body is cut into pieces; one cut must say what another says.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "walrus/objects/aws_chunked.h"

namespace {

using namespace angophora;

struct Outcome {
  bool good = false;
  std::string data;
};

Outcome decode(std::string_view body, bool trailer, std::size_t piece_bytes) {
  walrus::AwsChunkedDecoder decoder(nullptr, trailer);
  Outcome outcome;
  const walrus::AwsChunkedDecoder::Sink sink = [&](std::string_view data) -> common::Result<> {
    outcome.data += data;
    return common::ok();
  };
  for (; !body.empty(); body.remove_prefix(std::min(body.size(), piece_bytes)))
    if (!decoder.feed(body.substr(0, piece_bytes), sink)) return outcome;
  outcome.good = decoder.finish().has_value();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const bool trailer = data[0] & 1;
  const auto whole = decode(body, trailer, size);
  const auto pieces = decode(body, trailer, data[1] % 64 + 1);
  if (whole.good != pieces.good || (whole.good && whole.data != pieces.data)) std::abort();
  return 0;
}
