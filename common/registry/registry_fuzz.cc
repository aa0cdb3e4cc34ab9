// The token that an operator puts in place and the documents kept on disk. The first byte chooses.
#include "common/registry/document.h"
#include "common/registry/table.h"
#include "common/registry/token.h"
#include "common/soap/codec.h"
#include "common/soap/xml_document.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora::registry;
using angophora::fuzz::require;

void fuzz_token(std::string_view text) {
  const auto token = parse_token(text);
  if (!token) {
    require(!token.error().message.empty());
    return;
  }
  require(token.value().secret.size() >= 16 && token.value().cloud_sha256.size() == 32);
  const auto again = parse_token(format_token(token.value()));
  require(again && again.value().id == token.value().id);
}

void fuzz_kept_document(std::string_view text) {
  const auto document = deserialise(text);
  if (document) require(deserialise(serialise(document.value())).has_value());
}

// gSOAP is given canonical XML only.
void fuzz_registry(std::string_view text) {
  const auto document = angophora::soap::read_document(text);
  if (!document) return;
  auto* tree = document.value().get();
  const auto registry = angophora::soap::decode_registry(
      angophora::soap::canonical(tree, xmlDocGetRootElement(tree)));
  if (registry) (void)peers_of(registry.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(data, size, {fuzz_token, fuzz_kept_document, fuzz_registry});
  return 0;
}
