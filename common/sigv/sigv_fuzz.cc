// Feeds the signature parsers whatever a fuzzer thinks of. The input is a raw request: request
// line, header lines, an empty line, a form. Its first byte chooses the rules.
#include <cstdint>
#include <string_view>

#include "common/base/text.h"
#include "common/sigv/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora;
  if (size == 0) return 0;
  const auto rules = (data[0] & 1) ? sigv::Rules::s3 : sigv::Rules::query_api;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  sigv::SignedRequest request;
  const auto lines = common::split(text, '\n');
  const auto words = common::split(lines[0], ' ');
  request.method = words[0];
  request.target = words.size() > 1 ? words[1] : "/";
  std::size_t at = 1;
  for (; at < lines.size() && !lines[at].empty(); ++at) {
    const auto colon = lines[at].find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(lines[at].substr(0, colon), lines[at].substr(colon + 1));
  }
  if (at + 1 < lines.size()) request.form = lines[at + 1];
  const auto claim = sigv::parse(request, rules);
  if (claim) (void)sigv::verify(claim.assume_value(), "secret", claim.assume_value().signed_at);
  return 0;
}
