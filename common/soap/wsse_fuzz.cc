// The verifier on any bytes, and the parsers behind it on what it would have let through.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/soap/codec.h"
#include "common/soap/contracts.h"
#include "common/soap/wsse.h"
#include "common/soap/xml_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora::soap;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) {
    // No key is known, so nothing may be let through.
    const auto verified = verify_envelope(
        bytes, [](std::string_view) { return std::optional<angophora::crypto::PublicKey>(); });
    if (verified) std::abort();
    (void)claimed_message_id(bytes);
  } else if (data[0] % 4 == 1) {
    (void)decode_fault(bytes);
  } else {
    const auto& all = operations();
    const auto& operation = *all[data[0] / 4 % all.size()];
    (void)operation.decode_reply(bytes);
    // gSOAP is given canonical XML only; what it read of that can be written again.
    const auto document = read_document(bytes);
    if (!document) return 0;
    auto* tree = document.value().get();
    auto request = operation.decode_request(canonical(tree, xmlDocGetRootElement(tree)));
    if (request && !operation.encode_request(request.value())) std::abort();
  }
  return 0;
}
